//! The steps of a replay: what is found is counted or made due, and what ended is counted.

use std::sync::Arc;

use carehook_core::{
    DeliveryId, DeliveryState, Endpoint, ReplayCounts, ReplayOf, ReplayState, Timestamp, Trigger,
};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::super::control::EndpointPlace;
use super::super::days::Pending;
use super::super::log_accept::{Counters, delivery_id};
use super::super::shared::Shared;
use super::super::writer::Writer;
use super::super::{EmbeddedStore, Result, added, codec};
use super::look::{Candidate, Found, look, pending};
use super::progress::{self, Place};
use super::{STEP, counts_in_logs, days_of, phase};
use crate::replaying::Phase;
use crate::{
    DeliveryChange, Notify, OpenReplay, PendingEndpoint, ReplayPosition, ReplayStep, Store,
};

/// Fewer are not worth a commit: the endpoint has enough to do.
const AT_LEAST: usize = Store::REPLAYED_AT_ONCE / 4;

/// What there is to do in a file.
enum Sight {
    /// Nothing any more.
    Ended,
    /// The endpoint has enough pending.
    Full,
    /// This, found after the event with this number.
    Found(i64, Found),
}

/// What a job is about in a file.
struct Target {
    endpoint: Arc<Endpoint>,
    place: EndpointPlace,
}

impl EmbeddedStore {
    pub(crate) async fn step_replay(
        &self,
        job: &OpenReplay,
        at: ReplayPosition,
    ) -> Result<ReplayStep> {
        let Some(target) = self.target(job) else {
            return self.close_without_endpoint(job).await;
        };
        match at.0 {
            Phase::Counting { day, after, counts } => {
                self.count(job, target, (day, after), counts).await
            }
            Phase::Sending { .. } if !target.endpoint.is_served() => Ok(ReplayStep::Wait),
            Phase::Sending { day } => self.send(job, target, day).await,
            Phase::Closing => self.close_replay(job).await,
        }
    }

    fn target(&self, job: &OpenReplay) -> Option<Target> {
        let control = self.shared.control.read();
        let place = control.place(job.endpoint)?;
        let endpoint = control.endpoint(job.endpoint).cloned()?;
        Some(Target { endpoint, place })
    }

    async fn count(
        &self,
        job: &OpenReplay,
        target: Target,
        (day, after): (i64, i64),
        mut counts: ReplayCounts,
    ) -> Result<ReplayStep> {
        let Some(here) = self.next_day(job, day) else {
            let id = job.clone();
            let counted = move |writer: &mut Writer| writer.replay_counted(&id, &counts);
            let goes_on = self.shared.change_always(STEP, counted).await?;
            let first = Phase::Sending { day: i64::MIN };
            return Ok(if goes_on {
                on(first)
            } else {
                ReplayStep::Ended
            });
        };
        let after = if here == day { after } else { i64::MIN };
        let sought = job.clone();
        let found = self
            .read_at_once(STEP, move |shared| {
                let to = (&*target.endpoint, target.place.number);
                look(shared, &sought, to, (here, after), usize::MAX)
            })
            .await?;
        counts.counted += found.candidates.len() as u64;
        counts.skipped += found.skipped;
        let (day, after) = match found.next {
            Place::After(after) => (here, after),
            Place::Ended => (here + 1, i64::MIN),
        };
        Ok(on(Phase::Counting { day, after, counts }))
    }

    async fn send(&self, job: &OpenReplay, target: Target, day: i64) -> Result<ReplayStep> {
        let Some(here) = self.next_day(job, day) else {
            return Ok(on(Phase::Closing));
        };
        let on_to_next = on(Phase::Sending { day: here + 1 });
        let sought = job.clone();
        let sight = self
            .read_at_once(STEP, move |shared| sight(shared, &sought, &target, here))
            .await?;
        let (after, found) = match sight {
            Sight::Ended => return Ok(on_to_next),
            Sight::Full => return Ok(ReplayStep::Wait),
            Sight::Found(after, found) => (after, found),
        };
        let next = match found.next {
            Place::Ended => on_to_next,
            Place::After(_) => on(Phase::Sending { day: here }),
        };
        let nothing = found.candidates.is_empty() && found.skipped == 0;
        if nothing && (Place::After(after), found.next) == (Place::START, Place::Ended) {
            // Most files have nothing for most replays, and that need not be written down.
            return Ok(on_to_next);
        }
        let job = job.clone();
        let make_due = move |writer: &mut Writer| writer.replay_found(&job, here, after, &found);
        let runs = self.shared.change_always(STEP, make_due).await?;
        Ok(if runs { next } else { on(Phase::Closing) })
    }

