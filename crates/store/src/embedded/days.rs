//! Which days have a log file, and which of those may hold something pending.

use std::collections::BTreeMap;

use parking_lot::RwLock;

/// The days with a log file. What is pending is looked for only in marked ones, so that old files
/// cost the engine nothing.
pub(super) struct Days(RwLock<BTreeMap<i64, Pending>>);

/// Whether a file may hold pending deliveries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pending {
    Possible,
    None,
}

impl Days {
    pub(super) fn new(days: impl IntoIterator<Item = (i64, Pending)>) -> Self {
        Self(RwLock::new(days.into_iter().collect()))
    }

    pub(super) fn has(&self, day: i64) -> bool {
        self.0.read().contains_key(&day)
    }

    /// Adds a day whose file was made; there is nothing in it yet.
    pub(super) fn add(&self, day: i64) {
        if !self.has(day) {
            self.mark(day, Pending::None);
        }
    }

    /// Says what a file may hold; [`Pending::Possible`] must be said before anything is pending.
    pub(super) fn mark(&self, day: i64, pending: Pending) {
        if self.0.read().get(&day) != Some(&pending) {
            self.0.write().insert(day, pending);
        }
    }

    /// Forgets a day whose file goes.
    pub(super) fn remove(&self, day: i64) {
        self.0.write().remove(&day);
    }

    pub(super) fn newest_first(&self) -> Vec<i64> {
        self.0.read().keys().rev().copied().collect()
    }

    /// The days to look at for pending deliveries, newest first.
    pub(super) fn with_pending(&self) -> Vec<i64> {
        let days = self.0.read();
        let possible = days.iter().rev().filter(|(_, p)| **p == Pending::Possible);
        possible.map(|(day, _)| *day).collect()
    }
}
