//! Replays as jobs in the control file. What they have come to lies in the log files, in the same
//! commits as the deliveries, until they are closed.

mod calling_off;
mod look;
mod pages;
mod progress;
mod steps;

use carehook_core::{
    EndpointId, OrganizationId, RecordId, Replay, ReplayCounts, ReplayFilter, ReplayId,
    ReplayState, Timestamp,
};
use rusqlite::{OptionalExtension as _, Row, params};

use super::control::Control;
use super::event_reads::may_hold;
use super::shared::Shared;
use super::writer::Writer;
use super::{EmbeddedStore, Result, codec, no_page};
use crate::{ListPage, NewReplay, OpenReplay, PageRequest, Refusal};

pub(super) use progress::settle_one;

const READ: &str = "read a replay";
const STEP: &str = "replay";

/// What the engine has left to do for a job; numbers, because an index is made of them.
mod phase {
    pub(super) const COUNTING: i64 = 0;
    /// Its counts are in the log files.
    pub(super) const SENDING: i64 = 1;
    /// Its counts are in its row.
    pub(super) const CLOSED: i64 = 2;
}

macro_rules! columns {
    () => {
        "number, organization, endpoint, id, filter, dry_run, state, phase, counts, created_at,
        completed_at"
    };
}

/// A job as it is stored.
struct StoredReplay {
    number: i64,
    organization: i64,
    phase: i64,
    replay: Replay,
}

impl StoredReplay {
    fn open(self) -> OpenReplay {
        let replay = self.replay;
        OpenReplay {
            id: replay.id,
            number: self.number,
            organization: self.organization,
            endpoint: replay.endpoint,
            filter: OpenReplay::filter_until(replay.filter, replay.created_at),
            dry_run: replay.dry_run,
            is_counted: self.phase != phase::COUNTING,
            is_stopped: replay.state != ReplayState::Running,
        }
    }
}

/// Reads the columns above; `None` when nobody knows the organization or the endpoint any more.
fn read(control: &Control, row: &Row<'_>) -> rusqlite::Result<Option<StoredReplay>> {
    let bad = || rusqlite::Error::InvalidQuery;
    let (number, organization) = (row.get(0)?, row.get(1)?);
    let owner = control.organization_id(organization).cloned();
    let Some((owner, endpoint)) = owner.zip(control.endpoint_id(row.get(2)?)) else {
        return Ok(None);
    };
    let filter: String = row.get(4)?;
    let counts: String = row.get(8)?;
    Ok(Some(StoredReplay {
        number,
        organization,
        phase: row.get(7)?,
        replay: Replay {
            id: ReplayId(RecordId::from_bytes(row.get(3)?)),
            organization: owner,
            endpoint,
            filter: codec::replay_filter_of_text(&filter).ok_or_else(bad)?,
            dry_run: row.get(5)?,
            state: codec::replay_state::parse(row.get(6)?).ok_or_else(bad)?,
            counts: codec::replay_counts_of_text(&counts),
            created_at: Timestamp(row.get(9)?),
            completed_at: row.get::<_, Option<i64>>(10)?.map(Timestamp),
        },
    }))
}

impl EmbeddedStore {
    pub(crate) async fn create_replay(
        &self,
        of: &OrganizationId,
        new: NewReplay,
    ) -> Result<Replay> {
        let of = of.clone();
        let create = move |writer: &mut Writer| writer.create_replay(&of, new);
        let made = self.change("make a replay", create).await?;
        self.shared.replay_news.notify_one();
        Ok(made)
    }

    pub(crate) async fn replay(&self, of: &OrganizationId, id: ReplayId) -> Result<Option<Replay>> {
        let of = of.clone();
        let find = move |writer: &mut Writer| writer.stored_replay(&of, id);
        match self.change(READ, find).await? {
            Some(stored) => self.shown_replay(stored).await.map(Some),
            None => Ok(None),
        }
    }

    pub(crate) async fn list_replays(
        &self,
        of: &OrganizationId,
        endpoint: EndpointId,
        page: PageRequest,
    ) -> Result<ListPage<Replay>> {
        let Some(place) = self.living_place(of, endpoint) else {
            return Ok(no_page());
        };
        let list = move |writer: &mut Writer| writer.list_replays(place.number, page);
        let mut found = self.change("list replays", list).await?;
        let more = found.len() > page.limit;
        found.truncate(page.limit);
        let last = found.last().filter(|_| more);
        let next = last.map(|last| RecordId::new(0, last.number.cast_unsigned(), 0));
        let mut items = Vec::with_capacity(found.len());
        for stored in found {
            items.push(self.shown_replay(stored).await?);
        }
        Ok(ListPage { items, next })
    }

