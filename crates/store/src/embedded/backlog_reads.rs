//! Counting what is pending, and what was given up, up to a bound and by the indexes for them.

use std::collections::HashMap;

use carehook_core::{EndpointId, OrganizationId, Reason, Timestamp};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::due_reads::first_due;
use super::shared::Shared;
use super::{EmbeddedStore, Result, codec, files};
use crate::{Backlog, Bounded, DiskUse, EndpointBacklog};

const OP: &str = "count what is pending";
/// What all endpoints together may have counted, as a multiple of what one may.
const ALL: usize = 10;
/// In milliseconds.
const MINUTE: i64 = 60_000;
const HOUR: i64 = 3_600_000;

impl EmbeddedStore {
    pub(crate) async fn backlog(
        &self,
        of: &OrganizationId,
        endpoint: EndpointId,
        (now, at_most): (Timestamp, usize),
    ) -> Result<Backlog> {
        let Some(place) = self.living_place(of, endpoint) else {
            return Ok(Backlog::default());
        };
        self.read(OP, move |shared| {
            let mut backlog = Backlog::default();
            for day in shared.days.with_pending() {
                let found = shared
                    .readers
                    .with(day, |log| in_file(log, place.number, now, at_most))?;
                backlog.add(&found);
            }
            Ok(backlog)
        })
        .await
    }

    pub(crate) async fn backlogs(
        &self,
        of: Option<&OrganizationId>,
        (now, at_most): (Timestamp, usize),
    ) -> Result<Vec<EndpointBacklog>> {
        let only = match of {
            None => None,
            Some(of) => match self.organization_number(of) {
                None => return Ok(Vec::new()),
                number => number,
            },
        };
        self.read(OP, move |shared| of_endpoints(shared, only, now, at_most))
            .await
    }

    pub(crate) async fn count_ahead(
        &self,
        of: &OrganizationId,
        endpoint: EndpointId,
        (due, at_most): (Timestamp, usize),
    ) -> Result<Bounded> {
        let Some(place) = self.living_place(of, endpoint) else {
            return Ok(Bounded::default());
        };
        self.read(OP, move |shared| {
            let mut ahead = 0;
            for day in shared.days.with_pending() {
                let limit = at_most.saturating_add(1) - ahead;
                ahead += shared
                    .readers
                    .with(day, |log| ahead_in_file(log, place.number, due, limit))?;
                if ahead > at_most {
                    break;
                }
            }
            Ok(Bounded {
                number: ahead.min(at_most) as u64,
                more: ahead > at_most,
            })
        })
        .await
    }

    pub(crate) async fn count_ended(
        &self,
        of: &OrganizationId,
        endpoint: EndpointId,
        reason: Reason,
        look_at: usize,
    ) -> Result<Bounded> {
        let Some(place) = self.living_place(of, endpoint) else {
            return Ok(Bounded::default());
        };
        let reason = codec::reason::code(reason);
        self.read("count what was given up", move |shared| {
            let mut counted = Bounded::default();
            let mut left = look_at;
            for day in shared.days.newest_first() {
                let (found, seen) = shared.readers.with(day, |log| {
                    ended_in_file(log, place.number, reason, left.saturating_add(1))
                })?;
                counted.number += found;
                if seen > left {
                    counted.more = true;
                    break;
                }
                left -= seen;
            }
            Ok(counted)
        })
        .await
    }

    pub(crate) async fn disk_use(&self) -> Result<DiskUse> {
        self.read("look at the disk", |shared| {
            let used = files::bytes_in(&shared.dir);
            let disk = rustix::fs::statvfs(&shared.dir);
            let free = disk.map_or(0, |fs| fs.f_bavail.saturating_mul(fs.f_frsize));
            Ok(DiskUse {
                used,
                free,
                log_files: shared.days.newest_first().len(),
                queued: shared.queue.len(),
            })
        })
        .await
    }
}

