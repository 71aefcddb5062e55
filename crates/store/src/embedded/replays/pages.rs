//! What the writer does for a replay: a page of deliveries becomes due, and a job ends.

use carehook_core::{
    DeliveryId, DeliveryState, ReplayCounts, ReplayOf, ReplayState, Timestamp, Trigger,
};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::super::days::Pending;
use super::super::log_accept::{Counters, delivery_id};
use super::super::shared::Shared;
use super::super::writer::Writer;
use super::super::{Result, added, codec};
use super::look::{Candidate, Found};
use super::progress::{self, Place};
use super::{STEP, counts_in_logs, phase};
use crate::{DeliveryChange, Notify, OpenReplay, PendingEndpoint};

/// What a page of a replay has to know of the store.
struct Page<'a> {
    file: &'a Connection,
    counters: &'a mut Counters,
    shared: &'a Shared,
    job: &'a OpenReplay,
    day: i64,
    endpoint: i64,
    due: Timestamp,
}

impl Writer {
    /// Makes due what was found, in one commit with the place that was reached. False when the job
    /// does not run any more.
    pub(super) fn replay_found(
        &mut self,
        job: &OpenReplay,
        day: i64,
        after: i64,
        found: &Found,
    ) -> Result<bool> {
        let place = {
            let control = self.shared.control.read();
            let living = control.endpoint(job.endpoint).is_some();
            control.place(job.endpoint).filter(|_| living)
        };
        let Some(place) = place.filter(|_| self.shared.days.has(day)) else {
            return Ok(true);
        };
        if !self.replay_runs(job.number)? {
            return Ok(false);
        }
        self.shared.days.mark(day, Pending::Possible);
        let due = self.now();
        self.counters.begin();
        let opened = self.log(day).map(drop);
        let Self {
            logs,
            counters,
            shared,
            ..
        } = self;
        let made = opened.and_then(|()| {
            let mut page = Page {
                file: logs.opened(day).ok_or(rusqlite::Error::InvalidQuery)?,
                counters,
                shared,
                job,
                day,
                endpoint: place.number,
                due,
            };
            page.write(after, found)
        });
        self.logs.close_spare();
        let made = made.map_err(|error| {
            self.counters.roll_back();
            self.classify(STEP, &error)
        })?;
        if !made.is_empty() {
            self.shared.hints.put_missed(PendingEndpoint {
                endpoint: job.endpoint,
                first_due: due,
            });
        }
        for what in [DeliveryChange::Made, DeliveryChange::Retried] {
            let of_it = made.iter().filter(|(_, change)| *change == what);
            let of_it = of_it.map(|(delivery, _)| (job.endpoint, *delivery));
            self.shared.tell_of_change(of_it, what);
        }
        Ok(true)
    }

    fn replay_runs(&mut self, number: i64) -> Result<bool> {
        const SQL: &str = "-- carehook.replays.runs
            SELECT 1 FROM replays WHERE number = ?1 AND state = 0";
        let runs = self.control.prepare_cached(SQL);
        let runs = runs.and_then(|mut statement| statement.exists([number]));
        runs.map_err(|error| self.classify(STEP, &error))
    }

    /// Notes how many a job is about; false when there is nothing more to do.
    pub(super) fn replay_counted(
        &mut self,
        job: &OpenReplay,
        counts: &ReplayCounts,
    ) -> Result<bool> {
        const SQL: &str = "-- carehook.replays.counted
            UPDATE replays SET counts = ?2, phase = ?3, state = ?4, completed_at = ?5
            WHERE number = ?1 AND state = 0";
        let now = self.now();
        let (phase, state, ended) = if job.dry_run {
            (phase::CLOSED, ReplayState::Done, Some(now.0))
        } else {
            (phase::SENDING, ReplayState::Running, None)
        };
        let counts = codec::replay_counts_to_text(counts);
        let changed = self.control_transaction(STEP, |t| {
            let state = codec::replay_state::code(state);
            t.prepare_cached(SQL)?
                .execute(params![job.number, counts, phase, state, ended])
        })?;
        Ok(changed == 1 && !job.dry_run)
    }

