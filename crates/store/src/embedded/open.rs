//! Opening a data directory: lock, schema, keys, and what a crash may have left half done.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64};

use carehook_core::{Clock, Reason, RecordId, Timestamp};
use parking_lot::{Mutex, RwLock};
use rusqlite::{Connection, OptionalExtension as _};
use tokio::sync::{Notify, Semaphore, watch};

use super::added;
use super::api_keys::DigestKey;
use super::audit;
use super::control::Control;
use super::days::{Days, Pending};
use super::due_reads::first_due;
use super::files::{self, DirectoryLock};
use super::hint_board::HintBoard;
use super::log_accept::Counters;
use super::log_deliveries::{any_pending, fail_pending};
use super::outbox::{self, MailDays};
use super::queue::Queue;
use super::readers::Readers;
use super::retention;
use super::shared::{EmbeddedOptions, Shared};
use super::statistics::Statistics;
use super::watching::Watchers;
use super::writer::Writer;
use super::{EmbeddedStore, WriterThread};
use crate::keys::KeyRing;
use crate::{MasterKey, OpenError};

/// Lists and single reads that run at a time; each may hold a connection and a page of payloads.
const READ_PLACES: usize = 8;

impl EmbeddedStore {
    pub(crate) fn open(
        dir: &Path,
        master: MasterKey,
        clock: &Clock,
        options: EmbeddedOptions,
    ) -> Result<Self, OpenError> {
        files::make_private_dir(dir)?;
        let lock = DirectoryLock::take(dir)?;
        let control_file = files::open_control(dir)?;
        let keys = KeyRing::new(&master);
        drop(master);
        check_master(&control_file, &keys)?;
        let digest_key = DigestKey::of(&control_file, &keys)?;
        forget_running_requests(&control_file)?;
        let control = Control::load(&control_file, &keys)?;
        let days = files::log_days(dir)?;
        let tail = read_logs(dir, &days, (&control_file, &control))?;
        let shared = Arc::new(Shared {
            dir: dir.to_owned(),
            clock: clock.clone(),
            options,
            queue: Queue::new(options.queue_limits()),
            control: RwLock::new(control),
            keys,
            digest_key,
            hints: HintBoard::default(),
            readers: Readers::new(dir.to_owned()),
            read_places: Semaphore::new(READ_PLACES),
            newest_time: tail.newest_time,
            floor: AtomicI64::new(tail.newest_time.0),
            next_event: AtomicU64::new(tail.next_event),
            days: Days::new(tail.days),
            mail_days: MailDays::new(tail.mail_days),
            statistics: Statistics::open(dir)?,
            watchers: Watchers::default(),
            undisclosed: AtomicU64::new(0),
            broken_books: AtomicU64::new(0),
            erasure_news: Notify::new(),
            replay_news: Notify::new(),
            failure: watch::Sender::new(None),
        });
        audit::publish_key(&control_file, &shared)?;
        shared.recount_what_was_lost();
        let writer = Writer::new(Arc::clone(&shared), control_file, tail.counters, lock);
        let handle = std::thread::Builder::new()
            .name("carehook-store".to_owned())
            .spawn(move || writer.run())
            .map_err(|source| OpenError::Io {
                path: dir.to_owned(),
                source,
            })?;
        let thread = Arc::new(WriterThread {
            shared: Arc::clone(&shared),
            handle: Mutex::new(Some(handle)),
        });
        Ok(Self {
            shared,
            note: None,
            thread,
        })
    }
}

/// A directory belongs to the master key that it was made with.
fn check_master(control: &Connection, keys: &KeyRing) -> Result<(), OpenError> {
    let check: Option<Vec<u8>> = control
        .query_row(
            "-- carehook.open.master_check
             SELECT value FROM meta WHERE name = 'master_check'",
            [],
            |row| row.get(0),
        )
        .optional()
        .map_err(control_error)?;
    match check {
        Some(check) if keys.is_master_of(&check) => Ok(()),
        Some(_) => Err(OpenError::WrongMasterKey),
        None => {
            let insert = "-- carehook.open.insert_master_check
                INSERT INTO meta (name, value) VALUES ('master_check', ?1)";
            control
                .execute(insert, [keys.master_check()])
                .map(drop)
                .map_err(control_error)
        }
    }
}

/// A request that was running when the process ended can be sent again.
fn forget_running_requests(control: &Connection) -> Result<(), OpenError> {
    let sql = "-- carehook.open.forget_running_requests
        DELETE FROM requests WHERE status IS NULL";
    control.execute(sql, []).map(drop).map_err(control_error)
}

