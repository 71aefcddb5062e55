//! `audit.db`: disclosures whose log file, or whose rows in it, have gone or will go.

use std::path::PathBuf;

use carehook_core::ChainHead;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::chains::last;
use super::{KEEP, Result, disclosures, failed};
use crate::embedded::failure::{self, Step};
use crate::embedded::files;
use crate::embedded::shared::Shared;

const FORGET: &str = "forget disclosures";
/// Rows that are copied in one commit.
const CHUNK: usize = 1_000;

/// A kept entry: its number, its canonical bytes and its hash.
pub(super) struct KeptRow {
    pub(super) number: u64,
    pub(super) entry: Vec<u8>,
    pub(super) hash: Vec<u8>,
}

fn path(shared: &Shared) -> PathBuf {
    shared.dir.join(files::AUDIT)
}

/// Copies what is not kept yet of the disclosures of a day, of those organizations that are
/// `wanted`.
pub(in crate::embedded) fn keep_day(
    shared: &Shared,
    day: i64,
    wanted: impl Fn(i64) -> bool,
) -> Result<()> {
    let mut owner = i64::MIN;
    while shared.days.has(day) {
        let next = shared
            .readers
            .with(day, |log| disclosures::next_owner(log, owner));
        let Some(next) = next.map_err(|error| failed(KEEP, &error))? else {
            break;
        };
        if wanted(next) {
            keep(shared, next, day)?;
        }
        owner = next;
    }
    Ok(())
}

/// Copies what is not kept yet of an organization's disclosures of a day.
pub(super) fn keep(shared: &Shared, organization: i64, day: i64) -> Result<()> {
    if !shared.days.has(day) {
        return Ok(());
    }
    let read = |after| {
        let rows = |log: &Connection| disclosures::after(log, organization, after, CHUNK);
        let rows = shared.readers.with(day, rows);
        rows.map_err(|error| failed(KEEP, &error))
    };
    let mut after = head(shared, organization, day)
        .map_err(|error| failed(KEEP, &error))?
        .map_or(0, |head| head.count);
    let mut rows = read(after)?;
    if rows.is_empty() {
        return Ok(());
    }
    let mut kept = files::open_audit(&shared.dir)
        .map_err(|error| failure::corrupt(KEEP, error.to_string()))?;
    while let Some(newest) = rows.last() {
        after = newest.number;
        let rows_of = rows.iter().map(|row| to_keep(shared, row));
        write(&mut kept, organization, day, rows_of)
            .map_err(|error| failure::of_write(shared, KEEP, Step::Work, &error))?;
        rows = read(after)?;
    }
    Ok(())
}

/// A damaged entry is kept without its bytes: its hash shows that there was one.
fn to_keep(shared: &Shared, row: &disclosures::DisclosureRow) -> KeptRow {
    let endpoint = row.endpoint;
    let endpoint = endpoint.and_then(|number| shared.control.read().endpoint_id(number));
    let mut entry = Vec::new();
    row.with(endpoint, |disclosure| {
        disclosure.write_canonical(row.number, &mut entry);
    });
    KeptRow {
        number: row.number,
        entry,
        hash: row.hash.clone(),
    }
}

fn write(
    kept: &mut Connection,
    organization: i64,
    day: i64,
    rows: impl Iterator<Item = KeptRow>,
) -> rusqlite::Result<()> {
    const SQL: &str = "-- carehook.audit_kept.keep
        INSERT OR IGNORE INTO disclosures (organization, day, number, entry, hash)
        VALUES (?1, ?2, ?3, ?4, ?5)";
    let transaction = kept.transaction()?;
    {
        let mut insert = transaction.prepare_cached(SQL)?;
        for row in rows {
            let number = row.number.cast_signed();
            insert.execute(params![organization, day, number, row.entry, row.hash])?;
        }
    }
    transaction.commit()
}

/// Opens the file for reading; `None` when nothing was ever kept.
pub(super) fn open(shared: &Shared) -> rusqlite::Result<Option<Connection>> {
    let path = path(shared);
    if !path.exists() {
        return Ok(None);
    }
    files::open_reader(&path).map(Some)
}

/// The last kept entry of a book.
pub(super) fn head(
    shared: &Shared,
    organization: i64,
    day: i64,
) -> rusqlite::Result<Option<ChainHead>> {
    const SQL: &str = "-- carehook.audit_kept.head
        SELECT number, hash FROM disclosures WHERE organization = ?1 AND day = ?2
        ORDER BY number DESC LIMIT 1";
    match open(shared)? {
        None => Ok(None),
        Some(kept) => last(&kept, SQL, params![organization, day]),
    }
}

