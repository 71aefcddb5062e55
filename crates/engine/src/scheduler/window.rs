//! How much an endpoint can take: a window that grows with success, and a breaker.

use std::time::Duration;

use carehook_core::Timestamp;

use super::Effect;

const START: u32 = 4;
const MAX: u32 = 64;
/// Failures in a row after which only single probes are sent.
const FAILURES_TO_OPEN: u32 = 5;
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_mins(5);
const LONGEST_FAULT_PAUSE: Duration = Duration::from_secs(30);

/// The pace of one endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    size: u32,
    failures_in_row: u32,
    /// The pause before the next probe, while the breaker is open.
    pause: Option<Duration>,
    /// The last pause after a fault of ours, while it lasts.
    fault_pause: Option<Duration>,
    blocked_until: Option<Timestamp>,
}

impl Default for Window {
    fn default() -> Self {
        Self {
            size: START,
            failures_in_row: 0,
            pause: None,
            fault_pause: None,
            blocked_until: None,
        }
    }
}

impl Window {
    /// How many attempts may be in flight.
    pub(crate) fn size(&self) -> u32 {
        if self.pause.is_some() { 1 } else { self.size }
    }

    /// Until when nothing may be sent, if that is in the future.
    pub(crate) fn blocked_until(&self, now: Timestamp) -> Option<Timestamp> {
        self.blocked_until.filter(|until| *until > now)
    }

    /// Until when nothing may be sent; it may be over.
    pub(crate) fn pause(&self) -> Option<Timestamp> {
        self.blocked_until
    }

    /// Takes note of how an attempt ended.
    pub(crate) fn learn(&mut self, effect: Effect, now: Timestamp) {
        match effect {
            Effect::Healthy => self.succeed(),
            Effect::Failure => self.fail(now),
            Effect::SlowDown(until) => {
                self.fail(now);
                self.size = 1;
                self.block(until);
            }
            Effect::OurFault => self.pause_for_fault(now),
            Effect::None => {}
        }
    }

    /// Takes note of how an attempt ended that somebody made while the endpoint is left alone.
    ///
    /// When it went through, the receiver is back, also one that asked for a longer pause. When it
    /// failed, nothing is new: to have tried must not make the pause longer.
    pub(crate) fn learn_in_pause(&mut self, effect: Effect, now: Timestamp) {
        match effect {
            Effect::Healthy => {
                self.failures_in_row = 0;
                self.fault_pause = None;
                self.reopen();
            }
            Effect::SlowDown(until) => self.block(until),
            Effect::OurFault => self.pause_for_fault(now),
            Effect::Failure | Effect::None => {}
        }
    }

    /// The receiver is back: begin with one at a time, not with the whole backlog.
    fn reopen(&mut self) {
        self.pause = None;
        self.size = 1;
        self.blocked_until = None;
    }

    /// Nobody is charged for a fault of ours, so nothing but the pause bounds the tries.
    fn pause_for_fault(&mut self, now: Timestamp) {
        let pause = self
            .fault_pause
            .map_or(FIRST_PAUSE, |pause| (pause * 2).min(LONGEST_FAULT_PAUSE));
        self.fault_pause = Some(pause);
        self.block(now.plus(pause));
    }

    fn succeed(&mut self) {
        self.fault_pause = None;
        self.failures_in_row = 0;
        if self.pause.is_some() {
            self.reopen();
        } else {
            self.size = (self.size + 1).min(MAX);
        }
    }

    fn fail(&mut self, now: Timestamp) {
        self.fault_pause = None;
        self.failures_in_row += 1;
        self.size = (self.size / 2).max(1);
        if self.failures_in_row >= FAILURES_TO_OPEN {
            let pause = self
                .pause
                .map_or(FIRST_PAUSE, |pause| (pause * 2).min(LONGEST_PAUSE));
            self.pause = Some(pause);
            self.block(now.plus(pause));
        }
    }

