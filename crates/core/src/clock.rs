//! Time: one timestamp type, and the only place that reads the wall clock.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Timestamp(pub i64);

/// The text is not an RFC 3339 time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an RFC 3339 time such as 2026-01-02T03:04:05Z")]
pub struct TimestampError;

impl Timestamp {
    const DAY_MILLIS: i64 = 86_400_000;

    /// Later by `by`, at most at the end of time.
    #[must_use]
    pub fn plus(self, by: Duration) -> Self {
        let millis = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        Self(self.0.saturating_add(millis))
    }

    /// Time from `earlier` to this, zero if that is later.
    pub fn since(self, earlier: Self) -> Duration {
        let millis = self.0.saturating_sub(earlier.0).max(0);
        Duration::from_millis(millis.cast_unsigned())
    }

    /// Whole seconds since 1970.
    pub fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// The UTC day, counted from 1970-01-01.
    pub fn day(self) -> i64 {
        self.0.div_euclid(Self::DAY_MILLIS)
    }

    /// The start of a UTC day.
    pub fn from_day(day: i64) -> Self {
        Self(day.saturating_mul(Self::DAY_MILLIS))
    }
}

impl From<SystemTime> for Timestamp {
    fn from(time: SystemTime) -> Self {
        let since = time.duration_since(SystemTime::UNIX_EPOCH);
        Self(since.map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(i64::MAX)))
    }
}

/// RFC 3339 in UTC with milliseconds.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(time) => write!(f, "{time:.3}"),
            Err(_) => write!(f, "{}ms", self.0),
        }
    }
}

impl FromStr for Timestamp {
    type Err = TimestampError;

    fn from_str(text: &str) -> Result<Self, TimestampError> {
        let time: jiff::Timestamp = text.parse().map_err(|_| TimestampError)?;
        Ok(Self(time.as_millisecond()))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// A source of time that is handed to whoever needs one.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The machine's clocks.
    System(SystemClock),
    /// A clock that tests move.
    Manual(ManualClock),
}

/// The wall clock joined to a monotonic one.
#[derive(Clone, Debug)]
pub struct SystemClock {
    base: Timestamp,
    started: Instant,
}

/// A clock that stands still until it is told to move; clones share one time.
#[derive(Clone, Debug, Default)]
pub struct ManualClock(Arc<AtomicI64>);

impl ManualClock {
    /// A clock that stands at `now`.
    pub fn at(now: Timestamp) -> Self {
        Self(Arc::new(AtomicI64::new(now.0)))
    }

    /// Moves the time forward.
    pub fn advance(&self, by: Duration) {
        let millis = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        self.0.fetch_add(millis, Ordering::SeqCst);
    }

    /// The time that the clock shows.
    pub fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self::System(SystemClock {
            base: wall(),
            started: Instant::now(),
        })
    }

    /// The same clock, but [`Self::now`] never shows a time before `floor`.
    ///
    /// A store gives its newest time here, so that a machine whose clock was set back keeps
    /// delivering what it had scheduled.
    #[must_use]
    pub fn not_before(self, floor: Timestamp) -> Self {
        match self {
            Self::System(clock) => Self::System(SystemClock {
                base: clock.base.max(floor),
                started: clock.started,
            }),
            Self::Manual(clock) => Self::Manual(clock),
        }
    }

    /// The time for schedules and records: the wall clock, except that it never runs backwards.
    pub fn now(&self) -> Timestamp {
        match self {
            Self::System(clock) => wall().max(clock.base.plus(clock.started.elapsed())),
            Self::Manual(clock) => clock.now(),
        }
    }

    /// The wall clock as it is, for what others compare with theirs (signature timestamps).
    pub fn wall(&self) -> Timestamp {
        match self {
            Self::System(_) => wall(),
            Self::Manual(clock) => clock.now(),
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads the wall clock"
)]
fn wall() -> Timestamp {
    SystemTime::now().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_are_printed_and_read_as_rfc_3339() {
        let time = Timestamp(1_767_323_045_006);
        assert_eq!(time.to_string(), "2026-01-02T03:04:05.006Z");
        assert_eq!("2026-01-02T03:04:05.006Z".parse(), Ok(time));
        assert_eq!("2026-01-02T05:04:05.006+02:00".parse(), Ok(time));
        assert_eq!("yesterday".parse::<Timestamp>(), Err(TimestampError));
        assert_eq!("2026-01-02".parse::<Timestamp>(), Err(TimestampError));
    }

    #[test]
    fn a_day_starts_at_midnight_utc() {
        let day = Timestamp(1_767_323_045_006).day();
        assert_eq!(
            Timestamp::from_day(day).to_string(),
            "2026-01-02T00:00:00.000Z"
        );
        assert_eq!(Timestamp(-1).day(), -1);
    }

    #[test]
    fn the_clock_never_shows_a_time_before_its_floor() {
        let real = Clock::system();
        let future = real.wall().plus(Duration::from_hours(1));
        let clock = real.not_before(future);
        assert!(clock.now() >= future);
        assert!(clock.wall() < future);
    }
}
