//! How far a replay is in one log file, in the same commits as the deliveries that it makes due.
//!
//! A delivery that ended is counted once, in the commit that takes its note away; until then its
//! state itself tells how it ended.

use carehook_core::{DeliveryId, DeliveryState, ReplayCounts, Timestamp};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::super::codec;
use super::super::log_accept::delivery_id;

/// Where a replay goes on in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// After the event with this number.
    After(i64),
    /// Nothing of the file is left to look at.
    Ended,
}

impl Place {
    pub(super) const START: Self = Self::After(i64::MIN);
}

/// Where a replay goes on in a file.
pub(super) fn place(file: &Connection, replay: i64) -> rusqlite::Result<Place> {
    const SQL: &str = "-- carehook.replay_progress.place
        SELECT after, ended FROM replay_progress WHERE replay = ?1";
    let read = |row: &rusqlite::Row<'_>| {
        Ok(if row.get(1)? {
            Place::Ended
        } else {
            Place::After(row.get(0)?)
        })
    };
    let found = file.prepare_cached(SQL)?.query_row([replay], read);
    Ok(found.optional()?.unwrap_or(Place::START))
}

/// Whether a replay has done anything in a file.
pub(super) fn exists(file: &Connection, replay: i64) -> rusqlite::Result<bool> {
    const SQL: &str = "-- carehook.replay_progress.exists
        SELECT 1 FROM replay_progress WHERE replay = ?1";
    file.prepare_cached(SQL)?.exists([replay])
}

/// Moves a replay on, and counts what it made due and what it had to leave.
pub(super) fn advance(
    file: &Connection,
    replay: i64,
    place: Place,
    (due, skipped): (u64, u64),
) -> rusqlite::Result<()> {
    const SQL: &str = "-- carehook.replay_progress.advance
        INSERT INTO replay_progress (replay, after, ended, due, skipped, sent, failed, cancelled)
        VALUES (?1, ?2, ?3, ?4, ?5, 0, 0, 0)
        ON CONFLICT (replay) DO UPDATE SET after = excluded.after, ended = excluded.ended,
            due = due + excluded.due, skipped = skipped + excluded.skipped";
    let (after, ended) = match place {
        Place::After(after) => (after, false),
        Place::Ended => (i64::MAX, true),
    };
    let counts = [due, skipped].map(u64::cast_signed);
    file.prepare_cached(SQL)?
        .execute(params![replay, after, ended, counts[0], counts[1]])
        .map(drop)
}

/// Notes that a delivery is due for a replay.
pub(super) fn note(file: &Connection, replay: i64, delivery: i64) -> rusqlite::Result<()> {
    const SQL: &str = "-- carehook.replay_progress.note
        INSERT OR REPLACE INTO replayed_deliveries (delivery, replay) VALUES (?1, ?2)";
    file.prepare_cached(SQL)?
        .execute([delivery, replay])
        .map(drop)
}

