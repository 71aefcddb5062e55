//! The file of counts: rows of minutes and hours, added to and forgotten.

use std::collections::HashMap;

use carehook_core::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::tally::{RowName, Tally, total_of};
use crate::statistics::{HOUR_MINUTES, MINUTE, MINUTES_KEPT};
use crate::{Counts, Durations, LastEnded, Meaning};

/// Adds what was counted, and how far, in one commit.
pub(super) fn add(
    file: &Connection,
    tally: &Tally,
    rows: HashMap<RowName, Counts>,
) -> rusqlite::Result<()> {
    const LAST: &str = "-- carehook.statistics.last_ended
        INSERT OR REPLACE INTO last_ended (organization, endpoint, at, meaning)
        VALUES (?1, ?2, ?3, ?4)";
    const COUNTED: &str = "-- carehook.statistics.counted
        INSERT OR REPLACE INTO counted (organization, day, disclosure) VALUES (?1, ?2, ?3)";
    if rows.is_empty() && tally.counted.is_empty() {
        return Ok(());
    }
    // In the order of the rows, so that each page is touched once.
    let mut rows: Vec<_> = rows.into_iter().collect();
    rows.sort_unstable_by_key(|(name, _)| *name);
    let transaction = file.unchecked_transaction()?;
    for (name, counts) in rows {
        add_row(&transaction, name, counts)?;
    }
    for ((organization, endpoint), last) in &tally.last {
        let meaning = code_of(last.meaning);
        transaction.prepare_cached(LAST)?.execute(params![
            organization,
            endpoint,
            last.at.0,
            meaning
        ])?;
    }
    for ((organization, day), disclosure) in &tally.counted {
        transaction.prepare_cached(COUNTED)?.execute(params![
            organization,
            day,
            disclosure.cast_signed()
        ])?;
    }
    transaction.commit()
}

fn add_row(file: &Connection, name: RowName, mut counts: Counts) -> rusqlite::Result<()> {
    const FIND: &str = "-- carehook.statistics.row
        SELECT delivered, retried, failed, durations FROM counts
        WHERE organization = ?1 AND endpoint = ?2 AND width = ?3 AND start = ?4";
    const PUT: &str = "-- carehook.statistics.put_row
        INSERT OR REPLACE INTO counts
            (organization, endpoint, width, start, delivered, retried, failed, durations)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    let (organization, endpoint, width, start) = name;
    let known = file
        .prepare_cached(FIND)?
        .query_row(params![organization, endpoint, width, start], |row| {
            read_counts(row, 0)
        })
        .optional()?;
    if let Some(known) = known {
        counts.add(&known);
    }
    file.prepare_cached(PUT)?.execute(params![
        organization,
        endpoint,
        width,
        start,
        counts.delivered.cast_signed(),
        counts.retried.cast_signed(),
        counts.failed.cast_signed(),
        counts.durations.to_bytes(),
    ])?;
    Ok(())
}

/// Reads the four columns of counts from this one on.
pub(super) fn read_counts(row: &Row<'_>, first: usize) -> rusqlite::Result<Counts> {
    let number = |at: usize| Ok::<_, rusqlite::Error>(row.get::<_, i64>(at)?.cast_unsigned());
    Ok(Counts {
        delivered: number(first)?,
        retried: number(first + 1)?,
        failed: number(first + 2)?,
        durations: Durations::from_bytes(row.get_ref(first + 3)?.as_blob()?),
    })
}

/// The rows of one endpoint or total, from one minute to before another.
pub(super) fn between(
    file: &Connection,
    (organization, endpoint): (i64, i64),
    width: u32,
    (from, to): (i64, i64),
    mut each: impl FnMut(i64, Counts),
) -> rusqlite::Result<()> {
    const SQL: &str = "-- carehook.statistics.between
        SELECT start, delivered, retried, failed, durations FROM counts
        WHERE organization = ?1 AND endpoint = ?2 AND width = ?3 AND start >= ?4 AND start < ?5";
    let mut statement = file.prepare_cached(SQL)?;
    let mut rows = statement.query(params![organization, endpoint, width, from, to])?;
    while let Some(row) = rows.next()? {
        each(row.get(0)?, read_counts(row, 1)?);
    }
    Ok(())
}

