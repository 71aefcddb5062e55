//! Counting ended attempts: in memory as they are committed, in a file of their own every few
//! seconds, and again from the attempts' rows after a crash.
//!
//! The file says with every count up to which disclosure of each book it has counted, so nothing is
//! counted twice or forgotten, whenever the process dies; it needs no sync of its own for that.
//! An attempt that sent nothing is no disclosure: a crash forgets those of the last seconds.

mod file;
mod reads;
mod recount;
mod tally;

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use carehook_core::{EndpointId, Mode, OrganizationId, Timestamp};
use parking_lot::{Mutex, RwLock};
use rusqlite::Connection;

use super::control::Control;
use super::retention::retention_of;
use super::shared::Shared;
use super::{EmbeddedStore, Result, files};
use crate::{Counts, CountsOf, EndpointCounts, EngineLoad, OpenError, TimeSteps};

use tally::Tally;
pub(super) use tally::{Counted, counted};

const READ: &str = "read statistics";
const KEEP: &str = "keep statistics";
/// Reading connections that are kept.
const KEPT_READERS: usize = 4;

/// What is counted, in memory and in its file.
pub(super) struct Statistics {
    /// What the file does not have yet.
    tally: Mutex<Tally>,
    writer: Mutex<Connection>,
    readers: Mutex<Vec<Connection>>,
    /// Held while counts go from memory to the file, so that nobody sees them in both or in none.
    moving: RwLock<()>,
    /// What the engine has in hand: its requests, then what is not recorded.
    engine_load: AtomicU64,
    /// Until when the engine leaves endpoints alone, as it says.
    pauses: Mutex<HashMap<EndpointId, Timestamp>>,
    /// The day on which what is old was last forgotten.
    tidied_day: AtomicI64,
}

impl Statistics {
    /// Opens the file. One that cannot be read is made anew: all of it follows from other files.
    pub(super) fn open(dir: &Path) -> std::result::Result<Self, OpenError> {
        let writer = match files::open_statistics(dir) {
            Err(OpenError::Database { source, .. }) => {
                tracing::warn!(%source, "the statistics cannot be read and begin anew");
                files::remove_statistics(dir)?;
                files::open_statistics(dir)?
            }
            opened => opened?,
        };
        Ok(Self {
            tally: Mutex::default(),
            writer: Mutex::new(writer),
            readers: Mutex::default(),
            moving: RwLock::new(()),
            engine_load: AtomicU64::new(0),
            pauses: Mutex::default(),
            tidied_day: AtomicI64::new(i64::MIN),
        })
    }

    /// Counts what was committed.
    pub(super) fn add(&self, counted: &[Counted]) {
        if counted.is_empty() {
            return;
        }
        let mut tally = self.tally.lock();
        for attempt in counted {
            tally.count(attempt);
        }
    }

    /// Forgets an organization.
    pub(super) fn forget(&self, organization: i64) -> rusqlite::Result<()> {
        let _moving = self.moving.write();
        self.tally.lock().forget(organization);
        file::forget(&self.writer.lock(), organization)
    }

    /// Closes what is idle.
    pub(super) fn close(&self) {
        self.readers.lock().clear();
    }

