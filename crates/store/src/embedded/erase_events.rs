//! Erasing what a log file holds of events: found by a reader, overwritten by the writer.

use carehook_core::{DeliveryState, ErasureCounts, Reason, Timestamp};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::log_accept::delivery_id;
use super::shared::Shared;
use super::writer::Writer;
use super::{Result, added, codec};
use crate::RunningErasure;

const OP: &str = "erase";
/// Rows that one step looks at.
const LOOKED_AT: i64 = 5_000;
/// Events that one step overwrites, so that the writer is held up for milliseconds only.
const ERASED: usize = 50;

/// What one look found in a file.
#[derive(Default)]
pub(super) struct Found {
    /// The events, by number, in order.
    pub(super) events: Vec<i64>,
    /// Their idempotency keys.
    pub(super) keys: Vec<String>,
    /// The number to go on after; `None` at the end of the file.
    pub(super) next: Option<i64>,
}

/// Which of the events that were found are erased.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    All,
    /// Those with nothing pending (law L12).
    Ended,
}

/// An event as a look sees it.
struct Seen {
    subject: Option<[u8; 16]>,
    created_at: Timestamp,
    is_gone: bool,
    is_pending: bool,
}

/// Events about the subject of a job that were accepted before it.
pub(super) fn about(
    shared: &Shared,
    job: &RunningErasure,
    day: i64,
    after: i64,
) -> rusqlite::Result<Found> {
    const SQL: &str = "-- carehook.erase_events.look
        SELECT number, subject, created_at, length(sealed)
        FROM events INDEXED BY events_by_organization
        WHERE organization = ?1 AND number > ?2 ORDER BY number LIMIT ?3";
    look(shared, SQL, job.organization, (day, after), |seen| {
        !seen.is_gone && seen.subject == Some(job.subject) && seen.created_at <= job.created_at
    })
}

/// Events of a day with nothing pending whose payload is still there, in the file `at`.
pub(super) fn ended(
    shared: &Shared,
    organization: i64,
    at: (i64, i64),
    day: i64,
) -> rusqlite::Result<Found> {
    const SQL: &str = "-- carehook.erase_events.look_for_ended
        SELECT number, subject, created_at, length(sealed), EXISTS (SELECT 1 FROM deliveries d
            WHERE d.number >= first_delivery AND d.number < first_delivery + delivery_count
              AND d.state = 0) OR EXISTS (SELECT 1 FROM added_deliveries a
            CROSS JOIN deliveries d ON d.number = a.delivery
            WHERE a.event = events.number AND d.state = 0)
        FROM events INDEXED BY events_by_organization
        WHERE organization = ?1 AND number > ?2 ORDER BY number LIMIT ?3";
    look(shared, SQL, organization, at, |seen| {
        !seen.is_gone && !seen.is_pending && seen.created_at.day() == day
    })
}

/// Looks through a part of what an organization has in the file of a day.
fn look(
    shared: &Shared,
    sql: &str,
    organization: i64,
    (day, after): (i64, i64),
    wanted: impl Fn(&Seen) -> bool,
) -> rusqlite::Result<Found> {
    shared.readers.with(day, |file| {
        let mut found = Found::default();
        let mut looked_at = 0;
        let mut statement = file.prepare_cached(sql)?;
        let tells_of_pending = statement.column_count() > 4;
        let mut rows = statement.query(params![organization, after, LOOKED_AT])?;
        while let Some(row) = rows.next()? {
            let number = row.get(0)?;
            let seen = Seen {
                subject: row.get(1)?,
                created_at: Timestamp(row.get(2)?),
                is_gone: row.get::<_, i64>(3)? == 0,
                is_pending: tells_of_pending && row.get(4)?,
            };
            looked_at += 1;
            if wanted(&seen) {
                found.events.push(number);
            }
            if looked_at == LOOKED_AT || found.events.len() == ERASED {
                found.next = Some(number);
                break;
            }
        }
        found.keys = keys_of(file, organization, &found.events)?;
        Ok(found)
    })
}

/// The idempotency keys of events, whose numbers are in order.
fn keys_of(file: &Connection, organization: i64, events: &[i64]) -> rusqlite::Result<Vec<String>> {
    const SQL: &str = "-- carehook.erase_events.keys
        SELECT key, event FROM idempotency WHERE organization = ?1";
    let mut keys = Vec::new();
    if events.is_empty() {
        return Ok(keys);
    }
    let mut statement = file.prepare_cached(SQL)?;
    let mut rows = statement.query([organization])?;
    while let Some(row) = rows.next()? {
        if events.binary_search(&row.get(1)?).is_ok() {
            keys.push(row.get(0)?);
        }
    }
    Ok(keys)
}