/// The hash of a kept entry.
pub(super) fn hash(
    kept: &Connection,
    (organization, day): (i64, i64),
    number: u64,
) -> rusqlite::Result<Option<Vec<u8>>> {
    const SQL: &str = "-- carehook.audit_kept.hash
        SELECT hash FROM disclosures WHERE organization = ?1 AND day = ?2 AND number = ?3";
    let values = params![organization, day, number.cast_signed()];
    let found = kept.query_row(SQL, values, |row| row.get(0));
    found.optional()
}

/// The hash of an entry of a journal.
pub(super) fn hash_in_journal(
    control: &Connection,
    organization: i64,
    number: u64,
) -> rusqlite::Result<Option<Vec<u8>>> {
    const SQL: &str = "-- carehook.audit_control.hash_in_journal
        SELECT hash FROM audit_journal WHERE organization = ?1 AND number = ?2";
    control
        .prepare_cached(SQL)?
        .query_row(params![organization, number.cast_signed()], |row| {
            row.get(0)
        })
        .optional()
}

/// The kept entries of a book below a number, newest first.
pub(super) fn below(
    kept: &Connection,
    (organization, day): (i64, i64),
    below: u64,
    limit: usize,
) -> rusqlite::Result<Vec<KeptRow>> {
    const SQL: &str = "-- carehook.audit_kept.below
        SELECT number, entry, hash FROM disclosures
        WHERE organization = ?1 AND day = ?2 AND number < ?3 ORDER BY number DESC LIMIT ?4";
    let below = i64::try_from(below).unwrap_or(i64::MAX);
    rows(kept, SQL, params![organization, day, below, signed(limit)])
}

/// The kept entries of a book after a number, oldest first.
pub(super) fn after(
    kept: &Connection,
    (organization, day): (i64, i64),
    after: u64,
    limit: usize,
) -> rusqlite::Result<Vec<KeptRow>> {
    const SQL: &str = "-- carehook.audit_kept.after
        SELECT number, entry, hash FROM disclosures
        WHERE organization = ?1 AND day = ?2 AND number > ?3 ORDER BY number LIMIT ?4";
    let after = i64::try_from(after).unwrap_or(i64::MAX);
    rows(kept, SQL, params![organization, day, after, signed(limit)])
}

/// The newest kept day of an organization up to `day`.
pub(super) fn newest_day(
    kept: &Connection,
    organization: i64,
    day: i64,
) -> rusqlite::Result<Option<i64>> {
    const SQL: &str = "-- carehook.audit_kept.day
        SELECT max(day) FROM disclosures WHERE organization = ?1 AND day <= ?2";
    kept.prepare_cached(SQL)?
        .query_row(params![organization, day], |row| row.get(0))
}

/// The kept days of an organization before `day`, newest first.
pub(in crate::embedded) fn days_before(
    shared: &Shared,
    organization: i64,
    day: i64,
) -> rusqlite::Result<Vec<i64>> {
    let Some(kept) = open(shared)? else {
        return Ok(Vec::new());
    };
    let mut days = Vec::new();
    let mut below = day;
    while let Some(found) = newest_day(&kept, organization, below - 1)? {
        days.push(found);
        below = found;
    }
    Ok(days)
}

/// Deletes kept books.
pub(in crate::embedded) fn forget(shared: &Shared, organization: i64, days: &[i64]) -> Result<()> {
    const SQL: &str = "-- carehook.audit_kept.forget
        DELETE FROM disclosures WHERE organization = ?1 AND day = ?2";
    let kept = files::open_audit(&shared.dir)
        .map_err(|error| failure::corrupt(FORGET, error.to_string()))?;
    let delete = |day: &i64| kept.execute(SQL, [organization, *day]).map(drop);
    let deleted = days.iter().try_for_each(delete);
    deleted.map_err(|error| failure::of_write(shared, FORGET, Step::Work, &error))
}

/// The entries of a journal after a number, oldest first.
pub(super) fn journal_after(
    control: &Connection,
    organization: i64,
    after: u64,
    limit: usize,
) -> rusqlite::Result<Vec<KeptRow>> {
    const SQL: &str = "-- carehook.audit_control.journal_after
        SELECT number, entry, hash FROM audit_journal
        WHERE organization = ?1 AND number > ?2 ORDER BY number LIMIT ?3";
    let after = i64::try_from(after).unwrap_or(i64::MAX);
    rows(control, SQL, params![organization, after, signed(limit)])
}

/// Reads numbers, entries and hashes; a damaged one is empty.
pub(super) fn rows(
    file: &Connection,
    sql: &str,
    values: impl rusqlite::Params,
) -> rusqlite::Result<Vec<KeptRow>> {
    file.prepare_cached(sql)?
        .query_map(values, |row| {
            let number: i64 = row.get(0)?;
            Ok(KeptRow {
                number: number.cast_unsigned(),
                entry: row.get(1).unwrap_or_default(),
                hash: row.get(2).unwrap_or_default(),
            })
        })?
        .collect()
}

fn signed(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}
