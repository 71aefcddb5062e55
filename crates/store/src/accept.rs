//! What goes into the log: new events with their deliveries, and the results of attempts.

use carehook_core::{
    Attempt, DeliveryId, DeliveryState, EndpointId, Event, EventId, OrganizationId, PayloadMode,
    Reason, Timestamp, Trigger,
};

use crate::{ActivityId, Notify};

/// An event to accept, with the endpoints that it is owed to.
#[derive(Clone)]
pub struct NewEvent {
    /// The event; its id comes from [`crate::Store::new_event_id`] or from the publisher.
    pub event: Event,
    /// Who gets it: fixed here, whatever happens to subscriptions later.
    pub to: Vec<EndpointId>,
    /// The caller's idempotency key. An [`EventId::Given`] is one too.
    pub idempotency_key: Option<Box<str>>,
    /// Why its first attempts are made.
    pub trigger: Trigger,
    /// The activity that its deliveries retry.
    pub retry_of: Option<ActivityId>,
}

/// The answer to an accepted event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The event's id; that of the first publish when it was published before.
    pub id: EventId,
    /// The deliveries made for it.
    pub deliveries: Vec<DeliveryId>,
    /// When it was accepted (the first time).
    pub created_at: Timestamp,
    /// Whether the same event had been accepted before; nothing was stored this time.
    pub duplicate: bool,
}

/// An ended attempt and the state that follows from it, recorded in one step.
#[derive(Clone)]
pub struct AttemptRecord {
    /// Whose event it is: the answer is sealed with its key.
    pub organization: OrganizationId,
    /// The delivery.
    pub delivery: DeliveryId,
    /// What happened.
    pub attempt: Attempt,
    /// The delivery's new state.
    pub state: DeliveryState,
    /// Why it ended without success.
    pub reason: Option<Reason>,
    /// When the next attempt is due, while it is pending.
    pub due: Option<Timestamp>,
    /// Whether a mail is owed when the delivery fails with this attempt.
    pub notify: Notify,
    /// What was sent where, which makes it a disclosure; `None` when nothing was.
    pub sent_to: Option<SentTo>,
}

/// What an attempt has disclosed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentTo {
    /// The host that it was sent to.
    pub host: Box<str>,
    /// How much of the event.
    pub payload: PayloadMode,
}
