//! Erasures: jobs that make unreadable what is kept about one subject.

use serde::{Deserialize, Serialize};

use crate::{ErasureId, OrganizationId, Timestamp};

/// A job that erases what was accepted about a subject before it was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erasure {
    /// Its id.
    pub id: ErasureId,
    /// Whose events it erases.
    pub organization: OrganizationId,
    /// How far it is.
    pub state: ErasureState,
    /// What it has erased so far.
    pub counts: ErasureCounts,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it ended.
    pub completed_at: Option<Timestamp>,
}

/// How far an erasure is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErasureState {
    /// It is being worked on.
    Running,
    /// Nothing of it is left in any file.
    Done,
    /// A file could not be read; what the others held is gone.
    Failed,
}

impl ErasureState {
    /// The word used in bodies.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }
}

/// What an erasure has erased.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ErasureCounts {
    /// Events that lost their payload, subject and ordering key.
    pub events: u64,
    /// Deliveries that were still to be made.
    pub deliveries: u64,
    /// Stored answers of receivers.
    pub answers: u64,
    /// Mails about failures that were still to be sent.
    pub mails: u64,
    /// Idempotency keys of publishes.
    pub idempotency_keys: u64,
    /// Answers that were kept for repeated requests.
    pub requests: u64,
}

impl ErasureCounts {
    /// Adds what another step has erased.
    pub fn add(&mut self, other: &Self) {
        let Self {
            events,
            deliveries,
            answers,
            mails,
            idempotency_keys,
            requests,
        } = other;
        self.events += events;
        self.deliveries += deliveries;
        self.answers += answers;
        self.mails += mails;
        self.idempotency_keys += idempotency_keys;
        self.requests += requests;
    }
}
