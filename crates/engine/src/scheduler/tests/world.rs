//! A simulated store with receivers, and the checks that hold on every step.

mod happenings;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use carehook_core::{
    DeliveryId, EndpointId, Event, EventBody, EventId, JsonText, Mode, RecordId, Timestamp, Trigger,
};
use carehook_store::{DueDelivery, DuePage, DuePosition, Notify};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use crate::scheduler::{Action, Caps, Effect, Input, Scheduler, Serving};

/// How a receiver behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Behaviour {
    Good,
    Bad,
    Flaky,
    Overloaded,
    Hangs,
}

const TIMEOUT: Duration = Duration::from_secs(15);
const RETRIES: u32 = 8;

struct Row {
    endpoint: EndpointId,
    due: Timestamp,
    pending: bool,
    attempts: u32,
    failed: u32,
    trigger: Trigger,
    started_at: Option<Timestamp>,
}

struct Site {
    organization: &'static str,
    host: Arc<str>,
    behaviour: Behaviour,
    active: bool,
    in_flight: u32,
}

enum Later {
    Ended(DueDelivery),
    /// With when it is due again, as it was written.
    Recorded(DeliveryId, EndpointId, Option<Timestamp>),
    /// The page's snapshot is taken.
    PageRead(EndpointId, Option<DuePosition>, usize, Timestamp),
    /// The page arrives; the rows may have changed meanwhile.
    PageArrives(EndpointId, DuePage),
}

pub(super) struct World {
    scheduler: Scheduler,
    caps: Caps,
    now: Timestamp,
    start: Timestamp,
    rows: BTreeMap<DeliveryId, Row>,
    sites: HashMap<EndpointId, Site>,
    order: Vec<EndpointId>,
    flying: HashSet<DeliveryId>,
    agenda: BinaryHeap<Reverse<(Timestamp, u64)>>,
    things: HashMap<u64, Later>,
    next: u64,
    attempts: usize,
    longest_page: usize,
    wake: Option<Timestamp>,
    chance: StdRng,
    event: Arc<Event>,
}

fn event() -> Event {
    Event {
        id: EventId::Made(RecordId::new(1, 1, 1)),
        organization: "a".parse().unwrap(),
        event_type: "patient.created".parse().unwrap(),
        version: "v1".into(),
        mode: Mode::Live,
        account: None,
        occurred_at: None,
        created_at: Timestamp(0),
        body: EventBody {
            data: JsonText::from_stored(Bytes::from_static(b"{}")),
            previous: None,
            subject: None,
            ordering_key: None,
        },
    }
}

impl World {
    pub(super) fn new(seed: u64, caps: Caps) -> Self {
        let start = Timestamp(1_790_000_000_000);
        Self {
            scheduler: Scheduler::new(caps),
            caps,
            now: start,
            start,
            rows: BTreeMap::new(),
            sites: HashMap::new(),
            order: Vec::new(),
            flying: HashSet::new(),
            agenda: BinaryHeap::new(),
            things: HashMap::new(),
            next: 1,
            attempts: 0,
            longest_page: 0,
            wake: None,
            chance: StdRng::seed_from_u64(seed),
            event: Arc::new(event()),
        }
    }

    /// An endpoint at a host of its own.
    pub(super) fn endpoint(
        &mut self,
        organization: &'static str,
        behaviour: Behaviour,
    ) -> EndpointId {
        let host = format!("host-{}", self.next());
        self.endpoint_at(&host, organization, behaviour)
    }

    pub(super) fn endpoint_at(
        &mut self,
        host: &str,
        organization: &'static str,
        behaviour: Behaviour,
    ) -> EndpointId {
        let id = EndpointId(RecordId::new(self.now.0, self.next(), 0));
        let site = Site {
            organization,
            host: host.into(),
            behaviour,
            active: true,
            in_flight: 0,
        };
        self.sites.insert(id, site);
        self.order.push(id);
        self.tell_endpoint(id);
        id
    }

