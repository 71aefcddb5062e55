//! Log files that nobody needs any more, and what has to be kept when one goes.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::super::log_accept::Counters;
use super::super::log_deliveries::any_pending;
use super::super::writer::Writer;
use super::super::{Result, audit, files, open, outbox};
use super::{OP, is_past, retention_of};
use crate::OpenError;

/// Whether anything that belongs to somebody is in a file.
fn is_empty(file: &Connection) -> rusqlite::Result<bool> {
    const SQL: &str = "-- carehook.retention.is_empty
        SELECT NOT EXISTS (SELECT 1 FROM events) AND NOT EXISTS (SELECT 1 FROM reports)";
    file.prepare_cached(SQL)?.query_row([], |row| row.get(0))
}

/// The endpoints that have deliveries in a file.
fn endpoints_in(file: &Connection) -> rusqlite::Result<Vec<i64>> {
    const SQL: &str = "-- carehook.retention.next_endpoint
        SELECT endpoint FROM deliveries INDEXED BY deliveries_by_endpoint
        WHERE endpoint > ?1 ORDER BY endpoint LIMIT 1";
    let mut statement = file.prepare_cached(SQL)?;
    let mut found = Vec::new();
    let mut last = i64::MIN;
    while let Some(endpoint) = statement.query_row([last], |row| row.get(0)).optional()? {
        found.push(endpoint);
        last = endpoint;
    }
    Ok(found)
}

impl Writer {
    /// Takes a file away when all that is in it is past its time and nothing is owed out of it.
    pub(super) fn unlink_if_past(&mut self, day: i64, today: i64) -> Result<bool> {
        if !self.shared.days.has(day) {
            return Ok(true);
        }
        let all_past = {
            let organizations = self.shared.control.read().organization_numbers();
            let past = |of| is_past(today, day, retention_of(&self.shared, of).metadata_days);
            organizations.into_iter().all(past)
        };
        let looked = self.log(day).and_then(|log| {
            let owed = any_pending(log)? || outbox::any(log)?;
            Ok(!owed && (all_past || is_empty(log)?))
        });
        let unneeded = looked.map_err(|error| self.classify(OP, &error))?;
        self.logs.close_spare();
        if !unneeded {
            return Ok(false);
        }
        self.before_rows_go(day, None)?;
        self.shared.days.remove(day);
        self.logs.close(day);
        self.shared.readers.forget(day);
        if let Err(error) = files::remove_log(&self.shared.dir, day) {
            tracing::error!(%error, "a log file that nobody needs any more could not be removed");
        }
        Ok(true)
    }

    /// Called before rows of a file go, while all of them can still be read: whoever needs
    /// something of them later takes it over here. `None` stands for all organizations.
    pub(super) fn before_rows_go(&mut self, day: i64, of: Option<i64>) -> Result<()> {
        // Nearly all of them were kept before, off this thread.
        let wanted = |owner| of.is_none_or(|of| of == owner);
        audit::keep_day(&self.shared, day, wanted)?;
        self.keep_ends_of_numbers(day)
    }

    /// Notes how far numbers and sequences were given out, because the rows that tell it go.
    fn keep_ends_of_numbers(&mut self, day: i64) -> Result<()> {
        const SEQUENCE: &str = "-- carehook.retention.keep_sequence
            UPDATE endpoints SET last_sequence = max(last_sequence, ?2) WHERE number = ?1";
        const NUMBERS: &str = "-- carehook.retention.keep_numbers
            INSERT OR REPLACE INTO meta (name, value) VALUES ('next_numbers', ?1)";
        let read = self.log(day).and_then(|log| {
            let endpoints = endpoints_in(log)?.into_iter();
            let with_last = endpoints.map(|endpoint| {
                let last = open::last_sequence(log, endpoint)?;
                Ok((endpoint, last.unwrap_or_default()))
            });
            with_last.collect::<rusqlite::Result<Vec<_>>>()
        });
        let sequences = read.map_err(|error| self.classify(OP, &error))?;
        let event = self.shared.next_event_number();
        let numbers = [event, self.counters.next_delivery].map(u64::to_be_bytes);
        self.control_transaction(OP, |t| {
            for (endpoint, last) in sequences {
                t.prepare_cached(SEQUENCE)?
                    .execute(params![endpoint, last])?;
            }
            t.prepare_cached(NUMBERS)?.execute([numbers.concat()])?;
            Ok(())
        })
    }
}

/// What was noted of numbers before their rows went: sequences go into `counters`; the next event's
/// and the next delivery's number are given back.
pub(in crate::embedded) fn noted_ends(
    control: &Connection,
    counters: &mut Counters,
) -> std::result::Result<(u64, u64), OpenError> {
    const SEQUENCES: &str = "-- carehook.retention.sequences
        SELECT number, last_sequence FROM endpoints WHERE last_sequence > 0";
    const NUMBERS: &str = "-- carehook.retention.numbers
        SELECT value FROM meta WHERE name = 'next_numbers'";
    let mut read = || {
        let mut statement = control.prepare(SEQUENCES)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let last: i64 = row.get(1)?;
            counters.raise_sequence(row.get(0)?, last.cast_unsigned());
        }
        let numbers: Option<[u8; 16]> = control
            .query_row(NUMBERS, [], |row| row.get(0))
            .optional()?;
        Ok(numbers.unwrap_or_default())
    };
    let numbers = u128::from_be_bytes(read().map_err(open::control_error)?);
    let low = u64::try_from(numbers & u128::from(u64::MAX)).expect("64 bits are left");
    let high = u64::try_from(numbers >> 64).expect("64 bits are left");
    Ok((high, low))
}
