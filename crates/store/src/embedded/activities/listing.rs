//! Lists of activities: a place in them is found by counting, so that no list is held in memory.
//!
//! An attempt may be made days after its delivery, so its file does not tell where it belongs. The
//! first pass counts how many activities there are in each hour, which gives the total and the hour
//! in which the wanted part begins. The second collects from that hour on, and keeps no more than
//! what is wanted and what the hour has before it.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use carehook_core::{RecordId, Timestamp};
use rusqlite::{Connection, params};

use super::super::control::EndpointPlace;
use super::super::log_accept::delivery_id;
use super::super::shared::Shared;
use super::reads;
use crate::{ActivityId, ActivityPage, ActivityQuery, ActivityStatus, Order};

const HOUR_MILLIS: i64 = 3_600_000;

/// When an activity began, and its id: its place in a list.
type Key = (i64, ActivityId);

/// The times from which activities are wanted: from the first to before the second.
type Span = (i64, i64);

const ALWAYS: Span = (i64::MIN, i64::MAX);

/// A part of the activities of an endpoint.
pub(super) fn list(
    shared: &Shared,
    place: EndpointPlace,
    query: &ActivityQuery,
) -> rusqlite::Result<ActivityPage> {
    let mut hours: BTreeMap<i64, u64> = BTreeMap::new();
    each_key(shared, place, query, ALWAYS, |(begun, _)| {
        *hours.entry(begun.div_euclid(HOUR_MILLIS)).or_default() += 1;
    })?;
    let total = hours.values().sum();
    let start = match query.order {
        Order::Ascending => hour_of(query.skip, hours.into_iter()),
        Order::Descending => hour_of(query.skip, hours.into_iter().rev()),
    };
    let mut items = Vec::new();
    if let Some((hour, before)) = start {
        for (_, id) in keys_from(shared, place, query, (hour, before))? {
            items.extend(reads::one(shared, place, id)?);
        }
    }
    Ok(ActivityPage { items, total })
}

/// The hour in which the entry after the first `skip` is, and how many of it come before.
fn hour_of(mut skip: u64, hours: impl Iterator<Item = (i64, u64)>) -> Option<(i64, usize)> {
    for (hour, count) in hours {
        if skip < count {
            return Some((hour, usize::try_from(skip).ok()?));
        }
        skip -= count;
    }
    None
}

/// The wanted places in their order, from an hour on without the first few.
fn keys_from(
    shared: &Shared,
    place: EndpointPlace,
    query: &ActivityQuery,
    (hour, before): (i64, usize),
) -> rusqlite::Result<Vec<Key>> {
    let start = hour.saturating_mul(HOUR_MILLIS);
    let most = before.saturating_add(query.take);
    let keys = match query.order {
        Order::Ascending => {
            let mut first = Fewest::new(most);
            let span = (start, i64::MAX);
            each_key(shared, place, query, span, |key| first.put(key))?;
            first.sorted()
        }
        Order::Descending => {
            let mut last = Fewest::new(most);
            let span = (i64::MIN, start.saturating_add(HOUR_MILLIS));
            each_key(shared, place, query, span, |key| last.put(Reverse(key)))?;
            let keys = last.sorted().into_iter();
            keys.map(|Reverse(key)| key).collect()
        }
    };
    Ok(keys.into_iter().skip(before).collect())
}

/// Keeps the smallest of what it is given.
struct Fewest<T> {
    most: usize,
    heap: BinaryHeap<T>,
}

impl<T: Ord> Fewest<T> {
    fn new(most: usize) -> Self {
        let heap = BinaryHeap::new();
        Self { most, heap }
    }

    fn put(&mut self, item: T) {
        if self.heap.len() < self.most {
            self.heap.push(item);
        } else if let Some(mut largest) = self.heap.peek_mut()
            && item < *largest
        {
            *largest = item;
        }
    }

    fn sorted(self) -> Vec<T> {
        self.heap.into_sorted_vec()
    }
}

