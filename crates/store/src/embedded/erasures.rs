//! Erasures as jobs in the control file, and the steps that work them off.

use std::sync::Arc;

use carehook_core::{
    AuditAction, AuditEntry, AuditOutcome, Erasure, ErasureCounts, ErasureId, ErasureState,
    OrganizationId, RecordId, Timestamp,
};
use rusqlite::{OptionalExtension as _, Row, params};

use super::writer::Writer;
use super::{EmbeddedStore, Result, codec, erase_events, no_page};
use crate::erasing::Phase;
use crate::keys::CONFIGURATION;
use crate::{AuditNote, ErasurePosition, ErasureStep, ListPage, PageRequest, RunningErasure};

const READ: &str = "read an erasure";
const ERASE: &str = "erase";

impl EmbeddedStore {
    pub(crate) async fn create_erasure(
        &self,
        of: &OrganizationId,
        id: ErasureId,
        subject: &str,
    ) -> Result<Erasure> {
        let (of, subject) = (of.clone(), zeroize::Zeroizing::new(subject.to_owned()));
        let create = move |writer: &mut Writer| writer.create_erasure(&of, id, &subject);
        let made = self.change("make an erasure", create).await?;
        self.shared.erasure_news.notify_one();
        Ok(made)
    }

    pub(crate) async fn erasure(
        &self,
        of: &OrganizationId,
        id: ErasureId,
    ) -> Result<Option<Erasure>> {
        let of = of.clone();
        let read = move |writer: &mut Writer| writer.erasure(&of, id);
        self.change(READ, read).await
    }

    pub(crate) async fn list_erasures(
        &self,
        of: &OrganizationId,
        page: PageRequest,
    ) -> Result<ListPage<Erasure>> {
        let of = of.clone();
        let list = move |writer: &mut Writer| writer.list_erasures(&of, page);
        self.change("list erasures", list).await
    }

    pub(crate) async fn running_erasure(&self) -> Result<Option<RunningErasure>> {
        let find = |writer: &mut Writer| writer.running_erasure();
        self.shared.change_always(READ, find).await
    }

    pub(crate) async fn fail_erasure(&self, id: ErasureId, now: Timestamp) -> Result<()> {
        let fail = move |writer: &mut Writer| writer.end_erasure(id, ErasureState::Failed, now);
        self.shared.change_always("fail an erasure", fail).await
    }

    pub(crate) async fn next_erasure(&self) {
        self.shared.erasure_news.notified().await;
    }

    pub(crate) async fn erase(
        &self,
        job: &RunningErasure,
        at: ErasurePosition,
    ) -> Result<ErasureStep> {
        let on = |phase| Ok(ErasureStep::On(ErasurePosition(phase)));
        match at.0 {
            Phase::Events { day, after } => on(self.erase_in_files(job, day, after).await?),
            Phase::Requests => {
                let job = job.clone();
                let forget = move |writer: &mut Writer| writer.forget_requests(&job);
                self.shared.change_always(ERASE, forget).await?;
                on(Phase::Files)
            }
            Phase::Files if !self.empty_write_ahead_logs().await? => Ok(ErasureStep::Wait),
            Phase::Files => {
                let id = job.id;
                let end = move |writer: &mut Writer| {
                    let now = writer.now();
                    writer.end_erasure(id, ErasureState::Done, now)
                };
                self.shared.change_always(ERASE, end).await?;
                Ok(ErasureStep::Ended)
            }
        }
    }

    /// Looks through a part of a file, off the writer's thread, and erases what it finds.
    async fn erase_in_files(&self, job: &RunningErasure, day: i64, after: i64) -> Result<Phase> {
        let days = self.shared.days.newest_first();
        let Some(here) = days.into_iter().find(|candidate| *candidate <= day) else {
            return Ok(Phase::Requests);
        };
        let after = if here == day { after } else { i64::MIN };
        let wanted = job.clone();
        let found = self
            .read_at_once(ERASE, move |shared| {
                erase_events::about(shared, &wanted, here, after)
            })
            .await?;
        let next = found.next;
        if !found.events.is_empty() {
            let job = job.clone();
            let erase = move |writer: &mut Writer| writer.erase_about(&job, here, &found);
            self.shared.change_always(ERASE, erase).await?;
        }
        Ok(match next {
            Some(after) => Phase::Events { day: here, after },
            None => Phase::Events {
                day: here - 1,
                after: i64::MIN,
            },
        })
    }
}

macro_rules! columns {
    () => {
        "id, state, counts, created_at, completed_at"
    };
}