    /// Counts for good what a job has come to in these files.
    pub(super) fn close_replay(&mut self, job: &OpenReplay, days: &[i64]) -> Result<()> {
        const FIND: &str = "-- carehook.replays.counts
            SELECT counts FROM replays WHERE number = ?1 AND state != 0";
        const SQL: &str = "-- carehook.replays.close
            UPDATE replays SET counts = ?2, phase = ?3, completed_at = coalesce(completed_at, ?4),
                state = CASE state WHEN 0 THEN ?5 ELSE state END
            WHERE number = ?1 AND phase = ?6";
        for day in days.iter().copied() {
            if !self.shared.days.has(day) {
                continue;
            }
            let settled = self.log(day).and_then(|log| {
                let transaction = log.unchecked_transaction()?;
                progress::settle(&transaction, job.number)?;
                transaction.commit()
            });
            settled.map_err(|error| self.classify(STEP, &error))?;
            self.logs.close_spare();
        }
        let counts = counts_in_logs(&self.shared, job);
        let mut counts = counts.map_err(|error| self.classify(STEP, &error))?;
        counts.counted = counts.due;
        let now = self.now();
        let done = codec::replay_state::code(ReplayState::Done);
        self.control_transaction(STEP, |t| {
            // One that was stopped still tells how many there would have been.
            let mut find = t.prepare_cached(FIND)?;
            let stopped: Option<String> =
                find.query_row([job.number], |row| row.get(0)).optional()?;
            if let Some(stored) = stopped {
                let stored = codec::replay_counts_of_text(&stored);
                counts.counted = stored.counted.max(counts.due);
                counts.skipped = stored.skipped.max(counts.skipped);
            }
            let counts = codec::replay_counts_to_text(&counts);
            let phases = (phase::CLOSED, phase::SENDING);
            let values = params![job.number, counts, phases.0, now.0, done, phases.1];
            t.prepare_cached(SQL)?.execute(values).map(drop)
        })
    }
}

impl Page<'_> {
    /// Writes the page unless that was done already; what it made due.
    fn write(
        &mut self,
        after: i64,
        found: &Found,
    ) -> rusqlite::Result<Vec<(DeliveryId, DeliveryChange)>> {
        let transaction = self.file.unchecked_transaction()?;
        if progress::place(&transaction, self.job.number)? != Place::After(after) {
            return Ok(Vec::new());
        }
        let (mut made, mut skipped) = (Vec::new(), found.skipped);
        for candidate in &found.candidates {
            let has_key = self
                .shared
                .keys
                .has(self.job.organization, candidate.key_day);
            if !has_key {
                skipped += 1;
            } else if let Some((delivery, change)) = self.make_due(candidate)? {
                let number = delivery.0.number().cast_signed();
                progress::note(&transaction, self.job.number, number)?;
                made.push((delivery, change));
            }
        }
        progress::settle(&transaction, self.job.number)?;
        let counts = (made.len() as u64, skipped);
        progress::advance(&transaction, self.job.number, found.next, counts)?;
        transaction.commit()?;
        Ok(made)
    }

    /// The delivery, unless it or its event is no longer as it was when it was found.
    fn make_due(
        &mut self,
        candidate: &Candidate,
    ) -> rusqlite::Result<Option<(DeliveryId, DeliveryChange)>> {
        const SQL: &str = "-- carehook.replays.make_due
            UPDATE deliveries SET state = 0, reason = NULL, completed_at = NULL, due = ?2,
                round_start = attempts, trigger_kind = ?3, quiet = ?4
            WHERE number = ?1 AND (state = ?5 OR state = ?6)
              AND EXISTS (SELECT 1 FROM events e
                WHERE e.number = deliveries.event AND length(e.sealed) > 0)
            RETURNING created_at";
        let Some(delivery) = candidate.delivery else {
            let event = (self.day, candidate.event);
            let made = added::insert(self.file, self.counters, event, self.endpoint, self.due)?;
            return Ok(made.map(|delivery| (delivery, DeliveryChange::Made)));
        };
        let also = match self.job.filter.of {
            ReplayOf::All => DeliveryState::Delivered,
            ReplayOf::Failed | ReplayOf::Missing => DeliveryState::Failed,
        };
        // An earlier replay may not have counted yet how it ended.
        progress::settle_one(self.file, delivery)?;
        let values = params![
            delivery,
            self.due.0,
            codec::trigger::code(Trigger::Replay),
            codec::notify::code(Notify::Never),
            codec::state::code(DeliveryState::Failed),
            codec::state::code(also),
        ];
        let mut statement = self.file.prepare_cached(SQL)?;
        let changed = statement.query_row(values, |row| Ok(Timestamp(row.get(0)?)));
        let id = |created_at| delivery_id(created_at, delivery);
        let made = changed.optional()?;
        Ok(made.map(|created_at| (id(created_at), DeliveryChange::Retried)))
    }
}
