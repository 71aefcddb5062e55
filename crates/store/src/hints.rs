//! What the engine reads: deliveries that are due, page by page, and news of commits.

use std::sync::Arc;

use carehook_core::{DeliveryId, EndpointId, Event, Timestamp, Trigger};

use crate::Notify;

/// A delivery to attempt.
#[derive(Clone)]
pub struct DueDelivery {
    /// The delivery.
    pub id: DeliveryId,
    /// The receiver.
    pub endpoint: EndpointId,
    /// The event, shared by all of its deliveries.
    pub event: Arc<Event>,
    /// Its place among the deliveries of its endpoint.
    pub sequence: u64,
    /// Attempts made so far.
    pub attempt_count: u32,
    /// Failed attempts in this round of the schedule.
    pub failed_in_round: u32,
    /// When it is due.
    pub due: Timestamp,
    /// Why its next attempt is made.
    pub trigger: Trigger,
    /// Whether somebody wants to hear when this round fails.
    pub notify: Notify,
}

impl DueDelivery {
    /// Whether somebody waits for its next attempt: a test, or a retry by hand.
    pub fn is_by_hand(&self) -> bool {
        match self.trigger {
            Trigger::Manual => true,
            Trigger::Test => self.attempt_count == 0,
            Trigger::Schedule | Trigger::Replay => false,
        }
    }

    /// Its place in the order of [`crate::Store::page`].
    pub fn position(&self) -> DuePosition {
        DuePosition {
            due: self.due,
            id: self.id,
        }
    }
}

/// A place in the order in which the deliveries of an endpoint are due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DuePosition {
    /// When the delivery is due.
    pub due: Timestamp,
    /// The delivery.
    pub id: DeliveryId,
}

/// A part of what an endpoint is owed, ordered by (due, id).
#[derive(Clone)]
pub struct DuePage {
    /// What is due.
    pub deliveries: Vec<DueDelivery>,
    /// Deliveries whose event can no longer be read.
    pub unreadable: Vec<(DuePosition, u32)>,
    /// When the first delivery after these is due; `None` when there is none.
    pub next_due: Option<Timestamp>,
}

/// An endpoint with pending deliveries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PendingEndpoint {
    /// The endpoint.
    pub endpoint: EndpointId,
    /// When its first delivery is due.
    pub first_due: Timestamp,
}

/// News of commits since the last batch: a hint, never the only trace of anything.
#[derive(Default)]
pub struct HintBatch {
    /// New deliveries, and those that were retried by hand, in the order of their commit.
    pub due: Vec<DueDelivery>,
    /// Endpoints with new deliveries that did not fit into `due`: they have to be paged.
    pub missed: Vec<PendingEndpoint>,
    /// Deliveries that are no longer pending.
    pub withdrawn: Vec<(EndpointId, DeliveryId)>,
    /// Endpoints that were made, changed or deleted.
    pub changed: Vec<EndpointId>,
}
