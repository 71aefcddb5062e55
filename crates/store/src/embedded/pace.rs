//! How often the writer commits when many wait: seldom enough that a commit serves many.

use std::time::{Duration, Instant};

/// A commit writes the last page of every table and index again and costs a sync, whatever it
/// holds. Under load a millisecond more for each saves a tenth of the CPU and a fifth of the bytes.
const GAP: Duration = Duration::from_millis(1);
/// A batch of so many requests shows that there is load. Whoever sends one request after the other
/// never waits, nor does anybody at a few thousand events a second.
const LOAD: usize = 24;

/// When the next batch may begin.
pub(super) struct Pace {
    began: Instant,
    loaded: bool,
}

impl Pace {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            began: now,
            loaded: false,
        }
    }

    /// How long to let work gather before the next batch.
    pub(super) fn wait(&self, now: Instant) -> Duration {
        if self.loaded {
            GAP.saturating_sub(now.duration_since(self.began))
        } else {
            Duration::ZERO
        }
    }

    /// A batch of `size` requests begins.
    pub(super) fn begin(&mut self, now: Instant, size: usize) {
        self.began = now;
        self.loaded = size >= LOAD;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_loaded_writer_waits_and_never_longer_than_the_gap() {
        let start = Instant::now();
        let later = |micros| start + Duration::from_micros(micros);
        let mut pace = Pace::new(start);
        assert_eq!(pace.wait(start), Duration::ZERO);
        pace.begin(start, LOAD - 1);
        assert_eq!(pace.wait(start), Duration::ZERO);
        pace.begin(start, LOAD);
        assert_eq!(pace.wait(start), GAP);
        assert_eq!(pace.wait(later(400)), Duration::from_micros(600));
        assert_eq!(pace.wait(later(5_000)), Duration::ZERO);
        pace.begin(later(5_000), 1);
        assert_eq!(pace.wait(later(5_000)), Duration::ZERO);
    }
}
