//! Finding what a replay is about, off the writer's thread: events of an organization in the order
//! of their acceptance, each with the delivery that the endpoint was owed for it.

use carehook_core::{
    AccountId, DeliveryState, Endpoint, EventType, Reason, ReplayFilter, ReplayOf, Timestamp,
};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::super::shared::Shared;
use super::super::{added, codec};
use super::progress::Place;
use crate::OpenReplay;

/// Events that one step looks at.
const LOOKED_AT: i64 = 2_000;

/// A delivery that is to be made due, or to be made.
pub(super) struct Candidate {
    pub(super) event: i64,
    /// `None` when the endpoint was never owed the event.
    pub(super) delivery: Option<i64>,
    /// Whose key opens the event.
    pub(super) key_day: i64,
}

/// What one look found in a file.
pub(super) struct Found {
    pub(super) candidates: Vec<Candidate>,
    /// Events that are meant but whose payload is gone.
    pub(super) skipped: u64,
    /// Where the next look begins.
    pub(super) next: Place,
}

/// An event as a look sees it.
struct Seen {
    number: i64,
    event_type: EventType,
    version: String,
    account: Option<AccountId>,
    created_at: Timestamp,
    /// The numbers of the deliveries that were made with it.
    deliveries: (i64, i64),
    has_payload: bool,
}

/// Looks through a part of a file until `most` were found.
pub(super) fn look(
    shared: &Shared,
    job: &OpenReplay,
    (endpoint, number): (&Endpoint, i64),
    (day, after): (i64, i64),
    most: usize,
) -> rusqlite::Result<Found> {
    const SQL: &str = "-- carehook.replay_look.events
        SELECT number, type, version, account, created_at, first_delivery,
            first_delivery + delivery_count, length(sealed) > 0, mode = ?4
        FROM events INDEXED BY events_by_organization
        WHERE organization = ?1 AND number > ?2 ORDER BY number LIMIT ?3";
    shared.readers.with(day, |file| {
        let snapshot = file.unchecked_transaction()?;
        let mut found = Found {
            candidates: Vec::new(),
            skipped: 0,
            next: Place::Ended,
        };
        let mut looked_at = 0;
        {
            let mut statement = snapshot.prepare_cached(SQL)?;
            let mode = codec::mode::code(endpoint.mode);
            let values = params![job.organization, after, LOOKED_AT, mode];
            let mut rows = statement.query(values)?;
            while let Some(row) = rows.next()? {
                looked_at += 1;
                let seen = read(row)?;
                if let Some(seen) = &seen
                    && job.filter.matches(&seen.event_type, seen.created_at)
                    && let Some(delivery) =
                        wanted(&snapshot, &job.filter, (endpoint, number), seen)?
                {
                    found.add(shared, job.organization, seen, delivery);
                }
                if looked_at == LOOKED_AT || found.candidates.len() >= most {
                    found.next = Place::After(row.get(0)?);
                    break;
                }
            }
        }
        snapshot.finish()?;
        Ok(found)
    })
}

impl Found {
    fn add(&mut self, shared: &Shared, organization: i64, seen: &Seen, delivery: Option<i64>) {
        let key_day = seen.created_at.day();
        if seen.has_payload && shared.keys.has(organization, key_day) {
            self.candidates.push(Candidate {
                event: seen.number,
                delivery,
                key_day,
            });
        } else {
            self.skipped += 1;
        }
    }
}

/// Reads a row; `None` for one of the other mode, and for a damaged one, which must not keep the
/// others from being sent.
fn read(row: &Row<'_>) -> rusqlite::Result<Option<Seen>> {
    if !row.get::<_, bool>(8)? {
        return Ok(None);
    }
    Ok(read_seen(row))
}

fn read_seen(row: &Row<'_>) -> Option<Seen> {
    let account: Option<String> = row.get(3).ok()?;
    Some(Seen {
        number: row.get(0).ok()?,
        event_type: row.get::<_, String>(1).ok()?.parse().ok()?,
        version: row.get(2).ok()?,
        account: account.map(|text| text.parse()).transpose().ok()?,
        created_at: Timestamp(row.get(4).ok()?),
        deliveries: (row.get(5).ok()?, row.get(6).ok()?),
        has_payload: row.get(7).ok()?,
    })
}

