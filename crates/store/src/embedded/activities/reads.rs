//! Reading one activity: an attempt with its delivery and event, or what was reported.

use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension as _};

use super::super::control::EndpointPlace;
use super::super::shared::Shared;
use super::super::writer::day_of;
use super::super::{delivery_reads, event_reads};
use super::{chain, reports};
use crate::{Activity, ActivityId, ActivityOrigin};
use carehook_core::{Delivery, DeliveryId, DeliveryState, Event, Timestamp};

/// One activity of an endpoint.
pub(in crate::embedded) fn one(
    shared: &Shared,
    place: EndpointPlace,
    id: ActivityId,
) -> rusqlite::Result<Option<Activity>> {
    match id.attempt() {
        Some(attempt) => of_attempt(shared, place, attempt),
        None => reports::one(shared, place, id),
    }
}

/// An attempt that was made, or the next one of a pending delivery.
fn of_attempt(
    shared: &Shared,
    place: EndpointPlace,
    (delivery_id, number): (DeliveryId, u32),
) -> rusqlite::Result<Option<Activity>> {
    let found = delivery_reads::one(shared, place.organization, delivery_id)?;
    let Some(delivery) = found.filter(|delivery| delivery.endpoint_id == place.id) else {
        return Ok(None);
    };
    let only = number..=number;
    let mut made = delivery_reads::attempts(shared, place.organization, delivery_id, only)?;
    let attempt = made.pop();
    let is_next = Some(number) == next_attempt(&delivery);
    if attempt.is_none() && !is_next {
        return Ok(None);
    }
    let begun = attempt.as_ref().map(|attempt| attempt.started_at);
    let due = delivery.next_attempt_at.unwrap_or(delivery.created_at);
    let id = ActivityId::of_attempt(delivery_id, number);
    Ok(Some(Activity {
        id,
        event_type: delivery.event_type.clone(),
        created_at: begun.unwrap_or(due),
        retry_of: retry_of(shared, id)?,
        origin: ActivityOrigin::Attempt {
            event: event(shared, delivery_id)?.map(Arc::new),
            delivery: Box::new(delivery),
            attempt: attempt.map(Box::new),
        },
    }))
}

/// The number of the attempt that a delivery waits for.
pub(super) fn next_attempt(delivery: &Delivery) -> Option<u32> {
    let pending = delivery.state == DeliveryState::Pending;
    pending.then(|| delivery.attempt_count.saturating_add(1))
}

/// What an attempt retries: what was noted, else the attempt before.
pub(super) fn retry_of(shared: &Shared, id: ActivityId) -> rusqlite::Result<Option<ActivityId>> {
    let noted = chain::original_of(shared, id)?;
    let before = || {
        let (delivery, number) = id.attempt()?;
        let before = number.checked_sub(1).filter(|number| *number > 0)?;
        Some(ActivityId::of_attempt(delivery, before))
    };
    Ok(noted.or_else(before))
}

fn event(shared: &Shared, delivery: DeliveryId) -> rusqlite::Result<Option<Event>> {
    let row = shared.readers.with(day_of(delivery), |file| {
        match event_number(file, delivery)? {
            Some(number) => event_reads::row(file, number),
            None => Ok(None),
        }
    })?;
    Ok(row.and_then(|row| event_reads::show(shared, &row)))
}

fn event_number(file: &Connection, delivery: DeliveryId) -> rusqlite::Result<Option<i64>> {
    const SQL: &str = "-- carehook.activities.event_number
        SELECT event FROM deliveries WHERE number = ?1";
    file.prepare_cached(SQL)?
        .query_row([delivery.0.number().cast_signed()], |row| row.get(0))
        .optional()
}

/// The day whose file holds an activity.
pub(super) fn day_of_activity(id: ActivityId) -> i64 {
    Timestamp(id.0.millis()).day()
}
