//! Reading events from the log files.

use bytes::Bytes;
use carehook_core::{Event, EventBody, EventId, RecordId, Timestamp};
use rusqlite::{Connection, OptionalExtension as _, Row, params, params_from_iter, types::Value};

use super::codec;
use super::shared::Shared;
use crate::keys::{Kind, Place};
use crate::{EventFilter, ListPage, PageRequest};

/// An event's row, still sealed.
pub(super) struct EventRow {
    pub(super) number: i64,
    /// `None` when it is damaged.
    content: Option<EventContent>,
}

impl EventRow {
    /// How large it is, about.
    pub(super) fn sealed_bytes(&self) -> usize {
        self.content
            .as_ref()
            .map_or(0, |content| content.sealed.len())
    }
}

struct EventContent {
    organization: i64,
    id: Option<EventId>,
    event_type: String,
    version: String,
    mode: i64,
    account: Option<String>,
    occurred_at: Option<i64>,
    created_at: i64,
    sealed: Vec<u8>,
}

macro_rules! columns {
    () => {
        "number, organization, id, type, version, mode, account, occurred_at, created_at, sealed"
    };
}

/// One damaged row must not hide the others.
fn read(row: &Row<'_>) -> rusqlite::Result<EventRow> {
    Ok(EventRow {
        number: row.get(0)?,
        content: read_content(row).ok(),
    })
}

fn read_content(row: &Row<'_>) -> rusqlite::Result<EventContent> {
    Ok(EventContent {
        organization: row.get(1)?,
        id: codec::parse_event_id(row.get_ref(2)?),
        event_type: row.get(3)?,
        version: row.get(4)?,
        mode: row.get(5)?,
        account: row.get(6)?,
        occurred_at: row.get(7)?,
        created_at: row.get(8)?,
        sealed: row.get(9)?,
    })
}

/// The row of an event by its number.
pub(super) fn row(file: &Connection, number: i64) -> rusqlite::Result<Option<EventRow>> {
    const SQL: &str = concat!(
        "-- carehook.event_reads.row\nSELECT ",
        columns!(),
        " FROM events WHERE number = ?1"
    );
    file.prepare_cached(SQL)?
        .query_row([number], read)
        .optional()
}

/// Opens a row; `None` when it can no longer be read: erased, shredded key, or damaged.
pub(super) fn open(shared: &Shared, row: &EventRow) -> Option<Event> {
    let content = row.content.as_ref()?;
    let body = open_body(shared, row.number, content)?;
    with_body(shared, content, body)
}

/// Opens a row for people; one that is past its retention or erased is shown without its body.
pub(super) fn show(shared: &Shared, row: &EventRow) -> Option<Event> {
    let content = row.content.as_ref()?;
    let key_day = Timestamp(content.created_at).day();
    let is_gone = content.sealed.is_empty() || !shared.keys.has(content.organization, key_day);
    let body = if is_gone {
        EventBody::gone()
    } else {
        open_body(shared, row.number, content)?
    };
    with_body(shared, content, body)
}

fn open_body(shared: &Shared, number: i64, row: &EventContent) -> Option<EventBody> {
    let day = Timestamp(row.created_at).day();
    let key = shared.keys.get(row.organization, day)?;
    let place = Place {
        kind: Kind::Event,
        organization: row.organization,
        row: &number.to_be_bytes(),
    };
    let plain = key.open(place, &row.sealed).ok()?;
    codec::decode_body(Bytes::from(plain))
}

fn with_body(shared: &Shared, row: &EventContent, body: EventBody) -> Option<Event> {
    let organization = {
        let control = shared.control.read();
        control.organization_id(row.organization)?.clone()
    };
    Some(Event {
        id: row.id.clone()?,
        organization,
        event_type: row.event_type.parse().ok()?,
        version: row.version.as_str().into(),
        mode: codec::mode::parse(row.mode)?,
        account: row.account.as_deref().map(str::parse).transpose().ok()?,
        occurred_at: row.occurred_at.map(Timestamp),
        created_at: Timestamp(row.created_at),
        body,
    })
}