    fn next(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    fn tell_endpoint(&mut self, id: EndpointId) {
        let site = &self.sites[&id];
        let serving = Serving {
            organization: site.organization.parse().unwrap(),
            host: Arc::clone(&site.host),
            active: site.active,
        };
        self.tell(Input::Endpoint(id, Some(serving)));
    }

    fn tell(&mut self, input: Input) {
        self.scheduler.tell(self.now, input);
        self.poll();
    }

    fn insert(&mut self, endpoint: EndpointId) -> DeliveryId {
        let number = self.next();
        let id = DeliveryId(RecordId::new(self.now.0, number, 0));
        let row = Row {
            endpoint,
            due: self.now,
            pending: true,
            attempts: 0,
            failed: 0,
            trigger: Trigger::Schedule,
            started_at: None,
        };
        self.rows.insert(id, row);
        id
    }

    fn due_delivery(&self, id: DeliveryId) -> DueDelivery {
        let row = &self.rows[&id];
        DueDelivery {
            id,
            endpoint: row.endpoint,
            event: Arc::clone(&self.event),
            sequence: 1,
            attempt_count: row.attempts,
            failed_in_round: row.failed,
            due: row.due,
            trigger: row.trigger,
            notify: Notify::OnFailure,
        }
    }

    fn nth(&self, nth: usize) -> Option<DeliveryId> {
        let count = self.rows.len();
        (count > 0).then(|| *self.rows.keys().nth(nth % count).unwrap())
    }

    /// The process dies: what was in flight is lost, what is on disk is found again.
    pub(super) fn restart(&mut self) {
        self.scheduler = Scheduler::new(self.caps);
        self.agenda.clear();
        self.things.clear();
        self.flying.clear();
        self.sites.values_mut().for_each(|site| site.in_flight = 0);
        for id in self.order.clone() {
            self.tell_endpoint(id);
        }
    }

    fn later(&mut self, after: Duration, thing: Later) {
        let key = self.next();
        self.things.insert(key, thing);
        self.agenda.push(Reverse((self.now.plus(after), key)));
    }

    fn millis(&mut self, range: std::ops::Range<u64>) -> Duration {
        Duration::from_millis(self.chance.random_range(range))
    }

    fn poll(&mut self) {
        let mut actions = Vec::new();
        self.wake = self.scheduler.poll(self.now, &mut actions);
        for action in actions {
            match action {
                Action::Page {
                    endpoint,
                    after,
                    limit,
                } => {
                    let delay = self.millis(0..5);
                    let until = self.now;
                    self.later(delay, Later::PageRead(endpoint, after, limit, until));
                }
                Action::Start(delivery) => self.start(delivery),
            }
        }
    }

    fn start(&mut self, delivery: DueDelivery) {
        let row = self.rows.get_mut(&delivery.id).unwrap();
        assert!(row.pending, "an attempt of what has ended");
        assert!(row.due <= self.now, "an attempt is early");
        assert!(
            self.flying.insert(delivery.id),
            "two attempts of one delivery at a time"
        );
        let site = self.sites.get_mut(&delivery.endpoint).unwrap();
        assert!(site.active, "a paused endpoint gets an attempt");
        site.in_flight += 1;
        let beyond = u32::from(delivery.is_by_hand());
        assert!(site.in_flight <= 64 + beyond, "more than the window");
        row.started_at = Some(self.now);
        let host = Arc::clone(&site.host);
        let there = self.sites.values().filter(|site| site.host == host);
        let there: u32 = there.map(|site| site.in_flight).sum();
        assert!(
            there as usize <= self.caps.per_host,
            "more than the host's share"
        );
        let site = &self.sites[&delivery.endpoint];
        self.attempts += 1;
        let takes = match site.behaviour {
            Behaviour::Hangs => TIMEOUT,
            _ => self.millis(1..20),
        };
        self.later(takes, Later::Ended(delivery));
    }

    fn ended(&mut self, delivery: &DueDelivery) {
        let (id, endpoint) = (delivery.id, delivery.endpoint);
        let flaky = self.chance.random_bool(0.5);
        let site = self.sites.get_mut(&endpoint).unwrap();
        site.in_flight -= 1;
        let minute = self.now.plus(Duration::from_mins(1));
        let effect = match site.behaviour {
            Behaviour::Good => Effect::Healthy,
            Behaviour::Flaky | Behaviour::Overloaded if flaky => Effect::Healthy,
            Behaviour::Flaky | Behaviour::Bad => Effect::Failure,
            Behaviour::Overloaded | Behaviour::Hangs => Effect::SlowDown(minute),
        };
        self.tell(Input::Ended(endpoint, id, effect));
        let row = self.rows.get_mut(&id).unwrap();
        if row.pending {
            // The record's commit: what the page sees from here on.
            row.attempts += 1;
            row.trigger = Trigger::Schedule;
            if effect == Effect::Healthy {
                row.pending = false;
            } else {
                row.failed += 1;
                row.pending = row.failed <= RETRIES;
                row.due = self
                    .now
                    .plus(Duration::from_secs(5 * u64::from(row.failed)));
            }
        }
        let row = &self.rows[&id];
        let due = row.pending.then_some(row.due);
        let delay = self.millis(0..5);
        self.later(delay, Later::Recorded(id, endpoint, due));
    }

    fn read_page(
        &mut self,
        endpoint: EndpointId,
        after: Option<DuePosition>,
        limit: usize,
        until: Timestamp,
    ) {
        self.longest_page = self.longest_page.max(limit);
        let mut pending: Vec<DuePosition> = self
            .rows
            .iter()
            .filter(|(_, row)| row.pending && row.endpoint == endpoint)
            .map(|(id, row)| DuePosition {
                due: row.due,
                id: *id,
            })
            .filter(|position| after.is_none_or(|after| *position > after))
            .collect();
        pending.sort_unstable();
        let taken = pending
            .iter()
            .take(limit)
            .take_while(|p| p.due <= until)
            .count();
        let next_due = pending.get(taken).map(|p| p.due);
        pending.truncate(taken);
        let page = DuePage {
            deliveries: pending.iter().map(|p| self.due_delivery(p.id)).collect(),
            unreadable: Vec::new(),
            next_due,
        };
        let delay = self.millis(0..30);
        self.later(delay, Later::PageArrives(endpoint, page));
    }

    /// Goes to the next thing that happens; false when nothing ever will.
    fn step(&mut self) -> bool {
        let agenda = self.agenda.peek().map(|Reverse((at, _))| *at);
        let Some(at) = agenda.into_iter().chain(self.wake).min() else {
            return false;
        };
        self.now = self.now.max(at);
        if agenda != Some(at) {
            self.poll();
            return true;
        }
        let Some(Reverse((_, key))) = self.agenda.pop() else {
            return false;
        };
        match self.things.remove(&key).unwrap() {
            Later::Ended(delivery) => self.ended(&delivery),
            Later::Recorded(id, endpoint, due) => {
                self.flying.remove(&id);
                self.tell(Input::Recorded(endpoint, id, due));
            }
            Later::PageArrives(endpoint, page) => self.tell(Input::Page(endpoint, Some(page))),
            Later::PageRead(endpoint, after, limit, until) => {
                self.read_page(endpoint, after, limit, until);
            }
        }
        true
    }

    pub(super) fn run_until_idle(&mut self) {
        self.poll();
        let mut steps = 0;
        while self.step() {
            steps += 1;
            assert!(steps < 2_000_000, "the schedule never comes to rest");
        }
    }

    pub(super) fn run_until(&mut self, done: impl Fn(&Self) -> bool) {
        self.poll();
        while !done(self) {
            assert!(self.step(), "the schedule came to rest too early");
        }
    }

    pub(super) fn pass(&mut self, time: Duration) {
        let end = self.now.plus(time);
        let agenda = |world: &Self| world.agenda.peek().map(|Reverse((at, _))| *at);
        while agenda(self)
            .into_iter()
            .chain(self.wake)
            .any(|at| at <= end)
        {
            self.step();
        }
        self.now = end;
        self.poll();
    }

    pub(super) fn pending(&self) -> usize {
        self.rows.values().filter(|row| row.pending).count()
    }

    pub(super) fn pending_of(&self, endpoint: EndpointId) -> usize {
        let owed = |row: &&Row| row.pending && row.endpoint == endpoint;
        self.rows.values().filter(owed).count()
    }

    /// When the last attempt of a delivery was started.
    pub(super) fn started_at(&self, id: DeliveryId) -> Option<Timestamp> {
        self.rows[&id].started_at
    }

    pub(super) fn attempts(&self) -> usize {
        self.attempts
    }

    pub(super) fn longest_page(&self) -> usize {
        self.longest_page
    }

    pub(super) fn next_wake(&self) -> Option<Timestamp> {
        self.wake
    }

    pub(super) fn now(&self) -> Timestamp {
        self.now
    }

    pub(super) fn start_time(&self) -> Timestamp {
        self.start
    }
}