    pub(crate) async fn stop_replay(&self, of: &OrganizationId, id: ReplayId) -> Result<Replay> {
        let of = of.clone();
        let stop = move |writer: &mut Writer| writer.stop_replay(&of, id);
        let stopped = self.change("stop a replay", stop).await?;
        self.shared.replay_news.notify_one();
        self.shown_replay(stopped).await
    }

    pub(crate) async fn open_replays(&self) -> Result<Vec<OpenReplay>> {
        let find = |writer: &mut Writer| writer.open_replays();
        self.shared.change_always(READ, find).await
    }

    pub(crate) async fn fail_replay(&self, id: ReplayId) -> Result<()> {
        let fail = move |writer: &mut Writer| writer.fail_replay(id);
        self.shared.change_always("fail a replay", fail).await
    }

    pub(crate) async fn next_replay(&self) {
        self.shared.replay_news.notified().await;
    }

    /// A job with its counts as they are now.
    async fn shown_replay(&self, stored: StoredReplay) -> Result<Replay> {
        if stored.phase != phase::SENDING {
            return Ok(stored.replay);
        }
        let mut replay = stored.replay.clone();
        let job = stored.open();
        let read = move |shared: &Shared| counts_in_logs(shared, &job);
        let counts = self.read(READ, read).await?;
        let estimate = replay.counts;
        replay.counts = ReplayCounts {
            counted: estimate.counted.max(counts.due),
            skipped: estimate.skipped.max(counts.skipped),
            ..counts
        };
        Ok(replay)
    }
}

/// The days whose files may hold something that a job is about, oldest first.
fn days_of(shared: &Shared, filter: &ReplayFilter) -> Vec<i64> {
    let mut days = shared.days.newest_first();
    days.retain(|day| may_hold(*day, filter.since, filter.until));
    days.reverse();
    days
}

/// What a job has come to in all log files.
fn counts_in_logs(shared: &Shared, job: &OpenReplay) -> rusqlite::Result<ReplayCounts> {
    let mut counts = ReplayCounts::default();
    for day in days_of(shared, &job.filter) {
        let here = shared
            .readers
            .with(day, |file| progress::counts(file, job.number))?;
        counts.add(&here);
    }
    Ok(counts)
}

impl Writer {
    fn create_replay(&mut self, of: &OrganizationId, new: NewReplay) -> Result<Replay> {
        const OP: &str = "make a replay";
        const RUNNING: &str = "-- carehook.replays.running
            SELECT 1 FROM replays INDEXED BY replays_by_endpoint
            WHERE endpoint = ?1 AND state = 0";
        const SQL: &str = "-- carehook.replays.create
            INSERT INTO replays (organization, endpoint, id, filter, dry_run, state, phase, counts,
                created_at)
            VALUES (?1, ?2, ?3, ?4, ?5, 0, 0, '{}', ?6)";
        let organization = self.organization_number(of)?;
        let place = {
            let control = self.shared.control.read();
            let living = control.place(new.endpoint).filter(|place| !place.deleted);
            living.filter(|place| place.organization == organization)
        };
        let endpoint = place.ok_or(Refusal::NotFound("endpoint"))?.number;
        let running = self.control.prepare_cached(RUNNING);
        let running = running.and_then(|mut statement| statement.exists([endpoint]));
        if running.map_err(|error| self.classify(OP, &error))? {
            let reason = "a replay of this endpoint is running: stop it, or wait for its end";
            return Err(Refusal::Conflict(reason.to_owned()).into());
        }
        let now = self.now();
        let NewReplay {
            id,
            endpoint: to,
            filter,
            dry_run,
        } = new;
        self.control_transaction(OP, |t| {
            t.prepare_cached(SQL)?.execute(params![
                organization,
                endpoint,
                id.0.to_bytes(),
                codec::replay_filter_to_text(&filter),
                dry_run,
                now.0,
            ])
        })?;
        Ok(Replay {
            id,
            organization: of.clone(),
            endpoint: to,
            filter,
            dry_run,
            state: ReplayState::Running,
            counts: ReplayCounts::default(),
            created_at: now,
            completed_at: None,
        })
    }

