//! Decides which delivery is attempted when: a state machine without I/O, driven by `now`.
//!
//! Each endpoint has a lane with a window of its own; lanes that can start take turns over
//! organizations, so that nobody's backlog makes another wait. A global cap bounds requests in
//! flight. An attempt that takes long gives its shared slot back: a hanging endpoint costs its own
//! window and nothing else. What somebody waits for, a test or a retry by hand, goes first, and past
//! the pause of an endpoint that is left alone.

mod by_hand;
mod hosts;
mod lane;
mod turns;
mod window;

#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use carehook_core::{DeliveryId, EndpointId, OrganizationId, Timestamp};
use carehook_store::{DueDelivery, DuePage, DuePosition, PendingEndpoint};

use hosts::Hosts;
use lane::Lane;
use turns::Turns;

/// How an attempt ended, as far as the pace of its endpoint is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// It went through.
    Healthy,
    /// It failed.
    Failure,
    /// The receiver is overloaded and is left alone until then.
    SlowDown(Timestamp),
    /// We failed; the receiver is not charged, and we pause.
    OurFault,
    /// Nothing was learned.
    None,
}

/// Bounds over all endpoints.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Caps {
    /// Requests in flight that have not become slow.
    pub(crate) in_flight: usize,
    /// Slow requests; at the cap, endpoints that have one start no more.
    pub(crate) slow: usize,
    /// Requests in flight to one host, over all organizations: many endpoints together are no
    /// weapon against a stranger's server.
    pub(crate) per_host: usize,
    /// Results that wait for the disk; at the cap nothing starts. Bounds duplicates after a crash.
    pub(crate) unrecorded: usize,
}

/// When a request in flight stops to count against the shared cap.
pub(crate) const SLOW_AFTER: Duration = Duration::from_millis(250);

/// What an endpoint's lane follows from.
pub(crate) struct Serving {
    pub(crate) organization: OrganizationId,
    /// Where its deliveries go.
    pub(crate) host: Arc<str>,
    /// Whether anything is delivered.
    pub(crate) active: bool,
}

/// What the scheduler is told.
pub(crate) enum Input {
    /// An endpoint exists; `None` when it was deleted.
    Endpoint(EndpointId, Option<Serving>),
    /// An endpoint has something pending.
    Pending(PendingEndpoint),
    /// A new delivery, or one that somebody retried.
    Hint(DueDelivery),
    /// A page that was asked for, or `None` when it could not be read.
    Page(EndpointId, Option<DuePage>),
    /// A delivery is no longer pending.
    Withdrawn(EndpointId, DeliveryId),
    /// An attempt ended and is being recorded.
    Ended(EndpointId, DeliveryId, Effect),
    /// An attempt came to nothing: nothing is recorded and it is due again.
    PutBack(DueDelivery, Effect),
    /// A result is on disk; the delivery is due again or has ended.
    Recorded(EndpointId, DeliveryId, Option<Timestamp>),
}

/// What the scheduler wants done.
pub(crate) enum Action {
    /// Read a page and give it back as [`Input::Page`].
    Page {
        endpoint: EndpointId,
        after: Option<DuePosition>,
        limit: usize,
    },
    /// Make an attempt; give back [`Input::Ended`] or [`Input::PutBack`].
    Start(DueDelivery),
}

struct Flight {
    endpoint: EndpointId,
    host: Arc<str>,
    slow: bool,
}

/// The state of the schedule.
pub(crate) struct Scheduler {
    caps: Caps,
    lanes: HashMap<EndpointId, Lane>,
    turns: Turns,
    hosts: Hosts,
    flights: HashMap<DeliveryId, Flight>,
    /// Flights in the order of their start, until they are slow.
    started: VecDeque<(Timestamp, DeliveryId)>,
    slow: usize,
    unrecorded: usize,
    wakes: BTreeSet<(Timestamp, EndpointId)>,
    wake_of: HashMap<EndpointId, Timestamp>,
    /// Lanes whose state changed since the last poll.
    touched: Vec<EndpointId>,
    /// Until when endpoints are left alone, for people who look.
    pauses: Vec<(EndpointId, Option<Timestamp>)>,
}

