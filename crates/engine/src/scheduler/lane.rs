//! One endpoint's place in the schedule: the head of what it is owed, and what is in flight.

mod reading;

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use carehook_core::{DeliveryId, OrganizationId, Timestamp};
use carehook_store::{DueDelivery, DuePosition};

use super::Effect;
use super::by_hand::ByHand;
use super::window::Window;

/// Deliveries of an endpoint that are held in memory, as a multiple of its window.
const READY_PER_WINDOW: usize = 4;

/// What an endpoint is owed, as far as it is held in memory.
///
/// Everything pending up to `cursor` is in `held`; the first other delivery after it is due at
/// `next_due` or later. Both may be pessimistic: reading a page too many does no harm.
pub(crate) struct Lane {
    pub(crate) organization: OrganizationId,
    /// Where its deliveries go.
    pub(crate) host: Arc<str>,
    pub(crate) active: bool,
    pub(crate) window: Window,
    /// Until when this endpoint is left alone, as was said last.
    told_pause: Option<Timestamp>,
    /// Stands in the rings, or waits for its host.
    pub(crate) queued: bool,
    ready: VecDeque<DueDelivery>,
    /// They go before all others.
    by_hand: ByHand,
    /// Every delivery that this lane has in hand, and where it stands. One that is made due again
    /// while it waits comes up in a page once more, under a later time.
    held: HashMap<DeliveryId, Held>,
    in_flight: u32,
    cursor: Option<DuePosition>,
    next_due: Option<Timestamp>,
    /// While a page is being read: what came up meanwhile.
    paging: Option<Meanwhile>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Held {
    Ready,
    ByHand,
    InFlight(Sent),
    Unrecorded(Sent),
}

/// An attempt whose result is not on disk, as far as this lane knows.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Sent {
    /// When it was due.
    due: Timestamp,
    /// When it is due again because somebody wanted so since then.
    again: Option<Timestamp>,
}

#[derive(Default)]
struct Meanwhile {
    earliest: Option<DuePosition>,
    /// Recorded or withdrawn since the page was asked for: its rows may show them as they were.
    outdated: HashSet<DeliveryId>,
}

/// A page that a lane wants to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PageWish {
    pub(crate) after: Option<DuePosition>,
    pub(crate) limit: usize,
}

impl Lane {
    pub(crate) fn new(organization: OrganizationId, host: Arc<str>, active: bool) -> Self {
        Self {
            organization,
            host,
            active,
            window: Window::default(),
            told_pause: None,
            queued: false,
            ready: VecDeque::new(),
            by_hand: ByHand::default(),
            held: HashMap::new(),
            in_flight: 0,
            cursor: None,
            next_due: None,
            paging: None,
        }
    }

    fn capacity(&self) -> usize {
        READY_PER_WINDOW * usize::try_from(self.window.size()).unwrap_or(1)
    }

    fn push(&mut self, delivery: DueDelivery) {
        self.held.insert(delivery.id, Held::Ready);
        self.ready.push_back(delivery);
    }

    /// Whether an attempt can start now.
    pub(crate) fn is_runnable(&self, now: Timestamp) -> bool {
        let waits = !self.ready.is_empty() || !self.by_hand.is_empty();
        self.active && (waits && self.has_turn(now) || self.by_hand.may_pass(now))
    }

    /// Whether the window leaves room, and the endpoint is not left alone.
    fn has_turn(&self, now: Timestamp) -> bool {
        self.in_flight < self.window.size() && self.window.blocked_until(now).is_none()
    }

    /// Takes the next delivery out for an attempt; the lane is runnable.
    pub(crate) fn start(&mut self, now: Timestamp) -> Option<DueDelivery> {
        let passes = !self.has_turn(now);
        let by_hand = self.by_hand.start(passes, now);
        let delivery = by_hand.or_else(|| self.ready.pop_front())?;
        let sent = Sent {
            due: delivery.due,
            again: None,
        };
        self.held.insert(delivery.id, Held::InFlight(sent));
        self.in_flight += 1;
        Some(delivery)
    }