    fn stored_replay(&mut self, of: &OrganizationId, id: ReplayId) -> Result<Option<StoredReplay>> {
        const SQL: &str = concat!(
            "-- carehook.replays.one\nSELECT ",
            columns!(),
            " FROM replays WHERE id = ?1 AND organization = ?2"
        );
        let organization = self.organization_number(of)?;
        let control = self.shared.control.read();
        let found = self.control.prepare_cached(SQL).and_then(|mut statement| {
            let values = params![id.0.to_bytes(), organization];
            statement
                .query_row(values, |row| read(&control, row))
                .optional()
        });
        drop(control);
        let found = found.map_err(|error| self.classify(READ, &error))?;
        Ok(found.flatten())
    }

    fn list_replays(&mut self, endpoint: i64, page: PageRequest) -> Result<Vec<StoredReplay>> {
        const SQL: &str = concat!(
            "-- carehook.replays.list\nSELECT ",
            columns!(),
            " FROM replays INDEXED BY replays_by_endpoint
             WHERE endpoint = ?1 AND number < ?2 ORDER BY number DESC LIMIT ?3"
        );
        let below = page
            .after
            .map_or(i64::MAX, |after| after.number().cast_signed());
        let limit = i64::try_from(page.limit).unwrap_or(i64::MAX);
        self.replays(SQL, &[endpoint, below, limit.saturating_add(1)])
    }

    fn open_replays(&mut self) -> Result<Vec<OpenReplay>> {
        const SQL: &str = concat!(
            "-- carehook.replays.open\nSELECT ",
            columns!(),
            " FROM replays INDEXED BY replays_open WHERE phase < 2"
        );
        let mut found = self.replays(SQL, &[])?;
        found.sort_unstable_by_key(|stored| stored.number);
        Ok(found.into_iter().map(StoredReplay::open).collect())
    }

    fn replays(&mut self, sql: &str, values: &[i64]) -> Result<Vec<StoredReplay>> {
        let control = self.shared.control.read();
        let found = self.control.prepare_cached(sql).and_then(|mut statement| {
            let values = rusqlite::params_from_iter(values);
            let rows = statement.query_map(values, |row| read(&control, row))?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        });
        drop(control);
        let found = found.map_err(|error| self.classify(READ, &error))?;
        Ok(found.into_iter().flatten().collect())
    }

    fn stop_replay(&mut self, of: &OrganizationId, id: ReplayId) -> Result<StoredReplay> {
        let unknown = || Refusal::NotFound("replay");
        let found = self.stored_replay(of, id)?.ok_or_else(unknown)?;
        // Checked before the commit, so that a refused stop leaves no entry.
        if found.replay.state != ReplayState::Running {
            return Err(Refusal::Conflict("the replay has ended".to_owned()).into());
        }
        self.end_replay(found.number)?;
        Ok(self.stored_replay(of, id)?.ok_or_else(unknown)?)
    }

    /// Stops a job that is running. One that has made nothing due has nothing to wait for.
    fn end_replay(&mut self, number: i64) -> Result<()> {
        const SQL: &str = "-- carehook.replays.stop
            UPDATE replays SET state = ?2, completed_at = ?3,
                phase = CASE phase WHEN ?4 THEN ?5 ELSE phase END
            WHERE number = ?1 AND state = 0";
        let state = codec::replay_state::code(ReplayState::Stopped);
        let now = self.now();
        self.control_transaction("stop a replay", |t| {
            let values = params![number, state, now.0, phase::COUNTING, phase::CLOSED];
            t.prepare_cached(SQL)?.execute(values).map(drop)
        })
    }

    fn fail_replay(&mut self, id: ReplayId) -> Result<()> {
        const SQL: &str = "-- carehook.replays.fail
            UPDATE replays SET phase = ?2, completed_at = coalesce(completed_at, ?3),
                state = CASE state WHEN 0 THEN ?4 ELSE state END
            WHERE id = ?1 AND phase < 2";
        let state = codec::replay_state::code(ReplayState::Failed);
        let now = self.now();
        self.control_transaction("fail a replay", |t| {
            let values = params![id.0.to_bytes(), phase::CLOSED, now.0, state];
            t.prepare_cached(SQL)?.execute(values).map(drop)
        })
    }
}
