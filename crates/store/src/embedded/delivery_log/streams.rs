//! Numbers of deliveries out of several indexes of a file, merged, the highest first.

use std::collections::BinaryHeap;

use carehook_core::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::Search;
use super::rows::unfinished;
use crate::embedded::added;
use crate::embedded::writer::day_of;

/// Pending deliveries that are sorted at once; where there are more, all are looked through.
const SORTED: usize = 4_000;
/// Numbers that are read at a time, of all endpoints together and of each at least.
const READ: usize = 256;
const READ_AT_LEAST: usize = 8;

/// Where numbers come from.
pub(super) struct Sources {
    /// What is at hand, in ascending order.
    listed: Vec<i64>,
    /// The endpoints whose deliveries are read, by which index.
    endpoints: Vec<i64>,
    index: Index,
    /// Numbers from which on nothing is wanted.
    end: i64,
    /// The first number that may be wanted.
    start: i64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Index {
    All,
    GivenUp,
}

impl Sources {
    pub(super) fn new(file: &Connection, day: i64, search: &Search<'_>) -> rusqlite::Result<Self> {
        let mut sources = Self {
            listed: Vec::new(),
            endpoints: Vec::new(),
            index: Index::All,
            end: i64::MAX,
            start: 0,
        };
        if let Some(only) = &search.filter.only {
            let here = only.iter().filter(|id| day_of(**id) == day);
            sources.listed = here.map(|id| id.0.number().cast_signed()).collect();
        } else if let Some((_, event)) = search.event {
            sources.listed = of_event(file, event)?;
        } else {
            sources.of_endpoints(file, search)?;
        }
        sources.listed.sort_unstable();
        Ok(sources)
    }

    fn of_endpoints(&mut self, file: &Connection, search: &Search<'_>) -> rusqlite::Result<()> {
        self.endpoints.clone_from(&search.endpoints);
        self.bound_by_time(file, search)?;
        let Some((pending, given_up)) = unfinished(search.filter) else {
            return Ok(());
        };
        if pending {
            let Some(found) = pending_of(file, &search.endpoints)? else {
                return Ok(());
            };
            self.listed = found;
        }
        if given_up {
            self.index = Index::GivenUp;
        } else {
            self.endpoints.clear();
        }
        Ok(())
    }

    /// Numbers follow the time, but for deliveries that were added to older events.
    fn bound_by_time(&mut self, file: &Connection, search: &Search<'_>) -> rusqlite::Result<()> {
        let (since, until) = (search.filter.since, search.filter.until);
        if (since.is_none() && until.is_none()) || added::any(file)? {
            return Ok(());
        }
        if let Some(until) = until {
            self.end = first_at(file, until)?;
        }
        if let Some(since) = since {
            self.start = first_at(file, since)?;
        }
        Ok(())
    }

    /// What it costs to begin, in deliveries looked at.
    pub(super) fn cost(&self) -> usize {
        self.endpoints.len() + self.listed.len() / 8
    }
}

/// The numbers of one endpoint, a part at a time.
struct Stream {
    endpoint: i64,
    /// What was read and not given, the lowest first.
    read: Vec<i64>,
    /// Where reading goes on: below this number, or below this sequence once that is known.
    below: i64,
    sequence: Option<i64>,
    is_done: bool,
}

/// All sources, merged.
pub(super) struct Streams {
    listed: Vec<i64>,
    of_endpoints: Vec<Stream>,
    index: Index,
    start: i64,
    part: usize,
    /// The highest number of each stream.
    heads: BinaryHeap<(i64, usize)>,
}

impl Streams {
    pub(super) fn new(file: &Connection, sources: Sources, below: i64) -> rusqlite::Result<Self> {
        let Sources {
            mut listed,
            endpoints,
            index,
            end,
            start,
        } = sources;
        let below = below.min(end);
        listed.retain(|number| *number < below && *number >= start);
        let part = (READ / endpoints.len().max(1)).max(READ_AT_LEAST);
        let mut merged = Self {
            listed,
            of_endpoints: Vec::with_capacity(endpoints.len()),
            index,
            start,
            part,
            heads: BinaryHeap::new(),
        };
        for endpoint in endpoints {
            let mut stream = Stream {
                endpoint,
                read: Vec::new(),
                below,
                sequence: None,
                is_done: false,
            };
            let place = merged.of_endpoints.len();
            if let Some(number) = stream.next(file, index, part)? {
                merged.heads.push((number, place));
                merged.of_endpoints.push(stream);
            }
        }
        Ok(merged)
    }

    /// The next lower number.
    pub(super) fn next(&mut self, file: &Connection) -> rusqlite::Result<Option<i64>> {
        let head = self.heads.peek().copied();
        let number = match (head, self.listed.last().copied()) {
            (Some((number, _)), Some(listed)) if listed > number => self.listed.pop(),
            (None, Some(_)) => self.listed.pop(),
            (None, None) => None,
            (Some((number, place)), _) => {
                self.heads.pop();
                if let Some(stream) = self.of_endpoints.get_mut(place)
                    && let Some(next) = stream.next(file, self.index, self.part)?
                {
                    self.heads.push((next, place));
                }
                Some(number)
            }
        };
        Ok(number.filter(|number| *number >= self.start))
    }
}

impl Stream {
    fn next(
        &mut self,
        file: &Connection,
        index: Index,
        part: usize,
    ) -> rusqlite::Result<Option<i64>> {
        if self.read.is_empty() && !self.is_done {
            match index {
                Index::All => self.read_all(file, part)?,
                Index::GivenUp => self.read_given_up(file, part)?,
            }
            self.is_done = self.read.len() < part;
            self.read.reverse();
        }
        Ok(self.read.pop())
    }

