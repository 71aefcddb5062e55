//! Standings: how each delivery of an endpoint stands, with its event and its last attempt.

use std::sync::Arc;

use carehook_core::{Attempt, Delivery, Event, EventType, Timestamp};

/// A delivery with what it brings and what happened last.
#[derive(Clone)]
pub struct DeliveryStanding {
    /// The delivery.
    pub delivery: Delivery,
    /// What it brings; `None` when it can no longer be read.
    pub event: Option<Arc<Event>>,
    /// The attempt that was made last.
    pub last_attempt: Option<LastAttempt>,
}

/// What became of the attempt of a delivery that was made last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastAttempt {
    /// When it started.
    pub started_at: Timestamp,
    /// The receiver's status, if it answered.
    pub status: Option<u16>,
    /// What went wrong, in plain words.
    pub error: Option<String>,
}

impl From<Attempt> for LastAttempt {
    fn from(attempt: Attempt) -> Self {
        let Attempt {
            id: _,
            number: _,
            started_at,
            duration: _,
            outcome: _,
            status,
            error,
            answer: _,
            trigger: _,
        } = attempt;
        Self {
            started_at,
            status,
            error,
        }
    }
}

/// Which deliveries of an endpoint are wanted.
#[derive(Clone, Debug, Default)]
pub struct StandingQuery {
    /// Of events of one of these types; of all when there is none.
    pub event_types: Vec<EventType>,
    /// Whether the receiver took it.
    pub delivered: Option<bool>,
    /// Of events accepted at this time or later.
    pub since: Option<Timestamp>,
    /// Of events accepted before this time.
    pub until: Option<Timestamp>,
    /// The receiver answered the last attempt with this status.
    pub last_status: Option<u16>,
    /// What went wrong with the last attempt has this text in it; ASCII letters count alike in
    /// both cases.
    pub last_error: Option<String>,
    /// Without the first so many.
    pub skip: u64,
    /// At most so many.
    pub take: usize,
    /// No more after this many bytes of payloads; the first one is given whatever its size.
    pub payload_bytes: usize,
}
