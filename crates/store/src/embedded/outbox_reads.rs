//! Reading which mails are due, and what they are about.

use std::sync::Arc;

use carehook_core::{AttemptId, DeliveryId, Timestamp};
use rusqlite::{Connection, params};

use super::codec;
use super::delivery_reads;
use super::log_accept::delivery_id;
use super::shared::Shared;
use crate::{DueMail, Failure, MailPage};

/// A mail's row joined to its delivery.
struct MailRow {
    due: Timestamp,
    delivery: DeliveryId,
    attempt: u32,
    tries: u32,
    endpoint: i64,
}

/// Mails that are due by `until`, merged over all log files.
pub(super) fn page(shared: &Shared, until: Timestamp, limit: usize) -> rusqlite::Result<MailPage> {
    let mut rows = Vec::new();
    for day in shared.mail_days.all() {
        let found = shared
            .readers
            .with(day, |file| first_rows(file, limit.saturating_add(1)))?;
        rows.extend(found);
    }
    rows.sort_unstable_by_key(|row| (row.due, row.delivery, row.attempt));
    let due = rows.iter().take_while(|row| row.due <= until);
    let taken = due.take(limit).count();
    let next_due = rows.get(taken).map(|row| row.due);
    rows.truncate(taken);
    let mut mails = Vec::with_capacity(taken);
    for row in rows {
        mails.push(DueMail {
            about: AttemptId::of(row.delivery, row.attempt),
            tries: row.tries,
            failure: failure(shared, &row)?,
        });
    }
    Ok(MailPage { mails, next_due })
}

fn first_rows(file: &Connection, limit: usize) -> rusqlite::Result<Vec<MailRow>> {
    const SQL: &str = "-- carehook.outbox_reads.first_rows
        SELECT m.delivery, m.attempt, m.due, m.tries, d.created_at, d.endpoint
        FROM mails m INDEXED BY mails_by_due CROSS JOIN deliveries d ON d.number = m.delivery
        ORDER BY m.due, m.delivery, m.attempt LIMIT ?1";
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    file.prepare_cached(SQL)?
        .query_map(params![limit], |row| {
            Ok(MailRow {
                due: Timestamp(row.get(2)?),
                delivery: delivery_id(Timestamp(row.get(4)?), row.get(0)?),
                attempt: codec::count(row.get(1)?),
                tries: codec::count(row.get(3)?),
                endpoint: row.get(5)?,
            })
        })?
        .collect()
}

fn failure(shared: &Shared, row: &MailRow) -> rusqlite::Result<Option<Failure>> {
    let found = {
        let control = shared.control.read();
        let id = control.endpoint_id(row.endpoint);
        id.and_then(|id| control.place(id).zip(control.endpoint(id).map(Arc::clone)))
    };
    let Some((place, endpoint)) = found else {
        return Ok(None);
    };
    let read = || {
        let delivery = delivery_reads::one(shared, place.organization, row.delivery)?;
        let (of, only) = (place.organization, row.attempt..=row.attempt);
        let mut attempts = delivery_reads::attempts(shared, of, row.delivery, only)?;
        Ok(delivery.zip(attempts.pop()))
    };
    match read() {
        Ok(found) => Ok(found.map(|(delivery, attempt)| Failure {
            endpoint,
            delivery,
            attempt,
        })),
        Err(error) if is_damage(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether a value is not what it should be: one damaged row must not hide the others.
fn is_damage(error: &rusqlite::Error) -> bool {
    use rusqlite::Error;
    matches!(
        error,
        Error::InvalidQuery
            | Error::InvalidColumnType(..)
            | Error::IntegralValueOutOfRange(..)
            | Error::FromSqlConversionFailure(..)
    )
}
