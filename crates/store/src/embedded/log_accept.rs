//! Accepting an event in a log file: its row, its deliveries and its idempotency keys.

use std::collections::HashMap;

use carehook_core::{DeliveryId, EventId, Limits, RecordId, Timestamp, Trigger};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::activities::chain;
use super::added;
use super::codec;
use super::work::{Idempotency, PreparedEvent};
use crate::{Accepted, ActivityId, DueDelivery, Notify, Refusal, StoreError};

/// Numbers that the writer gives out. Sequences have no gaps, so they are put back when a
/// transaction fails.
#[derive(Default)]
pub(super) struct Counters {
    pub(super) next_delivery: u64,
    sequences: HashMap<i64, u64>,
    undo: Vec<(i64, u64)>,
}

impl Counters {
    /// Notes that an endpoint has a delivery with this sequence.
    pub(super) fn raise_sequence(&mut self, endpoint: i64, last: u64) {
        let highest = self.sequences.entry(endpoint).or_default();
        *highest = (*highest).max(last);
    }

    /// The number of a new delivery and its place among those of its endpoint.
    pub(super) fn take(&mut self, endpoint: i64) -> (u64, u64) {
        (self.delivery(), self.sequence(endpoint))
    }

    pub(super) fn begin(&mut self) {
        self.undo.clear();
    }

    pub(super) fn roll_back(&mut self) {
        while let Some((endpoint, last)) = self.undo.pop() {
            self.sequences.insert(endpoint, last);
        }
    }

    fn sequence(&mut self, endpoint: i64) -> u64 {
        let last = self.sequences.entry(endpoint).or_default();
        self.undo.push((endpoint, *last));
        *last += 1;
        *last
    }

    fn delivery(&mut self) -> u64 {
        let number = self.next_delivery;
        self.next_delivery += 1;
        number
    }
}

/// The id of a delivery in the log file of its day.
pub(super) fn delivery_id(created_at: Timestamp, number: i64) -> DeliveryId {
    DeliveryId(RecordId::new(created_at.0, number.cast_unsigned(), 0))
}

/// What an accept has to know of the files.
pub(super) struct AcceptContext<'a> {
    pub(super) today: &'a Connection,
    /// The file before, where keys of the last 24 hours may be.
    pub(super) yesterday: Option<&'a Connection>,
    pub(super) now: Timestamp,
}

/// Writes one event inside an open transaction; `hints` get its deliveries.
pub(super) fn accept(
    context: &AcceptContext<'_>,
    counters: &mut Counters,
    new: &PreparedEvent,
    hints: &mut Vec<DueDelivery>,
) -> rusqlite::Result<Result<Accepted, StoreError>> {
    if let Some(idempotency) = &new.idempotency {
        match earlier(context, new, idempotency)? {
            Earlier::None => {}
            Earlier::Same(accepted) => return Ok(Ok(accepted)),
            Earlier::Different => return Ok(Err(Refusal::KeyReused.into())),
        }
    }
    if !insert_event(context, new, counters.next_delivery)? {
        return Ok(Err(Refusal::Exists("event").into()));
    }
    if let Some(idempotency) = &new.idempotency {
        for key in &idempotency.keys {
            insert_key(context, new, key, &idempotency.fingerprint)?;
        }
    }
    if new.trigger != Trigger::Schedule {
        added::note_addressed(context.today, new.number.cast_signed())?;
    }
    let mut deliveries = Vec::with_capacity(new.to.len());
    for place in &new.to {
        let (number, sequence) = counters.take(place.number);
        insert_delivery(context, new, (number, place.number, sequence))?;
        let id = delivery_id(context.now, number.cast_signed());
        if let Some(original) = new.retry_of {
            chain::note(context.today, ActivityId::of_attempt(id, 1), original)?;
        }
        deliveries.push(id);
        hints.push(DueDelivery {
            id,
            endpoint: place.id,
            event: std::sync::Arc::clone(&new.event),
            sequence,
            attempt_count: 0,
            failed_in_round: 0,
            due: context.now,
            trigger: new.trigger,
            notify: Notify::OnFailure,
        });
    }
    Ok(Ok(Accepted {
        id: new.event.id.clone(),
        deliveries,
        created_at: new.event.created_at,
        duplicate: false,
    }))
}

/// Writes the row of an event; false when its number is taken, so that no other event suffers.
fn insert_event(
    context: &AcceptContext<'_>,
    new: &PreparedEvent,
    first_delivery: u64,
) -> rusqlite::Result<bool> {
    const SQL: &str = "-- carehook.log_accept.insert_event
        INSERT OR IGNORE INTO events (number, organization, id, type, version, mode, account, occurred_at,
            created_at, first_delivery, delivery_count, subject, sealed)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
    let event = &new.event;
    let inserted = context.today.prepare_cached(SQL)?.execute(params![
        new.number.cast_signed(),
        new.organization,
        codec::EventIdColumn::from(&event.id),
        event.event_type.as_str(),
        event.version,
        codec::mode::code(event.mode),
        event.account.as_ref().map(carehook_core::AccountId::as_str),
        event.occurred_at.map(|t| t.0),
        event.created_at.0,
        first_delivery.cast_signed(),
        i64::try_from(new.to.len()).unwrap_or(i64::MAX),
        new.subject,
        new.sealed,
    ])?;
    Ok(inserted == 1)
}

