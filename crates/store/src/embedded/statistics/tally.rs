//! What was counted and is not in the file yet, by endpoint and minute.

use std::collections::HashMap;
use std::time::Duration;

use carehook_core::{DeliveryId, DeliveryState, Mode, Timestamp};
use rusqlite::Connection;

use super::mode_of;
use crate::embedded::audit::Disclosed;
use crate::embedded::control::Control;
use crate::embedded::log_deliveries;
use crate::embedded::shared::Shared;
use crate::embedded::work::PreparedAttempt;
use crate::embedded::writer::day_of;
use crate::statistics::{HOUR_MINUTES, MINUTE};
use crate::{Counts, LastEnded, Meaning};

/// An ended attempt that was committed for the first time.
pub(in crate::embedded) struct Counted {
    pub(in crate::embedded) organization: i64,
    pub(in crate::embedded) endpoint: i64,
    pub(in crate::embedded) delivery: DeliveryId,
    pub(in crate::embedded) meaning: Meaning,
    pub(super) day: i64,
    /// Its number in the book of its organization and day, if it sent anything.
    pub(super) disclosure: Option<u64>,
    pub(super) ended_at: Timestamp,
    pub(super) duration: Duration,
}

/// What there is to count of an attempt that was just written.
pub(in crate::embedded) fn counted(
    shared: &Shared,
    log: &Connection,
    prepared: &PreparedAttempt,
    disclosed: Option<&Disclosed>,
) -> rusqlite::Result<Option<Counted>> {
    let delivery = prepared.delivery();
    let place = match disclosed {
        Some(disclosed) => Some((disclosed.organization, disclosed.endpoint)),
        None => endpoint_of(shared, log, delivery)?,
    };
    let Some((organization, endpoint)) = place else {
        return Ok(None);
    };
    let record = &prepared.record;
    Ok(Some(Counted {
        organization,
        endpoint,
        delivery,
        meaning: match record.state {
            DeliveryState::Delivered => Meaning::Delivered,
            DeliveryState::Pending => Meaning::Retried,
            DeliveryState::Failed | DeliveryState::Cancelled => Meaning::Failed,
        },
        day: day_of(delivery),
        disclosure: disclosed.map(|disclosed| disclosed.head.count),
        ended_at: record.attempt.started_at.plus(record.attempt.duration),
        duration: record.attempt.duration,
    }))
}

fn endpoint_of(
    shared: &Shared,
    log: &Connection,
    delivery: DeliveryId,
) -> rusqlite::Result<Option<(i64, i64)>> {
    let number = delivery.0.number().cast_signed();
    let Some(endpoint) = log_deliveries::endpoint_of(log, number)? else {
        return Ok(None);
    };
    let control = shared.control.read();
    let place = control
        .endpoint_id(endpoint)
        .and_then(|id| control.place(id));
    Ok(place.map(|place| (place.organization, endpoint)))
}

/// A row of the file: organization, endpoint, width and start in minutes.
pub(super) type RowName = (i64, i64, i64, i64);

/// Stands for all organizations.
pub(super) const EVERYTHING: (i64, i64) = (0, 0);

/// Stands for all endpoints of an organization that have this mode.
pub(super) fn total_of(mode: Mode) -> i64 {
    match mode {
        Mode::Live => -1,
        Mode::Test => -2,
    }
}

/// See the module.
#[derive(Default)]
pub(super) struct Tally {
    /// By organization, endpoint and minute since 1970.
    pub(super) counts: HashMap<(i64, i64, i64), Counts>,
    /// By organization and endpoint.
    pub(super) last: HashMap<(i64, i64), LastEnded>,
    /// By organization and day: the last disclosure that is in the counts.
    pub(super) counted: HashMap<(i64, i64), u64>,
}

impl Tally {
    pub(super) fn count(&mut self, attempt: &Counted) {
        let (organization, endpoint) = (attempt.organization, attempt.endpoint);
        let minute = attempt.ended_at.0.div_euclid(MINUTE);
        let counts = self.counts.entry((organization, endpoint, minute));
        let counts = counts.or_default();
        match attempt.meaning {
            Meaning::Delivered => counts.delivered += 1,
            Meaning::Retried => counts.retried += 1,
            Meaning::Failed => counts.failed += 1,
        }
        counts.durations.count(attempt.duration);
        self.ended((organization, endpoint), attempt.last());
        if let Some(disclosure) = attempt.disclosure {
            let book = (organization, attempt.day);
            let last = self.counted.entry(book).or_default();
            *last = disclosure.max(*last);
        }
    }

    fn ended(&mut self, endpoint: (i64, i64), ended: LastEnded) {
        let last = self.last.entry(endpoint).or_insert(ended);
        if ended.at >= last.at {
            *last = ended;
        }
    }

    pub(super) fn forget(&mut self, organization: i64) {
        self.counts.retain(|(of, _, _), _| *of != organization);
        self.last.retain(|(of, _), _| *of != organization);
        self.counted.retain(|(of, _), _| *of != organization);
    }

    /// Takes back what could not be kept.
    pub(super) fn put_back(&mut self, earlier: Self) {
        let Self {
            counts,
            last,
            counted,
        } = earlier;
        for (name, counts) in counts {
            self.counts.entry(name).or_default().add(&counts);
        }
        for (endpoint, ended) in last {
            self.ended(endpoint, ended);
        }
        for (book, disclosure) in counted {
            let last = self.counted.entry(book).or_default();
            *last = disclosure.max(*last);
        }
    }

    /// What it adds to the rows of the file: to minutes and hours of each endpoint, of each
    /// organization, and of everything.
    pub(super) fn rows(&self, control: &Control) -> HashMap<RowName, Counts> {
        let mut rows: HashMap<RowName, Counts> = HashMap::new();
        for ((organization, endpoint, minute), counts) in &self.counts {
            let hour = i64::from(HOUR_MINUTES);
            let total = total_of(mode_of(control, *endpoint));
            let of = [
                (*organization, *endpoint),
                (*organization, total),
                EVERYTHING,
            ];
            for (organization, endpoint) in of {
                for width in [1, hour] {
                    let start = minute.div_euclid(width) * width;
                    let name = (organization, endpoint, width, start);
                    rows.entry(name).or_default().add(counts);
                }
            }
        }
        rows
    }
}

impl Counted {
    fn last(&self) -> LastEnded {
        LastEnded {
            at: self.ended_at,
            meaning: self.meaning,
        }
    }
}
