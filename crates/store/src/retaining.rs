//! How retention is worked off: in small steps, each from the place that the one before reached.

/// How far a round of retention is. Nothing of it is stored: every round begins anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetentionPosition(pub(crate) RetentionPhase);

/// What the next step does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RetentionPhase {
    /// Shreds the keys of organizations and days that come after this one.
    Keys { after: (i64, i64) },
    /// Erases payloads one by one, because something of that organization and day is pending.
    Payloads {
        /// Organizations and days that are still to be looked at, the next one last.
        kept: Vec<(i64, i64)>,
        /// The file, and the event in it, from which to go on.
        at: (i64, i64),
        keys_after: (i64, i64),
    },
    /// Takes away rows and files of days that come after this one; within a day the events of an
    /// organization after one of them.
    Metadata {
        day: i64,
        organization: i64,
        after: i64,
    },
    /// Overwrites what still stands in write-ahead logs.
    Emptying,
}

impl RetentionPosition {
    /// Where every round begins.
    pub fn start() -> Self {
        let after = (i64::MIN, i64::MIN);
        Self(RetentionPhase::Keys { after })
    }
}
