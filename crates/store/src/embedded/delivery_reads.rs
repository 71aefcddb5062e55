//! Reading deliveries and attempts from the log files.

use std::ops::RangeInclusive;
use std::time::Duration;

use bytes::Bytes;
use carehook_core::{
    Attempt, AttemptId, Delivery, DeliveryId, DeliveryState, EventId, RecordId, Timestamp,
};
use rusqlite::{Connection, OptionalExtension as _, Row, params, params_from_iter, types::Value};

use super::control::Control;
use super::event_reads::{find, may_hold};
use super::log_accept::delivery_id;
use super::shared::Shared;
use super::writer::day_of;
use super::{added, codec};
use crate::keys::{Kind, Place};
use crate::{DeliveryFilter, ListPage, PageRequest};

/// A delivery's row joined to its event.
pub(super) struct DeliveryRow {
    number: i64,
    organization: i64,
    event_id: Option<EventId>,
    event_type: Option<String>,
    mode: Option<i64>,
    endpoint: i64,
    sequence: i64,
    created_at: i64,
    state: i64,
    attempts: u32,
    due: i64,
    reason: Option<i64>,
    completed_at: Option<i64>,
    arrived_at: Option<i64>,
    round_start: u32,
}

// Attempts are looked at only for what was made due again: its first round begins at none.
macro_rules! columns {
    () => {
        "d.number, e.organization, e.id, e.type, e.mode, d.endpoint, d.sequence, d.created_at,
        d.state, d.attempts, d.due, d.reason, d.completed_at,
        CASE WHEN d.state = 1 THEN d.completed_at WHEN d.round_start > 0 THEN
            (SELECT max(t.started_at + t.duration_us / 1000) FROM attempts t
             WHERE t.delivery = d.number AND t.outcome = 0) END, d.round_start"
    };
}

pub(super) use columns as delivery_columns;

/// Reads the columns above.
pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<DeliveryRow> {
    Ok(DeliveryRow {
        number: row.get(0)?,
        organization: row.get(1)?,
        event_id: codec::parse_event_id(row.get_ref(2)?),
        event_type: row.get(3).ok(),
        mode: row.get(4).ok(),
        endpoint: row.get(5)?,
        sequence: row.get(6)?,
        created_at: row.get(7)?,
        state: row.get(8)?,
        attempts: codec::count(row.get(9)?),
        due: row.get(10)?,
        reason: row.get(11)?,
        completed_at: row.get(12)?,
        arrived_at: row.get(13)?,
        round_start: codec::count(row.get(14)?),
    })
}

impl DeliveryRow {
    /// Whose it is, by number.
    pub(super) fn organization(&self) -> i64 {
        self.organization
    }
}

/// The delivery of a row; `None` when the row is damaged or its endpoint unknown.
pub(super) fn convert(control: &Control, row: &DeliveryRow) -> Option<Delivery> {
    let state = codec::state::parse(row.state)?;
    let pending = state == DeliveryState::Pending;
    Some(Delivery {
        id: delivery_id(Timestamp(row.created_at), row.number),
        event_id: row.event_id.clone()?,
        event_type: row.event_type.as_ref()?.parse().ok()?,
        mode: row.mode.and_then(codec::mode::parse)?,
        endpoint_id: control.endpoint_id(row.endpoint)?,
        state,
        reason: row.reason.and_then(codec::reason::parse),
        attempt_count: row.attempts,
        sequence: row.sequence.cast_unsigned(),
        next_attempt_at: pending.then_some(Timestamp(row.due)),
        created_at: Timestamp(row.created_at),
        completed_at: row.completed_at.map(Timestamp),
        arrived_at: row.arrived_at.map(Timestamp),
        round_start: row.round_start,
    })
}

/// One delivery of an organization.
pub(super) fn one(
    shared: &Shared,
    organization: i64,
    id: DeliveryId,
) -> rusqlite::Result<Option<Delivery>> {
    let day = day_of(id);
    if !shared.days.has(day) {
        return Ok(None);
    }
    let row = shared.readers.with(day, |file| row(file, id))?;
    let control = shared.control.read();
    Ok(row
        .filter(|row| row.organization == organization)
        .and_then(|row| convert(&control, &row))
        .filter(|delivery| delivery.id == id))
}

fn row(file: &Connection, id: DeliveryId) -> rusqlite::Result<Option<DeliveryRow>> {
    const SQL: &str = concat!(
        "-- carehook.delivery_reads.row\nSELECT ",
        columns!(),
        " FROM deliveries d JOIN events e ON e.number = d.event WHERE d.number = ?1"
    );
    file.prepare_cached(SQL)?
        .query_row([id.0.number().cast_signed()], read)
        .optional()
}