    fn block(&mut self, until: Timestamp) {
        self.blocked_until = self.blocked_until.max(Some(until));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_000_000);

    fn after(effects: &[Effect]) -> Window {
        let mut window = Window::default();
        for effect in effects {
            window.learn(*effect, NOW);
        }
        window
    }

    #[test]
    fn success_opens_the_window_up_to_64() {
        assert_eq!(after(&[]).size(), 4);
        assert_eq!(after(&[Effect::Healthy; 3]).size(), 7);
        assert_eq!(after(&[Effect::Healthy; 100]).size(), 64);
    }

    #[test]
    fn five_failures_in_a_row_leave_single_probes_with_growing_pauses() {
        let window = after(&[Effect::Failure; 4]);
        assert_eq!(window.blocked_until(NOW), None);
        let mut window = after(&[Effect::Failure; 5]);
        assert_eq!(window.size(), 1);
        let mut pauses = Vec::new();
        let mut now = NOW;
        for _ in 0..12 {
            let until = window.blocked_until(now).unwrap();
            pauses.push(until.since(now).as_secs());
            now = until;
            assert_eq!(window.blocked_until(now), None, "a probe may go now");
            window.learn(Effect::Failure, now);
        }
        assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]);
        window.learn(Effect::Healthy, now);
        assert_eq!((window.size(), window.blocked_until(now)), (1, None));
        window.learn(Effect::Healthy, now);
        assert_eq!(window.size(), 2, "it reopens slowly");
    }

    #[test]
    fn what_is_tried_during_a_pause_ends_it_or_leaves_it_as_it_is() {
        let broken = after(&[Effect::Failure; 9]);
        let mut tried = broken.clone();
        (0..20).for_each(|_| tried.learn_in_pause(Effect::Failure, NOW));
        assert_eq!(tried, broken, "trying makes no pause longer");
        tried.learn_in_pause(Effect::Healthy, NOW);
        assert_eq!((tried.size(), tried.blocked_until(NOW)), (1, None));
        let asked = NOW.plus(Duration::from_hours(1));
        let mut overloaded = after(&[Effect::SlowDown(asked)]);
        let later = asked.plus(Duration::from_hours(1));
        overloaded.learn_in_pause(Effect::SlowDown(later), NOW);
        assert_eq!(overloaded.blocked_until(NOW), Some(later));
        overloaded.learn_in_pause(Effect::Healthy, NOW);
        assert_eq!(
            (overloaded.size(), overloaded.blocked_until(NOW)),
            (1, None)
        );
        assert_eq!(overloaded.failures_in_row, 0);
    }

    #[test]
    fn faults_of_ours_pause_longer_each_time_and_charge_nobody() {
        let mut window = Window::default();
        let mut pauses = Vec::new();
        let mut now = NOW;
        for _ in 0..7 {
            window.learn(Effect::OurFault, now);
            let until = window.blocked_until(now).unwrap();
            pauses.push(until.since(now).as_secs());
            now = until;
        }
        assert_eq!(pauses, [1, 2, 4, 8, 16, 30, 30]);
        assert_eq!(window.size(), START);
    }

    #[test]
    fn one_bad_event_among_good_ones_opens_no_breaker() {
        let mixed = [Effect::Failure, Effect::Healthy, Effect::Healthy].repeat(20);
        assert_eq!(after(&mixed).blocked_until(NOW), None);
    }

    #[test]
    fn an_overloaded_endpoint_is_left_alone_and_then_gets_one_at_a_time() {
        let until = NOW.plus(Duration::from_mins(1));
        let mut window = after(&[Effect::Healthy; 60]);
        window.learn(Effect::SlowDown(until), NOW);
        assert_eq!(window.blocked_until(NOW), Some(until));
        assert_eq!(window.size(), 1);
        window.learn(Effect::SlowDown(NOW), NOW);
        assert_eq!(
            window.blocked_until(NOW),
            Some(until),
            "an earlier end changes nothing"
        );
    }
}