    /// Reads from the file and from what it does not have yet; both show the same moment.
    fn read<T>(
        &self,
        dir: &Path,
        read: impl FnOnce(&Mutex<Tally>, &Connection) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<T> {
        let idle = self.readers.lock().pop();
        let connection = match idle {
            Some(connection) => connection,
            None => files::open_reader(&dir.join(files::STATISTICS))?,
        };
        let value = {
            let _standing = self.moving.read();
            read(&self.tally, &connection)?
        };
        let mut readers = self.readers.lock();
        if readers.len() < KEPT_READERS {
            readers.push(connection);
        }
        Ok(value)
    }
}

/// Moves what was counted to the file, and forgets there what is old once a day.
fn keep(shared: &Shared) -> rusqlite::Result<()> {
    let statistics = &shared.statistics;
    let moved = {
        let _moving = statistics.moving.write();
        let tally = std::mem::take(&mut *statistics.tally.lock());
        let rows = tally.rows(&shared.control.read());
        let written = file::add(&statistics.writer.lock(), &tally, rows);
        if written.is_err() {
            statistics.tally.lock().put_back(tally);
        }
        written
    };
    moved?;
    let today = shared.floor().day();
    if statistics.tidied_day.swap(today, Ordering::Relaxed) != today {
        tidy(shared)?;
    }
    Ok(())
}

/// Forgets minutes after two days, hours with the rows that they count, and what belongs to nobody.
fn tidy(shared: &Shared) -> rusqlite::Result<()> {
    let now = shared.floor();
    let statistics = &shared.statistics;
    file::forget_minutes(&statistics.writer.lock(), now)?;
    let organizations = shared.control.read().organization_numbers();
    for organization in organizations {
        if !is_living(shared, organization) {
            statistics.forget(organization)?;
            continue;
        }
        let days = retention_of(shared, organization).metadata_days;
        let places: Vec<i64> = {
            let control = shared.control.read();
            let places = control.all_places();
            let of_it = places.filter(|place| place.organization == organization);
            of_it.map(|place| place.number).collect()
        };
        file::forget_hours(
            &statistics.writer.lock(),
            (organization, &places),
            now,
            days,
        )?;
    }
    Ok(())
}

fn is_living(shared: &Shared, organization: i64) -> bool {
    let control = shared.control.read();
    let id = control.organization_id(organization);
    let entry = id.and_then(|id| control.entry(id));
    entry.is_some_and(|entry| entry.number == organization)
}

/// The mode of an endpoint, also of one that was deleted.
fn mode_of(control: &Control, endpoint: i64) -> Mode {
    let mode = control.endpoint_id(endpoint).and_then(|id| {
        let living = control.endpoint(id).map(|endpoint| endpoint.mode);
        living.or_else(|| control.deleted(id).map(|deleted| deleted.mode))
    });
    mode.unwrap_or(Mode::Live)
}

impl EmbeddedStore {
    pub(crate) async fn counts(&self, of: &CountsOf, steps: TimeSteps) -> Result<Vec<Counts>> {
        let of = of.clone();
        self.read(READ, move |shared| reads::counts(shared, &of, steps))
            .await
    }

    pub(crate) async fn endpoint_counts(
        &self,
        of: &OrganizationId,
        steps: TimeSteps,
    ) -> Result<Vec<EndpointCounts>> {
        let of = of.clone();
        self.read(READ, move |shared| reads::of_endpoints(shared, &of, steps))
            .await
    }

    pub(crate) async fn busy_endpoints(
        &self,
        since: Timestamp,
        at_most: usize,
    ) -> Result<Vec<EndpointCounts>> {
        self.read(READ, move |shared| reads::of_all(shared, since, at_most))
            .await
    }

    pub(crate) fn note_engine_load(&self, load: EngineLoad) {
        let [in_flight, unrecorded] = [load.in_flight, load.unrecorded].map(u64::from);
        let both = in_flight << u32::BITS | unrecorded;
        let noted = &self.shared.statistics.engine_load;
        noted.store(both, Ordering::Relaxed);
    }

    pub(crate) fn note_endpoint_pause(&self, endpoint: EndpointId, until: Option<Timestamp>) {
        let mut pauses = self.shared.statistics.pauses.lock();
        match until {
            Some(until) => pauses.insert(endpoint, until),
            None => pauses.remove(&endpoint),
        };
    }

    pub(crate) fn endpoint_pause(&self, endpoint: EndpointId) -> Option<Timestamp> {
        let pauses = self.shared.statistics.pauses.lock();
        pauses.get(&endpoint).copied()
    }

    pub(crate) fn engine_load(&self) -> EngineLoad {
        let both = self.shared.statistics.engine_load.load(Ordering::Relaxed);
        let part = |bits: u64| u32::try_from(bits & u64::from(u32::MAX)).unwrap_or(u32::MAX);
        EngineLoad {
            in_flight: part(both >> u32::BITS),
            unrecorded: part(both),
        }
    }

    pub(crate) async fn keep_statistics(&self) -> Result<()> {
        self.read_at_once(KEEP, keep).await
    }

    /// The number of an endpoint that belongs to this organization, also of one that was deleted.
    fn place_in(shared: &Shared, of: &OrganizationId, endpoint: EndpointId) -> Option<(i64, i64)> {
        let control = shared.control.read();
        let organization = control.entry(of)?.number;
        let place = control.place(endpoint)?;
        (place.organization == organization).then_some((organization, place.number))
    }
}

impl Shared {
    /// Counts what a killed process had not kept; later counts follow without a gap.
    pub(super) fn recount_what_was_lost(&self) {
        if let Err(error) = recount::recount(self) {
            tracing::warn!(%error, "the statistics of the last seconds before the start are lost");
        }
    }
}