/// The attempts of a delivery with these numbers, oldest first.
pub(super) fn attempts(
    shared: &Shared,
    organization: i64,
    delivery: DeliveryId,
    numbers: RangeInclusive<u32>,
) -> rusqlite::Result<Vec<Attempt>> {
    const SQL: &str = "-- carehook.delivery_reads.attempts
        SELECT number, started_at, duration_us, outcome, trigger_kind, status, error, answer
        FROM attempts WHERE delivery = ?1 AND number >= ?2 AND number <= ?3 ORDER BY number";
    let number = delivery.0.number().cast_signed();
    let day = day_of(delivery);
    let key = shared.keys.get(organization, day);
    let open = |number: u32, sealed: Option<Vec<u8>>| -> Bytes {
        let row = answer_row(delivery, number);
        let opened = sealed
            .zip(key.as_ref())
            .and_then(|(sealed, key)| key.open(answer_place(organization, &row), &sealed).ok());
        opened.unwrap_or_default().into()
    };
    shared.readers.with(day, |file| {
        file.prepare_cached(SQL)?
            .query_map(params![number, numbers.start(), numbers.end()], |row| {
                let number: u32 = row.get(0)?;
                let micros: i64 = row.get(2)?;
                Ok(Attempt {
                    id: AttemptId::of(delivery, number),
                    number,
                    started_at: Timestamp(row.get(1)?),
                    duration: Duration::from_micros(micros.cast_unsigned()),
                    outcome: codec::outcome::parse(row.get(3)?)
                        .ok_or(rusqlite::Error::InvalidQuery)?,
                    trigger: codec::trigger::parse(row.get(4)?).unwrap_or_default(),
                    status: row.get(5)?,
                    error: row.get(6)?,
                    answer: open(number, row.get(7)?),
                })
            })?
            .collect()
    })
}

/// The row name under which an answer is sealed.
pub(super) fn answer_row(delivery: DeliveryId, number: u32) -> Vec<u8> {
    [&delivery.0.to_bytes()[..], &number.to_be_bytes()].concat()
}

pub(super) fn answer_place(organization: i64, row: &[u8]) -> Place<'_> {
    Place {
        kind: Kind::Answer,
        organization,
        row,
    }
}

/// The deliveries of an organization, newest event first.
pub(super) fn list(
    shared: &Shared,
    organization: i64,
    filter: &DeliveryFilter,
    page: PageRequest,
) -> rusqlite::Result<ListPage<Delivery>> {
    let empty = ListPage {
        items: Vec::new(),
        next: None,
    };
    let endpoint = match filter.endpoint {
        None => None,
        Some(id) => match shared.control.read().place(id) {
            Some(place) if place.organization == organization => Some(place.number),
            _ => return Ok(empty),
        },
    };
    let event = match &filter.event {
        None => None,
        Some(id) => match find(shared, organization, id)? {
            Some((day, row)) => Some((day, row.number)),
            None => return Ok(empty),
        },
    };
    let scope = Scope {
        organization,
        endpoint,
        event: event.map(|(_, number)| number),
    };
    let mut rows = Vec::new();
    for day in shared.days.newest_first() {
        let elsewhere = event.is_some_and(|(event_day, _)| event_day != day);
        let later = page
            .after
            .is_some_and(|after| day > day_of(DeliveryId(after)));
        if elsewhere || later || !may_hold(day, filter.since, filter.until) {
            continue;
        }
        let missing = page.limit.saturating_add(1) - rows.len();
        let found = shared.readers.with(day, |file| {
            list_in(file, &scope, filter, (day, page.after, missing))
        })?;
        rows.extend(found);
        if rows.len() > page.limit {
            break;
        }
    }
    Ok(to_page(shared, rows, page.limit))
}

fn to_page(shared: &Shared, mut rows: Vec<DeliveryRow>, limit: usize) -> ListPage<Delivery> {
    let more = rows.len() > limit;
    rows.truncate(limit);
    let id_of = |row: &DeliveryRow| delivery_id(Timestamp(row.created_at), row.number).0;
    let next: Option<RecordId> = rows.last().filter(|_| more).map(id_of);
    let control = shared.control.read();
    let items = rows
        .iter()
        .filter_map(|row| convert(&control, row))
        .collect();
    ListPage { items, next }
}

/// Whose deliveries a list shows.
struct Scope {
    organization: i64,
    endpoint: Option<i64>,
    event: Option<i64>,
}

