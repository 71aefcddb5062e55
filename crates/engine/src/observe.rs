//! Figures about deliveries for `/metrics`. No label names an organization or an endpoint.

use carehook_core::AttemptOutcome;
use metrics::{Counter, Gauge, Histogram, counter, gauge, histogram};

/// The engine's figures, registered once.
pub(crate) struct Figures {
    delivered: Counter,
    rejected: Counter,
    timed_out: Counter,
    unreachable: Counter,
    blocked: Counter,
    duration: Histogram,
    delay: Histogram,
    uncharged: Counter,
    in_flight: Gauge,
    unrecorded: Gauge,
}

impl Figures {
    pub(crate) fn register() -> Self {
        metrics::describe_counter!("carehook_attempts_total", "Attempts by outcome");
        metrics::describe_counter!(
            "carehook_attempts_uncharged_total",
            "Attempts that failed on our side"
        );
        metrics::describe_histogram!(
            "carehook_attempt_duration_seconds",
            metrics::Unit::Seconds,
            "Time from the start of an attempt to the end of its answer"
        );
        metrics::describe_histogram!(
            "carehook_delivery_delay_seconds",
            metrics::Unit::Seconds,
            "Time from the due time of a delivery to the start of its attempt"
        );
        metrics::describe_gauge!("carehook_attempts_in_flight", "Requests in flight");
        metrics::describe_gauge!(
            "carehook_attempts_unrecorded",
            "Ended attempts that wait for the disk"
        );
        let attempts =
            |outcome: &'static str| counter!("carehook_attempts_total", "outcome" => outcome);
        Self {
            delivered: attempts("delivered"),
            rejected: attempts("rejected"),
            timed_out: attempts("timed_out"),
            unreachable: attempts("unreachable"),
            blocked: attempts("blocked"),
            duration: histogram!("carehook_attempt_duration_seconds"),
            delay: histogram!("carehook_delivery_delay_seconds"),
            uncharged: counter!("carehook_attempts_uncharged_total"),
            in_flight: gauge!("carehook_attempts_in_flight"),
            unrecorded: gauge!("carehook_attempts_unrecorded"),
        }
    }

    pub(crate) fn attempt(&self, attempt: &carehook_core::Attempt) {
        let counter = match attempt.outcome {
            AttemptOutcome::Delivered => &self.delivered,
            AttemptOutcome::Rejected => &self.rejected,
            AttemptOutcome::TimedOut => &self.timed_out,
            AttemptOutcome::Unreachable => &self.unreachable,
            AttemptOutcome::Blocked => &self.blocked,
        };
        counter.increment(1);
        self.duration.record(attempt.duration.as_secs_f64());
    }

    pub(crate) fn started(&self, delay: std::time::Duration) {
        self.delay.record(delay.as_secs_f64());
    }

    pub(crate) fn uncharged(&self) {
        self.uncharged.increment(1);
    }

    pub(crate) fn load(&self, in_flight: usize, unrecorded: usize) {
        let figure = |n: usize| f64::from(u32::try_from(n).unwrap_or(u32::MAX));
        self.in_flight.set(figure(in_flight));
        self.unrecorded.set(figure(unrecorded));
    }
}

/// Figures about mails. No label names an address.
pub(crate) struct MailFigures {
    sent: Counter,
    delayed: Counter,
    dropped: Counter,
}

impl MailFigures {
    pub(crate) fn register() -> Self {
        metrics::describe_counter!(
            "carehook_mails_total",
            "Mails about failures by what became of them; one may be delayed several times"
        );
        let mails = |outcome: &'static str| counter!("carehook_mails_total", "outcome" => outcome);
        Self {
            sent: mails("sent"),
            delayed: mails("delayed"),
            dropped: mails("dropped"),
        }
    }

    pub(crate) fn sent(&self) {
        self.sent.increment(1);
    }

    pub(crate) fn delayed(&self) {
        self.delayed.increment(1);
    }

    pub(crate) fn dropped(&self) {
        self.dropped.increment(1);
    }
}
