//! Rows that are past their retention: found by a reader, deleted by the writer a few at a time.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::super::activities::chain;
use super::super::log_accept::delivery_id;
use super::super::shared::Shared;
use super::super::writer::Writer;
use super::super::{EmbeddedStore, Result, added, audit, replays};
use super::{OP, Phase, is_past, retention_of};
use crate::ActivityId;
use carehook_core::Timestamp;

/// Events that one step deletes, so that the writer is held up for milliseconds only.
const DELETED: i64 = 200;

/// What one step deletes in a file.
enum Rows {
    /// These events of an organization.
    Events(i64, Vec<i64>),
    /// Idempotency keys and reports of an organization that has no events left to delete.
    Rest(i64),
    /// Nothing is left to delete.
    None,
}

impl EmbeddedStore {
    /// Deletes rows of the first file after `day`, or the file.
    pub(super) async fn drop_rows(&self, today: i64, day: i64, at: (i64, i64)) -> Result<Phase> {
        let mut days = self.shared.days.newest_first();
        // The newest file stays: it knows how far numbers were given out.
        days.retain(|candidate| *candidate < today);
        let newest = self.shared.days.newest_first().first().copied();
        days.retain(|candidate| Some(*candidate) != newest);
        let here = days.into_iter().rev().find(|candidate| *candidate >= day);
        let Some(here) = here else {
            return Ok(Phase::Emptying);
        };
        let at = if here == day {
            at
        } else {
            (i64::MIN, i64::MIN)
        };
        let next_file = Phase::Metadata {
            day: here + 1,
            organization: i64::MIN,
            after: i64::MIN,
        };
        // Off the writer's thread: this may be a whole day of disclosures.
        self.read_at_once(OP, move |shared| {
            let past = |of| is_past(today, here, retention_of(shared, of).metadata_days);
            Ok(audit::keep_day(shared, here, past))
        })
        .await??;
        let unlink = move |writer: &mut Writer| writer.unlink_if_past(here, today);
        if self.shared.change_always(OP, unlink).await? {
            return Ok(next_file);
        }
        let rows = self
            .read_at_once(OP, move |shared| find(shared, today, here, at))
            .await?;
        let next = match &rows {
            Rows::Events(organization, events) => Phase::Metadata {
                day: here,
                organization: *organization,
                after: events.last().copied().unwrap_or(i64::MAX),
            },
            Rows::Rest(organization) => Phase::Metadata {
                day: here,
                organization: organization + 1,
                after: i64::MIN,
            },
            Rows::None => return Ok(next_file),
        };
        let delete = move |writer: &mut Writer| writer.delete_rows(here, &rows);
        self.shared.change_always(OP, delete).await?;
        Ok(next)
    }
}

/// What is next to be deleted in a file, from an organization and an event of it on.
fn find(
    shared: &Shared,
    today: i64,
    day: i64,
    (mut organization, after): (i64, i64),
) -> rusqlite::Result<Rows> {
    const NEXT: &str = "-- carehook.retention.next_organization
        SELECT organization FROM events INDEXED BY events_by_organization
        WHERE organization >= ?1 ORDER BY organization LIMIT 1";
    const ENDED: &str = "-- carehook.retention.ended
        SELECT number FROM events e INDEXED BY events_by_organization
        WHERE organization = ?1 AND number > ?2
          AND NOT EXISTS (SELECT 1 FROM deliveries d
            WHERE d.number >= e.first_delivery AND d.number < e.first_delivery + e.delivery_count
              AND d.state = 0)
          AND NOT EXISTS (SELECT 1 FROM added_deliveries a
            CROSS JOIN deliveries d ON d.number = a.delivery
            WHERE a.event = e.number AND d.state = 0)
          AND NOT EXISTS (SELECT 1 FROM mails m
            WHERE m.delivery >= e.first_delivery
              AND m.delivery < e.first_delivery + e.delivery_count)
          AND NOT EXISTS (SELECT 1 FROM added_deliveries a
            CROSS JOIN mails m ON m.delivery = a.delivery WHERE a.event = e.number)
        ORDER BY number LIMIT ?3";
    let first = organization;
    shared.readers.with(day, |file| {
        let mut statement = file.prepare_cached(NEXT)?;
        while let Some(found) = statement
            .query_row([organization], |row| row.get::<_, i64>(0))
            .optional()?
        {
            let days = retention_of(shared, found).metadata_days;
            if is_past(today, day, days) {
                let after = if found == first { after } else { i64::MIN };
                let mut ended = file.prepare_cached(ENDED)?;
                let events = ended.query_map(params![found, after, DELETED], |row| row.get(0))?;
                let events = events.collect::<rusqlite::Result<Vec<i64>>>()?;
                return Ok(if events.is_empty() {
                    Rows::Rest(found)
                } else {
                    Rows::Events(found, events)
                });
            }
            organization = found + 1;
        }
        Ok(Rows::None)
    })
}

