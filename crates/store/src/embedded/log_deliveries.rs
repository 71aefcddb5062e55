//! Changing deliveries in a log file: results of attempts, retries, cancellations, failures.

use carehook_core::{DeliveryState, Reason, Timestamp, Trigger};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::codec;
use super::work::PreparedAttempt;

/// Writes an attempt and the state that follows; an attempt that is there already changes nothing.
pub(super) fn record(file: &Connection, prepared: &PreparedAttempt) -> rusqlite::Result<()> {
    const UPDATE: &str = "-- carehook.log_deliveries.record
        UPDATE deliveries SET state = ?2, reason = ?3, due = coalesce(?4, due), completed_at = ?5,
            attempts = max(attempts, ?6), trigger_kind = 0
        WHERE number = ?1 AND state = 0";
    const COUNT: &str = "-- carehook.log_deliveries.count_attempt
        UPDATE deliveries SET attempts = max(attempts, ?2) WHERE number = ?1";
    if !insert_attempt(file, prepared)? {
        return Ok(());
    }
    let record = &prepared.record;
    let number = record.delivery.0.number().cast_signed();
    let ended = record.state != DeliveryState::Pending;
    let ended_at = ended.then(|| record.attempt.started_at.plus(record.attempt.duration).0);
    let changed = file.prepare_cached(UPDATE)?.execute(params![
        number,
        codec::state::code(record.state),
        record.reason.map(codec::reason::code),
        record.due.map(|t| t.0),
        ended_at,
        record.attempt.number,
    ])?;
    if changed == 0 {
        // It ended meanwhile (cancelled, endpoint deleted): the attempt still counts.
        file.prepare_cached(COUNT)?
            .execute(params![number, record.attempt.number])?;
    }
    Ok(())
}

fn insert_attempt(file: &Connection, prepared: &PreparedAttempt) -> rusqlite::Result<bool> {
    const SQL: &str = "-- carehook.log_deliveries.insert_attempt
        INSERT OR IGNORE INTO attempts (delivery, number, started_at, duration_us, outcome,
            trigger_kind, status, error, answer)
        SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9
        WHERE EXISTS (SELECT 1 FROM deliveries WHERE number = ?1)";
    let attempt = &prepared.record.attempt;
    let inserted = file.prepare_cached(SQL)?.execute(params![
        prepared.delivery().0.number().cast_signed(),
        attempt.number,
        attempt.started_at.0,
        i64::try_from(attempt.duration.as_micros()).unwrap_or(i64::MAX),
        codec::outcome::code(attempt.outcome),
        codec::trigger::code(attempt.trigger),
        attempt.status,
        attempt.error,
        prepared.answer,
    ])?;
    Ok(inserted == 1)
}

/// The endpoint that a delivery goes to.
pub(super) fn endpoint_of(file: &Connection, number: i64) -> rusqlite::Result<Option<i64>> {
    const SQL: &str = "-- carehook.log_deliveries.endpoint_of
        SELECT endpoint FROM deliveries WHERE number = ?1";
    file.prepare_cached(SQL)?
        .query_row([number], |row| row.get(0))
        .optional()
}

/// Makes a delivery due at `now`, whatever its state.
pub(super) fn retry(file: &Connection, number: i64, now: Timestamp) -> rusqlite::Result<()> {
    const SQL: &str = "-- carehook.log_deliveries.retry
        UPDATE deliveries SET state = 0, reason = NULL, completed_at = NULL, due = ?2,
            round_start = attempts, trigger_kind = ?3
        WHERE number = ?1";
    let trigger = codec::trigger::code(Trigger::Manual);
    file.prepare_cached(SQL)?
        .execute(params![number, now.0, trigger])?;
    Ok(())
}

/// Ends a pending delivery without success; the endpoint that it was for, if it was pending.
pub(super) fn end(
    file: &Connection,
    number: i64,
    (state, reason): (DeliveryState, Reason),
    now: Timestamp,
) -> rusqlite::Result<Option<i64>> {
    const SQL: &str = "-- carehook.log_deliveries.end
        UPDATE deliveries SET state = ?2, reason = ?3, completed_at = ?4
        WHERE number = ?1 AND state = 0 RETURNING endpoint";
    let (state, reason) = (codec::state::code(state), codec::reason::code(reason));
    file.prepare_cached(SQL)?
        .query_row(params![number, state, reason, now.0], |row| row.get(0))
        .optional()
}

/// Whether anything in this file is pending.
pub(super) fn any_pending(file: &Connection) -> rusqlite::Result<bool> {
    const SQL: &str = "-- carehook.log_deliveries.any_pending
        SELECT EXISTS (SELECT 1 FROM deliveries INDEXED BY deliveries_pending WHERE state = 0)";
    file.prepare_cached(SQL)?.query_row([], |row| row.get(0))
}

/// Fails everything that an endpoint is still owed in this file.
pub(super) fn fail_pending(
    file: &Connection,
    endpoint: i64,
    reason: Reason,
    now: Timestamp,
) -> rusqlite::Result<usize> {
    const SQL: &str = "-- carehook.log_deliveries.fail_pending
        UPDATE deliveries SET state = 2, reason = ?2, completed_at = ?3
        WHERE endpoint = ?1 AND state = 0";
    file.prepare_cached(SQL)?
        .execute(params![endpoint, codec::reason::code(reason), now.0])
}
