//! What somebody waits for: tests, and deliveries that were retried by hand.
//!
//! They are the probe of an endpoint that is left alone. One at a time, and not more often than
//! once a second, goes out past its pause and beyond its window, so that nobody hammers a receiver
//! through them.

use std::collections::VecDeque;
use std::time::Duration;

use carehook_core::{DeliveryId, Timestamp};
use carehook_store::DueDelivery;

/// Those of one endpoint that are held; more take their turn with the others.
const AT_MOST: usize = 16;
/// How soon after each other two of them pass.
const BETWEEN: Duration = Duration::from_secs(1);

/// The deliveries of one endpoint that somebody waits for, first come first.
#[derive(Default)]
pub(crate) struct ByHand {
    waiting: VecDeque<DueDelivery>,
    /// The one in flight that went past the endpoint's pause or beyond its window.
    passing: Option<DeliveryId>,
    /// When the next one may.
    passes_again_at: Option<Timestamp>,
}

impl ByHand {
    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    pub(crate) fn has_room(&self) -> bool {
        self.waiting.len() < AT_MOST
    }

    pub(crate) fn push(&mut self, delivery: DueDelivery) {
        self.waiting.push_back(delivery);
    }

    /// Takes the newer state of one that waits.
    pub(crate) fn replace(&mut self, delivery: DueDelivery) {
        let mut waiting = self.waiting.iter_mut();
        if let Some(waiting) = waiting.find(|waiting| waiting.id == delivery.id) {
            *waiting = delivery;
        }
    }

    pub(crate) fn remove(&mut self, id: DeliveryId) {
        self.waiting.retain(|waiting| waiting.id != id);
    }

    /// What waits comes up again in a page; what is in flight stays counted.
    pub(crate) fn clear(&mut self) {
        self.waiting.clear();
    }

    /// Whether the first one may go although the endpoint is left alone or has its window full.
    pub(crate) fn may_pass(&self, now: Timestamp) -> bool {
        !self.waiting.is_empty()
            && self.passing.is_none()
            && self.passes_again_at.is_none_or(|at| at <= now)
    }

    /// When the first one may pass, if nothing but time keeps it.
    pub(crate) fn wake_at(&self, now: Timestamp) -> Option<Timestamp> {
        let waits = !self.waiting.is_empty() && self.passing.is_none();
        self.passes_again_at.filter(|at| waits && *at > now)
    }

    /// Takes the first one out; `passes` when it could not go otherwise.
    pub(crate) fn start(&mut self, passes: bool, now: Timestamp) -> Option<DueDelivery> {
        let delivery = self.waiting.pop_front()?;
        if passes {
            self.passing = Some(delivery.id);
            self.passes_again_at = Some(now.plus(BETWEEN));
        }
        Some(delivery)
    }

    /// One has ended; whether it was passing.
    pub(crate) fn ended(&mut self, id: DeliveryId) -> bool {
        self.passing.take_if(|passing| *passing == id).is_some()
    }
}
