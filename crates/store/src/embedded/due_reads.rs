//! What the engine reads from the log files: what endpoints are owed.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use carehook_core::{EndpointId, Event, Timestamp};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::codec;
use super::event_reads;
use super::log_accept::delivery_id;
use super::shared::Shared;
use crate::{DueDelivery, DuePage, DuePosition, PendingEndpoint};

/// A pending delivery before its event is opened.
struct PendingRow {
    day: i64,
    position: DuePosition,
    event: i64,
    sequence: u64,
    attempts: u32,
    round_start: u32,
    trigger: i64,
    quiet: i64,
}

/// One page of what an endpoint is owed, merged over all log files.
pub(super) fn page(
    shared: &Shared,
    (endpoint, number): (EndpointId, i64),
    after: Option<DuePosition>,
    until: Timestamp,
    limit: usize,
) -> rusqlite::Result<DuePage> {
    let mut rows = Vec::new();
    for day in shared.days.with_pending() {
        let found = shared.readers.with(day, |file| {
            pending_rows(file, (day, number), after, limit.saturating_add(1))
        })?;
        rows.extend(found);
    }
    rows.sort_unstable_by_key(|row| row.position);
    let due = rows.iter().take_while(|row| row.position.due <= until);
    let taken = due.take(limit).count();
    let next_due = rows.get(taken).map(|row| row.position.due);
    rows.truncate(taken);
    let events = read_events(shared, &rows)?;
    let mut page = DuePage {
        deliveries: Vec::with_capacity(taken),
        unreadable: Vec::new(),
        next_due,
    };
    for row in rows {
        match events.get(&(row.day, row.event)) {
            Some(event) => {
                let event = Arc::clone(event);
                page.deliveries.push(due_delivery(&row, endpoint, event));
            }
            None => page.unreadable.push((row.position, row.attempts)),
        }
    }
    Ok(page)
}

fn due_delivery(row: &PendingRow, endpoint: EndpointId, event: Arc<Event>) -> DueDelivery {
    DueDelivery {
        id: row.position.id,
        endpoint,
        event,
        sequence: row.sequence,
        attempt_count: row.attempts,
        failed_in_round: row.attempts.saturating_sub(row.round_start),
        due: row.position.due,
        trigger: codec::trigger::parse(row.trigger).unwrap_or_default(),
        notify: codec::notify::parse(row.quiet).unwrap_or_default(),
    }
}

/// One pending delivery of a file, whenever it is due; `None` when its event does not open.
pub(super) fn one(
    shared: &Shared,
    file: &Connection,
    (day, number): (i64, i64),
    endpoint: EndpointId,
) -> rusqlite::Result<Option<DueDelivery>> {
    const SQL: &str = "-- carehook.due_reads.one
        SELECT number, created_at, due, event, sequence, attempts, round_start, trigger_kind,
            quiet
        FROM deliveries WHERE number = ?1 AND state = 0";
    let row = file
        .prepare_cached(SQL)?
        .query_row([number], |row| pending_row(day, row))
        .optional()?;
    let Some(row) = row else {
        return Ok(None);
    };
    let event = event_reads::row(file, row.event)?;
    let event = event.and_then(|event| event_reads::open(shared, &event));
    Ok(event.map(|event| due_delivery(&row, endpoint, Arc::new(event))))
}

fn pending_rows(
    file: &Connection,
    (day, endpoint): (i64, i64),
    after: Option<DuePosition>,
    limit: usize,
) -> rusqlite::Result<Vec<PendingRow>> {
    const SQL: &str = "-- carehook.due_reads.pending_rows
        SELECT number, created_at, due, event, sequence, attempts, round_start, trigger_kind,
            quiet
        FROM deliveries INDEXED BY deliveries_pending
        WHERE state = 0 AND endpoint = ?1 AND due >= ?2 AND (due > ?2 OR number > ?3)
        ORDER BY due, number LIMIT ?4";
    let (due, number) = after.map_or((i64::MIN, -1), |position| {
        (position.due.0, position.id.0.number().cast_signed())
    });
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    file.prepare_cached(SQL)?
        .query_map(params![endpoint, due, number, limit], |row| {
            pending_row(day, row)
        })?
        .collect()
}

fn pending_row(day: i64, row: &Row<'_>) -> rusqlite::Result<PendingRow> {
    let position = DuePosition {
        due: Timestamp(row.get(2)?),
        id: delivery_id(Timestamp(row.get(1)?), row.get(0)?),
    };
    Ok(PendingRow {
        day,
        position,
        event: row.get(3)?,
        sequence: row.get::<_, i64>(4)?.cast_unsigned(),
        attempts: codec::count(row.get(5)?),
        round_start: codec::count(row.get(6)?),
        trigger: row.get(7)?,
        quiet: row.get(8)?,
    })
}

/// The events of a page by day and number, each opened once; those that do not open are left out.
fn read_events(
    shared: &Shared,
    rows: &[PendingRow],
) -> rusqlite::Result<HashMap<(i64, i64), Arc<Event>>> {
    let mut events = HashMap::with_capacity(rows.len());
    let days: BTreeSet<i64> = rows.iter().map(|row| row.day).collect();
    for day in days {
        shared.readers.with(day, |file| {
            // One snapshot for all: without it every row would lock and unlock the file.
            let snapshot = file.unchecked_transaction()?;
            for wanted in rows.iter().filter(|row| row.day == day) {
                let Entry::Vacant(place) = events.entry((day, wanted.event)) else {
                    continue;
                };
                let row = event_reads::row(&snapshot, wanted.event)?;
                if let Some(event) = row.and_then(|row| event_reads::open(shared, &row)) {
                    place.insert(Arc::new(event));
                }
            }
            snapshot.finish()
        })?;
    }
    Ok(events)
}

/// Every living endpoint with something pending, and when its first delivery is due.
pub(super) fn pending_endpoints(shared: &Shared) -> rusqlite::Result<Vec<PendingEndpoint>> {
    let mut first: HashMap<i64, i64> = HashMap::new();
    for day in shared.days.with_pending() {
        for (endpoint, due) in shared.readers.with(day, first_due)? {
            let earliest = first.entry(endpoint).or_insert(due);
            *earliest = (*earliest).min(due);
        }
    }
    let control = shared.control.read();
    let living = first.into_iter().filter_map(|(number, due)| {
        let endpoint = control.endpoint_id(number)?;
        control.endpoint(endpoint)?;
        Some(PendingEndpoint {
            endpoint,
            first_due: Timestamp(due),
        })
    });
    Ok(living.collect())
}

/// The endpoints with something pending in a file, by number, each with its first due time.
///
/// It leaps from endpoint to endpoint in the index, so that it costs what there are endpoints with
/// something pending, however much that is, and however many others there are.
pub(super) fn first_due(file: &Connection) -> rusqlite::Result<Vec<(i64, i64)>> {
    const SQL: &str = "-- carehook.due_reads.first_due
        SELECT endpoint, due FROM deliveries INDEXED BY deliveries_pending
        WHERE state = 0 AND endpoint > ?1 ORDER BY endpoint, due LIMIT 1";
    let mut statement = file.prepare_cached(SQL)?;
    let mut found = Vec::new();
    let mut last = i64::MIN;
    while let Some((endpoint, due)) = statement
        .query_row([last], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?
    {
        found.push((endpoint, due));
        last = endpoint;
    }
    Ok(found)
}