/// Shows every place of a list to `see`, in no order.
fn each_key(
    shared: &Shared,
    place: EndpointPlace,
    query: &ActivityQuery,
    span: Span,
    mut see: impl FnMut(Key),
) -> rusqlite::Result<()> {
    let filter = Filter {
        endpoint: place.number,
        success: match query.status {
            ActivityStatus::All => None,
            ActivityStatus::Succeeded => Some(true),
            ActivityStatus::Failed => Some(false),
        },
        event_type: query.event_type.as_ref().map(ToString::to_string),
        span,
    };
    for day in shared.days.newest_first() {
        // What is in a later file is younger.
        if Timestamp::from_day(day).0 >= span.1 {
            continue;
        }
        shared.readers.with(day, |file| {
            filter.attempts(file, &mut see)?;
            filter.reports(file, &mut see)
        })?;
    }
    Ok(())
}

struct Filter {
    endpoint: i64,
    success: Option<bool>,
    event_type: Option<String>,
    span: Span,
}

impl Filter {
    fn attempts(&self, file: &Connection, see: &mut impl FnMut(Key)) -> rusqlite::Result<()> {
        // The number 0 stands for success.
        const SQL: &str = "-- carehook.activities.list_attempts
            SELECT a.started_at, d.created_at, d.number, a.number
            FROM deliveries d INDEXED BY deliveries_by_endpoint
            CROSS JOIN attempts a ON a.delivery = d.number
            CROSS JOIN events e ON e.number = d.event
            WHERE d.endpoint = ?1 AND a.started_at >= ?2 AND a.started_at < ?3
              AND (?4 IS NULL OR (a.outcome = 0) = ?4) AND (?5 IS NULL OR e.type = ?5)";
        let (from, to) = self.span;
        let values = params![self.endpoint, from, to, self.success, self.event_type];
        let mut statement = file.prepare_cached(SQL)?;
        let mut rows = statement.query(values)?;
        while let Some(row) = rows.next()? {
            let delivery = delivery_id(Timestamp(row.get(1)?), row.get(2)?);
            see((row.get(0)?, ActivityId::of_attempt(delivery, row.get(3)?)));
        }
        Ok(())
    }

    fn reports(&self, file: &Connection, see: &mut impl FnMut(Key)) -> rusqlite::Result<()> {
        const SQL: &str = "-- carehook.activities.list_reports
            SELECT created_at, number, salt FROM reports INDEXED BY reports_by_endpoint
            WHERE endpoint = ?1 AND created_at >= ?2 AND created_at < ?3
              AND (?4 IS NULL OR success = ?4) AND (?5 IS NULL OR type = ?5)";
        let (from, to) = self.span;
        let values = params![self.endpoint, from, to, self.success, self.event_type];
        let mut statement = file.prepare_cached(SQL)?;
        let mut rows = statement.query(values)?;
        while let Some(row) = rows.next()? {
            let (created_at, number): (i64, i64) = (row.get(0)?, row.get(1)?);
            let id = RecordId::new(created_at, number.cast_unsigned(), row.get(2)?);
            see((created_at, ActivityId(id)));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fewest_are_kept_in_order() {
        let mut fewest = Fewest::new(3);
        for item in [5, 1, 4, 2, 9, 3] {
            fewest.put(item);
        }
        assert_eq!(fewest.sorted(), [1, 2, 3]);
        let mut none = Fewest::new(0);
        none.put(1);
        assert!(none.sorted().is_empty());
    }

    #[test]
    fn the_hour_of_a_place_is_found_by_counting() {
        let hours = [(7, 2), (9, 3)];
        let at = |skip| hour_of(skip, hours.into_iter());
        assert_eq!(at(0), Some((7, 0)));
        assert_eq!(at(1), Some((7, 1)));
        assert_eq!(at(2), Some((9, 0)));
        assert_eq!(at(4), Some((9, 2)));
        assert_eq!(at(5), None);
    }
}