/// Counts how a delivery ended for the replay that had made it due, because it begins anew or goes.
/// Without such a replay, or while it is pending, nothing happens.
pub(in crate::embedded) fn settle_one(file: &Connection, delivery: i64) -> rusqlite::Result<()> {
    const FIND: &str = "-- carehook.replay_progress.ended_one
        SELECT r.replay, d.state FROM replayed_deliveries r
        CROSS JOIN deliveries d ON d.number = r.delivery
        WHERE r.delivery = ?1 AND d.state != 0";
    let found: Option<(i64, i64)> = file
        .prepare_cached(FIND)?
        .query_row([delivery], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    if let Some((replay, state)) = found {
        count(file, replay, &counts_of(state, 1))?;
        forget(file, delivery)?;
    }
    Ok(())
}

/// Counts how those deliveries of a replay ended that have ended.
pub(super) fn settle(file: &Connection, replay: i64) -> rusqlite::Result<()> {
    const FIND: &str = "-- carehook.replay_progress.ended
        SELECT r.delivery, d.state FROM replayed_deliveries r INDEXED BY replayed_by_replay
        CROSS JOIN deliveries d ON d.number = r.delivery
        WHERE r.replay = ?1 AND d.state != 0";
    let ended: Vec<(i64, i64)> = {
        let mut statement = file.prepare_cached(FIND)?;
        let rows = statement.query_map([replay], |row| Ok((row.get(0)?, row.get(1)?)))?;
        rows.collect::<rusqlite::Result<_>>()?
    };
    let mut counts = ReplayCounts::default();
    for (delivery, state) in ended {
        counts.add(&counts_of(state, 1));
        forget(file, delivery)?;
    }
    if counts == ReplayCounts::default() {
        return Ok(());
    }
    count(file, replay, &counts)
}

/// What a replay has come to in a file, deliveries whose end was not counted yet included.
pub(super) fn counts(file: &Connection, replay: i64) -> rusqlite::Result<ReplayCounts> {
    const SQL: &str = "-- carehook.replay_progress.counts
        SELECT due, skipped, sent, failed, cancelled FROM replay_progress WHERE replay = ?1";
    const OPEN: &str = "-- carehook.replay_progress.open
        SELECT d.state FROM replayed_deliveries r INDEXED BY replayed_by_replay
        CROSS JOIN deliveries d ON d.number = r.delivery WHERE r.replay = ?1";
    // One snapshot for both, or an end might be counted twice or not at all.
    let snapshot = file.unchecked_transaction()?;
    let number = |row: &rusqlite::Row<'_>, column| {
        row.get::<_, i64>(column)
            .map(|count| count.max(0).cast_unsigned())
    };
    let read = |row: &rusqlite::Row<'_>| {
        Ok(ReplayCounts {
            counted: 0,
            due: number(row, 0)?,
            skipped: number(row, 1)?,
            sent: number(row, 2)?,
            failed: number(row, 3)?,
            cancelled: number(row, 4)?,
        })
    };
    let found = snapshot.prepare_cached(SQL)?.query_row([replay], read);
    let mut counts = found.optional()?.unwrap_or_default();
    {
        let mut statement = snapshot.prepare_cached(OPEN)?;
        let mut rows = statement.query([replay])?;
        while let Some(row) = rows.next()? {
            counts.add(&counts_of(row.get(0)?, 1));
        }
    }
    snapshot.finish()?;
    Ok(counts)
}

/// Whether a delivery that a replay made due has not ended.
pub(super) fn any_pending(file: &Connection, replay: i64) -> rusqlite::Result<bool> {
    const SQL: &str = "-- carehook.replay_progress.pending
        SELECT 1 FROM replayed_deliveries r INDEXED BY replayed_by_replay
        CROSS JOIN deliveries d ON d.number = r.delivery
        WHERE r.replay = ?1 AND d.state = 0 LIMIT 1";
    file.prepare_cached(SQL)?.exists([replay])
}

/// Deliveries that a replay made due and that have not ended.
pub(super) fn waiting(
    file: &Connection,
    replay: i64,
    at_most: usize,
) -> rusqlite::Result<Vec<DeliveryId>> {
    const SQL: &str = "-- carehook.replay_progress.waiting
        SELECT d.number, d.created_at
        FROM replayed_deliveries r INDEXED BY replayed_by_replay
        CROSS JOIN deliveries d ON d.number = r.delivery
        WHERE r.replay = ?1 AND d.state = 0 LIMIT ?2";
    let at_most = i64::try_from(at_most).unwrap_or(i64::MAX);
    file.prepare_cached(SQL)?
        .query_map([replay, at_most], |row| {
            Ok(delivery_id(Timestamp(row.get(1)?), row.get(0)?))
        })?
        .collect()
}

/// What so many deliveries in a state count as.
fn counts_of(state: i64, number: u64) -> ReplayCounts {
    let mut counts = ReplayCounts::default();
    match codec::state::parse(state) {
        Some(DeliveryState::Delivered) => counts.sent = number,
        Some(DeliveryState::Failed) => counts.failed = number,
        Some(DeliveryState::Cancelled) => counts.cancelled = number,
        Some(DeliveryState::Pending) | None => {}
    }
    counts
}

fn count(file: &Connection, replay: i64, more: &ReplayCounts) -> rusqlite::Result<()> {
    const SQL: &str = "-- carehook.replay_progress.count
        UPDATE replay_progress
        SET sent = sent + ?2, failed = failed + ?3, cancelled = cancelled + ?4
        WHERE replay = ?1";
    let counts = [more.sent, more.failed, more.cancelled].map(u64::cast_signed);
    file.prepare_cached(SQL)?
        .execute(params![replay, counts[0], counts[1], counts[2]])
        .map(drop)
}

fn forget(file: &Connection, delivery: i64) -> rusqlite::Result<()> {
    const SQL: &str = "-- carehook.replay_progress.forget
        DELETE FROM replayed_deliveries WHERE delivery = ?1";
    file.prepare_cached(SQL)?.execute([delivery]).map(drop)
}
