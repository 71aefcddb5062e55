//! Lists: pages that are stable under inserts (law L11) and bound to one organization.

use carehook_core::{DeliveryState, EndpointId, EventId, EventType, Mode, RecordId, Timestamp};

/// Which part of a list is wanted; newest entries first.
#[derive(Clone, Copy, Debug)]
pub struct PageRequest<C = RecordId> {
    /// Entries at most.
    pub limit: usize,
    /// The last entry of the page before.
    pub after: Option<C>,
}

/// A part of a list.
#[derive(Clone, Debug)]
pub struct ListPage<T, C = RecordId> {
    /// The entries.
    pub items: Vec<T>,
    /// Where the next page begins, if there is one.
    pub next: Option<C>,
}

/// Which events are wanted.
#[derive(Clone, Debug, Default)]
pub struct EventFilter {
    /// Of this type.
    pub event_type: Option<EventType>,
    /// Of this mode.
    pub mode: Option<Mode>,
    /// Accepted at this time or later.
    pub since: Option<Timestamp>,
    /// Accepted before this time.
    pub until: Option<Timestamp>,
}

/// Which deliveries are wanted.
#[derive(Clone, Debug, Default)]
pub struct DeliveryFilter {
    /// To this endpoint.
    pub endpoint: Option<EndpointId>,
    /// Of this event.
    pub event: Option<EventId>,
    /// In this state.
    pub state: Option<DeliveryState>,
    /// Of events of this type.
    pub event_type: Option<EventType>,
    /// Of events of this mode.
    pub mode: Option<Mode>,
    /// Made at this time or later.
    pub since: Option<Timestamp>,
    /// Made before this time.
    pub until: Option<Timestamp>,
}
