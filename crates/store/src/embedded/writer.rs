//! The one thread that writes: it takes everything that waits, commits once, then wakes all.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use carehook_core::{DeliveryId, Timestamp};
use rusqlite::{Connection, ErrorCode};

use super::files::{self, DirectoryLock};
use super::log_accept::{self, AcceptContext, Counters};
use super::log_deliveries;
use super::shared::Shared;
use super::work::{AcceptWork, RecordWork, Work};
use crate::{Accepted, DueDelivery, StoreError};

/// Log files that stay open for writing beside that of today.
const OPEN_FILES: usize = 4;

/// The state of the writer thread.
pub(super) struct Writer {
    pub(super) shared: Arc<Shared>,
    pub(super) control: Connection,
    logs: HashMap<i64, Connection>,
    counters: Counters,
    /// Times that the writer gives out never run backwards.
    last_time: Timestamp,
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
        let last_time = shared.newest_time;
        Self {
            shared,
            control,
            logs: HashMap::new(),
            counters,
            last_time,
            _lock: lock,
        }
    }

    /// Works until the queue is closed and empty.
    pub(super) fn run(mut self) {
        let shared = Arc::clone(&self.shared);
        let _poison_on_panic = PoisonOnPanic(&shared);
        let mut batch = VecDeque::new();
        while shared.queue.take(&mut batch).is_some() {
            while let Some(work) = batch.pop_front() {
                match work {
                    Work::Change(change) => change(&mut self),
                    first => {
                        let grouped = |work: &Work| !matches!(work, Work::Change(_));
                        let more = batch.iter().take_while(|work| grouped(work)).count();
                        let group: Vec<Work> =
                            std::iter::once(first).chain(batch.drain(..more)).collect();
                        self.commit_group(group);
                    }
                }
            }
        }
    }

    /// The time for what is written now.
    pub(super) fn now(&mut self) -> Timestamp {
        self.last_time = self.last_time.max(self.shared.clock.now());
        self.last_time
    }

    fn commit_group(&mut self, group: Vec<Work>) {
        let mut outcome = GroupOutcome::default();
        if let Err(reason) = self.shared.health() {
            outcome.fail(group, &corrupt("commit", reason));
            outcome.send(&self.shared);
            return;
        }
        let now = self.now();
        let days = days_of(&group, now.day());
        self.counters.begin();
        let result = self
            .begin(&days)
            .and_then(|()| self.apply(&group, now, &mut outcome));
        let result = match result {
            Ok(()) => self.commit(&days),
            Err(error) => {
                self.roll_back(&days);
                Err(error)
            }
        };
        match result {
            Ok(()) => outcome.succeed(group),
            Err(error) => {
                self.counters.roll_back();
                let error = self.classify("commit", &error);
                outcome.fail(group, &error);
            }
        }
        outcome.send(&self.shared);
        self.close_old_files(now.day());
    }

    fn begin(&mut self, days: &BTreeSet<i64>) -> rusqlite::Result<()> {
        for day in days {
            self.log(*day)?
                .prepare_cached("BEGIN IMMEDIATE")?
                .execute([])?;
        }
        Ok(())
    }

    fn commit(&mut self, days: &BTreeSet<i64>) -> rusqlite::Result<()> {
        for day in days {
            let committed = self
                .log(*day)
                .and_then(|log| log.prepare_cached("COMMIT")?.execute([]));
            if let Err(error) = committed {
                self.roll_back(days);
                return Err(error);
            }
        }
        Ok(())
    }

    fn roll_back(&mut self, days: &BTreeSet<i64>) {
        for day in days {
            let Some(log) = self.logs.get(day) else {
                continue;
            };
            // After some errors SQLite has rolled back by itself.
            if !log.is_autocommit()
                && let Err(error) = log.execute_batch("ROLLBACK")
            {
                self.shared.poison(format!("a rollback failed: {error}"));
            }
        }
    }

    fn apply(
        &mut self,
        group: &[Work],
        now: Timestamp,
        outcome: &mut GroupOutcome,
    ) -> rusqlite::Result<()> {
        let accepts = group.iter().any(|work| matches!(work, Work::Accept(_)));
        let full = accepts && self.shared.is_nearly_full();
        for work in group {
            match work {
                Work::Accept(work) if full => {
                    let refused = |_| Err(StoreError::Full);
                    outcome
                        .accepted
                        .push(work.events.iter().map(refused).collect());
                }
                Work::Accept(work) => {
                    let results = self.accept(work, now, &mut outcome.hints)?;
                    outcome.accepted.push(results);
                }
                Work::Record(work) => {
                    for attempt in &work.attempts {
                        let day = day_of(attempt.delivery());
                        log_deliveries::record(self.log(day)?, attempt)?;
                    }
                }
                Work::Change(_) => {}
            }
        }
        Ok(())
    }

    fn accept(
        &mut self,
        work: &AcceptWork,
        now: Timestamp,
        hints: &mut Vec<DueDelivery>,
    ) -> rusqlite::Result<Vec<Result<Accepted, StoreError>>> {
        let (today, before) = (now.day(), now.day() - 1);
        if self.shared.has_day(before) {
            self.log(before)?;
        }
        let Self {
            logs,
            counters,
            shared,
            ..
        } = self;
        let Some(file) = logs.get(&today) else {
            return Err(rusqlite::Error::InvalidQuery);
        };
        let context = AcceptContext {
            today: file,
            yesterday: logs.get(&before),
            now,
        };
        let control = shared.control.read();
        let mut results = Vec::with_capacity(work.events.len());
        for prepared in &work.events {
            results.push(match prepared {
                Err(error) => Err(error.clone()),
                // One of the same name does not count: it has other keys.
                Ok(new)
                    if control
                        .entry(new.owner())
                        .is_none_or(|entry| entry.number != new.organization) =>
                {
                    Err(crate::Refusal::NotFound("organization").into())
                }
                Ok(new) => {
                    let living = |place: &&super::control::EndpointPlace| {
                        control.endpoint(place.id).is_some()
                    };
                    if new.to.iter().all(|place| living(&place)) {
                        log_accept::accept(&context, counters, new, hints)?
                    } else {
                        // An endpoint was deleted while the event waited: it gets nothing (L13).
                        let new = new.without(|place| !living(&place));
                        log_accept::accept(&context, counters, &new, hints)?
                    }
                }
            });
        }
        Ok(results)
    }

    /// The log file of a day, opened or made when needed.
    pub(super) fn log(&mut self, day: i64) -> rusqlite::Result<&Connection> {
        if !self.logs.contains_key(&day) {
            let opened = files::open_log(&self.shared.dir, day).map_err(|error| {
                let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CANTOPEN);
                rusqlite::Error::SqliteFailure(code, Some(format!("{error:?}")))
            })?;
            self.shared.add_day(day);
            self.logs.insert(day, opened);
        }
        self.logs.get(&day).ok_or(rusqlite::Error::InvalidQuery)
    }

    fn close_old_files(&mut self, today: i64) {
        while self.logs.len() > OPEN_FILES {
            let Some(oldest) = self.logs.keys().copied().filter(|d| *d != today).min() else {
                return;
            };
            self.logs.remove(&oldest);
        }
    }

    /// Turns a database error into one of the six; poisons the store when the disk failed.
    pub(super) fn classify(&self, op: &'static str, error: &rusqlite::Error) -> StoreError {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => StoreError::Full,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Busy { op },
            Some(
                ErrorCode::SystemIoFailure
                | ErrorCode::DatabaseCorrupt
                | ErrorCode::NotADatabase
                | ErrorCode::CannotOpen
                | ErrorCode::ReadOnly,
            ) => {
                let reason = format!("the disk or a file failed: {error}");
                self.shared.poison(reason.clone());
                StoreError::Unknown { op, reason }
            }
            _ => {
                tracing::error!(op, %error, "the database refused a statement");
                let reason = error.to_string();
                StoreError::Unknown { op, reason }
            }
        }
    }
}

