//! When a failed delivery is tried again.

use std::str::FromStr;
use std::time::Duration;

/// What is wrong with a retry schedule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RetryPolicyError {
    /// More than [`RetryPolicy::MAX_RETRIES`] entries.
    #[error("a retry schedule has at most {} entries", RetryPolicy::MAX_RETRIES)]
    TooLong,
    /// A delay of zero or of more than [`RetryPolicy::MAX_DELAY_SECONDS`].
    #[error("a retry delay is 1 to {} seconds", RetryPolicy::MAX_DELAY_SECONDS)]
    Delay,
    /// Not a list of whole numbers.
    #[error("a retry schedule is a list of whole seconds such as 5,300,1800")]
    Syntax,
}

/// The delays after the first, second, … failed attempt; after the last one a delivery fails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetryPolicy(Box<[u32]>);

impl RetryPolicy {
    /// The most retries of a schedule.
    pub const MAX_RETRIES: usize = 30;
    /// The longest delay, in seconds: 7 days.
    pub const MAX_DELAY_SECONDS: u32 = 7 * 24 * 3600;
    /// The longest delay that a receiver can ask for with `Retry-After`.
    pub const MAX_RETRY_AFTER: Duration = Duration::from_hours(24);
    /// Delays vary by this part of themselves in both directions.
    pub const JITTER: f64 = 0.2;

    /// Takes delays in seconds; an empty schedule means a single attempt.
    pub fn try_new(seconds: &[u32]) -> Result<Self, RetryPolicyError> {
        if seconds.len() > Self::MAX_RETRIES {
            return Err(RetryPolicyError::TooLong);
        }
        if seconds
            .iter()
            .any(|s| *s == 0 || *s > Self::MAX_DELAY_SECONDS)
        {
            return Err(RetryPolicyError::Delay);
        }
        Ok(Self(seconds.into()))
    }

    /// The native schedule: 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h.
    pub fn native() -> Self {
        let hours = |h: u32| h * 3600;
        Self(Box::new([
            5,
            300,
            1800,
            hours(2),
            hours(5),
            hours(10),
            hours(14),
            hours(20),
            hours(24),
        ]))
    }

    /// Jump's schedule, "up to 5 times with exponential backoff": 10 s, 1 min, 10 min, 1 h, 6 h.
    pub fn jump() -> Self {
        Self(Box::new([10, 60, 600, 3600, 6 * 3600]))
    }

    /// The delays in seconds.
    pub fn seconds(&self) -> &[u32] {
        &self.0
    }

    /// The delay after the `failed`-th failed attempt (1 is the first), or `None` after the last.
    ///
    /// `chance` is in `[0, 1)` and spreads the delay evenly over ±20 %.
    pub fn delay_after(&self, failed: u32, chance: f64) -> Option<Duration> {
        let index = usize::try_from(failed.checked_sub(1)?).ok()?;
        let seconds = *self.0.get(index)?;
        let factor = 1.0 + Self::JITTER * (2.0 * chance.clamp(0.0, 1.0) - 1.0);
        Some(Duration::from_secs(u64::from(seconds)).mul_f64(factor))
    }
}

impl FromStr for RetryPolicy {
    type Err = RetryPolicyError;

    fn from_str(text: &str) -> Result<Self, RetryPolicyError> {
        let parse = |part: &str| part.trim().parse().map_err(|_| RetryPolicyError::Syntax);
        let seconds: Vec<u32> = text.split(',').map(parse).collect::<Result<_, _>>()?;
        Self::try_new(&seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn delays_stay_within_a_fifth_of_the_schedule(
            seconds in prop::collection::vec(1u32..=RetryPolicy::MAX_DELAY_SECONDS, 0..=30),
            failed in 0u32..40,
            chance in 0.0f64..1.0,
        ) {
            let policy = RetryPolicy::try_new(&seconds).unwrap();
            let delay = policy.delay_after(failed, chance);
            let planned = (failed as usize).checked_sub(1).and_then(|i| seconds.get(i));
            prop_assert_eq!(delay.is_some(), planned.is_some());
            if let (Some(delay), Some(planned)) = (delay, planned) {
                let planned = f64::from(*planned);
                prop_assert!(delay.as_secs_f64() >= planned * 0.8 - 1e-6);
                prop_assert!(delay.as_secs_f64() <= planned * 1.2 + 1e-6);
            }
        }
    }

    #[test]
    fn the_native_schedule_is_that_of_the_contract() {
        let policy = RetryPolicy::native();
        let middle: Vec<u64> = (1..=9)
            .map(|n| policy.delay_after(n, 0.5).unwrap().as_secs())
            .collect();
        assert_eq!(
            middle,
            [5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400]
        );
        assert_eq!(policy.delay_after(10, 0.5), None);
        assert_eq!(policy.delay_after(0, 0.5), None);
    }

    #[test]
    fn bad_schedules_are_refused() {
        assert_eq!("5,300".parse(), RetryPolicy::try_new(&[5, 300]));
        assert_eq!("5,x".parse::<RetryPolicy>(), Err(RetryPolicyError::Syntax));
        assert_eq!("".parse::<RetryPolicy>(), Err(RetryPolicyError::Syntax));
        assert_eq!("0".parse::<RetryPolicy>(), Err(RetryPolicyError::Delay));
        assert_eq!(
            RetryPolicy::try_new(&[1; 31]),
            Err(RetryPolicyError::TooLong)
        );
    }
}
