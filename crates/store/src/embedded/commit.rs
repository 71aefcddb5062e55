//! Group commit: accepts and results that wait together are written and synced together.

use std::collections::BTreeSet;

use carehook_core::Timestamp;

use super::audit;
use super::days::Pending;
use super::failure::{self, Step};
use super::log_accept::{self, AcceptContext};
use super::log_deliveries::{self, Recorded};
use super::shared::Shared;
use super::statistics::counted;
use super::work::{AcceptWork, PreparedAttempt, PreparedEvent, Work};
use super::writer::{Writer, day_of};
use crate::{Accepted, DueDelivery, Refusal, StoreError};

type Results = Vec<Result<Accepted, StoreError>>;

/// What a group's callers are told when it is committed.
#[derive(Default)]
struct Written {
    accepted: Vec<Results>,
    hints: Vec<DueDelivery>,
}

/// Why nothing, or not all, of a group was committed.
struct Failed {
    step: Step,
    error: rusqlite::Error,
}

impl Writer {
    pub(super) fn commit_group(&mut self, group: Vec<Work>) {
        if let Err(reason) = self.shared.health() {
            fail(group, &failure::corrupt("commit", reason));
            return;
        }
        let now = self.now();
        self.counters.begin();
        self.audit.begin();
        self.counted.clear();
        match self.write(&group, now) {
            Ok(written) => {
                let bytes = group.iter().map(Work::bytes).sum();
                self.shared.statistics.add(&self.counted);
                self.shared.tell_of_group(&written.hints, &self.counted);
                succeed(&self.shared, group, written);
                if let Some(checkpoints) = &mut self.checkpoints {
                    checkpoints.committed(now.day(), bytes);
                }
            }
            Err(failed) => {
                self.counters.roll_back();
                self.audit.roll_back();
                self.give_up(group, &failed);
            }
        }
        self.tidy(now.day());
    }

    /// After a failure: what is not to blame is tried again without the rest.
    fn give_up(&mut self, group: Vec<Work>, failed: &Failed) {
        let one_to_blame = failure::is_of_one_work(&failed.error);
        let spares_others = failure::may_spare_other_files(&failed.error);
        if failed.step == Step::Work && one_to_blame && group.len() > 1 {
            for work in group {
                self.commit_group(vec![work]);
            }
        } else if failed.step == Step::Work && spares_others && is_mixed(&group) {
            let is_accept = |work: &Work| matches!(work, Work::Accept(_));
            let (accepts, results): (Vec<_>, Vec<_>) = group.into_iter().partition(is_accept);
            self.commit_group(results);
            self.commit_group(accepts);
        } else {
            let error = failure::of_write(&self.shared, "commit", failed.step, &failed.error);
            fail(group, &error);
        }
    }

    fn write(&mut self, group: &[Work], now: Timestamp) -> Result<Written, Failed> {
        let days = self.days_of(group, now.day());
        let mut written = Written::default();
        let result = self
            .begin(&days)
            .and_then(|()| self.apply(group, now, &mut written));
        if let Err(error) = result {
            self.roll_back(&days);
            let step = Step::Work;
            return Err(Failed { step, error });
        }
        self.commit(&days)?;
        Ok(written)
    }

    fn begin(&mut self, days: &BTreeSet<i64>) -> rusqlite::Result<()> {
        for day in days {
            self.log(*day)?
                .prepare_cached("BEGIN IMMEDIATE")?
                .execute([])?;
        }
        Ok(())
    }

    /// Commits file by file, that of today last: an accept is done only when all is done.
    fn commit(&mut self, days: &BTreeSet<i64>) -> Result<(), Failed> {
        let mut step = Step::Work;
        for day in days {
            let committed = self
                .log(*day)
                .and_then(|log| log.prepare_cached("COMMIT")?.execute([]));
            if let Err(error) = committed {
                self.roll_back(days);
                return Err(Failed { step, error });
            }
            step = Step::LaterCommit;
        }
        Ok(())
    }

