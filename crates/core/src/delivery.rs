//! Deliveries: the state machine that decides what an attempt's result means.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    AttemptOutcome, DeliveryId, Dialect, EndpointId, EventId, EventType, Mode, RetryPolicy,
    Timestamp,
};

/// Where a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// To be attempted (again).
    Pending,
    /// The receiver took it.
    Delivered,
    /// Given up, with a [`Reason`].
    Failed,
    /// Called off by a person.
    Cancelled,
}

/// Why a delivery ended without success.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The retry schedule is used up.
    Exhausted,
    /// The receiver answered 410.
    EndpointGone,
    /// The endpoint was deleted.
    EndpointDeleted,
    /// Somebody called it off.
    Cancelled,
    /// Its record can no longer be read.
    Unreadable,
    /// What the event held was erased.
    Erased,
}

/// One event owed to one endpoint.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Its id.
    pub id: DeliveryId,
    /// The event.
    pub event_id: EventId,
    /// The event's type.
    pub event_type: EventType,
    /// Live or test, as its event.
    pub mode: Mode,
    /// The receiver.
    pub endpoint_id: EndpointId,
    /// Where it stands.
    pub state: DeliveryState,
    /// Why it ended without success.
    pub reason: Option<Reason>,
    /// Attempts made so far.
    pub attempt_count: u32,
    /// Those of them that were made before its retry schedule was begun anew, by a retry or a
    /// replay; 0 in the first round.
    pub round_start: u32,
    /// Its place among the deliveries of its endpoint; without gaps, from 1.
    pub sequence: u64,
    /// When the next attempt is due, while it is pending.
    pub next_attempt_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ended.
    pub completed_at: Option<Timestamp>,
    /// When the receiver took it, the last time that it did. One that is sent again, or could not
    /// be sent again, had arrived all the same.
    pub arrived_at: Option<Timestamp>,
}

/// What a receiver asked for in `Retry-After` (RFC 9110, 10.2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryAfter {
    /// A number of seconds.
    Delay(Duration),
    /// A date.
    Date(Timestamp),
}

/// What was seen of an attempt, before it is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finding {
    /// The receiver answered.
    Answered {
        /// The HTTP status.
        status: u16,
        /// What the receiver asked for.
        retry_after: Option<RetryAfter>,
    },
    /// The deadline passed.
    TimedOut,
    /// No connection, a TLS failure, or the connection broke.
    Unreachable,
    /// The address policy refused the target.
    Blocked,
}

/// What an attempt means for the endpoint as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndpointEffect {
    /// It works.
    Healthy,
    /// It failed; the breaker counts it.
    Failure,
    /// It is overloaded: nothing is sent to it before this time, and then one at a time.
    SlowDown(Timestamp),
    /// It said 410: it is disabled.
    Gone,
}

/// What becomes of a delivery after an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// How the attempt is recorded.
    pub outcome: AttemptOutcome,
    /// The delivery's new state.
    pub state: DeliveryState,
    /// Why it ended without success.
    pub reason: Option<Reason>,
    /// When the next attempt is due, while it is pending.
    pub due: Option<Timestamp>,
    /// What it means for the endpoint.
    pub effect: EndpointEffect,
}

/// An overloaded receiver is left alone at least this long.
const SLOW_DOWN: Duration = Duration::from_mins(1);

/// Judges an attempt: the one place where results become states.
///
/// `failed_before` counts the attempts of this round of the schedule that failed earlier, `now` is
/// when the attempt ended, `chance` in `[0, 1)` spreads the retries.
pub fn judge(
    finding: Finding,
    dialect: Dialect,
    failed_before: u32,
    policy: &RetryPolicy,
    now: Timestamp,
    chance: f64,
) -> Verdict {
    let outcome = outcome_of(finding, dialect);
    if outcome == AttemptOutcome::Delivered {
        return Verdict {
            outcome,
            state: DeliveryState::Delivered,
            reason: None,
            due: None,
            effect: EndpointEffect::Healthy,
        };
    }
    let failed = |reason, effect| Verdict {
        outcome,
        state: DeliveryState::Failed,
        reason: Some(reason),
        due: None,
        effect,
    };
    if matches!(finding, Finding::Answered { status: 410, .. }) {
        return failed(Reason::EndpointGone, EndpointEffect::Gone);
    }
    let wait = asked_for(finding, now);
    let effect = if is_overload(finding) {
        EndpointEffect::SlowDown(now.plus(wait.max(SLOW_DOWN)))
    } else {
        EndpointEffect::Failure
    };
    match policy.delay_after(failed_before.saturating_add(1), chance) {
        None => failed(Reason::Exhausted, effect),
        Some(delay) => {
            let at_least = if is_overload(finding) {
                SLOW_DOWN
            } else {
                delay
            };
            Verdict {
                outcome,
                state: DeliveryState::Pending,
                reason: None,
                due: Some(now.plus(delay.max(at_least).max(wait))),
                effect,
            }
        }
    }
}

fn outcome_of(finding: Finding, dialect: Dialect) -> AttemptOutcome {
    match finding {
        Finding::Answered { status, .. } if dialect.is_success(status) => AttemptOutcome::Delivered,
        Finding::Answered { .. } => AttemptOutcome::Rejected,
        Finding::TimedOut => AttemptOutcome::TimedOut,
        Finding::Unreachable => AttemptOutcome::Unreachable,
        Finding::Blocked => AttemptOutcome::Blocked,
    }
}

/// 429, 502, 504 and a timeout: the receiver has more than it can take.
fn is_overload(finding: Finding) -> bool {
    matches!(
        finding,
        Finding::TimedOut
            | Finding::Answered {
                status: 429 | 502 | 504,
                ..
            }
    )
}

/// The wait that the receiver asked for, at most 24 hours.
fn asked_for(finding: Finding, now: Timestamp) -> Duration {
    let Finding::Answered {
        retry_after: Some(asked),
        ..
    } = finding
    else {
        return Duration::ZERO;
    };
    let wait = match asked {
        RetryAfter::Delay(delay) => delay,
        RetryAfter::Date(date) => date.since(now),
    };
    wait.min(RetryPolicy::MAX_RETRY_AFTER)
}

#[cfg(test)]
mod tests;
