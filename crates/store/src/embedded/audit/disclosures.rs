//! Disclosures as they lie in a log file: attempts with their place in the chain, joined to the
//! delivery and the event that say what was sent to whom.

use carehook_core::{
    AttemptId, AttemptOutcome, AuditBook, ChainHead, Disclosure, EndpointId, EventId, PayloadMode,
    SubjectHash, Timestamp,
};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::chains::{AuditChains, head_in_log};
use crate::SentTo;
use crate::embedded::codec;
use crate::embedded::log_accept::delivery_id;
use crate::embedded::shared::Shared;
use crate::embedded::work::PreparedAttempt;

/// What the row of an attempt says about its disclosure.
pub(in crate::embedded) struct Disclosed {
    pub(in crate::embedded) organization: i64,
    /// The number of the endpoint.
    pub(in crate::embedded) endpoint: i64,
    pub(in crate::embedded) head: ChainHead,
}

/// Chains an attempt that sent something; `None` when it sent nothing. The caller writes the row
/// and then calls [`Disclosed::done`].
pub(in crate::embedded) fn disclose(
    shared: &Shared,
    chains: &mut AuditChains,
    (log, day): (&Connection, i64),
    prepared: &PreparedAttempt,
) -> rusqlite::Result<Option<Disclosed>> {
    let Some(to) = &prepared.record.sent_to else {
        return Ok(None);
    };
    let Some(sent) = sent(log, prepared.delivery().0.number().cast_signed())? else {
        return Ok(None);
    };
    let Some(endpoint) = shared.control.read().endpoint_id(sent.endpoint) else {
        return Ok(None);
    };
    let name = (sent.organization, AuditBook::Disclosures(day));
    let head = if let Some(head) = chains.known(name) {
        head
    } else {
        let Some(head) = head_in_log(shared, log, name)? else {
            return Ok(None);
        };
        chains.remember(name, head);
        head
    };
    let attempt = &prepared.record.attempt;
    let disclosure = Disclosure {
        at: attempt.started_at,
        endpoint,
        host: &to.host,
        event: &sent.event,
        event_type: &sent.event_type,
        subject: sent.subject.as_ref(),
        attempt: AttemptId::of(sent.delivery_id(prepared), attempt.number),
        payload: Some(to.payload),
        outcome: attempt.outcome,
        status: attempt.status,
    };
    chains.scratch.clear();
    disclosure.write_canonical(head.count + 1, &mut chains.scratch);
    let head = head.after(&chains.scratch);
    Ok(Some(Disclosed {
        organization: sent.organization,
        endpoint: sent.endpoint,
        head,
    }))
}

impl Disclosed {
    /// The row was written.
    pub(in crate::embedded) fn done(self, chains: &mut AuditChains, day: i64) {
        let book = AuditBook::Disclosures(day);
        chains.advance((self.organization, book), self.head);
    }
}

/// What the column of the host holds: the host, which has no space, and after one how much was sent.
/// Rows of older versions have the host alone.
pub(in crate::embedded) fn host_column(to: &SentTo) -> String {
    format!("{} {}", to.host, to.payload)
}

fn read_host_column(text: &str) -> Option<(&str, Option<PayloadMode>)> {
    match text.split_once(' ') {
        None => Some((text, None)),
        Some((host, word)) => {
            let mut modes = PayloadMode::ALL.into_iter();
            Some((host, Some(modes.find(|mode| mode.as_str() == word)?)))
        }
    }
}

/// What was sent, to whom, about whom.
struct Sent {
    created_at: Timestamp,
    endpoint: i64,
    organization: i64,
    event: EventId,
    event_type: String,
    subject: Option<SubjectHash>,
}

impl Sent {
    fn delivery_id(&self, prepared: &PreparedAttempt) -> carehook_core::DeliveryId {
        let number = prepared.delivery().0.number();
        delivery_id(self.created_at, number.cast_signed())
    }
}

fn sent(log: &Connection, delivery: i64) -> rusqlite::Result<Option<Sent>> {
    const SQL: &str = "-- carehook.audit.sent
        SELECT d.created_at, d.endpoint, e.organization, e.id, e.type, e.subject
        FROM deliveries d JOIN events e ON e.number = d.event WHERE d.number = ?1";
    let found = log
        .prepare_cached(SQL)?
        .query_row([delivery], |row| {
            let event = codec::parse_event_id(row.get_ref(3)?);
            Ok((
                event,
                Timestamp(row.get(0)?),
                row.get(1)?,
                row.get(2)?,
                row.get(4)?,
                row.get(5)?,
            ))
        })
        .optional()?;
    Ok(found.and_then(
        |(event, created_at, endpoint, organization, event_type, subject)| {
            Some(Sent {
                created_at,
                endpoint,
                organization,
                event: event?,
                event_type,
                subject,
            })
        },
    ))
}

