//! Chains of retries: which activity is the retry of which, as noted or as it follows from numbers.
//!
//! The note is in the file of the later activity. An activity is never older than the one that it
//! retries, so that only the files from that day on have to be looked at.

use std::collections::{BTreeSet, VecDeque};

use carehook_core::{DeliveryId, RecordId};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::super::codec;
use super::super::control::EndpointPlace;
use super::super::shared::Shared;
use super::reads::{self, day_of_activity};
use crate::{Activity, ActivityId, ActivityOrigin};

/// Notes that an activity is the retry of another; the first note counts.
pub(in crate::embedded) fn note(
    file: &Connection,
    activity: ActivityId,
    retry_of: ActivityId,
) -> rusqlite::Result<()> {
    const SQL: &str = "-- carehook.activities.note_retry
        INSERT OR IGNORE INTO retries (activity, retry_of) VALUES (?1, ?2)";
    file.prepare_cached(SQL)?
        .execute(params![activity.0.to_bytes(), retry_of.0.to_bytes()])?;
    Ok(())
}

/// Notes that the next attempt of a delivery is the retry of an activity.
pub(in crate::embedded) fn note_next(
    file: &Connection,
    delivery: DeliveryId,
    retry_of: ActivityId,
) -> rusqlite::Result<()> {
    const SQL: &str = "-- carehook.activities.attempts
        SELECT attempts FROM deliveries WHERE number = ?1";
    let number = delivery.0.number().cast_signed();
    let made: i64 = file
        .prepare_cached(SQL)?
        .query_row([number], |row| row.get(0))?;
    let next = codec::count(made).saturating_add(1);
    note(file, ActivityId::of_attempt(delivery, next), retry_of)
}

/// Forgets what an activity was noted to retry.
pub(in crate::embedded) fn forget(file: &Connection, activity: ActivityId) -> rusqlite::Result<()> {
    const SQL: &str = "-- carehook.activities.forget_retry
        DELETE FROM retries WHERE activity = ?1";
    file.prepare_cached(SQL)?.execute([activity.0.to_bytes()])?;
    Ok(())
}

/// The activity that this one was noted to retry.
pub(super) fn original_of(shared: &Shared, id: ActivityId) -> rusqlite::Result<Option<ActivityId>> {
    const SQL: &str = "-- carehook.activities.original_of
        SELECT retry_of FROM retries WHERE activity = ?1";
    let day = day_of_activity(id);
    if !shared.days.has(day) {
        return Ok(None);
    }
    shared.readers.with(day, |file| {
        file.prepare_cached(SQL)?
            .query_row([id.0.to_bytes()], activity_id)
            .optional()
    })
}

/// The retries of an activity, their retries and so on, nearest first.
pub(in crate::embedded) fn descendants(
    shared: &Shared,
    place: EndpointPlace,
    root: ActivityId,
    limit: usize,
) -> rusqlite::Result<Vec<Activity>> {
    let mut found = Vec::new();
    // A retry is younger than its original, so there are no circles; a damaged file may differ.
    let mut seen = BTreeSet::from([root]);
    let mut waiting = VecDeque::from([root]);
    while let Some(original) = waiting.pop_front() {
        for id in children(shared, original)? {
            if found.len() == limit {
                return Ok(found);
            }
            if !seen.insert(id) {
                continue;
            }
            if let Some(activity) = reads::one(shared, place, id)?
                && is_shown(shared, &activity)?
            {
                found.push(activity);
                waiting.push_back(id);
            }
        }
    }
    Ok(found)
}

/// An attempt to come is shown when somebody asked for it, not when it is only scheduled.
fn is_shown(shared: &Shared, activity: &Activity) -> rusqlite::Result<bool> {
    let ActivityOrigin::Attempt { attempt: None, .. } = &activity.origin else {
        return Ok(true);
    };
    Ok(original_of(shared, activity.id)?.is_some())
}

/// The activities that retry this one, oldest first.
fn children(shared: &Shared, original: ActivityId) -> rusqlite::Result<BTreeSet<ActivityId>> {
    const SQL: &str = "-- carehook.activities.retries_of
        SELECT activity FROM retries WHERE retry_of = ?1";
    let first = day_of_activity(original);
    let mut children = BTreeSet::new();
    let days = shared.days.newest_first();
    for day in days.into_iter().filter(|day| *day >= first) {
        shared.readers.with(day, |file| {
            let mut statement = file.prepare_cached(SQL)?;
            for id in statement.query_map([original.0.to_bytes()], activity_id)? {
                children.insert(id?);
            }
            Ok(())
        })?;
    }
    if let Some((delivery, number)) = original.attempt() {
        let next = ActivityId::of_attempt(delivery, number.saturating_add(1));
        if reads::retry_of(shared, next)? == Some(original) {
            children.insert(next);
        }
    }
    Ok(children)
}

fn activity_id(row: &rusqlite::Row<'_>) -> rusqlite::Result<ActivityId> {
    row.get(0).map(RecordId::from_bytes).map(ActivityId)
}