fn days_of(group: &[Work], today: i64) -> BTreeSet<i64> {
    let mut days = BTreeSet::new();
    for work in group {
        match work {
            Work::Accept(_) => {
                days.insert(today);
            }
            Work::Record(work) => days.extend(work.attempts.iter().map(|a| day_of(a.delivery()))),
            Work::Change(_) => {}
        }
    }
    days
}

/// The day whose file holds a delivery.
pub(super) fn day_of(delivery: DeliveryId) -> i64 {
    Timestamp(delivery.0.millis()).day()
}

pub(super) fn corrupt(op: &'static str, reason: String) -> StoreError {
    StoreError::Corrupt { op, reason }
}

/// What a group's callers are told once it is decided.
#[derive(Default)]
struct GroupOutcome {
    accepted: Vec<Vec<Result<Accepted, StoreError>>>,
    hints: Vec<DueDelivery>,
    replies: Vec<Reply>,
}

enum Reply {
    Accept(AcceptWork, Vec<Result<Accepted, StoreError>>),
    Record(RecordWork, Result<(), StoreError>),
}

impl GroupOutcome {
    fn succeed(&mut self, group: Vec<Work>) {
        let mut accepted = std::mem::take(&mut self.accepted).into_iter();
        for work in group {
            match work {
                Work::Accept(work) => {
                    let results = accepted.next().unwrap_or_default();
                    self.replies.push(Reply::Accept(work, results));
                }
                Work::Record(work) => self.replies.push(Reply::Record(work, Ok(()))),
                Work::Change(_) => {}
            }
        }
    }

    fn fail(&mut self, group: Vec<Work>, error: &StoreError) {
        self.hints.clear();
        for work in group {
            match work {
                Work::Accept(work) => {
                    let results = work.events.iter().map(|_| Err(error.clone())).collect();
                    self.replies.push(Reply::Accept(work, results));
                }
                Work::Record(work) => {
                    self.replies.push(Reply::Record(work, Err(error.clone())));
                }
                Work::Change(_) => {}
            }
        }
    }

    /// Hints go first: who has the answer may look for the delivery at once.
    fn send(self, shared: &Shared) {
        if !self.hints.is_empty() {
            shared.hints.put_due(self.hints);
        }
        for reply in self.replies {
            // A caller that has gone away misses nothing: the work is done.
            match reply {
                Reply::Accept(work, results) => drop(work.reply.send(results)),
                Reply::Record(work, result) => drop(work.reply.send(result)),
            }
        }
    }
}

struct PoisonOnPanic<'a>(&'a Shared);

impl Drop for PoisonOnPanic<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.poison("the writer thread panicked".to_owned());
        }
        self.0.queue.close();
    }
}
