//! Disclosures: an attempt that sent an event to a receiver, as an audit entry.

use std::collections::BTreeMap;
use std::fmt::Display;

use super::canonical::{Head, write_display, write_text};
use super::{AuditAction, AuditEntry, AuditOutcome, SubjectHash};
use crate::{AttemptId, AttemptOutcome, EndpointId, EventId, PayloadMode, Timestamp};

/// An attempt that sent something, borrowed from where it is written or read.
#[derive(Clone, Copy, Debug)]
pub struct Disclosure<'a> {
    /// When it began.
    pub at: Timestamp,
    /// The receiver.
    pub endpoint: EndpointId,
    /// The host that it was sent to; the endpoint's URL may have changed since.
    pub host: &'a str,
    /// What was sent.
    pub event: &'a EventId,
    /// The type of it.
    pub event_type: &'a str,
    /// Whom it is about.
    pub subject: Option<&'a SubjectHash>,
    /// The attempt.
    pub attempt: AttemptId,
    /// How much of the event was sent; older entries do not say.
    pub payload: Option<PayloadMode>,
    /// How it ended.
    pub outcome: AttemptOutcome,
    /// What the receiver answered.
    pub status: Option<u16>,
}

/// The host of an endpoint's URL, which was parsed and written anew when it was stored.
pub fn host_of(url: &str) -> &str {
    let authority = url.split_once("://").map_or(url, |(_, rest)| rest);
    let end = authority.find(['/', '?', '#']).unwrap_or(authority.len());
    let authority = authority.get(..end).unwrap_or_default();
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    match host.rsplit_once(':') {
        // In an IPv6 address what follows the last colon may be no port.
        Some((name, port)) if !port.ends_with(']') => name,
        _ => host,
    }
}

impl Disclosure<'_> {
    fn audit_outcome(&self) -> AuditOutcome {
        match self.outcome {
            AttemptOutcome::Delivered => AuditOutcome::Success,
            AttemptOutcome::Rejected => AuditOutcome::Refused,
            AttemptOutcome::TimedOut | AttemptOutcome::Unreachable | AttemptOutcome::Blocked => {
                AuditOutcome::Failed
            }
        }
    }

    /// Writes what [`AuditEntry::canonical`] gives for [`Self::to_entry`], without making the
    /// entry: this runs for every attempt.
    pub fn write_canonical(&self, number: u64, out: &mut Vec<u8>) {
        let head = Head {
            number,
            at: self.at,
            actor: AuditEntry::SYSTEM,
            action: AuditAction::EventDisclosed.as_str(),
            object: &format_args!("endpoint/{}", self.endpoint),
            outcome: self.audit_outcome().as_str(),
            source: "",
            subject: self.subject,
            details: 4 + u32::from(self.payload.is_some()) + u32::from(self.status.is_some()),
        };
        head.write(out);
        for (name, value) in self.details() {
            write_text(out, name);
            write_display(out, value);
        }
    }

    /// The same as an entry.
    pub fn to_entry(&self) -> AuditEntry {
        let details = self.details();
        AuditEntry {
            at: self.at,
            actor: AuditEntry::SYSTEM.to_owned(),
            action: AuditAction::EventDisclosed,
            object: format!("endpoint/{}", self.endpoint),
            outcome: self.audit_outcome(),
            source: None,
            subject: self.subject.copied(),
            details: details
                .map(|(name, value)| (name.to_owned(), value.to_string()))
                .collect::<BTreeMap<_, _>>(),
        }
    }

    /// By name, as the canonical form wants them.
    fn details(&self) -> impl Iterator<Item = (&'static str, &dyn Display)> {
        let details: [(&str, &dyn Display); 4] = [
            ("attempt", &self.attempt),
            ("event", self.event),
            ("event_type", &self.event_type),
            ("host", &self.host),
        ];
        let payload = self
            .payload
            .as_ref()
            .map(|mode| ("payload", mode as &dyn Display));
        let status = self
            .status
            .as_ref()
            .map(|code| ("status", code as &dyn Display));
        details.into_iter().chain(payload).chain(status)
    }
}