/// A disclosure as it was read; a part that is gone or damaged is `None`.
pub(super) struct DisclosureRow {
    pub(super) number: u64,
    pub(super) hash: Vec<u8>,
    at: i64,
    outcome: Option<AttemptOutcome>,
    status: Option<u16>,
    host: Option<String>,
    delivery: i64,
    attempt: u32,
    created_at: Option<i64>,
    pub(super) endpoint: Option<i64>,
    event: Option<EventId>,
    event_type: Option<String>,
    subject: Option<SubjectHash>,
}

macro_rules! columns {
    () => {
        "a.disclosure, a.hash, a.started_at, a.outcome, a.status, a.host, a.delivery, a.number,
        d.created_at, d.endpoint, e.id, e.type, e.subject
        FROM attempts a INDEXED BY attempts_by_disclosure
        LEFT JOIN deliveries d ON d.number = a.delivery LEFT JOIN events e ON e.number = d.event
        WHERE a.organization = ?1 AND a.disclosure IS NOT NULL"
    };
}

fn read(row: &Row<'_>) -> rusqlite::Result<DisclosureRow> {
    let number: i64 = row.get(0)?;
    Ok(DisclosureRow {
        number: number.cast_unsigned(),
        hash: row.get(1).unwrap_or_default(),
        at: row.get(2).unwrap_or_default(),
        outcome: row.get(3).ok().and_then(codec::outcome::parse),
        status: row.get(4).ok().flatten(),
        host: row.get(5).ok().flatten(),
        delivery: row.get(6)?,
        attempt: row.get(7)?,
        created_at: row.get(8).ok().flatten(),
        endpoint: row.get(9).ok().flatten(),
        event: codec::parse_event_id(row.get_ref(10)?),
        event_type: row.get(11).ok().flatten(),
        subject: row.get(12).ok().flatten(),
    })
}

impl DisclosureRow {
    /// The entry, when everything that belongs to it is there.
    pub(super) fn with<T>(
        &self,
        endpoint: Option<EndpointId>,
        then: impl FnOnce(&Disclosure<'_>) -> T,
    ) -> Option<T> {
        let delivery = delivery_id(Timestamp(self.created_at?), self.delivery);
        let (host, payload) = read_host_column(self.host.as_ref()?)?;
        Some(then(&Disclosure {
            at: Timestamp(self.at),
            endpoint: endpoint?,
            host,
            event: self.event.as_ref()?,
            event_type: self.event_type.as_ref()?,
            subject: self.subject.as_ref(),
            attempt: AttemptId::of(delivery, self.attempt),
            payload,
            outcome: self.outcome?,
            status: self.status,
        }))
    }
}

/// The disclosures of an organization in a log file below a number, newest first.
pub(super) fn below(
    log: &Connection,
    organization: i64,
    below: u64,
    limit: usize,
) -> rusqlite::Result<Vec<DisclosureRow>> {
    const SQL: &str = concat!(
        "-- carehook.audit.disclosures_below\nSELECT ",
        columns!(),
        " AND a.disclosure < ?2 ORDER BY a.disclosure DESC LIMIT ?3"
    );
    let below = i64::try_from(below).unwrap_or(i64::MAX);
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    log.prepare_cached(SQL)?
        .query_map(params![organization, below, limit], read)?
        .collect()
}

/// The disclosures of an organization in a log file after a number, oldest first.
pub(super) fn after(
    log: &Connection,
    organization: i64,
    after: u64,
    limit: usize,
) -> rusqlite::Result<Vec<DisclosureRow>> {
    const SQL: &str = concat!(
        "-- carehook.audit.disclosures_after\nSELECT ",
        columns!(),
        " AND a.disclosure > ?2 ORDER BY a.disclosure LIMIT ?3"
    );
    let after = i64::try_from(after).unwrap_or(i64::MAX);
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    log.prepare_cached(SQL)?
        .query_map(params![organization, after, limit], read)?
        .collect()
}

/// The next organization after `after` that has disclosures in a log file.
pub(in crate::embedded) fn next_owner(
    log: &Connection,
    after: i64,
) -> rusqlite::Result<Option<i64>> {
    const SQL: &str = "-- carehook.audit.next_owner
        SELECT min(organization) FROM attempts INDEXED BY attempts_by_disclosure
        WHERE organization > ?1 AND disclosure IS NOT NULL";
    log.prepare_cached(SQL)?
        .query_row([after], |row| row.get(0))
}
