//! Deliveries that were made later than their event: in its file, but with numbers of their own.

use carehook_core::{DeliveryId, Timestamp, Trigger};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::codec;
use super::log_accept::{Counters, delivery_id};
use crate::Notify;

/// Makes a delivery for an event whose payload is still there; its id.
///
/// It bears the time of its event, so that its id leads to the file that holds both.
pub(super) fn insert(
    file: &Connection,
    counters: &mut Counters,
    (day, event): (i64, i64),
    endpoint: i64,
    due: Timestamp,
) -> rusqlite::Result<Option<DeliveryId>> {
    const FIND: &str = "-- carehook.added.event
        SELECT created_at FROM events WHERE number = ?1 AND length(sealed) > 0";
    const SQL: &str = "-- carehook.added.insert
        INSERT INTO deliveries (number, event, endpoint, sequence, created_at, state, attempts,
            round_start, trigger_kind, due, quiet)
        VALUES (?1, ?2, ?3, ?4, ?5, 0, 0, 0, ?6, ?7, ?8)";
    const NOTE: &str = "-- carehook.added.note
        INSERT INTO added_deliveries (event, delivery) VALUES (?1, ?2)";
    let mut find = file.prepare_cached(FIND)?;
    let accepted: Option<i64> = find.query_row([event], |row| row.get(0)).optional()?;
    let Some(accepted) = accepted else {
        return Ok(None);
    };
    // An event that waited over midnight is older than its file.
    let created_at = accepted.max(Timestamp::from_day(day).0);
    let (number, sequence) = counters.take(endpoint);
    let number = number.cast_signed();
    file.prepare_cached(SQL)?.execute(params![
        number,
        event,
        endpoint,
        sequence.cast_signed(),
        created_at,
        codec::trigger::code(Trigger::Replay),
        due.0,
        codec::notify::code(Notify::Never),
    ])?;
    file.prepare_cached(NOTE)?.execute([event, number])?;
    Ok(Some(delivery_id(Timestamp(created_at), number)))
}

/// The added deliveries of an event.
pub(super) fn of_event(file: &Connection, event: i64) -> rusqlite::Result<Vec<i64>> {
    const SQL: &str = "-- carehook.added.of_event
        SELECT delivery FROM added_deliveries WHERE event = ?1";
    let mut statement = file.prepare_cached(SQL)?;
    let rows = statement.query_map([event], |row| row.get(0))?;
    rows.collect()
}

/// Whether there are any in this file.
pub(super) fn any(file: &Connection) -> rusqlite::Result<bool> {
    const SQL: &str = "-- carehook.added.any
        SELECT EXISTS (SELECT 1 FROM added_deliveries)";
    file.prepare_cached(SQL)?.query_row([], |row| row.get(0))
}

/// The endpoints that have some in this file, each with the highest of their sequences.
pub(super) fn last_sequences(file: &Connection) -> rusqlite::Result<Vec<(i64, u64)>> {
    const SQL: &str = "-- carehook.added.last_sequences
        SELECT d.endpoint, d.sequence FROM added_deliveries a
        CROSS JOIN deliveries d ON d.number = a.delivery";
    let mut last = std::collections::BTreeMap::<i64, u64>::new();
    let mut statement = file.prepare_cached(SQL)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let sequence = row.get::<_, i64>(1)?.cast_unsigned();
        let highest = last.entry(row.get(0)?).or_default();
        *highest = (*highest).max(sequence);
    }
    Ok(last.into_iter().collect())
}

/// Notes that an event is for the endpoints that it was accepted for, and for no others.
pub(super) fn note_addressed(file: &Connection, event: i64) -> rusqlite::Result<()> {
    const SQL: &str = "-- carehook.added.note_addressed
        INSERT OR IGNORE INTO addressed_events (event) VALUES (?1)";
    file.prepare_cached(SQL)?.execute([event]).map(drop)
}

/// Whether an event is for the endpoints that it was accepted for, and for no others.
pub(super) fn is_addressed(file: &Connection, event: i64) -> rusqlite::Result<bool> {
    const SQL: &str = "-- carehook.added.is_addressed
        SELECT 1 FROM addressed_events WHERE event = ?1";
    file.prepare_cached(SQL)?.exists([event])
}

/// Forgets what is noted here of an event that goes.
pub(super) fn forget(file: &Connection, event: i64) -> rusqlite::Result<()> {
    const ADDED: &str = "-- carehook.added.forget
        DELETE FROM added_deliveries WHERE event = ?1";
    const ADDRESSED: &str = "-- carehook.added.forget_addressed
        DELETE FROM addressed_events WHERE event = ?1";
    file.prepare_cached(ADDED)?.execute([event])?;
    file.prepare_cached(ADDRESSED)?.execute([event]).map(drop)
}