fn insert_delivery(
    context: &AcceptContext<'_>,
    new: &PreparedEvent,
    (number, endpoint, sequence): (u64, i64, u64),
) -> rusqlite::Result<()> {
    const SQL: &str = "-- carehook.log_accept.insert_delivery
        INSERT INTO deliveries (number, event, endpoint, sequence, created_at, state, attempts,
            round_start, trigger_kind, due)
        VALUES (?1, ?2, ?3, ?4, ?5, 0, 0, 0, ?6, ?5)";
    context.today.prepare_cached(SQL)?.execute(params![
        number.cast_signed(),
        new.number.cast_signed(),
        endpoint,
        sequence.cast_signed(),
        context.now.0,
        codec::trigger::code(new.trigger),
    ])?;
    Ok(())
}

fn insert_key(
    context: &AcceptContext<'_>,
    new: &PreparedEvent,
    key: &str,
    fingerprint: &[u8; 32],
) -> rusqlite::Result<()> {
    const SQL: &str = "-- carehook.log_accept.insert_key
        INSERT OR REPLACE INTO idempotency (organization, key, event, fingerprint, at)
        VALUES (?1, ?2, ?3, ?4, ?5)";
    context.today.prepare_cached(SQL)?.execute(params![
        new.organization,
        key,
        new.number.cast_signed(),
        fingerprint,
        context.now.0
    ])?;
    Ok(())
}

enum Earlier {
    None,
    Same(Accepted),
    Different,
}

/// Looks for an earlier publish with one of the keys, within 24 hours.
fn earlier(
    context: &AcceptContext<'_>,
    new: &PreparedEvent,
    idempotency: &Idempotency,
) -> rusqlite::Result<Earlier> {
    let mut found: Option<Accepted> = None;
    for key in &idempotency.keys {
        let files = [Some(context.today), context.yesterday];
        for file in files.into_iter().flatten() {
            let Some((event, fingerprint)) = find_key(file, new.organization, key, context.now)?
            else {
                continue;
            };
            if fingerprint != idempotency.fingerprint {
                return Ok(Earlier::Different);
            }
            let accepted = read_accepted(file, event)?;
            let other_event = found.as_ref().is_some_and(|other| *other != accepted);
            if other_event || !is_same_request(&accepted.id, &new.event.id) {
                return Ok(Earlier::Different);
            }
            found = Some(accepted);
            break;
        }
    }
    Ok(found.map_or(Earlier::None, Earlier::Same))
}

/// Whether both publishes gave the same id, or none. An answer with another id than the one that
/// was given would swallow an event.
fn is_same_request(earlier: &EventId, now: &EventId) -> bool {
    match (earlier, now) {
        (EventId::Made(_), EventId::Made(_)) => true,
        (EventId::Given(earlier), EventId::Given(now)) => earlier == now,
        (EventId::Made(_), EventId::Given(_)) | (EventId::Given(_), EventId::Made(_)) => false,
    }
}

fn find_key(
    file: &Connection,
    organization: i64,
    key: &str,
    now: Timestamp,
) -> rusqlite::Result<Option<(i64, [u8; 32])>> {
    const SQL: &str = "-- carehook.log_accept.find_key
        SELECT event, fingerprint FROM idempotency
        WHERE organization = ?1 AND key = ?2 AND at > ?3";
    let lifetime = i64::try_from(Limits::IDEMPOTENCY.as_millis()).unwrap_or(i64::MAX);
    file.prepare_cached(SQL)?
        .query_row(params![organization, key, now.0 - lifetime], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()
}

/// The answer that was given when this event was accepted.
fn read_accepted(file: &Connection, event: i64) -> rusqlite::Result<Accepted> {
    const EVENT: &str = "-- carehook.log_accept.read_accepted
        SELECT id, created_at FROM events WHERE number = ?1";
    const DELIVERIES: &str = "-- carehook.log_accept.read_accepted_deliveries
        SELECT number, created_at FROM deliveries
        WHERE number >= (SELECT first_delivery FROM events WHERE number = ?1)
          AND number < (SELECT first_delivery + delivery_count FROM events WHERE number = ?1)
        ORDER BY number";
    let (id, created_at) = file.prepare_cached(EVENT)?.query_row([event], |row| {
        let id: Option<EventId> = codec::parse_event_id(row.get_ref(0)?);
        Ok((id, Timestamp(row.get(1)?)))
    })?;
    let deliveries = file
        .prepare_cached(DELIVERIES)?
        .query_map([event], |row| {
            Ok(delivery_id(Timestamp(row.get(1)?), row.get(0)?))
        })?
        .collect::<rusqlite::Result<_>>()?;
    Ok(Accepted {
        id: id.ok_or(rusqlite::Error::InvalidQuery)?,
        deliveries,
        created_at,
        duplicate: true,
    })
}
