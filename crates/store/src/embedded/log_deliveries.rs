//! Changing deliveries in a log file: results of attempts, retries, cancellations, failures.

use carehook_core::{DeliveryState, Reason, Timestamp, Trigger};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::audit::{self, Disclosed};
use super::outbox;
use super::work::PreparedAttempt;
use super::{codec, erase_events, replays};
use crate::Notify;

/// The row of an attempt was written, for the first time.
pub(super) struct Recorded {
    /// What `disclose` made of it.
    pub(super) disclosed: Option<Disclosed>,
}

/// Writes an attempt and the state that follows; an attempt that is there already changes nothing.
pub(super) fn record(
    file: &Connection,
    prepared: &PreparedAttempt,
    disclose: impl FnOnce(&PreparedAttempt) -> rusqlite::Result<Option<Disclosed>>,
) -> rusqlite::Result<Option<Recorded>> {
    let moved_on = moved_on(file, prepared)?;
    if !moved_on && !counted(file, prepared)? {
        return Ok(None);
    }
    let disclosed = disclose(prepared)?;
    let number = prepared.delivery().0.number().cast_signed();
    // An erasure ends what is pending, so only the result of an ended delivery can come too late.
    let answer = match &prepared.answer {
        Some(_) if !moved_on && erase_events::is_erased(file, number)? => None,
        answer => answer.as_deref(),
    };
    let is_new = insert_attempt(file, prepared, answer, disclosed.as_ref())?;
    if is_new
        && prepared.tells_of_failure()
        && (moved_on || outbox::went_with_its_endpoint(file, number)?)
    {
        outbox::insert(file, prepared)?;
    }
    Ok(is_new.then_some(Recorded { disclosed }))
}

/// Gives a pending delivery the state that follows from its next attempt: the usual case.
fn moved_on(file: &Connection, prepared: &PreparedAttempt) -> rusqlite::Result<bool> {
    const SQL: &str = "-- carehook.log_deliveries.record
        UPDATE deliveries SET state = ?2, reason = ?3, due = coalesce(?4, due), completed_at = ?5,
            attempts = ?6, trigger_kind = 0
        WHERE number = ?1 AND state = 0 AND attempts < ?6";
    let record = &prepared.record;
    let ended = record.state != DeliveryState::Pending;
    let ended_at = ended.then(|| record.attempt.started_at.plus(record.attempt.duration).0);
    let changed = file.prepare_cached(SQL)?.execute(params![
        record.delivery.0.number().cast_signed(),
        codec::state::code(record.state),
        record.reason.map(codec::reason::code),
        record.due.map(|t| t.0),
        ended_at,
        record.attempt.number,
    ])?;
    Ok(changed == 1)
}

/// Counts an attempt of a delivery that ended meanwhile (cancelled, endpoint deleted), or one that
/// was recorded before; false when there is no such delivery.
fn counted(file: &Connection, prepared: &PreparedAttempt) -> rusqlite::Result<bool> {
    const SQL: &str = "-- carehook.log_deliveries.count_attempt
        UPDATE deliveries SET attempts = max(attempts, ?2) WHERE number = ?1";
    let number = prepared.delivery().0.number().cast_signed();
    let attempt = prepared.record.attempt.number;
    let changed = file
        .prepare_cached(SQL)?
        .execute(params![number, attempt])?;
    Ok(changed == 1)
}

/// Writes the row of an attempt; false when it is there already.
fn insert_attempt(
    file: &Connection,
    prepared: &PreparedAttempt,
    answer: Option<&[u8]>,
    disclosed: Option<&Disclosed>,
) -> rusqlite::Result<bool> {
    const SQL: &str = "-- carehook.log_deliveries.insert_attempt
        INSERT OR IGNORE INTO attempts (delivery, number, started_at, duration_us, outcome,
            trigger_kind, status, error, answer, organization, disclosure, host, hash)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
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
        answer,
        disclosed.map(|disclosed| disclosed.organization),
        disclosed.map(|disclosed| disclosed.head.count.cast_signed()),
        disclosed
            .and(prepared.record.sent_to.as_ref())
            .map(audit::host_column),
        disclosed.map(|disclosed| disclosed.head.hash.0),
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
pub(super) fn retry(
    file: &Connection,
    number: i64,
    notify: Notify,
    now: Timestamp,
) -> rusqlite::Result<()> {
    const SQL: &str = "-- carehook.log_deliveries.retry
        UPDATE deliveries SET state = 0, reason = NULL, completed_at = NULL, due = ?2,
            round_start = attempts, trigger_kind = ?3, quiet = ?4
        WHERE number = ?1";
    let trigger = codec::trigger::code(Trigger::Manual);
    replays::settle_one(file, number)?;
    file.prepare_cached(SQL)?.execute(params![
        number,
        now.0,
        trigger,
        codec::notify::code(notify)
    ])?;
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
