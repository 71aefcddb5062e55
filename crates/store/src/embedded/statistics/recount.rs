//! Counting again, from the attempts' rows, what a killed process had not kept.

use std::time::Duration;

use carehook_core::{AttemptOutcome, DeliveryId, DeliveryState, RecordId, Timestamp};
use rusqlite::{Connection, Row, params};

use super::file;
use super::tally::Counted;
use crate::Meaning;
use crate::embedded::audit::next_owner;
use crate::embedded::codec;
use crate::embedded::shared::Shared;

/// The newest files that are looked through: results come for old ones too, but of those a crash
/// may lose the counts of a few seconds.
const RECENT_FILES: usize = 3;

/// Counts what the file has not counted, before anything new is counted.
pub(super) fn recount(shared: &Shared) -> rusqlite::Result<()> {
    for day in shared.days.newest_first().into_iter().take(RECENT_FILES) {
        shared.readers.with(day, |log| {
            let mut after = i64::MIN;
            while let Some(organization) = next_owner(log, after)? {
                recount_book(shared, log, (organization, day))?;
                after = organization;
            }
            Ok(())
        })?;
    }
    Ok(())
}

fn recount_book(
    shared: &Shared,
    log: &Connection,
    (organization, day): (i64, i64),
) -> rusqlite::Result<()> {
    const SQL: &str = "-- carehook.log_statistics.recount
        SELECT a.disclosure, a.delivery, a.started_at, a.duration_us, a.outcome, d.endpoint,
            d.state = ?3 AND d.attempts = a.number
        FROM attempts a INDEXED BY attempts_by_disclosure
        JOIN deliveries d ON d.number = a.delivery
        WHERE a.organization = ?1 AND a.disclosure > ?2";
    let book = (organization, day);
    let counted = file::counted_until(&shared.statistics.writer.lock(), book)?;
    let failed = codec::state::code(DeliveryState::Failed);
    let mut statement = log.prepare_cached(SQL)?;
    let values = params![organization, counted.cast_signed(), failed];
    let mut rows = statement.query(values)?;
    let mut tally = shared.statistics.tally.lock();
    while let Some(row) = rows.next()? {
        tally.count(&read(row, book)?);
    }
    Ok(())
}

fn read(row: &Row<'_>, (organization, day): (i64, i64)) -> rusqlite::Result<Counted> {
    let disclosure: i64 = row.get(0)?;
    let delivery: i64 = row.get(1)?;
    let micros: i64 = row.get(3)?;
    let duration = Duration::from_micros(micros.cast_unsigned());
    let outcome = codec::outcome::parse(row.get(4)?);
    let meaning = match (outcome, row.get(6)?) {
        (Some(AttemptOutcome::Delivered), _) => Meaning::Delivered,
        (_, true) => Meaning::Failed,
        (_, false) => Meaning::Retried,
    };
    let start = Timestamp::from_day(day).0;
    Ok(Counted {
        organization,
        endpoint: row.get(5)?,
        delivery: DeliveryId(RecordId::new(start, delivery.cast_unsigned(), 0)),
        meaning,
        day,
        disclosure: Some(disclosure.cast_unsigned()),
        ended_at: Timestamp(row.get(2)?).plus(duration),
        duration,
    })
}