/// The hours of all endpoints since a minute, at most so many, the oldest first.
pub(super) fn hours_of_all(
    file: &Connection,
    since: i64,
    at_most: usize,
    mut each: impl FnMut((i64, i64), Counts),
) -> rusqlite::Result<()> {
    const SQL: &str = "-- carehook.statistics.hours_of_all
        SELECT organization, endpoint, delivered, retried, failed, durations
        FROM counts INDEXED BY counts_by_time
        WHERE width = 60 AND start >= ?1 AND endpoint > 0 LIMIT ?2";
    let at_most = i64::try_from(at_most).unwrap_or(i64::MAX);
    let mut statement = file.prepare_cached(SQL)?;
    let mut rows = statement.query(params![since, at_most])?;
    while let Some(row) = rows.next()? {
        each((row.get(0)?, row.get(1)?), read_counts(row, 2)?);
    }
    Ok(())
}

/// The last ended attempt of an endpoint.
pub(super) fn last_ended(
    file: &Connection,
    (organization, endpoint): (i64, i64),
) -> rusqlite::Result<Option<LastEnded>> {
    const SQL: &str = "-- carehook.statistics.last_ended_of
        SELECT at, meaning FROM last_ended WHERE organization = ?1 AND endpoint = ?2";
    file.prepare_cached(SQL)?
        .query_row([organization, endpoint], |row| {
            Ok(LastEnded {
                at: Timestamp(row.get(0)?),
                meaning: meaning_of(row.get(1)?),
            })
        })
        .optional()
}

/// How far the book of an organization and day was counted.
pub(super) fn counted_until(
    file: &Connection,
    (organization, day): (i64, i64),
) -> rusqlite::Result<u64> {
    const SQL: &str = "-- carehook.statistics.counted_until
        SELECT disclosure FROM counted WHERE organization = ?1 AND day = ?2";
    let found: Option<i64> = file
        .prepare_cached(SQL)?
        .query_row([organization, day], |row| row.get(0))
        .optional()?;
    Ok(found.unwrap_or_default().cast_unsigned())
}

/// Forgets all of an organization.
pub(super) fn forget(file: &Connection, organization: i64) -> rusqlite::Result<()> {
    const COUNTS: &str = "-- carehook.statistics.forget_counts
        DELETE FROM counts WHERE organization = ?1";
    const LAST: &str = "-- carehook.statistics.forget_last
        DELETE FROM last_ended WHERE organization = ?1";
    let transaction = file.unchecked_transaction()?;
    for sql in [COUNTS, LAST] {
        transaction.prepare_cached(sql)?.execute([organization])?;
    }
    transaction.commit()
}

/// Forgets single minutes that are no longer shown.
pub(super) fn forget_minutes(file: &Connection, now: Timestamp) -> rusqlite::Result<()> {
    const SQL: &str = "-- carehook.statistics.forget_minutes
        DELETE FROM counts INDEXED BY counts_by_time WHERE width = 1 AND start < ?1";
    let kept = i64::try_from(MINUTES_KEPT.as_millis()).unwrap_or(i64::MAX);
    let before = now.0.saturating_sub(kept).div_euclid(MINUTE);
    file.prepare_cached(SQL)?.execute([before]).map(drop)
}

/// Forgets hours of an organization that are older than so many days, and the marks of those days.
pub(super) fn forget_hours(
    file: &Connection,
    (organization, endpoints): (i64, &[i64]),
    now: Timestamp,
    days: u32,
) -> rusqlite::Result<()> {
    const HOURS: &str = "-- carehook.statistics.forget_hours
        DELETE FROM counts
        WHERE organization = ?1 AND endpoint = ?2 AND width = ?3 AND start < ?4";
    const MARKS: &str = "-- carehook.statistics.forget_marks
        DELETE FROM counted WHERE organization = ?1 AND day < ?2";
    use carehook_core::Mode;
    let first_day = now.day() - i64::from(days);
    let before = Timestamp::from_day(first_day).0.div_euclid(MINUTE);
    let totals = [total_of(Mode::Live), total_of(Mode::Test)];
    let transaction = file.unchecked_transaction()?;
    for endpoint in endpoints.iter().chain(&totals) {
        transaction.prepare_cached(HOURS)?.execute(params![
            organization,
            endpoint,
            HOUR_MINUTES,
            before
        ])?;
    }
    transaction
        .prepare_cached(MARKS)?
        .execute([organization, first_day])?;
    transaction.commit()
}

fn code_of(meaning: Meaning) -> i64 {
    match meaning {
        Meaning::Delivered => 1,
        Meaning::Retried => 2,
        Meaning::Failed => 3,
    }
}

fn meaning_of(code: i64) -> Meaning {
    match code {
        1 => Meaning::Delivered,
        2 => Meaning::Retried,
        _ => Meaning::Failed,
    }
}