/// The organization and the day whose key opens the event of a delivery; `None` when the event was
/// erased.
pub(super) fn sealed_with(
    file: &Connection,
    delivery: i64,
) -> rusqlite::Result<Option<(i64, i64)>> {
    const SQL: &str = "-- carehook.event_reads.sealed_with
        SELECT e.organization, e.created_at FROM deliveries d JOIN events e ON e.number = d.event
        WHERE d.number = ?1 AND length(e.sealed) > 0";
    let found: Option<(i64, i64)> = file
        .prepare_cached(SQL)?
        .query_row([delivery], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    Ok(found.map(|(organization, created_at)| (organization, Timestamp(created_at).day())))
}

/// Where an event is: its day's file and its number.
pub(super) fn find(
    shared: &Shared,
    organization: i64,
    id: &EventId,
) -> rusqlite::Result<Option<(i64, EventRow)>> {
    match id {
        EventId::Made(record) => {
            // An event that waited over midnight is in the file of the next day.
            let day = Timestamp(record.millis()).day();
            for day in [day, day + 1]
                .into_iter()
                .filter(|day| shared.days.has(*day))
            {
                let number = record.number().cast_signed();
                let found = shared.readers.with(day, |file| row(file, number))?;
                let ours = |row: &EventRow| {
                    let content = row.content.as_ref();
                    content.is_some_and(|c| {
                        c.organization == organization && c.id.as_ref() == Some(id)
                    })
                };
                if let Some(row) = found.filter(ours) {
                    return Ok(Some((day, row)));
                }
            }
            Ok(None)
        }
        EventId::Given(text) => find_given(shared, organization, text),
    }
}

/// Whether an event of this type is owed to anybody, in any organization.
///
/// Reads whole files until it finds one: only the removal of an event type asks, and no index is
/// kept for that.
pub(super) fn has_deliveries_of(shared: &Shared, event_type: &str) -> rusqlite::Result<bool> {
    const SQL: &str = "-- carehook.event_reads.has_deliveries_of
        SELECT EXISTS (SELECT 1 FROM events WHERE type = ?1 AND delivery_count > 0)";
    for day in shared.days.newest_first() {
        let found = shared.readers.with(day, |file| {
            file.prepare_cached(SQL)?
                .query_row([event_type], |row| row.get(0))
        })?;
        if found {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A given id is found through its idempotency key; the newest event that has it counts.
fn find_given(
    shared: &Shared,
    organization: i64,
    text: &str,
) -> rusqlite::Result<Option<(i64, EventRow)>> {
    const SQL: &str = "-- carehook.event_reads.find_given
        SELECT event FROM idempotency WHERE organization = ?1 AND key = ?2";
    let key = super::given_key(text);
    for day in shared.days.newest_first() {
        let found = shared.readers.with(day, |file| {
            let number: Option<i64> = file
                .prepare_cached(SQL)?
                .query_row(params![organization, key], |row| row.get(0))
                .optional()?;
            number.map_or(Ok(None), |number| row(file, number))
        })?;
        if let Some(row) = found {
            return Ok(Some((day, row)));
        }
    }
    Ok(None)
}

/// The events of an organization, newest first.
pub(super) fn list(
    shared: &Shared,
    organization: i64,
    filter: &EventFilter,
    page: PageRequest,
) -> rusqlite::Result<ListPage<Event>> {
    let mut rows: Vec<(i64, EventRow)> = Vec::new();
    let after = page.after.map(|after| (cursor_day(after), after));
    for day in shared.days.newest_first() {
        let later = after.is_some_and(|(cursor, _)| day > cursor);
        if later || !may_hold(day, filter.since, filter.until) {
            continue;
        }
        // Numbers are given out before the commit, so they do not order what is in different files.
        let below = after.filter(|(cursor, _)| *cursor == day);
        let below = below.map(|(_, after)| after.number().cast_signed());
        let missing = page.limit.saturating_add(1) - rows.len();
        let (sql, values) = list_query(organization, filter, below, missing);
        let found = shared.readers.with(day, |file| {
            file.prepare_cached(&sql)?
                .query_map(params_from_iter(values), read)?
                .collect::<rusqlite::Result<Vec<_>>>()
        })?;
        rows.extend(found.into_iter().map(|row| (day, row)));
        if rows.len() > page.limit {
            break;
        }
    }
    let more = rows.len() > page.limit;
    rows.truncate(page.limit);
    let last = rows.last().filter(|_| more);
    let next = last.map(|(day, row)| cursor(*day, row.number));
    let opened = rows.iter().filter_map(|(_, row)| show(shared, row));
    Ok(ListPage {
        items: opened.collect(),
        next,
    })
}

/// A place in the list: the file and the number in it.
fn cursor(day: i64, number: i64) -> RecordId {
    RecordId::new(Timestamp::from_day(day).0, number.cast_unsigned(), 0)
}

fn cursor_day(cursor: RecordId) -> i64 {
    Timestamp(cursor.millis()).day()
}

/// Whether the file of a day can hold records of this span; those that waited over midnight too.
pub(super) fn may_hold(day: i64, since: Option<Timestamp>, until: Option<Timestamp>) -> bool {
    since.is_none_or(|since| day >= since.day()) && until.is_none_or(|until| day - 1 <= until.day())
}

fn list_query(
    organization: i64,
    filter: &EventFilter,
    below: Option<i64>,
    limit: usize,
) -> (String, Vec<Value>) {
    let EventFilter {
        event_type,
        mode,
        since,
        until,
    } = filter;
    let mut values = vec![Value::Integer(organization)];
    let mut sql = concat!(
        "-- carehook.event_reads.list\nSELECT ",
        columns!(),
        " FROM events WHERE organization = ?1"
    )
    .to_owned();
    let mut and = |condition: &str, value: Value| {
        values.push(value);
        sql.extend([" AND ", condition, " ?", &values.len().to_string()]);
    };
    if let Some(below) = below {
        and("number <", Value::Integer(below));
    }
    if let Some(event_type) = event_type {
        and("type =", Value::Text(event_type.to_string()));
    }
    if let Some(mode) = mode {
        and("mode =", Value::Integer(codec::mode::code(*mode)));
    }
    if let Some(since) = since {
        and("created_at >=", Value::Integer(since.0));
    }
    if let Some(until) = until {
        and("created_at <", Value::Integer(until.0));
    }
    // The limit is a value, so that the statement is prepared once for all limits.
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    values.push(Value::Integer(limit));
    sql.extend([" ORDER BY number DESC LIMIT ?", &values.len().to_string()]);
    (sql, values)
}
