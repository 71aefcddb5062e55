//! What a limit allows, and what of it is left.

use std::fmt;
use std::time::Duration;

use carehook_core::Timestamp;

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counting {
    /// Requests of a key in an hour of the clock.
    Requests,
    /// Events that an organization publishes in a second.
    Events,
    /// Attempts of somebody to sign in who has failed before.
    SignIns,
}

impl Counting {
    /// The time that a limit is for.
    pub fn window(self) -> Duration {
        match self {
            Self::Requests => Duration::from_hours(1),
            Self::Events => Duration::from_secs(1),
            Self::SignIns => Duration::from_mins(1),
        }
    }
}

/// A limit and what is left of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// What is counted.
    pub counting: Counting,
    /// How much is allowed in the window.
    pub limit: u32,
    /// How much of it is left.
    pub remaining: u32,
    /// Whole seconds, at least one, until there is all of it again, or, for a refusal, enough of
    /// it.
    pub reset_seconds: u64,
}

impl fmt::Display for Quota {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            counting,
            limit,
            remaining: _,
            reset_seconds,
        } = self;
        let counted = match counting {
            Counting::Requests => "requests an hour",
            Counting::Events => "events a second",
            Counting::SignIns => {
                return write!(
                    f,
                    "too many attempts to sign in have failed; try again in {reset_seconds} s"
                );
            }
        };
        write!(
            f,
            "the limit of {limit} {counted} is reached; try again in {reset_seconds} s"
        )
    }
}

/// Whole seconds from `now` to `then`, rounded up, at least one.
pub(crate) fn seconds_until(then: Timestamp, now: Timestamp) -> u64 {
    let millis = then.since(now).as_millis();
    u64::try_from(millis.div_ceil(1_000))
        .unwrap_or(u64::MAX)
        .max(1)
}
