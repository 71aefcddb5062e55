//! The queue in front of the writer thread: bounded, drained a batch at a time.

use std::collections::VecDeque;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};

/// Work with a weight, in bytes to be written.
struct Entry<T> {
    work: T,
    bytes: usize,
}

struct State<T> {
    entries: VecDeque<Entry<T>>,
    bytes: usize,
    closed: bool,
}

/// Bounds of the queue and of one batch.
#[derive(Clone, Copy, Debug)]
pub(super) struct QueueLimits {
    pub(super) queued_bytes: usize,
    pub(super) queued: usize,
    pub(super) batch_bytes: usize,
    pub(super) batch: usize,
}

/// Many producers, one consumer.
pub(super) struct Queue<T> {
    state: Mutex<State<T>>,
    filled: Condvar,
    limits: QueueLimits,
}

/// What came of waiting.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Waited {
    /// There is work.
    Work,
    /// Nothing came.
    Quiet,
    /// The queue is closed and empty.
    Closed,
}

/// Why work was not taken.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refused {
    Full,
    Closed,
}

impl<T> Queue<T> {
    pub(super) fn new(limits: QueueLimits) -> Self {
        Self {
            state: Mutex::new(State {
                entries: VecDeque::new(),
                bytes: 0,
                closed: false,
            }),
            filled: Condvar::new(),
            limits,
        }
    }

    /// Puts work at the end, or refuses it when too much is waiting.
    pub(super) fn push(&self, work: T, bytes: usize) -> Result<(), Refused> {
        let mut state = self.state.lock();
        if state.closed {
            return Err(Refused::Closed);
        }
        let too_much = state.entries.len() >= self.limits.queued
            || (state.bytes + bytes > self.limits.queued_bytes && !state.entries.is_empty());
        if too_much {
            return Err(Refused::Full);
        }
        self.add(&mut state, work, bytes);
        Ok(())
    }

    /// Puts work at the end however much is waiting: for results, which must not be lost.
    pub(super) fn push_always(&self, work: T, bytes: usize) -> Result<(), Refused> {
        let mut state = self.state.lock();
        if state.closed {
            return Err(Refused::Closed);
        }
        self.add(&mut state, work, bytes);
        Ok(())
    }

    fn add(&self, state: &mut State<T>, work: T, bytes: usize) {
        state.bytes += bytes;
        state.entries.push_back(Entry { work, bytes });
        if state.entries.len() == 1 {
            self.filled.notify_one();
        }
    }

    /// Waits for work, with a limit only so long.
    pub(super) fn wait_for_work(&self, limit: Option<Duration>) -> Waited {
        let mut state = self.state.lock();
        while state.entries.is_empty() {
            if state.closed {
                return Waited::Closed;
            }
            match limit {
                None => self.filled.wait(&mut state),
                Some(limit) => {
                    if self.filled.wait_for(&mut state, limit).timed_out() {
                        return Waited::Quiet;
                    }
                }
            }
        }
        Waited::Work
    }

    /// Takes what fits into one batch.
    pub(super) fn take(&self, batch: &mut VecDeque<T>) {
        let mut state = self.state.lock();
        let mut bytes = 0;
        while let Some(next) = state.entries.front() {
            let fits = bytes + next.bytes <= self.limits.batch_bytes;
            if batch.len() >= self.limits.batch || !(fits || batch.is_empty()) {
                break;
            }
            bytes += next.bytes;
            if let Some(entry) = state.entries.pop_front() {
                state.bytes -= entry.bytes;
                batch.push_back(entry.work);
            }
        }
    }

    /// How much is waiting.
    pub(super) fn len(&self) -> usize {
        self.state.lock().entries.len()
    }

    /// Drops what is waiting.
    pub(super) fn clear(&self) {
        let dropped = {
            let mut state = self.state.lock();
            state.bytes = 0;
            std::mem::take(&mut state.entries)
        };
        drop(dropped);
    }

    /// Refuses new work; what is waiting is still taken.
    pub(super) fn close(&self) {
        self.state.lock().closed = true;
        self.filled.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: QueueLimits = QueueLimits {
        queued_bytes: 100,
        queued: 4,
        batch_bytes: 50,
        batch: 3,
    };

    fn batch(queue: &Queue<u32>) -> Option<Vec<u32>> {
        let mut batch = VecDeque::new();
        if queue.wait_for_work(None) == Waited::Closed {
            return None;
        }
        queue.take(&mut batch);
        Some(batch.into())
    }

    #[test]
    fn batches_are_bounded_in_number_and_bytes() {
        let queue = Queue::new(LIMITS);
        for (work, bytes) in [(1, 20), (2, 20), (3, 20), (4, 1)] {
            queue.push(work, bytes).unwrap();
        }
        assert_eq!(batch(&queue), Some(vec![1, 2]));
        assert_eq!(batch(&queue), Some(vec![3, 4]));
        queue.push(5, 90).unwrap();
        assert_eq!(
            batch(&queue),
            Some(vec![5]),
            "larger than a batch, but alone"
        );
    }

    #[test]
    fn too_much_waiting_work_is_refused_but_results_are_taken() {
        let queue = Queue::new(LIMITS);
        queue.push(1, 90).unwrap();
        assert_eq!(queue.push(2, 20), Err(Refused::Full));
        queue.push_always(3, 20).unwrap();
        queue.close();
        assert_eq!(queue.push_always(4, 1), Err(Refused::Closed));
        assert_eq!(batch(&queue), Some(vec![1]));
        assert_eq!(batch(&queue), Some(vec![3]));
        assert_eq!(batch(&queue), None);
    }

    #[test]
    fn waiting_with_a_limit_ends_without_work() {
        let queue = Queue::new(LIMITS);
        let limit = Some(Duration::from_millis(1));
        assert_eq!(queue.wait_for_work(limit), Waited::Quiet);
        queue.push(1, 1).unwrap();
        assert_eq!(queue.wait_for_work(limit), Waited::Work);
    }
}
