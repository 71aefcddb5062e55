//! The delivery log: deliveries as people look for them, each with its last attempt.

use std::time::Duration;

use carehook_core::{
    AttemptOutcome, Delivery, DeliveryId, DeliveryState, EndpointId, EventId, EventType, Mode,
    Timestamp,
};

/// Which deliveries are looked for; all of this at once.
#[derive(Clone, Debug, Default)]
pub struct LogFilter {
    /// These alone.
    pub only: Option<Vec<DeliveryId>>,
    /// Of this event.
    pub event: Option<EventId>,
    /// To this endpoint.
    pub endpoint: Option<EndpointId>,
    /// In this state; those that had arrived and are sent again are delivered as well.
    pub state: Option<DeliveryState>,
    /// Whose last attempt was answered like this.
    pub status: Option<StatusClass>,
    /// Of events of this type.
    pub event_type: Option<EventType>,
    /// Of events about this subject.
    pub subject: Option<Box<str>>,
    /// Of events of this mode.
    pub mode: Option<Mode>,
    /// Made at this time or later.
    pub since: Option<Timestamp>,
    /// Made before this time.
    pub until: Option<Timestamp>,
}

/// How the last attempt was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusClass {
    /// With 200 to 299.
    Success,
    /// With 300 to 399.
    Redirection,
    /// With 400 to 499.
    ClientError,
    /// With 500 to 599.
    ServerError,
    /// An attempt was made, and nobody answered.
    NoAnswer,
}

impl StatusClass {
    /// The class of an attempt with this status.
    pub fn of(status: Option<u16>) -> Option<Self> {
        match status {
            None => Some(Self::NoAnswer),
            Some(200..=299) => Some(Self::Success),
            Some(300..=399) => Some(Self::Redirection),
            Some(400..=499) => Some(Self::ClientError),
            Some(500..=599) => Some(Self::ServerError),
            Some(_) => None,
        }
    }

    /// Whether a delivery that was taken can have such a last attempt.
    pub(crate) fn may_be_delivered(self) -> bool {
        matches!(self, Self::Success | Self::Redirection)
    }
}

/// A delivery with its last attempt.
#[derive(Clone, Debug)]
pub struct LoggedDelivery {
    /// The delivery.
    pub delivery: Delivery,
    /// Its last attempt, if there was one.
    pub last: Option<LoggedAttempt>,
}

/// What is seen of an attempt without opening it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedAttempt {
    /// When it started.
    pub started_at: Timestamp,
    /// How long it took.
    pub duration: Duration,
    /// How it ended.
    pub outcome: AttemptOutcome,
    /// The receiver's status, if it answered.
    pub status: Option<u16>,
    /// What went wrong, in plain words.
    pub error: Option<String>,
}