/// Whether the endpoint is to get an event, and by which of its deliveries.
#[expect(
    clippy::option_option,
    reason = "wanted or not, and then there is one or none"
)]
fn wanted(
    file: &Connection,
    filter: &ReplayFilter,
    (endpoint, number): (&Endpoint, i64),
    seen: &Seen,
) -> rusqlite::Result<Option<Option<i64>>> {
    let owed = delivery_to(file, seen, number)?;
    let for_reason = |reason| filter.reason.is_none() || filter.reason == reason;
    let owed = match owed {
        Some((_, DeliveryState::Failed, reason)) if !for_reason(reason) => return Ok(None),
        owed => owed.map(|(delivery, state, _)| (delivery, state)),
    };
    Ok(match (filter.of, owed) {
        (ReplayOf::Failed | ReplayOf::All, Some((delivery, DeliveryState::Failed)))
        | (ReplayOf::All, Some((delivery, DeliveryState::Delivered))) => Some(Some(delivery)),
        (ReplayOf::Missing | ReplayOf::All, None) => {
            let kind = (endpoint.mode, seen.account.as_ref());
            let wants = endpoint.wants_such(kind, &seen.version, &seen.event_type);
            (wants && !added::is_addressed(file, seen.number)?).then_some(None)
        }
        _ => None,
    })
}

/// The delivery of an event to an endpoint, and why it was given up.
fn delivery_to(
    file: &Connection,
    seen: &Seen,
    endpoint: i64,
) -> rusqlite::Result<Option<(i64, DeliveryState, Option<Reason>)>> {
    // Numbers of one event's deliveries are few; the index by endpoint would lead through all.
    const FIRST: &str = "-- carehook.replay_look.delivery
        SELECT number, state, reason FROM deliveries NOT INDEXED
        WHERE number >= ?1 AND number < ?2 AND endpoint = ?3 LIMIT 1";
    const ADDED: &str = "-- carehook.replay_look.added_delivery
        SELECT d.number, d.state, d.reason FROM added_deliveries a
        CROSS JOIN deliveries d ON d.number = a.delivery
        WHERE a.event = ?1 AND +d.endpoint = ?2 LIMIT 1";
    let read = |row: &Row<'_>| {
        let (state, reason): (i64, Option<i64>) = (row.get(1)?, row.get(2)?);
        Ok((row.get(0)?, state, reason))
    };
    let (from, to) = seen.deliveries;
    let mut first = file.prepare_cached(FIRST)?;
    let mut found = first.query_row([from, to, endpoint], read).optional()?;
    if found.is_none() {
        let mut added = file.prepare_cached(ADDED)?;
        found = added.query_row([seen.number, endpoint], read).optional()?;
    }
    // A damaged state is one in which nothing is done.
    Ok(found.map(|(number, state, reason)| {
        let state = codec::state::parse(state).unwrap_or(DeliveryState::Cancelled);
        (number, state, reason.and_then(codec::reason::parse))
    }))
}

/// How many deliveries of an endpoint are due or in flight, at most `most`. Those that wait for
/// their retries are left out: the receiver has nothing to do with them now.
pub(super) fn due(
    shared: &Shared,
    endpoint: i64,
    (now, most): (Timestamp, usize),
) -> rusqlite::Result<usize> {
    const SQL: &str = "-- carehook.replay_look.due
        SELECT 1 FROM deliveries INDEXED BY deliveries_pending
        WHERE state = 0 AND endpoint = ?1 AND due <= ?2 LIMIT ?3";
    let mut pending = 0;
    for day in shared.days.with_pending() {
        let missing = i64::try_from(most - pending).unwrap_or(i64::MAX);
        pending += shared.readers.with(day, |file| {
            let mut statement = file.prepare_cached(SQL)?;
            let mut rows = statement.query([endpoint, now.0, missing])?;
            let mut found = 0;
            while rows.next()?.is_some() {
                found += 1;
            }
            Ok(found)
        })?;
        if pending >= most {
            break;
        }
    }
    Ok(pending.min(most))
}