impl Writer {
    fn create_erasure(
        &mut self,
        of: &OrganizationId,
        id: ErasureId,
        subject: &str,
    ) -> Result<Erasure> {
        const OP: &str = "make an erasure";
        const SQL: &str = "-- carehook.erasures.create
            INSERT INTO erasures (organization, id, subject, state, counts, created_at)
            VALUES (?1, ?2, ?3, 0, '{}', ?4)";
        let organization = self.organization_number(of)?;
        let key = self.data_key(organization, CONFIGURATION)?;
        let subject = key.keyed_hash(subject.as_bytes());
        let now = self.now();
        self.control_transaction(OP, |t| {
            t.prepare_cached(SQL)?
                .execute(params![organization, id.0.to_bytes(), subject, now.0])
        })?;
        Ok(Erasure {
            id,
            organization: of.clone(),
            state: ErasureState::Running,
            counts: ErasureCounts::default(),
            created_at: now,
            completed_at: None,
        })
    }

    fn erasure(&mut self, of: &OrganizationId, id: ErasureId) -> Result<Option<Erasure>> {
        const SQL: &str = concat!(
            "-- carehook.erasures.one\nSELECT ",
            columns!(),
            ", number FROM erasures WHERE id = ?1 AND organization = ?2"
        );
        let organization = self.organization_number(of)?;
        let found = self.control.prepare_cached(SQL).and_then(|mut statement| {
            let values = params![id.0.to_bytes(), organization];
            statement.query_row(values, |row| read(of, row)).optional()
        });
        let found = found.map_err(|error| self.classify(READ, &error))?;
        Ok(found.map(|(_, erasure)| erasure))
    }

    fn list_erasures(
        &mut self,
        of: &OrganizationId,
        page: PageRequest,
    ) -> Result<ListPage<Erasure>> {
        const SQL: &str = concat!(
            "-- carehook.erasures.list\nSELECT ",
            columns!(),
            ", number FROM erasures INDEXED BY erasures_by_organization
             WHERE organization = ?1 AND number < ?2 ORDER BY number DESC LIMIT ?3"
        );
        let Ok(organization) = self.organization_number(of) else {
            return Ok(no_page());
        };
        let below = page
            .after
            .map_or(i64::MAX, |after| after.number().cast_signed());
        let limit = i64::try_from(page.limit).unwrap_or(i64::MAX);
        let found = self.control.prepare_cached(SQL).and_then(|mut statement| {
            let values = params![organization, below, limit.saturating_add(1)];
            let rows = statement.query_map(values, |row| read(of, row))?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        });
        let mut found = found.map_err(|error| self.classify(READ, &error))?;
        let more = found.len() > page.limit;
        found.truncate(page.limit);
        let last = found.last().filter(|_| more);
        let next = last.map(|(number, _)| RecordId::new(0, number.cast_unsigned(), 0));
        let items = found.into_iter().map(|(_, erasure)| erasure).collect();
        Ok(ListPage { items, next })
    }