    fn read_all(&mut self, file: &Connection, part: usize) -> rusqlite::Result<()> {
        const SQL: &str = "-- carehook.delivery_log.of_endpoint
            SELECT sequence, number FROM deliveries INDEXED BY deliveries_by_endpoint
            WHERE endpoint = ?1 AND sequence < ?2 ORDER BY sequence DESC LIMIT ?3";
        let below = match self.sequence {
            Some(sequence) => sequence,
            None if self.below == i64::MAX => i64::MAX,
            None => first_sequence(file, self.endpoint, self.below)?,
        };
        let part = i64::try_from(part).unwrap_or(i64::MAX);
        let mut statement = file.prepare_cached(SQL)?;
        let mut rows = statement.query(params![self.endpoint, below, part])?;
        self.sequence = Some(below);
        while let Some(row) = rows.next()? {
            self.sequence = row.get(0)?;
            self.read.push(row.get(1)?);
        }
        Ok(())
    }

    fn read_given_up(&mut self, file: &Connection, part: usize) -> rusqlite::Result<()> {
        const SQL: &str = "-- carehook.delivery_log.given_up
            SELECT number FROM deliveries INDEXED BY deliveries_given_up
            WHERE endpoint = ?1 AND state >= 2 AND number < ?2 ORDER BY number DESC LIMIT ?3";
        let part = i64::try_from(part).unwrap_or(i64::MAX);
        let mut statement = file.prepare_cached(SQL)?;
        let mut rows = statement.query(params![self.endpoint, self.below, part])?;
        while let Some(row) = rows.next()? {
            self.below = row.get(0)?;
            self.read.push(self.below);
        }
        Ok(())
    }
}

/// The first sequence of an endpoint whose delivery has this number or a higher one. Both grow
/// together, so it is found by halving.
fn first_sequence(file: &Connection, endpoint: i64, number: i64) -> rusqlite::Result<i64> {
    const SQL: &str = "-- carehook.delivery_log.sequence_from
        SELECT sequence, number FROM deliveries INDEXED BY deliveries_by_endpoint
        WHERE endpoint = ?1 AND sequence >= ?2 ORDER BY sequence LIMIT 1";
    const LAST: &str = "-- carehook.delivery_log.last_sequence
        SELECT max(sequence) FROM deliveries INDEXED BY deliveries_by_endpoint
        WHERE endpoint = ?1";
    let last: Option<i64> = file
        .prepare_cached(LAST)?
        .query_row([endpoint], |row| row.get(0))?;
    let Some(last) = last else { return Ok(0) };
    let mut statement = file.prepare_cached(SQL)?;
    halve((0, last + 1), |sequence| {
        let found: Option<(i64, i64)> = statement
            .query_row([endpoint, sequence], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        Ok(found.is_none_or(|(_, found)| found >= number))
    })
}

/// The first number of a delivery that was made at this time or later.
fn first_at(file: &Connection, time: Timestamp) -> rusqlite::Result<i64> {
    const SQL: &str = "-- carehook.delivery_log.made_from
        SELECT created_at FROM deliveries WHERE number >= ?1 ORDER BY number LIMIT 1";
    const ENDS: &str = "-- carehook.delivery_log.first_number
        SELECT min(number) FROM deliveries";
    const LAST: &str = "-- carehook.delivery_log.last_number
        SELECT max(number) FROM deliveries";
    let end = |sql| -> rusqlite::Result<Option<i64>> {
        file.prepare_cached(sql)?.query_row([], |row| row.get(0))
    };
    let (Some(first), Some(last)) = (end(ENDS)?, end(LAST)?) else {
        return Ok(0);
    };
    let mut statement = file.prepare_cached(SQL)?;
    halve((first, last + 1), |number| {
        let found: Option<i64> = statement.query_row([number], |row| row.get(0)).optional()?;
        Ok(found.is_none_or(|made| made >= time.0))
    })
}

/// The first number in a range from which on something is true; its end when it never is.
fn halve(
    (mut low, mut high): (i64, i64),
    mut is_true: impl FnMut(i64) -> rusqlite::Result<bool>,
) -> rusqlite::Result<i64> {
    while low < high {
        let middle = low + (high - low) / 2;
        if is_true(middle)? {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    Ok(low)
}

/// The deliveries of an event.
fn of_event(file: &Connection, event: i64) -> rusqlite::Result<Vec<i64>> {
    const SQL: &str = "-- carehook.delivery_log.of_event
        SELECT d.number FROM events e CROSS JOIN deliveries d ON d.number >= e.first_delivery
            AND d.number < e.first_delivery + e.delivery_count
        WHERE e.number = ?1";
    let mut statement = file.prepare_cached(SQL)?;
    let rows = statement.query_map([event], |row| row.get(0))?;
    let mut numbers = rows.collect::<rusqlite::Result<Vec<i64>>>()?;
    numbers.extend(added::of_event(file, event)?);
    Ok(numbers)
}

/// All that is pending for some endpoints; `None` when that is too much to sort.
fn pending_of(file: &Connection, endpoints: &[i64]) -> rusqlite::Result<Option<Vec<i64>>> {
    const SQL: &str = "-- carehook.delivery_log.pending
        SELECT number FROM deliveries INDEXED BY deliveries_pending
        WHERE state = 0 AND endpoint = ?1 LIMIT ?2";
    let mut found = Vec::new();
    let mut statement = file.prepare_cached(SQL)?;
    for endpoint in endpoints {
        let room = i64::try_from(SORTED - found.len()).unwrap_or(0) + 1;
        let mut rows = statement.query([*endpoint, room])?;
        while let Some(row) = rows.next()? {
            found.push(row.get(0)?);
        }
        if found.len() > SORTED {
            return Ok(None);
        }
    }
    Ok(Some(found))
}
