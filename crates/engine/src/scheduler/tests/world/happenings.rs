//! What happens from outside: people publish, test, retry, replay, pause and cancel.

use carehook_core::{DeliveryId, EndpointId, Trigger};
use carehook_store::PendingEndpoint;

use super::{Behaviour, World};
use crate::scheduler::Input;

impl World {
    pub(in crate::scheduler::tests) fn publish(&mut self, endpoint: EndpointId) {
        let id = self.insert(endpoint);
        let hint = self.due_delivery(id);
        self.tell(Input::Hint(hint));
    }

    /// A test event: somebody waits for it.
    pub(in crate::scheduler::tests) fn publish_test(&mut self, endpoint: EndpointId) -> DeliveryId {
        let id = self.insert(endpoint);
        self.rows.get_mut(&id).unwrap().trigger = Trigger::Test;
        let hint = self.due_delivery(id);
        self.tell(Input::Hint(hint));
        id
    }

    /// On disk, but the scheduler hears only that there is something.
    pub(in crate::scheduler::tests) fn publish_missed(
        &mut self,
        endpoint: EndpointId,
        count: usize,
    ) {
        self.publish_unseen(endpoint, count);
        let first_due = self.now;
        let pending = PendingEndpoint {
            endpoint,
            first_due,
        };
        self.tell(Input::Pending(pending));
    }

    pub(in crate::scheduler::tests) fn publish_unseen(
        &mut self,
        endpoint: EndpointId,
        count: usize,
    ) {
        for _ in 0..count {
            self.insert(endpoint);
        }
    }

    pub(in crate::scheduler::tests) fn behave(
        &mut self,
        endpoint: EndpointId,
        behaviour: Behaviour,
    ) {
        self.sites.get_mut(&endpoint).unwrap().behaviour = behaviour;
    }

    pub(in crate::scheduler::tests) fn set_active(&mut self, endpoint: EndpointId, active: bool) {
        self.sites.get_mut(&endpoint).unwrap().active = active;
        self.tell_endpoint(endpoint);
    }

    /// Somebody asks for another attempt of a delivery, whatever its state.
    pub(in crate::scheduler::tests) fn retry(&mut self, nth: usize) {
        let Some(id) = self.nth(nth) else { return };
        let now = self.now;
        let row = self.rows.get_mut(&id).unwrap();
        (row.pending, row.due, row.failed) = (true, now, 0);
        row.trigger = Trigger::Manual;
        let hint = self.due_delivery(id);
        self.tell(Input::Hint(hint));
    }

    /// A replay makes a delivery due again, whatever its state.
    pub(in crate::scheduler::tests) fn replay(&mut self, nth: usize) {
        let Some(id) = self.nth(nth) else { return };
        let now = self.now;
        let row = self.rows.get_mut(&id).unwrap();
        (row.pending, row.due, row.failed) = (true, now, 0);
        row.trigger = Trigger::Replay;
        let pending = PendingEndpoint {
            endpoint: row.endpoint,
            first_due: now,
        };
        self.tell(Input::Pending(pending));
    }

    pub(in crate::scheduler::tests) fn cancel(&mut self, nth: usize) {
        let Some(id) = self.nth(nth) else { return };
        let row = self.rows.get_mut(&id).unwrap();
        row.pending = false;
        let endpoint = row.endpoint;
        self.tell(Input::Withdrawn(endpoint, id));
    }
}
