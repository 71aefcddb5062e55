//! How a replay is worked off: in small steps, each from the place that the one before reached.

use carehook_core::{EndpointId, ReplayCounts, ReplayFilter, ReplayId, Timestamp};

/// A replay to make.
#[derive(Clone, Debug)]
pub struct NewReplay {
    /// Its id.
    pub id: ReplayId,
    /// Who gets the deliveries.
    pub endpoint: EndpointId,
    /// Which ones.
    pub filter: ReplayFilter,
    /// Whether they are only counted.
    pub dry_run: bool,
}

/// A replay with something left to do: to count, to make due, or to count how deliveries ended.
#[derive(Clone, Debug)]
pub struct OpenReplay {
    /// The job.
    pub id: ReplayId,
    pub(crate) number: i64,
    pub(crate) organization: i64,
    pub(crate) endpoint: EndpointId,
    pub(crate) filter: ReplayFilter,
    pub(crate) dry_run: bool,
    pub(crate) is_counted: bool,
    pub(crate) is_stopped: bool,
}

impl OpenReplay {
    /// Where its next step begins after a start.
    pub fn position(&self) -> ReplayPosition {
        let day = i64::MIN;
        ReplayPosition(if self.is_stopped {
            Phase::Closing
        } else if self.is_counted {
            Phase::Sending { day }
        } else {
            Phase::Counting {
                day,
                after: i64::MIN,
                counts: ReplayCounts::default(),
            }
        })
    }

    /// Whether nothing more is to be made due, and only ends are waited for.
    pub fn is_stopped(&self) -> bool {
        self.is_stopped
    }

    /// Events that are accepted after the job was made are no part of it: it has to end.
    pub(crate) fn filter_until(filter: ReplayFilter, created_at: Timestamp) -> ReplayFilter {
        let end = Timestamp(created_at.0.saturating_add(1));
        let until = filter.until.map_or(end, |until| until.min(end));
        ReplayFilter {
            until: Some(until),
            ..filter
        }
    }
}

/// How far a replay is. What it has made due lies in the store beside the deliveries, so that to
/// begin anew costs time and nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReplayPosition(pub(crate) Phase);

/// What the next step does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Counts what the first file that is not older than `day` has after the event `after`.
    Counting {
        day: i64,
        after: i64,
        counts: ReplayCounts,
    },
    /// Makes due what the first file that is not older than `day` still has.
    Sending { day: i64 },
    /// Waits for the ends of what was made due.
    Closing,
}

/// What one step of a replay came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplayStep {
    /// There is more to do.
    On(ReplayPosition),
    /// The endpoint takes nothing now, or has enough pending: the same step again, later.
    Wait,
    /// Nothing is left to do.
    Ended,
}