    /// An attempt ended; its result is still to be recorded.
    pub(crate) fn ended(&mut self, id: DeliveryId, effect: Effect, now: Timestamp) {
        if let Some(held) = self.held.get_mut(&id)
            && let Held::InFlight(sent) = *held
        {
            *held = Held::Unrecorded(sent);
            self.in_flight -= 1;
            if self.by_hand.ended(id) && self.window.blocked_until(now).is_some() {
                self.window.learn_in_pause(effect, now);
            } else {
                self.window.learn(effect, now);
            }
        }
    }

    /// An attempt came to nothing and nothing is recorded: the delivery is due again.
    pub(crate) fn put_back(&mut self, delivery: DueDelivery, effect: Effect, now: Timestamp) {
        self.ended(delivery.id, effect, now);
        let held = self.held.remove(&delivery.id);
        if let Some(Held::Unrecorded(Sent {
            again: Some(again), ..
        })) = held
        {
            let (due, id) = (again, delivery.id);
            self.behold(DuePosition { due, id });
        } else if self.active {
            self.held.insert(delivery.id, Held::Ready);
            self.ready.push_front(delivery);
        }
    }

    /// A result is on disk; the delivery is due again at `due`, or has ended.
    pub(crate) fn recorded(&mut self, id: DeliveryId, due: Option<Timestamp>) {
        let held = self.held.remove(&id);
        self.outdate(id);
        let again = match held {
            Some(Held::InFlight(sent) | Held::Unrecorded(sent)) => sent.again,
            Some(Held::Ready | Held::ByHand) | None => None,
        };
        for due in [due, again].into_iter().flatten() {
            self.behold(DuePosition { due, id });
        }
    }

    /// A delivery is no longer pending.
    pub(crate) fn withdraw(&mut self, id: DeliveryId) {
        if let Some(Held::Ready | Held::ByHand) = self.held.get(&id) {
            self.held.remove(&id);
            self.ready.retain(|ready| ready.id != id);
            self.by_hand.remove(id);
        }
        self.outdate(id);
    }

    /// A page that is on its way may show this delivery as it was before.
    fn outdate(&mut self, id: DeliveryId) {
        if let Some(meanwhile) = &mut self.paging {
            meanwhile.outdated.insert(id);
        }
    }

    /// The endpoint was changed: what is known of it may be wrong.
    pub(crate) fn reset(&mut self, active: bool) {
        self.active = active;
        self.window = Window::default();
        self.ready.clear();
        self.by_hand.clear();
        self.held
            .retain(|_, held| !matches!(held, Held::Ready | Held::ByHand));
        self.cursor = None;
        self.next_due = None;
        if active {
            self.behold_any(Timestamp(i64::MIN));
        }
    }

    /// When this lane has to be looked at again although nothing happens.
    pub(crate) fn wake_at(&self, now: Timestamp) -> Option<Timestamp> {
        if !self.active {
            return None;
        }
        let blocked = self.window.blocked_until(now);
        let others = if blocked.is_some() && (!self.ready.is_empty() || self.next_due.is_some()) {
            blocked
        } else {
            self.next_due
                .filter(|next| *next > now && self.paging.is_none())
        };
        others.into_iter().chain(self.by_hand.wake_at(now)).min()
    }

    /// Whether it has changed until when this endpoint is left alone, since that was asked last.
    pub(crate) fn has_other_pause(&mut self) -> bool {
        let told = std::mem::replace(&mut self.told_pause, self.window.pause());
        told != self.told_pause
    }

    pub(crate) fn in_flight(&self) -> u32 {
        self.in_flight
    }

    /// Whether nothing of this lane is on its way.
    pub(crate) fn is_idle(&self) -> bool {
        self.held.is_empty() && self.paging.is_none()
    }
}
