//! Replays: jobs that send an endpoint again, or for the first time, what was published earlier.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{EndpointId, EventType, OrganizationId, Pattern, Reason, ReplayId, Timestamp};

/// A job that makes deliveries of one endpoint due, at most as many at a time as it takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replay {
    /// Its id.
    pub id: ReplayId,
    /// Whose events it sends.
    pub organization: OrganizationId,
    /// Who gets them.
    pub endpoint: EndpointId,
    /// Which ones.
    pub filter: ReplayFilter,
    /// Whether it only counts them.
    pub dry_run: bool,
    /// How far it is.
    pub state: ReplayState,
    /// What it has come to so far.
    pub counts: ReplayCounts,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it ended.
    pub completed_at: Option<Timestamp>,
}

/// Which deliveries a replay is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplayFilter {
    /// How they stand.
    pub of: ReplayOf,
    /// Of events of these types; of all types when there is none.
    pub types: Vec<Pattern>,
    /// Of events accepted at this time or later.
    pub since: Option<Timestamp>,
    /// Of events accepted before this time.
    pub until: Option<Timestamp>,
    /// Of those that were given up, only such that ended for this reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
}

impl ReplayFilter {
    /// Whether an event of this type that was accepted then is meant.
    pub fn matches(&self, event_type: &EventType, accepted_at: Timestamp) -> bool {
        let wanted = |pattern: &Pattern| pattern.matches(event_type);
        self.since.is_none_or(|since| accepted_at >= since)
            && self.until.is_none_or(|until| accepted_at < until)
            && (self.types.is_empty() || self.types.iter().any(wanted))
    }
}

/// How deliveries stand that are to be replayed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReplayOf {
    /// They were given up.
    Failed,
    /// There are none: the endpoint would want the event now, and was never owed it.
    Missing,
    /// Both, and those that were delivered. What is pending comes anyway, and what somebody called
    /// off stays called off.
    All,
}

impl ReplayOf {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Failed, Self::Missing, Self::All];

    /// The word used in bodies and arguments.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Missing => "missing",
            Self::All => "all",
        }
    }
}

/// The text is none of `failed`, `missing` and `all`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be failed, missing or all")]
pub struct ReplayOfError;

impl FromStr for ReplayOf {
    type Err = ReplayOfError;

    fn from_str(text: &str) -> Result<Self, ReplayOfError> {
        let named = Self::ALL.into_iter().find(|of| of.as_str() == text);
        named.ok_or(ReplayOfError)
    }
}

/// How far a replay is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplayState {
    /// It counts, makes deliveries due, or waits for their ends.
    Running,
    /// Every delivery that it made due has ended.
    Done,
    /// Somebody stopped it, or its endpoint was deleted; what was due already goes on.
    Stopped,
    /// A file could not be read.
    Failed,
}

impl ReplayState {
    /// The word used in bodies.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Done => "done",
            Self::Stopped => "stopped",
            Self::Failed => "failed",
        }
    }
}

/// What a replay has come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReplayCounts {
    /// Deliveries that it is about: counted before the first one is sent, and set right in the end.
    pub counted: u64,
    /// Events that were meant too, but whose payload is gone: past its retention, or erased.
    pub skipped: u64,
    /// Deliveries that it made due.
    pub due: u64,
    /// Those of them that the receiver took.
    pub sent: u64,
    /// Those of them that were given up.
    pub failed: u64,
    /// Those of them that were called off.
    pub cancelled: u64,
}

impl ReplayCounts {
    /// Adds what another part has come to.
    pub fn add(&mut self, other: &Self) {
        let Self {
            counted,
            skipped,
            due,
            sent,
            failed,
            cancelled,
        } = other;
        self.counted += counted;
        self.skipped += skipped;
        self.due += due;
        self.sent += sent;
        self.failed += failed;
        self.cancelled += cancelled;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(types: &[&str], since: Option<i64>, until: Option<i64>) -> ReplayFilter {
        ReplayFilter {
            of: ReplayOf::All,
            types: types.iter().map(|text| text.parse().unwrap()).collect(),
            since: since.map(Timestamp),
            until: until.map(Timestamp),
            reason: None,
        }
    }

    #[test]
    fn a_filter_means_types_and_a_half_open_span() {
        let event: EventType = "patient.created".parse().unwrap();
        let at = Timestamp(10);
        assert!(filter(&[], None, None).matches(&event, at));
        assert!(filter(&["visit.*", "patient.*"], None, None).matches(&event, at));
        assert!(!filter(&["visit.*"], None, None).matches(&event, at));
        assert!(filter(&[], Some(10), Some(11)).matches(&event, at));
        assert!(!filter(&[], Some(11), None).matches(&event, at));
        assert!(!filter(&[], None, Some(10)).matches(&event, at));
    }

    #[test]
    fn words_are_read_back() {
        for of in ReplayOf::ALL {
            assert_eq!(of.as_str().parse(), Ok(of));
        }
        assert_eq!("delivered".parse::<ReplayOf>(), Err(ReplayOfError));
    }
}