    fn running_erasure(&mut self) -> Result<Option<RunningErasure>> {
        const SQL: &str = "-- carehook.erasures.running
            SELECT id, organization, subject, created_at FROM erasures INDEXED BY erasures_running
            WHERE state = 0 ORDER BY number LIMIT 1";
        let read = |row: &Row<'_>| {
            Ok(RunningErasure {
                id: ErasureId(RecordId::from_bytes(row.get(0)?)),
                organization: row.get(1)?,
                subject: row.get(2)?,
                created_at: Timestamp(row.get(3)?),
            })
        };
        let found = self
            .control
            .prepare_cached(SQL)
            .and_then(|mut statement| statement.query_row([], read).optional());
        found.map_err(|error| self.classify(READ, &error))
    }

    /// Erases what was found, and counts it. A kill between the two files loses the count alone.
    fn erase_about(
        &mut self,
        job: &RunningErasure,
        day: i64,
        found: &erase_events::Found,
    ) -> Result<()> {
        let which = erase_events::Which::All;
        let erased = self.erase_found(job.organization, day, found, which)?;
        self.count_erased(job.id, &erased)
    }

    /// Forgets the answers that an organization's callers could ask for again.
    fn forget_requests(&mut self, job: &RunningErasure) -> Result<()> {
        const SQL: &str = "-- carehook.erasures.forget_requests
            DELETE FROM requests WHERE organization = ?1 AND status IS NOT NULL";
        let id = {
            let control = self.shared.control.read();
            control.organization_id(job.organization).cloned()
        };
        let Some(id) = id else { return Ok(()) };
        let forgotten =
            self.control_transaction(ERASE, |t| t.prepare_cached(SQL)?.execute([id.as_str()]))?;
        let counts = ErasureCounts {
            requests: u64::try_from(forgotten).unwrap_or(u64::MAX),
            ..ErasureCounts::default()
        };
        self.count_erased(job.id, &counts)
    }

    fn count_erased(&mut self, id: ErasureId, more: &ErasureCounts) -> Result<()> {
        const FIND: &str = "-- carehook.erasures.counts
            SELECT counts FROM erasures WHERE id = ?1";
        const SQL: &str = "-- carehook.erasures.count
            UPDATE erasures SET counts = ?2 WHERE id = ?1";
        if *more == ErasureCounts::default() {
            return Ok(());
        }
        self.control_transaction(ERASE, |t| {
            let id = id.0.to_bytes();
            let stored: String = t.prepare_cached(FIND)?.query_row([id], |row| row.get(0))?;
            let mut counts = codec::counts_of_text(&stored);
            counts.add(more);
            let counts = codec::counts_to_text(&counts);
            t.prepare_cached(SQL)?.execute(params![id, counts])?;
            Ok(())
        })
    }

    /// Ends a job; the hash of its subject goes with it.
    fn end_erasure(&mut self, id: ErasureId, state: ErasureState, now: Timestamp) -> Result<()> {
        const SQL: &str = "-- carehook.erasures.end
            UPDATE erasures SET state = ?2, completed_at = ?3, subject = NULL
            WHERE id = ?1 AND state = 0";
        self.note = self.note_of_end(id, state, now)?.map(Arc::new);
        self.control_transaction(ERASE, |t| {
            let state = codec::erasure_state::code(state);
            t.prepare_cached(SQL)?
                .execute(params![id.0.to_bytes(), state, now.0])?;
            Ok(())
        })
    }
}

impl Writer {
    /// What the trail says of the end of a job that is still running.
    fn note_of_end(
        &self,
        id: ErasureId,
        state: ErasureState,
        now: Timestamp,
    ) -> Result<Option<AuditNote>> {
        const SQL: &str = "-- carehook.erasures.ending
            SELECT organization, counts FROM erasures WHERE id = ?1 AND state = 0";
        let read = |row: &Row<'_>| Ok((row.get(0)?, row.get::<_, String>(1)?));
        let found = self.control.prepare_cached(SQL).and_then(|mut statement| {
            let running = statement.query_row([id.0.to_bytes()], read);
            running.optional()
        });
        let found: Option<(i64, String)> = found.map_err(|error| self.classify(ERASE, &error))?;
        let Some((number, counts)) = found else {
            return Ok(None);
        };
        let organization = self.shared.control.read().own_id(number);
        Ok(organization.map(|organization| AuditNote {
            organization: Some(organization),
            entry: end_of(id, state, &codec::counts_of_text(&counts), now),
            subject: None,
        }))
    }
}

/// The entry of an end; whom it was about, nobody is to find out from it.
fn end_of(
    id: ErasureId,
    state: ErasureState,
    counts: &ErasureCounts,
    now: Timestamp,
) -> AuditEntry {
    let ErasureCounts {
        events,
        deliveries,
        answers,
        mails,
        idempotency_keys,
        requests,
    } = *counts;
    let (system, action) = (AuditEntry::SYSTEM, AuditAction::ErasureCompleted);
    let mut entry = AuditEntry::new(now, system, action, format!("erasure/{id}"))
        .with("events", events)
        .with("deliveries", deliveries)
        .with("answers", answers)
        .with("mails", mails)
        .with("idempotency_keys", idempotency_keys)
        .with("requests", requests);
    if state != ErasureState::Done {
        entry.outcome = AuditOutcome::Failed;
    }
    entry
}

/// Reads the columns above, and the row's number.
fn read(of: &OrganizationId, row: &Row<'_>) -> rusqlite::Result<(i64, Erasure)> {
    let state = codec::erasure_state::parse(row.get(1)?).ok_or(rusqlite::Error::InvalidQuery)?;
    let counts: String = row.get(2)?;
    let erasure = Erasure {
        id: ErasureId(RecordId::from_bytes(row.get(0)?)),
        organization: of.clone(),
        state,
        counts: codec::counts_of_text(&counts),
        created_at: Timestamp(row.get(3)?),
        completed_at: row.get::<_, Option<i64>>(4)?.map(Timestamp),
    };
    Ok((row.get(5)?, erasure))
}