impl Writer {
    /// Overwrites what was found, in one commit.
    pub(super) fn erase_found(
        &mut self,
        organization: i64,
        day: i64,
        found: &Found,
        which: Which,
    ) -> Result<ErasureCounts> {
        if !self.shared.days.has(day) {
            return Ok(ErasureCounts::default());
        }
        let now = self.now();
        let erase = |log: &Connection| {
            let transaction = log.unchecked_transaction()?;
            let mut erased = Erased::default();
            for number in &found.events {
                erased.event(&transaction, (organization, *number), which, now)?;
            }
            for key in &found.keys {
                erased.key(&transaction, organization, key)?;
            }
            transaction.commit()?;
            Ok(erased)
        };
        let erased = self.log(day).and_then(erase);
        let erased = erased.map_err(|error| self.classify(OP, &error))?;
        let control = self.shared.control.read();
        for (endpoint, created_at, number) in erased.withdrawn {
            if let Some(endpoint) = control.endpoint_id(endpoint) {
                let id = delivery_id(created_at, number);
                self.shared.hints.put_withdrawn(endpoint, id);
            }
        }
        drop(control);
        self.logs.close_spare();
        Ok(erased.counts)
    }
}

/// What a commit erases.
#[derive(Default)]
struct Erased {
    counts: ErasureCounts,
    /// Deliveries that are no longer pending: endpoint, time and number.
    withdrawn: Vec<(i64, Timestamp, i64)>,
}

impl Erased {
    fn event(
        &mut self,
        file: &Connection,
        (organization, number): (i64, i64),
        which: Which,
        now: Timestamp,
    ) -> rusqlite::Result<()> {
        const SQL: &str = "-- carehook.erase_events.event
            UPDATE events SET sealed = x''
            WHERE number = ?1 AND organization = ?2 AND length(sealed) > 0
              AND (?3 OR NOT EXISTS (SELECT 1 FROM deliveries d
                WHERE d.number >= first_delivery AND d.number < first_delivery + delivery_count
                  AND d.state = 0) AND NOT EXISTS (SELECT 1 FROM added_deliveries a
                CROSS JOIN deliveries d ON d.number = a.delivery
                WHERE a.event = events.number AND d.state = 0))
            RETURNING first_delivery, first_delivery + delivery_count";
        const ANSWERS: &str = "-- carehook.erase_events.answers
            UPDATE attempts SET answer = NULL
            WHERE delivery >= ?1 AND delivery < ?2 AND answer IS NOT NULL";
        const MAILS: &str = "-- carehook.erase_events.mails
            DELETE FROM mails WHERE delivery >= ?1 AND delivery < ?2";
        let values = params![number, organization, which == Which::All];
        let deliveries: Option<(i64, i64)> = file
            .prepare_cached(SQL)?
            .query_row(values, |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let Some(deliveries) = deliveries else {
            return Ok(());
        };
        self.counts.events += 1;
        let added = added::of_event(file, number)?.into_iter();
        for range in std::iter::once(deliveries).chain(added.map(|number| (number, number + 1))) {
            self.cancel(file, range, now)?;
            let change = |sql: &str| file.prepare_cached(sql)?.execute(params![range.0, range.1]);
            self.counts.answers += change(ANSWERS)? as u64;
            // A mail needs no payload, so it is only an erasure that calls it off.
            if which == Which::All {
                self.counts.mails += change(MAILS)? as u64;
            }
        }
        Ok(())
    }

    fn cancel(
        &mut self,
        file: &Connection,
        (from, to): (i64, i64),
        now: Timestamp,
    ) -> rusqlite::Result<()> {
        const SQL: &str = "-- carehook.erase_events.cancel
            UPDATE deliveries SET state = ?3, reason = ?4, completed_at = ?5
            WHERE number >= ?1 AND number < ?2 AND state = 0
            RETURNING endpoint, created_at, number";
        let state = codec::state::code(DeliveryState::Cancelled);
        let reason = codec::reason::code(Reason::Erased);
        let mut statement = file.prepare_cached(SQL)?;
        let rows = statement.query_map(params![from, to, state, reason, now.0], |row| {
            Ok((row.get(0)?, Timestamp(row.get(1)?), row.get(2)?))
        })?;
        for row in rows {
            self.withdrawn.push(row?);
            self.counts.deliveries += 1;
        }
        Ok(())
    }

    /// Forgets a key. One that is the event's own id stays, because the event is found by it; what
    /// it was compared by goes, so nothing is published again under it as if it were the same.
    fn key(&mut self, file: &Connection, organization: i64, key: &str) -> rusqlite::Result<()> {
        const KEEP: &str = "-- carehook.erase_events.blind_key
            UPDATE idempotency SET fingerprint = zeroblob(32) WHERE organization = ?1 AND key = ?2";
        const FORGET: &str = "-- carehook.erase_events.forget_key
            DELETE FROM idempotency WHERE organization = ?1 AND key = ?2";
        let is_id = super::is_given_key(key);
        let sql = if is_id { KEEP } else { FORGET };
        let changed = file
            .prepare_cached(sql)?
            .execute(params![organization, key])?;
        self.counts.idempotency_keys += changed as u64;
        Ok(())
    }
}

/// Whether the payload of a delivery's event was erased.
pub(super) fn is_erased(file: &Connection, delivery: i64) -> rusqlite::Result<bool> {
    const SQL: &str = "-- carehook.erase_events.is_erased
        SELECT length(e.sealed) = 0 FROM deliveries d JOIN events e ON e.number = d.event
        WHERE d.number = ?1";
    let erased = file
        .prepare_cached(SQL)?
        .query_row([delivery], |row| row.get(0))
        .optional()?;
    Ok(erased.unwrap_or(false))
}
