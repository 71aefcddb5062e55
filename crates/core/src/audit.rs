//! The audit trail: who did what to which object, and to whom an event was disclosed.
//!
//! An organization's trail consists of books ([`AuditBook`]), each a chain of hashes
//! ([`ChainHash`]) with entries numbered from 1 without gaps, so that any later change shows.

mod action;
mod canonical;
mod chain;
mod checkpoint;
mod disclosure;
mod line;
mod register;
mod trim;

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use crate::Timestamp;

pub use action::{AuditAction, AuditOutcome};
pub use canonical::AuditEntryError;
pub use chain::{AuditFault, ChainHash, ChainHead, ChainVerifier};
pub use checkpoint::{Checkpoint, CheckpointKey, CheckpointPublicKey};
pub use disclosure::{Disclosure, host_of};
pub use line::{SignedLine, SignedLineError};
pub use register::{Register, RegisterFault, RegisterPart, RegisterSum};
pub use trim::Trim;

/// The keyed hash that stands for a subject: equal subjects of an organization have equal hashes.
pub type SubjectHash = [u8; 16];

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// When.
    pub at: Timestamp,
    /// Who: `operator`, the id of a key, `portal:` with the id of a session, the subject of a token,
    /// or `system`.
    pub actor: String,
    /// What was done.
    pub action: AuditAction,
    /// To what: the kind and the id, as in `endpoint/0190…`.
    pub object: String,
    /// How it ended.
    pub outcome: AuditOutcome,
    /// The address that it was asked from.
    pub source: Option<IpAddr>,
    /// Whom the event is about.
    pub subject: Option<SubjectHash>,
    /// More about it: names of changed fields, ids, counts, and what the actor is called. Never
    /// payloads, secrets or subjects.
    pub details: BTreeMap<String, String>,
}

impl AuditEntry {
    /// The actor of what nobody asked for.
    pub const SYSTEM: &'static str = "system";
    /// The detail that says what the person is called who stands behind [`Self::actor`]. It is one
    /// of the details, so that entries with and without it have the same canonical form.
    pub const ACTOR_NAME: &'static str = "actor_name";

    /// An entry about something that succeeded, without details.
    pub fn new(at: Timestamp, actor: &str, action: AuditAction, object: String) -> Self {
        Self {
            at,
            actor: actor.to_owned(),
            action,
            object,
            outcome: AuditOutcome::Success,
            source: None,
            subject: None,
            details: BTreeMap::new(),
        }
    }

    /// The same, asked from this address.
    #[must_use]
    pub fn from_source(self, source: Option<IpAddr>) -> Self {
        Self { source, ..self }
    }

    /// What the person is called who stands behind the actor, if that is known.
    pub fn actor_name(&self) -> Option<&str> {
        self.details.get(Self::ACTOR_NAME).map(String::as_str)
    }

    /// The same with one more detail.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl fmt::Display) -> Self {
        self.details.insert(name.to_owned(), value.to_string());
        self
    }
}

/// A part of an organization's trail that is one chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AuditBook {
    /// What people and the system did.
    Journal,
    /// What was disclosed of the events that were accepted on this UTC day (counted from 1970).
    Disclosures(i64),
}

impl AuditBook {
    /// The number that stands for it in hashes and columns: the day, or -1 for the journal.
    pub fn code(self) -> i64 {
        match self {
            Self::Journal => -1,
            Self::Disclosures(day) => day,
        }
    }

    /// The book of a [`Self::code`].
    pub fn of_code(code: i64) -> Self {
        match code {
            ..0 => Self::Journal,
            day => Self::Disclosures(day),
        }
    }
}

/// `journal`, or the date of the day.
impl fmt::Display for AuditBook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Journal => f.write_str("journal"),
            Self::Disclosures(day) => {
                let start = Timestamp::from_day(*day).to_string();
                f.write_str(start.split('T').next().unwrap_or_default())
            }
        }
    }
}

/// Names an entry within its organization: `journal-17`, `2026-11-21-17`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AuditId {
    /// The chain that it is in.
    pub book: AuditBook,
    /// Its place there, from 1.
    pub number: u64,
}

impl fmt::Display for AuditId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.book, self.number)
    }
}

/// The text names no entry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not the id of an audit entry")]
pub struct AuditIdError;

impl FromStr for AuditId {
    type Err = AuditIdError;

    fn from_str(text: &str) -> Result<Self, AuditIdError> {
        let (book, number) = text.rsplit_once('-').ok_or(AuditIdError)?;
        let book = match book {
            "journal" => AuditBook::Journal,
            date => {
                let start: Timestamp = format!("{date}T00:00:00Z")
                    .parse()
                    .map_err(|_| AuditIdError)?;
                AuditBook::Disclosures(start.day())
            }
        };
        let number = number.parse().map_err(|_| AuditIdError)?;
        let id = Self { book, number };
        // One spelling only: a date before 1970 or `+1` names nothing.
        (id.to_string() == text).then_some(id).ok_or(AuditIdError)
    }
}

#[cfg(test)]
mod tests;
