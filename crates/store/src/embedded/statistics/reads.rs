//! Reading what was counted: rows of the file, and what it does not have yet.

use std::collections::HashMap;

use carehook_core::{Mode, OrganizationId, Timestamp};

use super::tally::{EVERYTHING, Tally, total_of};
use super::{file, mode_of};
use crate::embedded::EmbeddedStore;
use crate::embedded::shared::Shared;
use crate::statistics::{HOUR_MINUTES, MINUTE};
use crate::{Counts, CountsOf, EndpointCounts, TimeSteps};

/// The narrowest rows that the steps are made of.
fn width_of(steps: TimeSteps) -> u32 {
    if steps.minutes.is_multiple_of(HOUR_MINUTES) {
        HOUR_MINUTES
    } else {
        1
    }
}

fn empty(steps: TimeSteps) -> Vec<Counts> {
    vec![Counts::default(); steps.count as usize]
}

fn add_to(counted: &mut [Counts], steps: TimeSteps, minute: i64, counts: &Counts) {
    let place = steps.place_of(minute);
    if let Some(sum) = place.and_then(|place| counted.get_mut(place)) {
        sum.add(counts);
    }
}

/// What was counted in each step.
pub(super) fn counts(
    shared: &Shared,
    of: &CountsOf,
    steps: TimeSteps,
) -> rusqlite::Result<Vec<Counts>> {
    let mut counted = empty(steps);
    let Some(wanted) = Wanted::of(shared, of) else {
        return Ok(counted);
    };
    shared.statistics.read(&shared.dir, |tally, file| {
        {
            let control = shared.control.read();
            let tally = tally.lock();
            for ((organization, endpoint, minute), counts) in &tally.counts {
                let mode = || mode_of(&control, *endpoint);
                if wanted.has(*organization, *endpoint, mode) {
                    add_to(&mut counted, steps, *minute, counts);
                }
            }
        }
        for row in wanted.rows() {
            let minutes = steps.minutes_since_1970();
            file::between(file, row, width_of(steps), minutes, |start, counts| {
                add_to(&mut counted, steps, start, &counts);
            })?;
        }
        Ok(counted)
    })
}

/// Whose counts are wanted, by number.
enum Wanted {
    Everything,
    Organization(i64, Option<Mode>),
    Endpoint(i64, i64),
}

impl Wanted {
    fn of(shared: &Shared, of: &CountsOf) -> Option<Self> {
        Some(match of {
            CountsOf::Everything => Self::Everything,
            CountsOf::Organization(of, mode) => {
                let number = shared.control.read().entry(of)?.number;
                Self::Organization(number, *mode)
            }
            CountsOf::Endpoint(of, endpoint) => {
                let (organization, number) = EmbeddedStore::place_in(shared, of, *endpoint)?;
                Self::Endpoint(organization, number)
            }
        })
    }

    fn has(&self, organization: i64, endpoint: i64, mode: impl FnOnce() -> Mode) -> bool {
        match self {
            Self::Everything => true,
            Self::Organization(of, None) => *of == organization,
            Self::Organization(of, Some(wanted)) => *of == organization && mode() == *wanted,
            Self::Endpoint(of, wanted) => (*of, *wanted) == (organization, endpoint),
        }
    }

    /// The rows that have their sum.
    fn rows(&self) -> Vec<(i64, i64)> {
        match self {
            Self::Everything => vec![EVERYTHING],
            Self::Organization(of, Some(mode)) => vec![(*of, total_of(*mode))],
            Self::Organization(of, None) => {
                let modes = [Mode::Live, Mode::Test].into_iter();
                modes.map(|mode| (*of, total_of(mode))).collect()
            }
            Self::Endpoint(of, endpoint) => vec![(*of, *endpoint)],
        }
    }
}

/// What was counted of each living endpoint of an organization.
pub(super) fn of_endpoints(
    shared: &Shared,
    of: &OrganizationId,
    steps: TimeSteps,
) -> rusqlite::Result<Vec<EndpointCounts>> {
    let mut all: Vec<(i64, EndpointCounts)> = Vec::new();
    let organization = {
        let control = shared.control.read();
        let Some(entry) = control.entry(of) else {
            return Ok(Vec::new());
        };
        for endpoint in entry.endpoints.iter() {
            let place = control.place(endpoint.id);
            all.extend(place.map(|place| {
                let counts = EndpointCounts {
                    organization: of.clone(),
                    endpoint: endpoint.id,
                    steps: empty(steps),
                    last: None,
                };
                (place.number, counts)
            }));
        }
        entry.number
    };
    shared.statistics.read(&shared.dir, |tally, file| {
        add_tally(&mut all, organization, steps, &tally.lock());
        for (number, found) in &mut all {
            let name = (organization, *number);
            let minutes = steps.minutes_since_1970();
            file::between(file, name, width_of(steps), minutes, |start, counts| {
                add_to(&mut found.steps, steps, start, &counts);
            })?;
            if found.last.is_none() {
                found.last = file::last_ended(file, name)?;
            }
        }
        Ok(all.into_iter().map(|(_, counts)| counts).collect())
    })
}

/// Adds what the file does not have yet.
fn add_tally(all: &mut [(i64, EndpointCounts)], of: i64, steps: TimeSteps, tally: &Tally) {
    let mut by_number: HashMap<i64, &mut EndpointCounts> = (all.iter_mut())
        .map(|(number, counts)| (*number, counts))
        .collect();
    for ((organization, endpoint, minute), counts) in &tally.counts {
        if *organization == of
            && let Some(found) = by_number.get_mut(endpoint)
        {
            add_to(&mut found.steps, steps, *minute, counts);
        }
    }
    for ((organization, endpoint), last) in &tally.last {
        if *organization == of
            && let Some(found) = by_number.get_mut(endpoint)
        {
            found.last = Some(*last);
        }
    }
}

/// What was counted of every endpoint since the beginning of an hour, in one step.
pub(super) fn of_all(
    shared: &Shared,
    since: Timestamp,
    at_most: usize,
) -> rusqlite::Result<Vec<EndpointCounts>> {
    let hour = i64::from(HOUR_MINUTES);
    let since = since.0.div_euclid(MINUTE * hour) * hour;
    let mut all: HashMap<(i64, i64), Counts> = HashMap::new();
    shared.statistics.read(&shared.dir, |tally, file| {
        for ((organization, endpoint, minute), counts) in &tally.lock().counts {
            if *minute >= since {
                let sum = all.entry((*organization, *endpoint)).or_default();
                sum.add(counts);
            }
        }
        file::hours_of_all(file, since, at_most, |name, counts| {
            all.entry(name).or_default().add(&counts);
        })
    })?;
    let control = shared.control.read();
    let living = all
        .into_iter()
        .filter_map(|((organization, number), counts)| {
            let endpoint = control.endpoint_id(number)?;
            control.endpoint(endpoint)?;
            Some(EndpointCounts {
                organization: control.organization_id(organization)?.clone(),
                endpoint,
                steps: vec![counts],
                last: None,
            })
        });
    Ok(living.collect())
}
