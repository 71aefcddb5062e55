//! Figures about deliveries: what was counted of ended attempts, and what is still owed.

mod durations;

use std::time::Duration;

use carehook_core::{EndpointId, Mode, OrganizationId, Timestamp};

pub use durations::Durations;

/// Ended attempts by what they meant for their delivery, and how long they took.
///
/// What ends without an attempt (called off, deleted with its endpoint) is not in here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// The receiver took it.
    pub delivered: u64,
    /// It failed, and another attempt follows.
    pub retried: u64,
    /// It failed, and the delivery with it.
    pub failed: u64,
    /// How long all of them took.
    pub durations: Durations,
}

impl Counts {
    /// All attempts.
    pub fn attempts(&self) -> u64 {
        self.delivered + self.retried + self.failed
    }

    /// The part of the attempts that were delivered, 0 to 1; `None` without attempts.
    pub fn success_rate(&self) -> Option<f64> {
        #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
        let rate = |all: u64| self.delivered as f64 / all as f64;
        Some(self.attempts()).filter(|all| *all > 0).map(rate)
    }

    /// Adds what was counted elsewhere.
    pub fn add(&mut self, other: &Self) {
        let Self {
            delivered,
            retried,
            failed,
            durations,
        } = other;
        self.delivered += delivered;
        self.retried += retried;
        self.failed += failed;
        self.durations.add(durations);
    }
}

/// Whose attempts are counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CountsOf {
    /// Those of all organizations, in both modes.
    Everything,
    /// Those of an organization, in one mode or in both.
    Organization(OrganizationId, Option<Mode>),
    /// Those of one endpoint of an organization.
    Endpoint(OrganizationId, EndpointId),
}

/// A row of steps in time, all of the same length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeSteps {
    /// When the first one begins.
    pub first: Timestamp,
    /// How long each is, in minutes. Steps of whole hours reach back as far as anything is kept,
    /// others for two days.
    pub minutes: u32,
    /// How many there are.
    pub count: u32,
}

impl TimeSteps {
    /// So many steps, the last of which holds `now`.
    pub fn until(now: Timestamp, minutes: u32, count: u32) -> Self {
        let step = i64::from(minutes.max(1)) * MINUTE;
        let last = now.0.div_euclid(step) * step;
        Self {
            first: Timestamp(last - step * i64::from(count.saturating_sub(1))),
            minutes: minutes.max(1),
            count,
        }
    }

    /// When each step begins.
    pub fn starts(self) -> impl Iterator<Item = Timestamp> {
        (0..i64::from(self.count)).map(move |n| Timestamp(self.first.0 + n * self.step()))
    }

    /// In which step a minute since 1970 is.
    pub(crate) fn place_of(self, minute: i64) -> Option<usize> {
        let place = (minute * MINUTE - self.first.0).div_euclid(self.step());
        let place = usize::try_from(place).ok()?;
        (place < self.count as usize).then_some(place)
    }

    fn step(self) -> i64 {
        i64::from(self.minutes) * MINUTE
    }

    /// The minutes since 1970 that are in it: the first, and the first that is not.
    pub(crate) fn minutes_since_1970(self) -> (i64, i64) {
        let end = self.first.0 + self.step() * i64::from(self.count);
        (self.first.0.div_euclid(MINUTE), end.div_euclid(MINUTE))
    }
}

/// A minute in milliseconds.
pub(crate) const MINUTE: i64 = 60_000;

/// What was counted of one endpoint.
#[derive(Clone, Debug)]
pub struct EndpointCounts {
    /// Whose it is.
    pub organization: OrganizationId,
    /// The endpoint.
    pub endpoint: EndpointId,
    /// One for each step.
    pub steps: Vec<Counts>,
    /// The last attempt that ended, if there was one.
    pub last: Option<LastEnded>,
}

/// The last attempt of an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastEnded {
    /// When it ended.
    pub at: Timestamp,
    /// What it meant for its delivery.
    pub meaning: Meaning,
}

/// What an attempt meant for its delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// The receiver took it.
    Delivered,
    /// It failed, and another attempt follows.
    Retried,
    /// It failed, and the delivery with it.
    Failed,
}

/// A number, which may be larger than it says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bounded {
    /// At least so many.
    pub number: u64,
    /// Whether there are more, which were not counted.
    pub more: bool,
}

impl Bounded {
    pub(crate) fn add(&mut self, other: Self) {
        self.number += other.number;
        self.more |= other.more;
    }
}

/// What is pending.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backlog {
    /// All that is pending. When there is more, the other figures are about the part that is due
    /// first.
    pub pending: Bounded,
    /// When the oldest of it was made.
    pub oldest: Option<Timestamp>,
    /// What is due now.
    pub due: u64,
    /// What is due within a minute from now: retries, as everything that is due later.
    pub in_a_minute: u64,
    /// What is due after that, within an hour from now.
    pub in_an_hour: u64,
    /// What is due after more than an hour.
    pub later: u64,
}

impl Backlog {
    /// Adds another part of it.
    pub fn add(&mut self, other: &Self) {
        let Self {
            pending,
            oldest,
            due,
            in_a_minute,
            in_an_hour,
            later,
        } = *other;
        self.pending.add(pending);
        self.oldest = self.oldest.into_iter().chain(oldest).min();
        self.due += due;
        self.in_a_minute += in_a_minute;
        self.in_an_hour += in_an_hour;
        self.later += later;
    }
}

/// The backlog of one endpoint.
#[derive(Clone, Debug)]
pub struct EndpointBacklog {
    /// Whose it is.
    pub organization: OrganizationId,
    /// The endpoint.
    pub endpoint: EndpointId,
    /// What is pending for it.
    pub backlog: Backlog,
}

/// How much room the files take, and what is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DiskUse {
    /// Bytes of all files in the data directory.
    pub used: u64,
    /// Bytes that are free on its disk for this process.
    pub free: u64,
    /// Log files, one for each day.
    pub log_files: usize,
    /// Work that waits for the disk.
    pub queued: usize,
}

/// What the engine has in hand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EngineLoad {
    /// Requests in flight.
    pub in_flight: u32,
    /// Ended attempts that wait for the disk.
    pub unrecorded: u32,
}

/// How long an hour is in minutes.
pub(crate) const HOUR_MINUTES: u32 = 60;
/// How long single minutes are kept.
pub(crate) const MINUTES_KEPT: Duration = Duration::from_hours(48);
