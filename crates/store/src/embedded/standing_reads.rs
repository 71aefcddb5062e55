//! Reading how the deliveries of an endpoint stand: each with its event and its last attempt.

use std::sync::Arc;

use carehook_core::{DeliveryState, EndpointId, EventType, OrganizationId, Timestamp};
use rusqlite::{Connection, Row, params};

use super::control::EndpointPlace;
use super::delivery_reads::{self, DeliveryRow, delivery_columns};
use super::event_reads::{self, EventRow, may_hold};
use super::shared::Shared;
use super::{EmbeddedStore, Result, codec};
use crate::{DeliveryStanding, LastAttempt, StandingQuery};

impl EmbeddedStore {
    pub(crate) async fn list_standings(
        &self,
        of: &OrganizationId,
        endpoint: EndpointId,
        query: &StandingQuery,
    ) -> Result<Vec<DeliveryStanding>> {
        let Some(place) = self.living_place(of, endpoint) else {
            return Ok(Vec::new());
        };
        let query = query.clone();
        self.read("list how deliveries stand", move |shared| {
            list(shared, place, &query)
        })
        .await
    }
}

/// A delivery's row with the last attempt's, and the event still sealed.
struct StandingRow {
    delivery: DeliveryRow,
    event: Option<EventRow>,
    last_attempt: Option<LastAttempt>,
}

/// How many more entries a list takes.
struct Room {
    skip: u64,
    take: usize,
    bytes: usize,
}

impl Room {
    fn is_full(&self) -> bool {
        self.take == 0 || self.bytes == 0
    }
}

/// The deliveries of an endpoint, newest first.
fn list(
    shared: &Shared,
    place: EndpointPlace,
    query: &StandingQuery,
) -> rusqlite::Result<Vec<DeliveryStanding>> {
    let mut room = Room {
        skip: query.skip,
        take: query.take,
        bytes: query.payload_bytes.max(1),
    };
    let mut standings = Vec::new();
    for day in shared.days.newest_first() {
        if room.is_full() {
            break;
        }
        if !may_hold(day, query.since, query.until) {
            continue;
        }
        let rows = shared
            .readers
            .with(day, |file| rows(file, place.number, query, &mut room))?;
        for row in rows {
            let event = row.event.as_ref();
            let event = event.and_then(|event| event_reads::show(shared, event));
            let delivery = delivery_reads::convert(&shared.control.read(), &row.delivery);
            standings.extend(delivery.map(|delivery| DeliveryStanding {
                delivery,
                event: event.map(Arc::new),
                last_attempt: row.last_attempt,
            }));
        }
    }
    Ok(standings)
}

/// The wanted rows of one file, newest first, as long as there is room.
fn rows(
    file: &Connection,
    endpoint: i64,
    query: &StandingQuery,
    room: &mut Room,
) -> rusqlite::Result<Vec<StandingRow>> {
    // No type has a space in it, so a type is one of these when it stands between two.
    const SQL: &str = concat!(
        "-- carehook.standing_reads.rows\nSELECT ",
        delivery_columns!(),
        ", d.event AS event_number, a.started_at AS last_started_at, a.status AS last_status,
            a.error AS last_error
        FROM deliveries d INDEXED BY deliveries_by_endpoint
        CROSS JOIN events e ON e.number = d.event
        LEFT JOIN attempts a ON a.delivery = d.number AND a.number = d.attempts
        WHERE d.endpoint = ?1
          AND (?2 IS NULL OR instr(?2, ' ' || e.type || ' ') > 0)
          AND (?3 IS NULL OR (d.state = ?4) = ?3)
          AND (?5 IS NULL OR e.created_at >= ?5) AND (?6 IS NULL OR e.created_at < ?6)
          AND (?7 IS NULL OR a.status = ?7)
          AND (?8 IS NULL OR instr(lower(a.error), lower(?8)) > 0)
        ORDER BY d.sequence DESC"
    );
    let names: Vec<&str> = query.event_types.iter().map(EventType::as_str).collect();
    let values = params![
        endpoint,
        (!names.is_empty()).then(|| format!(" {} ", names.join(" "))),
        query.delivered,
        codec::state::code(DeliveryState::Delivered),
        query.since.map(|time| time.0),
        query.until.map(|time| time.0),
        query.last_status,
        query.last_error,
    ];
    let mut statement = file.prepare_cached(SQL)?;
    let mut found = statement.query(values)?;
    let mut rows = Vec::new();
    while !room.is_full()
        && let Some(row) = found.next()?
    {
        if room.skip > 0 {
            room.skip -= 1;
            continue;
        }
        let event = event_reads::row(file, row.get("event_number")?)?;
        let bytes = event.as_ref().map_or(0, EventRow::sealed_bytes);
        room.take -= 1;
        room.bytes = room.bytes.saturating_sub(bytes);
        rows.push(StandingRow {
            delivery: delivery_reads::read(row)?,
            event,
            last_attempt: last_attempt(row)?,
        });
    }
    Ok(rows)
}

fn last_attempt(row: &Row<'_>) -> rusqlite::Result<Option<LastAttempt>> {
    let Some(started_at) = row.get::<_, Option<i64>>("last_started_at")? else {
        return Ok(None);
    };
    Ok(Some(LastAttempt {
        started_at: Timestamp(started_at),
        status: row.get("last_status")?,
        error: row.get("last_error")?,
    }))
}
