//! How an erasure is worked off: in small steps, each from the place that the one before reached.

use carehook_core::{ErasureId, Timestamp};

/// An erasure that is not finished.
#[derive(Clone)]
pub struct RunningErasure {
    /// The job.
    pub id: ErasureId,
    pub(crate) organization: i64,
    /// The keyed hash of the subject.
    pub(crate) subject: [u8; 16],
    pub(crate) created_at: Timestamp,
}

/// How far an erasure is. Nothing of it is stored: to begin anew costs time and nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ErasurePosition(pub(crate) Phase);

/// What the next step does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Looks through the newest file that is not newer than `day`, after the event `after`.
    Events {
        day: i64,
        after: i64,
    },
    Requests,
    Files,
}

impl ErasurePosition {
    /// Where every erasure begins.
    pub fn start() -> Self {
        Self(Phase::Events {
            day: i64::MAX,
            after: i64::MIN,
        })
    }
}

/// What one step of an erasure came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErasureStep {
    /// There is more to do.
    On(ErasurePosition),
    /// Somebody still reads what is to be overwritten: the same step again, a moment later.
    Wait,
    /// It is done.
    Ended,
}
