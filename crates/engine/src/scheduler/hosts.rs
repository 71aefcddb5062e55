//! How many requests are in flight to each host, over all organizations, and who waits for it.
//!
//! A tenant can make endpoints at a server that is not its own, and many tenants can do so together.
//! Whoever finds its host full leaves the rings until a request to that host has ended.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use carehook_core::EndpointId;

/// All hosts that have something in flight.
pub(crate) struct Hosts {
    at_most: usize,
    busy: HashMap<Arc<str>, Host>,
    /// Hosts that have room again and for which somebody waits; one may stand here twice.
    freed: Vec<Arc<str>>,
}

#[derive(Default)]
struct Host {
    in_flight: usize,
    waiting: VecDeque<EndpointId>,
}

impl Hosts {
    pub(crate) fn new(at_most: usize) -> Self {
        Self {
            at_most,
            busy: HashMap::new(),
            freed: Vec::new(),
        }
    }

    /// Counts a request, unless the host is full: then the endpoint waits.
    pub(crate) fn enter_or_wait(&mut self, host: &Arc<str>, endpoint: EndpointId) -> bool {
        if let Some(state) = self.busy.get_mut(host) {
            if state.in_flight >= self.at_most {
                state.waiting.push_back(endpoint);
                return false;
            }
            state.in_flight += 1;
        } else {
            let state = Host {
                in_flight: 1,
                ..Host::default()
            };
            self.busy.insert(Arc::clone(host), state);
        }
        true
    }

    /// A request has ended.
    pub(crate) fn leave(&mut self, host: &Arc<str>) {
        let Some(state) = self.busy.get_mut(host) else {
            return;
        };
        state.in_flight -= 1;
        if !state.waiting.is_empty() {
            self.freed.push(Arc::clone(host));
        } else if state.in_flight == 0 {
            self.busy.remove(host);
        }
    }

    /// Takes out those who may try again: as many for each freed host as it has room for.
    ///
    /// One that is taken out and does not use its turn leaves the room to the next: a host stays
    /// freed for as long as it has room and somebody waits.
    pub(crate) fn admitted(&mut self) -> Vec<EndpointId> {
        let mut admitted = Vec::new();
        let mut still = Vec::new();
        for host in std::mem::take(&mut self.freed) {
            let Some(state) = self.busy.get_mut(&host) else {
                continue;
            };
            let room = self.at_most.saturating_sub(state.in_flight);
            let now = room.min(state.waiting.len());
            admitted.extend(state.waiting.drain(..now));
            if !state.waiting.is_empty() && room > 0 {
                still.push(host);
            } else if state.in_flight == 0 {
                self.busy.remove(&host);
            }
        }
        self.freed = still;
        admitted
    }
}