/// Every living endpoint with something pending.
fn of_endpoints(
    shared: &Shared,
    only: Option<i64>,
    now: Timestamp,
    at_most: usize,
) -> rusqlite::Result<Vec<EndpointBacklog>> {
    let mut found: HashMap<i64, Backlog> = HashMap::new();
    let mut left = at_most.saturating_mul(ALL);
    let wanted: Option<Vec<i64>> = only.map(|organization| {
        let control = shared.control.read();
        let places = control.all_places();
        let of_it = places.filter(|place| place.organization == organization && !place.deleted);
        of_it.map(|place| place.number).collect()
    });
    for day in shared.days.with_pending() {
        shared.readers.with(day, |log| {
            let endpoints = match &wanted {
                Some(endpoints) => endpoints.clone(),
                None => first_due(log)?
                    .into_iter()
                    .map(|(number, _)| number)
                    .collect(),
            };
            for endpoint in endpoints {
                // One at least, so that it is seen that there is something.
                let part = in_file(log, endpoint, now, at_most.min(left).max(1))?;
                left = left.saturating_sub(usize::try_from(part.pending.number).unwrap_or(left));
                if part.pending.number > 0 {
                    found.entry(endpoint).or_default().add(&part);
                }
            }
            Ok(())
        })?;
    }
    let control = shared.control.read();
    let living = found.into_iter().filter_map(|(number, backlog)| {
        let endpoint = control.endpoint(control.endpoint_id(number)?)?;
        Some(EndpointBacklog {
            organization: endpoint.organization.clone(),
            endpoint: endpoint.id,
            backlog,
        })
    });
    Ok(living.collect())
}

/// How many deliveries of an endpoint in one file are due before this time, at most `limit`.
fn ahead_in_file(
    log: &Connection,
    endpoint: i64,
    due: Timestamp,
    limit: usize,
) -> rusqlite::Result<usize> {
    const SQL: &str = "-- carehook.backlog_reads.ahead
        SELECT count(*) FROM (SELECT 1 FROM deliveries INDEXED BY deliveries_pending
            WHERE state = 0 AND endpoint = ?1 AND due < ?2 LIMIT ?3)";
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let ahead: i64 = log
        .prepare_cached(SQL)?
        .query_row(params![endpoint, due.0, limit], |row| row.get(0))?;
    Ok(usize::try_from(ahead).unwrap_or(0))
}

/// How many of the newest that were given up in a file were so for this reason, and how many there
/// were.
fn ended_in_file(
    log: &Connection,
    endpoint: i64,
    reason: i64,
    limit: usize,
) -> rusqlite::Result<(u64, usize)> {
    const SQL: &str = "-- carehook.backlog_reads.ended
        SELECT count(*) FILTER (WHERE reason = ?2), count(*)
        FROM (SELECT reason FROM deliveries INDEXED BY deliveries_given_up
              WHERE state >= 2 AND endpoint = ?1 ORDER BY number DESC LIMIT ?3)";
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    log.prepare_cached(SQL)?
        .query_row(params![endpoint, reason, limit], |row| {
            let seen: i64 = row.get(1)?;
            let found: i64 = row.get(0)?;
            Ok((found.cast_unsigned(), usize::try_from(seen).unwrap_or(0)))
        })
}

/// What an endpoint is owed in one file, what is due first before the rest.
fn in_file(
    log: &Connection,
    endpoint: i64,
    now: Timestamp,
    at_most: usize,
) -> rusqlite::Result<Backlog> {
    const SQL: &str = "-- carehook.backlog_reads.pending
        SELECT count(*), min(number), count(*) FILTER (WHERE due <= ?2),
            count(*) FILTER (WHERE due > ?2 AND due <= ?3),
            count(*) FILTER (WHERE due > ?3 AND due <= ?4)
        FROM (SELECT number, due FROM deliveries INDEXED BY deliveries_pending
              WHERE state = 0 AND endpoint = ?1 ORDER BY due LIMIT ?5)";
    const MADE: &str = "-- carehook.backlog_reads.made
        SELECT created_at FROM deliveries WHERE number = ?1";
    let limit = i64::try_from(at_most).unwrap_or(i64::MAX).saturating_add(1);
    let (minute, hour) = (now.0.saturating_add(MINUTE), now.0.saturating_add(HOUR));
    let values = params![endpoint, now.0, minute, hour, limit];
    let number = |value: i64| value.cast_unsigned();
    let (all, oldest, mut backlog): (i64, Option<i64>, Backlog) =
        log.prepare_cached(SQL)?.query_row(values, |row| {
            let [due, in_a_minute, in_an_hour] = [row.get(2)?, row.get(3)?, row.get(4)?];
            let all: i64 = row.get(0)?;
            let backlog = Backlog {
                due: number(due),
                in_a_minute: number(in_a_minute),
                in_an_hour: number(in_an_hour),
                later: number(all - due - in_a_minute - in_an_hour),
                ..Backlog::default()
            };
            Ok((all, row.get(1)?, backlog))
        })?;
    let more = all >= limit;
    backlog.pending = Bounded {
        number: number(all.min(limit - 1)),
        more,
    };
    if let Some(oldest) = oldest {
        let made: Option<i64> = log
            .prepare_cached(MADE)?
            .query_row([oldest], |row| row.get(0))
            .optional()?;
        backlog.oldest = made.map(Timestamp);
    }
    Ok(backlog)
}