impl Scheduler {
    pub(crate) fn new(caps: Caps) -> Self {
        Self {
            caps,
            lanes: HashMap::new(),
            turns: Turns::default(),
            hosts: Hosts::new(caps.per_host),
            flights: HashMap::new(),
            started: VecDeque::new(),
            slow: 0,
            unrecorded: 0,
            wakes: BTreeSet::new(),
            wake_of: HashMap::new(),
            touched: Vec::new(),
            pauses: Vec::new(),
        }
    }

    /// Whether the endpoint has a lane; hints for others need [`Input::Endpoint`] first.
    pub(crate) fn knows(&self, endpoint: EndpointId) -> bool {
        self.lanes.contains_key(&endpoint)
    }

    /// Requests in flight, slow ones included.
    pub(crate) fn in_flight(&self) -> usize {
        self.flights.len()
    }

    /// Results that wait for the disk.
    pub(crate) fn unrecorded(&self) -> usize {
        self.unrecorded
    }

    /// Takes one piece of news; [`Self::poll`] then says what to do.
    pub(crate) fn tell(&mut self, now: Timestamp, input: Input) {
        match input {
            Input::Endpoint(id, status) => self.tell_endpoint(id, status),
            Input::Pending(pending) => {
                self.with(pending.endpoint, |lane| lane.behold_any(pending.first_due));
            }
            Input::Hint(delivery) => self.with(delivery.endpoint, |lane| {
                if delivery.is_by_hand() {
                    lane.by_hand(delivery);
                } else {
                    lane.hint(delivery);
                }
            }),
            Input::Page(id, Some(page)) => self.with(id, |lane| lane.page(page)),
            Input::Page(id, None) => {
                let retry_at = now.plus(Duration::from_secs(1));
                self.with(id, |lane| lane.page_failed(retry_at));
            }
            Input::Withdrawn(id, delivery) => self.with(id, |lane| lane.withdraw(delivery)),
            Input::Ended(id, delivery, effect) => {
                self.land(delivery);
                self.unrecorded += 1;
                self.with(id, |lane| lane.ended(delivery, effect, now));
            }
            Input::PutBack(delivery, effect) => {
                self.land(delivery.id);
                self.with(delivery.endpoint, |lane| {
                    lane.put_back(delivery, effect, now);
                });
            }
            Input::Recorded(id, delivery, due) => {
                self.unrecorded = self.unrecorded.saturating_sub(1);
                self.with(id, |lane| lane.recorded(delivery, due));
            }
        }
    }

    fn tell_endpoint(&mut self, id: EndpointId, serving: Option<Serving>) {
        match serving {
            Some(serving) => {
                let Serving {
                    organization,
                    host,
                    active,
                } = serving;
                let lane = self.lanes.entry(id);
                let lane = lane.or_insert_with(|| Lane::new(organization, host.clone(), active));
                lane.host = host;
                lane.reset(active);
            }
            None => {
                if let Some(lane) = self.lanes.get_mut(&id) {
                    lane.reset(false);
                }
            }
        }
        self.touched.push(id);
    }

    fn with(&mut self, id: EndpointId, change: impl FnOnce(&mut Lane)) {
        if let Some(lane) = self.lanes.get_mut(&id) {
            change(lane);
            self.touched.push(id);
        }
    }

    fn land(&mut self, delivery: DeliveryId) {
        if let Some(Flight { host, slow, .. }) = self.flights.remove(&delivery) {
            self.hosts.leave(&host);
            self.slow -= usize::from(slow);
        }
    }

    /// Says what to do now, and when to poll again although nothing happens.
    pub(crate) fn poll(&mut self, now: Timestamp, actions: &mut Vec<Action>) -> Option<Timestamp> {
        while let Some((at, endpoint)) = self.wakes.first().copied() {
            if at > now {
                break;
            }
            self.wakes.pop_first();
            self.wake_of.remove(&endpoint);
            self.touched.push(endpoint);
        }
        let touched = std::mem::take(&mut self.touched);
        for endpoint in touched {
            self.refresh(endpoint, now, actions);
        }
        self.reclassify(now);
        self.start(now, actions);
        self.next_wake()
    }

