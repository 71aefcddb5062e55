//! What the callers' side and the writer thread share.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use carehook_core::{Clock, Timestamp};
use parking_lot::RwLock;
use tokio::sync::{oneshot, watch};

use super::control::Control;
use super::hint_board::HintBoard;
use super::queue::{Queue, QueueLimits, Refused};
use super::readers::Readers;
use super::work::Work;
use super::writer::{Writer, corrupt};
use crate::StoreError;
use crate::keys::{KeyRing, SealKey};

/// How an embedded store behaves.
#[derive(Clone, Copy, Debug)]
pub struct EmbeddedOptions {
    /// Bytes of disk that publishes may not use, so that results can still be recorded.
    pub reserve_bytes: u64,
    /// Bytes of work that may wait for the disk before publishes are refused as busy.
    pub queued_bytes: usize,
    /// Requests that may wait for the disk before publishes are refused as busy.
    pub queued: usize,
}

impl Default for EmbeddedOptions {
    fn default() -> Self {
        Self {
            reserve_bytes: 64 << 20,
            queued_bytes: 64 << 20,
            queued: 20_000,
        }
    }
}

impl EmbeddedOptions {
    pub(super) fn queue_limits(self) -> QueueLimits {
        QueueLimits {
            queued_bytes: self.queued_bytes,
            queued: self.queued,
            batch_bytes: 1 << 20,
            batch: 1_000,
        }
    }
}

/// The parts of an open store.
pub(super) struct Shared {
    pub(super) dir: PathBuf,
    pub(super) clock: Clock,
    pub(super) options: EmbeddedOptions,
    pub(super) queue: Queue<Work>,
    pub(super) control: RwLock<Control>,
    pub(super) keys: KeyRing,
    pub(super) hints: HintBoard,
    pub(super) readers: Readers,
    pub(super) newest_time: Timestamp,
    pub(super) next_event: AtomicU64,
    pub(super) days: RwLock<BTreeSet<i64>>,
    pub(super) failure: watch::Sender<Option<String>>,
}

impl Shared {
    pub(super) fn health(&self) -> Result<(), String> {
        match &*self.failure.borrow() {
            None => Ok(()),
            Some(reason) => Err(reason.clone()),
        }
    }

    /// Stops all writes for good: what the disk has is no longer known.
    pub(super) fn poison(&self, reason: String) {
        self.failure.send_if_modified(|failure| {
            let first = failure.is_none();
            if first {
                tracing::error!(%reason, "the store cannot be used any more");
                *failure = Some(reason);
            }
            first
        });
    }

    pub(super) fn has_day(&self, day: i64) -> bool {
        self.days.read().contains(&day)
    }

    pub(super) fn add_day(&self, day: i64) {
        if !self.has_day(day) {
            self.days.write().insert(day);
        }
    }

    /// The days with a log file, newest first.
    pub(super) fn days_newest_first(&self) -> Vec<i64> {
        self.days.read().iter().rev().copied().collect()
    }

    /// Whether the room that is left is needed for results.
    pub(super) fn is_nearly_full(&self) -> bool {
        rustix::fs::statvfs(&self.dir)
            .is_ok_and(|fs| fs.f_bavail.saturating_mul(fs.f_frsize) < self.options.reserve_bytes)
    }

    pub(super) fn next_event_number(&self) -> u64 {
        self.next_event.fetch_add(1, Ordering::Relaxed)
    }

    /// Whether a number came from [`Self::next_event_number`], now or before a restart.
    pub(super) fn gave_out_event_number(&self, number: u64) -> bool {
        number < self.next_event.load(Ordering::Relaxed)
    }

    /// Puts work into the queue.
    pub(super) fn submit(
        &self,
        op: &'static str,
        work: Work,
        bytes: usize,
    ) -> Result<(), StoreError> {
        if let Err(reason) = self.health() {
            return Err(corrupt(op, reason));
        }
        // Results are always taken: the engine bounds how many there can be.
        let taken = match &work {
            Work::Record(_) => self.queue.push_always(work, bytes),
            Work::Accept(_) | Work::Change(_) => self.queue.push(work, bytes),
        };
        taken.map_err(|refused| match refused {
            Refused::Full | Refused::Closed => StoreError::Busy { op },
        })
    }

    /// Runs a change on the writer thread and waits for its result.
    pub(super) async fn change<T: Send + 'static>(
        &self,
        op: &'static str,
        change: impl FnOnce(&mut Writer) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (reply, result) = oneshot::channel();
        let work = Work::Change(Box::new(move |writer| {
            let result = match writer.shared.health() {
                Ok(()) => change(writer),
                Err(reason) => Err(corrupt(op, reason)),
            };
            // A caller that has gone away misses nothing: the change is done.
            drop(reply.send(result));
        }));
        self.submit(op, work, 1_024)?;
        result.await.unwrap_or_else(|_| Err(lost(op)))
    }

    /// The data key of an organization for a day, made when it is needed first.
    pub(super) async fn data_key(
        &self,
        organization: i64,
        day: i64,
    ) -> Result<Arc<SealKey>, StoreError> {
        if let Some(key) = self.keys.get(organization, day) {
            return Ok(key);
        }
        self.change("make a data key", move |writer| {
            writer.make_data_key(organization, day)
        })
        .await
    }
}

/// The writer thread ended before it answered.
pub(super) fn lost(op: &'static str) -> StoreError {
    let reason = "the store was closed before it answered".to_owned();
    StoreError::Unknown { op, reason }
}