impl Writer {
    fn delete_rows(&mut self, day: i64, rows: &Rows) -> Result<()> {
        if !self.shared.days.has(day) {
            return Ok(());
        }
        let of = match rows {
            Rows::None => return Ok(()),
            Rows::Events(of, _) | Rows::Rest(of) => *of,
        };
        self.before_rows_go(day, Some(of))?;
        let deleted = match rows {
            Rows::None => Ok(()),
            Rows::Events(_, events) => self.log(day).and_then(|log| {
                let transaction = log.unchecked_transaction()?;
                for event in events {
                    delete_event(&transaction, *event)?;
                }
                transaction.commit()
            }),
            Rows::Rest(organization) => {
                let places = self.places_of(*organization);
                self.log(day)
                    .and_then(|log| delete_rest(log, *organization, &places))
            }
        };
        deleted.map_err(|error| self.classify(OP, &error))?;
        self.logs.close_spare();
        Ok(())
    }
}

/// Deletes an event with all that belongs to it, unless something is pending by now.
fn delete_event(file: &Connection, number: i64) -> rusqlite::Result<()> {
    const EVENT: &str = "-- carehook.retention.delete_event
        DELETE FROM events WHERE number = ?1
          AND NOT EXISTS (SELECT 1 FROM deliveries d
            WHERE d.number >= first_delivery AND d.number < first_delivery + delivery_count
              AND d.state = 0)
          AND NOT EXISTS (SELECT 1 FROM added_deliveries a
            CROSS JOIN deliveries d ON d.number = a.delivery
            WHERE a.event = events.number AND d.state = 0)
        RETURNING first_delivery, first_delivery + delivery_count";
    let range: Option<(i64, i64)> = file
        .prepare_cached(EVENT)?
        .query_row([number], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some(range) = range else {
        return Ok(());
    };
    delete_deliveries(file, range)?;
    for added in added::of_event(file, number)? {
        delete_deliveries(file, (added, added + 1))?;
    }
    added::forget(file, number)
}

/// Deletes a range of deliveries with their attempts.
fn delete_deliveries(file: &Connection, (from, to): (i64, i64)) -> rusqlite::Result<()> {
    const CHAINS: &str = "-- carehook.retention.attempts
        SELECT number, created_at, attempts FROM deliveries WHERE number >= ?1 AND number < ?2";
    const ATTEMPTS: &str = "-- carehook.retention.delete_attempts
        DELETE FROM attempts WHERE delivery >= ?1 AND delivery < ?2";
    const DELIVERIES: &str = "-- carehook.retention.delete_deliveries
        DELETE FROM deliveries WHERE number >= ?1 AND number < ?2";
    let mut statement = file.prepare_cached(CHAINS)?;
    let mut rows = statement.query([from, to])?;
    while let Some(row) = rows.next()? {
        let number = row.get(0)?;
        replays::settle_one(file, number)?;
        let delivery = delivery_id(Timestamp(row.get(1)?), number);
        let attempts: u32 = row.get(2)?;
        for attempt in 1..=attempts.saturating_add(1) {
            chain::forget(file, ActivityId::of_attempt(delivery, attempt))?;
        }
    }
    file.prepare_cached(ATTEMPTS)?.execute([from, to])?;
    file.prepare_cached(DELIVERIES)?.execute([from, to])?;
    Ok(())
}

/// Deletes what is left of an organization in a file beside its events.
fn delete_rest(file: &Connection, organization: i64, places: &[i64]) -> rusqlite::Result<()> {
    const KEYS: &str = "-- carehook.retention.delete_keys
        DELETE FROM idempotency WHERE organization = ?1
          AND NOT EXISTS (SELECT 1 FROM events e WHERE e.number = idempotency.event)";
    const REPORTS: &str = "-- carehook.retention.delete_reports
        DELETE FROM reports WHERE endpoint = ?1";
    let transaction = file.unchecked_transaction()?;
    transaction.prepare_cached(KEYS)?.execute([organization])?;
    for endpoint in places {
        transaction.prepare_cached(REPORTS)?.execute([endpoint])?;
    }
    transaction.commit()
}
