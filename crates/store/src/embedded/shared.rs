//! What the callers' side and the writer thread share.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use carehook_core::{Clock, Timestamp};
use parking_lot::RwLock;
use tokio::sync::{Notify, Semaphore, oneshot, watch};

use super::api_keys::DigestKey;
use super::control::Control;
use super::data_keys;
use super::days::Days;
use super::failure::corrupt;
use super::hint_board::HintBoard;
use super::outbox::MailDays;
use super::queue::{Queue, QueueLimits, Refused};
use super::readers::Readers;
use super::statistics::Statistics;
use super::watching::Watchers;
use super::work::{KeyWork, Work};
use super::writer::Writer;
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
    /// Makes the digests by which API keys are found.
    pub(super) digest_key: DigestKey,
    pub(super) hints: HintBoard,
    pub(super) readers: Readers,
    /// Places for reads that people ask for, so that these never use up the threads.
    pub(super) read_places: Semaphore,
    pub(super) newest_time: Timestamp,
    /// The latest time that was written or shown to be now.
    pub(super) floor: AtomicI64,
    pub(super) next_event: AtomicU64,
    pub(super) days: Days,
    pub(super) mail_days: MailDays,
    pub(super) statistics: Statistics,
    pub(super) watchers: Watchers,
    /// Attempts that sent something and are in no audit trail.
    pub(super) undisclosed: AtomicU64,
    /// Books of the audit trail that do not go on from where they were signed.
    pub(super) broken_books: AtomicU64,
    /// An erasure was made.
    pub(super) erasure_news: Notify,
    /// A replay was made or stopped.
    pub(super) replay_news: Notify,
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

    /// The time for what is written now: never before what was written already, so that a clock
    /// that was set back opens no older file.
    pub(super) fn now(&self) -> Timestamp {
        let now = self.clock.now();
        now.max(Timestamp(self.floor.fetch_max(now.0, Ordering::Relaxed)))
    }

    /// The newest time that [`Self::now`] gave.
    pub(super) fn floor(&self) -> Timestamp {
        Timestamp(self.floor.load(Ordering::Relaxed))
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
    pub(super) fn submit(&self, op: &'static str, work: Work) -> Result<(), StoreError> {
        if let Err(reason) = self.health() {
            return Err(corrupt(op, reason));
        }
        let bytes = work.bytes();
        // Results are always taken: the engine bounds how many there can be.
        let taken = match &work {
            Work::Record(_) => self.queue.push_always(work, bytes),
            Work::Accept(_) | Work::Key(_) | Work::Audit(_) | Work::Change(_) => {
                self.queue.push(work, bytes)
            }
        };
        taken.map_err(|_: Refused| StoreError::Busy { op })
    }

    /// Puts a change into the queue that belongs to a result or to work that was taken.
    fn submit_always(&self, op: &'static str, work: Work) -> Result<(), StoreError> {
        if let Err(reason) = self.health() {
            return Err(corrupt(op, reason));
        }
        let bytes = work.bytes();
        let taken = self.queue.push_always(work, bytes);
        taken.map_err(|_: Refused| StoreError::Busy { op })
    }

    /// Runs a change on the writer thread and waits for its result.
    pub(super) async fn change<T: Send + 'static>(
        &self,
        op: &'static str,
        change: impl FnOnce(&mut Writer) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (work, result) = as_work(op, change);
        self.submit(op, work)?;
        result.await.unwrap_or_else(|_| Err(lost(op)))
    }

    /// The same, however much is waiting.
    pub(super) async fn change_always<T: Send + 'static>(
        &self,
        op: &'static str,
        change: impl FnOnce(&mut Writer) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (work, result) = as_work(op, change);
        self.submit_always(op, work)?;
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
        let (reply, made) = oneshot::channel();
        let name = (organization, day);
        self.submit_always(data_keys::OP, Work::Key(KeyWork { name, reply }))?;
        made.await.unwrap_or_else(|_| Err(lost(data_keys::OP)))
    }
}

fn as_work<T: Send + 'static>(
    op: &'static str,
    change: impl FnOnce(&mut Writer) -> Result<T, StoreError> + Send + 'static,
) -> (Work, oneshot::Receiver<Result<T, StoreError>>) {
    let (reply, result) = oneshot::channel();
    let work = Work::Change(Box::new(move |writer| {
        let result = match writer.shared.health() {
            Ok(()) => change(writer),
            Err(reason) => Err(corrupt(op, reason)),
        };
        // A caller that has gone away misses nothing: the change is done.
        drop(reply.send(result));
    }));
    (work, result)
}

/// The writer thread ended before it answered.
pub(super) fn lost(op: &'static str) -> StoreError {
    let reason = "the store was closed before it answered".to_owned();
    StoreError::Unknown { op, reason }
}
