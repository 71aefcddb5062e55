//! The one thread that writes: it takes everything that waits, commits once, then wakes all.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use carehook_core::{DeliveryId, Timestamp};
use rusqlite::Connection;

use super::audit::AuditChains;
use super::checkpoints::Checkpoints;
use super::control::EndpointPlace;
use super::failure::{self, Step};
use super::files::DirectoryLock;
use super::log_accept::Counters;
use super::open_logs::OpenLogs;
use super::pace::Pace;
use super::queue::Waited;
use super::shared::Shared;
use super::statistics::Counted;
use super::work::Work;
use crate::{AuditNote, StoreError};

/// When nothing has come for so long, what was written to the audit trail is signed.
const QUIET: Duration = Duration::from_mins(1);

/// The state of the writer thread.
pub(super) struct Writer {
    pub(super) shared: Arc<Shared>,
    pub(super) control: Connection,
    pub(super) logs: OpenLogs,
    pub(super) counters: Counters,
    /// Deleted endpoints that may still be owed something.
    pub(super) unfinished: Vec<EndpointPlace>,
    /// The day on which the files were last tidied.
    pub(super) tidied_day: i64,
    /// `None` when the system gave no thread for it: then the writer copies everything itself.
    pub(super) checkpoints: Option<Checkpoints>,
    /// What is known of the audit trail's chains.
    pub(super) audit: AuditChains,
    /// What the group that is written now adds to the statistics.
    pub(super) counted: Vec<Counted>,
    /// What the change that runs now leaves in the audit trail, until it is written.
    pub(super) note: Option<Arc<AuditNote>>,
    /// Held until the thread ends, after all files are closed.
    _lock: DirectoryLock,
}

impl Writer {
    pub(super) fn new(
        shared: Arc<Shared>,
        control: Connection,
        counters: Counters,
        lock: DirectoryLock,
    ) -> Self {
        Self {
            logs: OpenLogs::new(shared.dir.clone()),
            checkpoints: Checkpoints::start(&shared).ok(),
            tidied_day: shared.now().day(),
            audit: AuditChains::new(shared.now()),
            shared,
            control,
            counters,
            unfinished: Vec::new(),
            counted: Vec::new(),
            note: None,
            _lock: lock,
        }
    }

    /// Works until the queue is closed and empty.
    pub(super) fn run(mut self) {
        let shared = Arc::clone(&self.shared);
        let _end = EndOfThread(&shared);
        let mut batch = VecDeque::new();
        let mut pace = Pace::new(Instant::now());
        if let Err(error) = self.find_unsigned() {
            tracing::warn!(%error, "what is unsigned of the audit trail was not found out");
        }
        if let Err(error) = self.look_at_register() {
            tracing::warn!(%error, "which books the audit trail has was not found out");
        }
        loop {
            let quiet = self.audit.has_unsigned().then_some(QUIET);
            match shared.queue.wait_for_work(quiet) {
                Waited::Work => {}
                Waited::Quiet => {
                    self.sign_what_is_unsigned();
                    continue;
                }
                Waited::Closed => break,
            }
            std::thread::sleep(pace.wait(Instant::now()));
            shared.queue.take(&mut batch);
            pace.begin(Instant::now(), batch.len());
            if !self.unfinished.is_empty() && shared.health().is_ok() {
                self.finish_deletions();
            }
            self.work_off(&mut batch);
            self.sign_when_due();
        }
        self.sign_what_is_unsigned();
    }

    fn work_off(&mut self, batch: &mut VecDeque<Work>) {
        let mut group = Vec::with_capacity(batch.len());
        let mut keys = Vec::new();
        let mut audits = Vec::new();
        for work in batch.drain(..) {
            match work {
                // Whoever waits for a key has nothing else in the queue that could come first.
                Work::Key(request) => keys.push(request),
                Work::Accept(_) | Work::Record(_) => group.push(work),
                Work::Audit(audit) => audits.push(audit),
                Work::Change(change) => {
                    if !group.is_empty() {
                        self.commit_group(std::mem::take(&mut group));
                    }
                    change(self);
                }
            }
        }
        if !group.is_empty() {
            self.commit_group(group);
        }
        if !keys.is_empty() {
            self.answer_key_requests(keys);
        }
        if !audits.is_empty() {
            self.answer_audits(audits);
        }
    }

    /// The time for what is written now; it never runs backwards.
    pub(super) fn now(&self) -> Timestamp {
        self.shared.now()
    }

    /// The log file of a day, opened or made when needed.
    pub(super) fn log(&mut self, day: i64) -> rusqlite::Result<&Connection> {
        let log = self.logs.get(day)?;
        self.shared.days.add(day);
        Ok(log)
    }

    /// Turns a database error into one of the six; poisons the store when the disk failed.
    pub(super) fn classify(&self, op: &'static str, error: &rusqlite::Error) -> StoreError {
        failure::of_write(&self.shared, op, Step::Work, error)
    }
}

/// The day whose file holds a delivery.
pub(super) fn day_of(delivery: DeliveryId) -> i64 {
    Timestamp(delivery.0.millis()).day()
}

/// Leaves nobody waiting, however the thread ends.
struct EndOfThread<'a>(&'a Shared);

impl Drop for EndOfThread<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.poison("the writer thread panicked".to_owned());
        }
        self.0.queue.close();
        // What still waits is dropped, and its callers learn that nobody will answer.
        self.0.queue.clear();
    }
}