fn list_in(
    file: &Connection,
    scope: &Scope,
    filter: &DeliveryFilter,
    (day, after, limit): (i64, Option<RecordId>, usize),
) -> rusqlite::Result<Vec<DeliveryRow>> {
    let mut query = Query::new(scope, added::any(file)?);
    if let Some(after) = after.filter(|after| Timestamp(after.millis()).day() == day) {
        let number = after.number().cast_signed();
        query.after(event_of(file, number)?, number);
    }
    query.filter(filter);
    let (sql, values) = query.finish(limit);
    file.prepare_cached(&sql)?
        .query_map(params_from_iter(values), read)?
        .collect()
}

fn event_of(file: &Connection, delivery: i64) -> rusqlite::Result<i64> {
    const SQL: &str = "-- carehook.delivery_reads.event_of
        SELECT event FROM deliveries WHERE number = ?1";
    let event = file
        .prepare_cached(SQL)?
        .query_row(params![delivery], |row| row.get(0))
        .optional()?;
    Ok(event.unwrap_or(i64::MAX))
}

/// A list's SQL as it grows.
struct Query {
    sql: String,
    values: Vec<Value>,
    by_endpoint: bool,
}

impl Query {
    fn new(scope: &Scope, has_added: bool) -> Self {
        const LIST: &str = concat!("-- carehook.delivery_reads.list\nSELECT ", columns!());
        const WITH_ADDED: &str = concat!(
            "-- carehook.delivery_reads.list_with_added\nSELECT ",
            columns!()
        );
        let by_endpoint = scope.endpoint.is_some();
        // Each list begins at the index that is narrowest for it.
        let (head, from) = match (by_endpoint, has_added) {
            (true, _) => (
                LIST,
                " FROM deliveries d INDEXED BY deliveries_by_endpoint
                 JOIN events e ON e.number = d.event",
            ),
            (false, false) => (
                LIST,
                " FROM events e CROSS JOIN deliveries d ON d.number >= e.first_delivery
                 AND d.number < e.first_delivery + e.delivery_count",
            ),
            (false, true) => (
                WITH_ADDED,
                " FROM events e CROSS JOIN deliveries d ON (d.number >= e.first_delivery
                 AND d.number < e.first_delivery + e.delivery_count OR d.number IN
                 (SELECT a.delivery FROM added_deliveries a WHERE a.event = e.number))",
            ),
        };
        let mut query = Self {
            sql: format!("{head}{from}"),
            values: Vec::new(),
            by_endpoint,
        };
        query.add("WHERE e.organization =", scope.organization);
        if let Some(endpoint) = scope.endpoint {
            query.add("AND d.endpoint =", endpoint);
        }
        if let Some(event) = scope.event {
            query.add("AND e.number =", event);
        }
        query
    }

    fn add(&mut self, condition: &str, value: impl Into<Value>) {
        self.values.push(value.into());
        let place = self.values.len();
        self.sql.extend([" ", condition, " ?", &place.to_string()]);
    }

    fn after(&mut self, event: i64, delivery: i64) {
        if self.by_endpoint {
            self.add(
                "AND d.sequence < (SELECT sequence FROM deliveries WHERE number =",
                delivery,
            );
            self.sql.push(')');
        } else {
            self.add("AND e.number <=", event);
            self.add("AND (e.number <", event);
            self.add("OR d.number <", delivery);
            self.sql.push(')');
        }
    }

    fn filter(&mut self, filter: &DeliveryFilter) {
        let DeliveryFilter {
            endpoint: _,
            event: _,
            state,
            event_type,
            mode,
            since,
            until,
        } = filter;
        if let Some(state) = state {
            self.add("AND d.state =", codec::state::code(*state));
        }
        if let Some(event_type) = event_type {
            self.add("AND e.type =", event_type.to_string());
        }
        if let Some(mode) = mode {
            self.add("AND e.mode =", codec::mode::code(*mode));
        }
        if let Some(since) = since {
            self.add("AND d.created_at >=", since.0);
        }
        if let Some(until) = until {
            self.add("AND d.created_at <", until.0);
        }
    }

    fn finish(mut self, limit: usize) -> (String, Vec<Value>) {
        self.sql.push_str(if self.by_endpoint {
            " ORDER BY d.sequence DESC"
        } else {
            " ORDER BY e.number DESC, d.number DESC"
        });
        self.add("LIMIT", i64::try_from(limit).unwrap_or(i64::MAX));
        (self.sql, self.values)
    }
}