pub(super) fn control_error(source: rusqlite::Error) -> OpenError {
    OpenError::Database {
        path: "control.db".into(),
        source,
    }
}

/// Where the logs end.
struct Tail {
    newest_time: Timestamp,
    next_event: u64,
    counters: Counters,
    days: Vec<(i64, Pending)>,
    mail_days: Vec<i64>,
}

/// Brings every log file to the newest schema and finds the highest numbers.
fn read_logs(
    dir: &Path,
    days: &[i64],
    (control_file, control): (&Connection, &Control),
) -> Result<Tail, OpenError> {
    let mut tail = Tail {
        newest_time: Timestamp(0),
        next_event: 1,
        counters: Counters::default(),
        days: Vec::with_capacity(days.len()),
        mail_days: Vec::new(),
    };
    let (next_event, next_delivery) = retention::noted_ends(control_file, &mut tail.counters)?;
    tail.next_event = tail.next_event.max(next_event);
    let mut next_delivery = next_delivery.max(1);
    let mut without_sequence: Vec<i64> = control.all_places().map(|place| place.number).collect();
    for day in days.iter().rev() {
        let log = files::open_log(dir, *day)?;
        let database = |source| OpenError::Database {
            path: files::log_path(dir, *day),
            source,
        };
        let ends = log_ends(&log, *day).map_err(database)?;
        tail.newest_time = tail.newest_time.max(ends.newest_time);
        tail.next_event = tail.next_event.max(ends.events.cast_unsigned() + 1);
        next_delivery = next_delivery.max(ends.deliveries.cast_unsigned() + 1);
        let mut missing = Vec::new();
        for endpoint in without_sequence {
            match last_sequence(&log, endpoint).map_err(database)? {
                Some(last) => tail.counters.raise_sequence(endpoint, last.cast_unsigned()),
                None => missing.push(endpoint),
            }
        }
        without_sequence = missing;
        // Deliveries that were made later than their event may be the newest of their endpoint.
        for (endpoint, last) in added::last_sequences(&log).map_err(database)? {
            tail.counters.raise_sequence(endpoint, last);
        }
        finish_deletions(&log, control, ends.newest_time).map_err(database)?;
        let pending = if any_pending(&log).map_err(database)? {
            Pending::Possible
        } else {
            Pending::None
        };
        tail.days.push((*day, pending));
        if outbox::any(&log).map_err(database)? {
            tail.mail_days.push(*day);
        }
    }
    debug_assert!(tail.next_event <= RecordId::MAX_NUMBER);
    tail.counters.next_delivery = next_delivery;
    Ok(tail)
}

struct LogEnds {
    events: i64,
    deliveries: i64,
    newest_time: Timestamp,
}

fn log_ends(log: &Connection, day: i64) -> rusqlite::Result<LogEnds> {
    let last = |sql: &str| {
        let row = log.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)));
        row.optional().map(|row| row.unwrap_or((0, 0)))
    };
    let (events, event_time): (i64, i64) = last(
        "-- carehook.open.last_event
         SELECT number, created_at FROM events WHERE number = (SELECT max(number) FROM events)",
    )?;
    let (deliveries, delivery_time): (i64, i64) = last(
        "-- carehook.open.last_delivery
         SELECT number, created_at FROM deliveries
         WHERE number = (SELECT max(number) FROM deliveries)",
    )?;
    // An event that waited over midnight is older than its file.
    let start = Timestamp::from_day(day).0;
    Ok(LogEnds {
        events,
        deliveries,
        newest_time: Timestamp(start.max(event_time).max(delivery_time)),
    })
}

pub(super) fn last_sequence(log: &Connection, endpoint: i64) -> rusqlite::Result<Option<i64>> {
    const SQL: &str = "-- carehook.open.last_sequence
        SELECT max(sequence) FROM deliveries INDEXED BY deliveries_by_endpoint
        WHERE endpoint = ?1";
    log.prepare_cached(SQL)?
        .query_row([endpoint], |row| row.get(0))
}

/// Ends what a deletion had not ended when the process was killed (law L13).
fn finish_deletions(log: &Connection, control: &Control, now: Timestamp) -> rusqlite::Result<()> {
    for (endpoint, _) in first_due(log)? {
        let id = control.endpoint_id(endpoint);
        let place = id.and_then(|id| control.place(id));
        if place.is_some_and(|place| place.deleted) {
            fail_pending(log, endpoint, Reason::EndpointDeleted, now)?;
        }
    }
    Ok(())
}
