//! Activities: every try to bring an event to an endpoint, made here or reported by others.
//!
//! An attempt of ours is an activity, and its id says which attempt of which delivery it is; so the
//! id of an attempt is known before it is made. What another sender reports is stored by itself. An
//! activity may be the retry of another one: of any that is older.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use carehook_core::{
    Attempt, AttemptId, Delivery, DeliveryId, EndpointId, Event, EventType, IdError, JsonText,
    RecordId, Timestamp,
};
use serde::Serialize;

/// Names an activity.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct ActivityId(pub RecordId);

impl ActivityId {
    /// Set in the salt of what others reported; no delivery has that many attempts.
    pub(crate) const REPORTED: u32 = 1 << 31;

    /// The activity that is the `number`-th attempt of a delivery, made or still to come.
    pub fn of_attempt(delivery: DeliveryId, number: u32) -> Self {
        Self(AttemptId::of(delivery, number).0)
    }

    /// The delivery and the number of the attempt; `None` when it was reported by others.
    pub fn attempt(self) -> Option<(DeliveryId, u32)> {
        let (id, number) = (self.0, self.0.salt());
        let delivery = DeliveryId(RecordId::new(id.millis(), id.number(), 0));
        (number & Self::REPORTED == 0).then_some((delivery, number))
    }
}

impl From<AttemptId> for ActivityId {
    fn from(id: AttemptId) -> Self {
        Self(id.0)
    }
}

impl fmt::Display for ActivityId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for ActivityId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl FromStr for ActivityId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        text.parse().map(Self)
    }
}

/// What another sender reports about a try of its own.
#[derive(Clone)]
pub struct Report {
    /// The endpoint that it tried to reach.
    pub endpoint: EndpointId,
    /// The kind of event.
    pub event_type: EventType,
    /// When it was posted, if it was already.
    pub posted_at: Option<Timestamp>,
    /// What was posted.
    pub payload: JsonText,
    /// The sender's own record of it.
    pub raw_message: JsonText,
    /// Who reported it.
    pub reported_by: Box<str>,
    /// The activity that it retries.
    pub retry_of: Option<ActivityId>,
}

/// How a reported try came out; said once.
#[derive(Clone)]
pub struct ReportedOutcome {
    /// Whether the receiver took it.
    pub success: bool,
    /// The receiver's HTTP status.
    pub status: Option<u16>,
    /// What went wrong.
    pub error: Option<Box<str>>,
    /// What the receiver answered: any JSON value.
    pub answer: Option<JsonText>,
    /// When it was reported.
    pub at: Timestamp,
    /// Who reported it.
    pub reported_by: Box<str>,
}

/// A try to bring an event to an endpoint.
#[derive(Clone)]
pub struct Activity {
    /// Its id.
    pub id: ActivityId,
    /// The kind of event.
    pub event_type: EventType,
    /// When it began; of one to come, when it is due.
    pub created_at: Timestamp,
    /// The activity that it retries.
    pub retry_of: Option<ActivityId>,
    /// Who made it, and what came of it.
    pub origin: ActivityOrigin,
}

/// Where an activity comes from.
#[derive(Clone)]
pub enum ActivityOrigin {
    /// An attempt of ours.
    Attempt {
        /// The delivery.
        delivery: Box<Delivery>,
        /// What happened; `None` while it is still to come.
        attempt: Option<Box<Attempt>>,
        /// What was posted; `None` when it can no longer be read.
        event: Option<Arc<Event>>,
    },
    /// Reported by another sender.
    Report {
        /// What it said.
        report: Box<Report>,
        /// How it came out, once that was said.
        outcome: Option<Box<ReportedOutcome>>,
    },
}

/// How the tries came out that are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ActivityStatus {
    /// However they came out.
    #[default]
    All,
    /// The receiver took it.
    Succeeded,
    /// It did not.
    Failed,
}

/// The order of a list by creation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// Oldest first.
    #[default]
    Ascending,
    /// Newest first.
    Descending,
}

/// Which activities of an endpoint are wanted.
#[derive(Clone, Debug, Default)]
pub struct ActivityQuery {
    /// How they came out.
    pub status: ActivityStatus,
    /// Of this kind of event.
    pub event_type: Option<EventType>,
    /// In this order.
    pub order: Order,
    /// Without the first so many.
    pub skip: u64,
    /// At most so many.
    pub take: usize,
}

/// A part of the activities of an endpoint.
#[derive(Clone)]
pub struct ActivityPage {
    /// The entries.
    pub items: Vec<Activity>,
    /// How many there are in all.
    pub total: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_of_an_attempt_leads_back_to_its_delivery() {
        let delivery = DeliveryId(RecordId::new(1_773_144_000_000, 77, 0));
        let id = ActivityId::of_attempt(delivery, 3);
        assert_eq!(id, ActivityId::from(AttemptId::of(delivery, 3)));
        assert_eq!(id.attempt(), Some((delivery, 3)));
        assert_eq!(id.to_string().parse(), Ok(id));
        let reported = RecordId::new(1_773_144_000_000, 77, ActivityId::REPORTED | 3);
        assert_eq!(ActivityId(reported).attempt(), None);
    }
}
