//! Connections for reading: several a file, none of them ever in the writer's way.

use std::collections::HashMap;
use std::path::PathBuf;

use parking_lot::Mutex;
use rusqlite::Connection;

use super::files;

/// Idle connections that are kept over all files.
const KEPT: usize = 16;

/// A pool of reading connections for each day.
pub(super) struct Readers {
    dir: PathBuf,
    idle: Mutex<HashMap<i64, Vec<Connection>>>,
}

impl Readers {
    pub(super) fn new(dir: PathBuf) -> Self {
        Self {
            dir,
            idle: Mutex::default(),
        }
    }

    /// Reads from the log file of a day.
    pub(super) fn with<T>(
        &self,
        day: i64,
        read: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<T> {
        let idle = self.idle.lock().get_mut(&day).and_then(Vec::pop);
        let connection = match idle {
            Some(connection) => connection,
            None => files::open_log_reader(&self.dir, day)?,
        };
        let value = read(&connection)?;
        let mut idle = self.idle.lock();
        if idle.values().map(Vec::len).sum::<usize>() < KEPT {
            idle.entry(day).or_default().push(connection);
        }
        Ok(value)
    }

    /// Closes what is idle.
    pub(super) fn close(&self) {
        self.idle.lock().clear();
    }
}
