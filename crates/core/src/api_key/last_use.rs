//! When an API key was last used, shared by all copies of the key and noted without a lock.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use crate::Timestamp;

/// Stands for a key that was never used.
const NEVER: i64 = i64::MIN;
/// Uses that follow each other sooner are one: a busy key shall not write to shared memory with
/// every request.
const GRAIN_MILLIS: i64 = 1_000;

/// When a key was last used, to the second.
///
/// Clones share one value, so that a use is seen whoever holds the key. What was noted here is
/// kept on disk later; see [`LastUse::unkept`].
#[derive(Clone, Debug)]
pub struct LastUse(Arc<Times>);

#[derive(Debug)]
struct Times {
    noted: AtomicI64,
    kept: AtomicI64,
}

impl LastUse {
    /// A use that is known from the disk.
    pub fn kept_at(at: Option<Timestamp>) -> Self {
        let at = at.map_or(NEVER, |at| at.0);
        Self(Arc::new(Times {
            noted: AtomicI64::new(at),
            kept: AtomicI64::new(at),
        }))
    }

    /// Notes a use.
    pub fn note(&self, now: Timestamp) {
        let noted = &self.0.noted;
        let last = noted.load(Ordering::Relaxed);
        if now.0.saturating_sub(last) >= GRAIN_MILLIS {
            noted.fetch_max(now.0, Ordering::Relaxed);
        }
    }

    /// The last use, if there was one.
    pub fn at(&self) -> Option<Timestamp> {
        known(self.0.noted.load(Ordering::Relaxed))
    }

    /// The last use, unless the disk knows of it.
    pub fn unkept(&self) -> Option<Timestamp> {
        let kept = self.0.kept.load(Ordering::Relaxed);
        self.at().filter(|at| at.0 != kept)
    }

    /// Takes note that the disk knows of the use at this time.
    pub fn keep(&self, at: Timestamp) {
        self.0.kept.fetch_max(at.0, Ordering::Relaxed);
    }
}

fn known(millis: i64) -> Option<Timestamp> {
    (millis != NEVER).then_some(Timestamp(millis))
}

impl Default for LastUse {
    fn default() -> Self {
        Self::kept_at(None)
    }
}

/// Two are equal when they show the same time.
impl PartialEq for LastUse {
    fn eq(&self, other: &Self) -> bool {
        self.at() == other.at()
    }
}

impl Eq for LastUse {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_use_is_seen_through_every_copy_and_never_goes_back() {
        let last_use = LastUse::default();
        let copy = last_use.clone();
        assert_eq!(copy.at(), None);
        last_use.note(Timestamp(5_000));
        assert_eq!(copy.at(), Some(Timestamp(5_000)));
        copy.note(Timestamp(4_000));
        assert_eq!(last_use.at(), Some(Timestamp(5_000)));
    }

    #[test]
    fn uses_within_a_second_are_one() {
        let last_use = LastUse::default();
        for millis in [5_000, 5_999, 6_000, 6_001] {
            last_use.note(Timestamp(millis));
        }
        assert_eq!(last_use.at(), Some(Timestamp(6_000)));
    }

    #[test]
    fn a_use_is_unkept_until_the_disk_knows_of_it() {
        let last_use = LastUse::kept_at(Some(Timestamp(1_000)));
        assert_eq!(last_use.unkept(), None);
        last_use.note(Timestamp(2_000));
        assert_eq!(last_use.unkept(), Some(Timestamp(2_000)));
        // One more comes while that one is being written.
        last_use.note(Timestamp(3_000));
        last_use.keep(Timestamp(2_000));
        assert_eq!(last_use.unkept(), Some(Timestamp(3_000)));
        last_use.keep(Timestamp(3_000));
        assert_eq!(last_use.unkept(), None);
    }
}
