//! Which events are sent next, and when.

use std::cell::Cell;
use std::time::{Duration, Instant};

/// Numbers are given out one after the other.
pub(super) struct Plan {
    start: Instant,
    first: u64,
    next: Cell<u64>,
    end: u64,
    until: Cell<Option<Instant>>,
    /// The time between two events.
    step: Option<Duration>,
    stopped: Cell<bool>,
}

/// Events to send with one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Slice {
    pub(super) first: u64,
    pub(super) count: u64,
    /// When the last of them has happened; none when it is sent as soon as possible.
    pub(super) due: Option<Instant>,
}

impl Plan {
    pub(super) fn new(first: u64, count: u64, rate: Option<f64>) -> Self {
        Self {
            start: Instant::now(),
            first,
            next: Cell::new(first),
            end: first.saturating_add(count),
            until: Cell::new(None),
            step: rate.map(|rate| Duration::from_secs_f64(1.0 / rate.max(0.001))),
            stopped: Cell::new(false),
        }
    }

    pub(super) fn end_after(&self, seconds: f64) {
        let end = self.start + Duration::from_secs_f64(seconds);
        self.until.set(Some(end));
    }

    /// Gives out no more.
    pub(super) fn stop(&self) {
        self.stopped.set(true);
    }

    /// How many were given out.
    pub(super) fn given_out(&self) -> u64 {
        self.next.get() - self.first
    }

    pub(super) fn started(&self) -> Instant {
        self.start
    }

    /// The next `wanted` events, fewer at the end.
    pub(super) fn next(&self, wanted: u64, now: Instant) -> Option<Slice> {
        let first = self.next.get();
        let count = wanted.min(self.end - first);
        let due = self.step.map(|step| {
            let nth = u32::try_from(first + count - self.first).unwrap_or(u32::MAX);
            self.start + step * nth
        });
        let is_late = |until: Instant| due.unwrap_or(now).max(now) >= until;
        if count == 0 || self.stopped.get() || self.until.get().is_some_and(is_late) {
            return None;
        }
        self.next.set(first + count);
        Some(Slice { first, count, due })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(plan: &Plan, wanted: u64) -> Option<(u64, u64)> {
        let slice = plan.next(wanted, plan.start)?;
        Some((slice.first, slice.count))
    }

    #[test]
    fn numbers_are_given_out_once_and_the_last_slice_is_shorter() {
        let plan = Plan::new(10, 25, None);
        assert_eq!(numbers(&plan, 10), Some((10, 10)));
        assert_eq!(numbers(&plan, 10), Some((20, 10)));
        assert_eq!(numbers(&plan, 10), Some((30, 5)));
        assert_eq!(numbers(&plan, 10), None);
        assert_eq!(plan.given_out(), 25);
    }

    #[test]
    fn a_rate_gives_each_event_its_time() {
        let plan = Plan::new(0, u64::MAX, Some(200.0));
        let due = || plan.next(1, plan.start).unwrap().due.unwrap() - plan.start;
        assert_eq!(due(), Duration::from_millis(5));
        assert_eq!(due(), Duration::from_millis(10));
    }

    #[test]
    fn nothing_is_given_out_after_the_end_or_a_stop() {
        let plan = Plan::new(0, u64::MAX, Some(100.0));
        plan.end_after(0.025);
        assert!(numbers(&plan, 1).is_some());
        assert!(numbers(&plan, 1).is_some());
        assert_eq!(numbers(&plan, 1), None, "the third is due after the end");
        let plan = Plan::new(0, u64::MAX, None);
        plan.stop();
        assert_eq!(numbers(&plan, 1), None);
    }
}