    /// Waits for the ends of what is due, and counts them for good.
    async fn close_replay(&self, job: &OpenReplay) -> Result<ReplayStep> {
        let sought = job.clone();
        let open = self
            .read_at_once(STEP, move |shared| {
                for day in shared.days.with_pending() {
                    let pending = |file: &Connection| progress::any_pending(file, sought.number);
                    if shared.readers.with(day, pending)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            })
            .await?;
        if open {
            return Ok(ReplayStep::Wait);
        }
        self.close_for_good(job).await
    }

    /// The endpoint was deleted, which has ended all of its deliveries.
    async fn close_without_endpoint(&self, job: &OpenReplay) -> Result<ReplayStep> {
        let number = job.number;
        let stop = move |writer: &mut Writer| writer.end_replay(number);
        self.shared.change_always(STEP, stop).await?;
        self.close_for_good(job).await
    }

    async fn close_for_good(&self, job: &OpenReplay) -> Result<ReplayStep> {
        let sought = job.clone();
        let days = self
            .read_at_once(STEP, move |shared| {
                let mut days = days_of(shared, &sought.filter);
                let mut failed = None;
                days.retain(|day| {
                    let exists = |file: &Connection| progress::exists(file, sought.number);
                    let found = shared.readers.with(*day, exists);
                    found.unwrap_or_else(|error| {
                        failed = Some(error);
                        false
                    })
                });
                failed.map_or(Ok(days), Err)
            })
            .await?;
        let job = job.clone();
        let close = move |writer: &mut Writer| writer.close_replay(&job, &days);
        self.shared.change_always(STEP, close).await?;
        Ok(ReplayStep::Ended)
    }

    fn next_day(&self, job: &OpenReplay, from: i64) -> Option<i64> {
        let days = days_of(&self.shared, &job.filter);
        days.into_iter().find(|day| *day >= from)
    }
}

fn on(phase: Phase) -> ReplayStep {
    ReplayStep::On(ReplayPosition(phase))
}

/// What is to be done next in a file, as far as the endpoint has room for it.
fn sight(shared: &Shared, job: &OpenReplay, target: &Target, day: i64) -> rusqlite::Result<Sight> {
    let number = target.place.number;
    let place = |file: &Connection| progress::place(file, job.number);
    let after = match shared.readers.with(day, place)? {
        Place::Ended => return Ok(Sight::Ended),
        Place::After(after) => after,
    };
    let pending = pending(shared, number, Store::REPLAYED_AT_ONCE)?;
    let room = Store::REPLAYED_AT_ONCE - pending;
    if room < AT_LEAST {
        return Ok(Sight::Full);
    }
    let found = look(shared, job, (&target.endpoint, number), (day, after), room)?;
    Ok(Sight::Found(after, found))
}

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
    fn replay_found(
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
    fn replay_counted(&mut self, job: &OpenReplay, counts: &ReplayCounts) -> Result<bool> {
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
    fn close_replay(&mut self, job: &OpenReplay, days: &[i64]) -> Result<()> {
        const FIND: &str = "-- carehook.replays.counts
            SELECT counts FROM replays WHERE number = ?1 AND state != 0";
        const SQL: &str = "-- carehook.replays.close
            UPDATE replays SET counts = ?2, phase = ?3, completed_at = coalesce(completed_at, ?4),
                state = CASE state WHEN 0 THEN ?5 ELSE state END
            WHERE number = ?1 AND phase = ?6";
        for day in days
            .iter()
            .filter(|day| self.shared.days.has(**day))
            .copied()
            .collect::<Vec<_>>()
        {
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