    fn refresh(&mut self, endpoint: EndpointId, now: Timestamp, actions: &mut Vec<Action>) {
        let Some(lane) = self.lanes.get_mut(&endpoint) else {
            return;
        };
        if lane.has_other_pause() {
            self.pauses.push((endpoint, lane.window.pause()));
        }
        if let Some(wish) = lane.wish(now) {
            actions.push(Action::Page {
                endpoint,
                after: wish.after,
                limit: wish.limit,
            });
        }
        if !lane.queued && lane.is_runnable(now) {
            lane.queued = true;
            self.turns.push(&lane.organization, endpoint);
        }
        let wake = lane.wake_at(now);
        if let Some(old) = self.wake_of.remove(&endpoint) {
            self.wakes.remove(&(old, endpoint));
        }
        if let Some(wake) = wake {
            self.wake_of.insert(endpoint, wake);
            self.wakes.insert((wake, endpoint));
        }
    }

    /// Takes the shared slots of attempts that have become slow.
    fn reclassify(&mut self, now: Timestamp) {
        while let Some((at, delivery)) = self.started.front().copied() {
            match self.flights.get_mut(&delivery) {
                Some(flight) if !flight.slow => {
                    if now.since(at) < SLOW_AFTER {
                        return;
                    }
                    flight.slow = true;
                    self.slow += 1;
                }
                _ => {}
            }
            self.started.pop_front();
        }
    }

    fn start(&mut self, now: Timestamp, actions: &mut Vec<Action>) {
        while self.flights.len() - self.slow < self.caps.in_flight
            && self.unrecorded < self.caps.unrecorded
        {
            let Some(endpoint) = self.turns.pop() else {
                if self.admit(now, actions) {
                    continue;
                }
                return;
            };
            let Some(lane) = self.lanes.get_mut(&endpoint) else {
                continue;
            };
            lane.queued = false;
            let crowded = self.slow >= self.caps.slow && lane.in_flight() > 0;
            if crowded || !lane.is_runnable(now) {
                continue;
            }
            let host = Arc::clone(&lane.host);
            if !self.hosts.enter_or_wait(&host, endpoint) {
                lane.queued = true;
                continue;
            }
            let Some(delivery) = lane.start(now) else {
                self.hosts.leave(&host);
                continue;
            };
            let flight = Flight {
                endpoint,
                host,
                slow: false,
            };
            self.flights.insert(delivery.id, flight);
            self.started.push_back((now, delivery.id));
            actions.push(Action::Start(delivery));
            self.refresh(endpoint, now, actions);
        }
    }

    /// Puts those back into the rings who waited for a host that has room again, and says whether
    /// there are any.
    fn admit(&mut self, now: Timestamp, actions: &mut Vec<Action>) -> bool {
        let admitted = self.hosts.admitted();
        for endpoint in &admitted {
            if let Some(lane) = self.lanes.get_mut(endpoint) {
                lane.queued = false;
                self.refresh(*endpoint, now, actions);
            }
        }
        !admitted.is_empty()
    }

    /// Until when endpoints are left alone now, as far as that is new.
    pub(crate) fn take_pauses(&mut self) -> Vec<(EndpointId, Option<Timestamp>)> {
        std::mem::take(&mut self.pauses)
    }

    fn next_wake(&self) -> Option<Timestamp> {
        let lane = self.wakes.first().map(|(at, _)| *at);
        // At the cap, the oldest attempt frees a slot when it becomes slow.
        let slot = self.started.front().map(|(at, _)| at.plus(SLOW_AFTER));
        lane.into_iter().chain(slot).min()
    }

    /// Forgets lanes of deleted endpoints that have nothing on its way.
    pub(crate) fn forget_deleted(&mut self, lives: impl Fn(EndpointId) -> bool) {
        let flying: BTreeSet<EndpointId> = self.flights.values().map(|f| f.endpoint).collect();
        self.lanes
            .retain(|id, lane| lives(*id) || !lane.is_idle() || flying.contains(id));
    }
}