    fn roll_back(&mut self, days: &BTreeSet<i64>) {
        for day in days {
            let Some(log) = self.logs.opened(*day) else {
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

    /// The days whose files a group writes.
    fn days_of(&self, group: &[Work], today: i64) -> BTreeSet<i64> {
        let mut days = BTreeSet::new();
        for work in group {
            match work {
                Work::Accept(_) => {
                    days.insert(today);
                }
                Work::Record(work) => {
                    let of_records = work.attempts.iter().map(|a| day_of(a.delivery()));
                    days.extend(of_records.filter(|day| self.shared.days.has(*day)));
                }
                Work::Key(_) | Work::Audit(_) | Work::Change(_) => {}
            }
        }
        days
    }

    fn apply(
        &mut self,
        group: &[Work],
        now: Timestamp,
        written: &mut Written,
    ) -> rusqlite::Result<()> {
        let accepts = group.iter().any(|work| matches!(work, Work::Accept(_)));
        let full = accepts && self.shared.is_nearly_full();
        for work in group {
            match work {
                Work::Accept(work) if full => {
                    let refused = work.events.iter().map(|_| Err(StoreError::Full));
                    written.accepted.push(refused.collect());
                }
                Work::Accept(work) => {
                    let results = self.accept(work, now, &mut written.hints)?;
                    written.accepted.push(results);
                }
                Work::Record(work) => {
                    for attempt in &work.attempts {
                        self.record(attempt)?;
                    }
                }
                Work::Key(_) | Work::Audit(_) | Work::Change(_) => {}
            }
        }
        Ok(())
    }

    /// Without its file a delivery is gone, and nobody waits for its result; but the audit trail
    /// misses what was sent.
    fn record(&mut self, attempt: &PreparedAttempt) -> rusqlite::Result<()> {
        let day = day_of(attempt.delivery());
        if !self.shared.days.has(day) {
            self.shared.cannot_disclose(attempt);
            return Ok(());
        }
        if attempt.tells_of_failure() {
            self.shared.mail_days.mark(day);
        }
        self.log(day)?;
        let Self {
            logs,
            audit,
            shared,
            counted: counted_before,
            ..
        } = self;
        let log = logs.opened(day).ok_or(rusqlite::Error::InvalidQuery)?;
        let mut has_delivery = false;
        let disclosed = |prepared: &_| {
            has_delivery = true;
            audit::disclose(shared, audit, (log, day), prepared)
        };
        let recorded = log_deliveries::record(log, attempt, disclosed)?;
        let is_undisclosed = |recorded: &Recorded| recorded.disclosed.is_none();
        if !has_delivery || recorded.as_ref().is_some_and(is_undisclosed) {
            shared.cannot_disclose(attempt);
        }
        if let Some(recorded) = recorded {
            let of_it = counted(shared, log, attempt, recorded.disclosed.as_ref())?;
            counted_before.extend(of_it);
            if let Some(disclosed) = recorded.disclosed {
                disclosed.done(audit, day);
            }
        }
        Ok(())
    }

    fn accept(
        &mut self,
        work: &AcceptWork,
        now: Timestamp,
        hints: &mut Vec<DueDelivery>,
    ) -> rusqlite::Result<Results> {
        let (today, before) = (now.day(), now.day() - 1);
        self.shared.days.mark(today, Pending::Possible);
        if self.shared.days.has(before) {
            self.log(before)?;
        }
        let Self {
            logs,
            counters,
            shared,
            ..
        } = self;
        let context = AcceptContext {
            today: logs.opened(today).ok_or(rusqlite::Error::InvalidQuery)?,
            yesterday: logs.opened(before),
            now,
        };
        let mut results = Vec::with_capacity(work.events.len());
        for prepared in &work.events {
            let living = match prepared {
                Ok(new) => still_owed(shared, new),
                Err(error) => Err(error.clone()),
            };
            results.push(match living {
                Ok(new) => log_accept::accept(&context, counters, &new, hints)?,
                Err(error) => Err(error),
            });
        }
        Ok(results)
    }

    /// Between groups: forgets which old files have nothing pending, and closes spare ones.
    fn tidy(&mut self, today: i64) {
        if self.tidied_day != today {
            self.tidied_day = today;
            let older = self.shared.days.with_pending().into_iter();
            for day in older.filter(|day| *day != today) {
                self.unmark_if_done(day);
            }
            if let Err(error) = self.logs.shrink_all_but(today) {
                tracing::warn!(%error, "the memory of an old file was not given back");
            }
        }
        self.logs.close_spare();
    }

    fn unmark_if_done(&mut self, day: i64) {
        match self.log(day).and_then(log_deliveries::any_pending) {
            Ok(true) => {}
            Ok(false) => self.shared.days.mark(day, Pending::None),
            Err(error) => tracing::warn!(%error, "an old file could not be looked at"),
        }
    }
}

/// The event with those of its endpoints that were not deleted while it waited (L13).
fn still_owed<'a>(
    shared: &Shared,
    new: &'a PreparedEvent,
) -> Result<std::borrow::Cow<'a, PreparedEvent>, StoreError> {
    let control = shared.control.read();
    let owner = control.entry(new.owner());
    // A new organization of the same name does not count: it has other keys.
    if owner.is_none_or(|entry| entry.number != new.organization) {
        return Err(Refusal::NotFound("organization").into());
    }
    let lives = |place: &super::control::EndpointPlace| control.endpoint(place.id).is_some();
    if new.to.iter().all(lives) {
        return Ok(std::borrow::Cow::Borrowed(new));
    }
    let mut fewer = new.clone();
    fewer.to.retain(lives);
    Ok(std::borrow::Cow::Owned(fewer))
}

fn is_mixed(group: &[Work]) -> bool {
    let accepts = group.iter().filter(|work| matches!(work, Work::Accept(_)));
    (1..group.len()).contains(&accepts.count())
}

/// Hints go first: who has the answer may look for the delivery at once.
fn succeed(shared: &Shared, group: Vec<Work>, written: Written) {
    if !written.hints.is_empty() {
        shared.hints.put_due(written.hints);
    }
    let mut accepted = written.accepted.into_iter();
    for work in group {
        // A caller that has gone away misses nothing: the work is done.
        match work {
            Work::Accept(work) => drop(work.reply.send(accepted.next().unwrap_or_default())),
            Work::Record(work) => drop(work.reply.send(Ok(()))),
            Work::Key(_) | Work::Audit(_) | Work::Change(_) => {}
        }
    }
}

fn fail(group: Vec<Work>, error: &StoreError) {
    for work in group {
        match work {
            Work::Accept(work) => {
                let results = work.events.iter().map(|_| Err(error.clone())).collect();
                drop(work.reply.send(results));
            }
            Work::Record(work) => drop(work.reply.send(Err(error.clone()))),
            Work::Key(_) | Work::Audit(_) | Work::Change(_) => {}
        }
    }
}
