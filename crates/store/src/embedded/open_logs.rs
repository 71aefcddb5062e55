//! The log files that are open for writing: that of today, and some older ones.

use std::collections::HashMap;
use std::path::PathBuf;

use rusqlite::{Connection, ffi};

use super::files;
use crate::OpenError;

/// Files that stay open: the retries of the native schedule reach into six days.
const KEPT: usize = 8;

struct OpenLog {
    file: Connection,
    last_used: u64,
}

/// Writing connections by day.
pub(super) struct OpenLogs {
    dir: PathBuf,
    open: HashMap<i64, OpenLog>,
    uses: u64,
}

impl OpenLogs {
    pub(super) fn new(dir: PathBuf) -> Self {
        Self {
            dir,
            open: HashMap::new(),
            uses: 0,
        }
    }

    /// The file of a day, opened or made when needed.
    pub(super) fn get(&mut self, day: i64) -> rusqlite::Result<&Connection> {
        self.uses += 1;
        let log = match self.open.entry(day) {
            std::collections::hash_map::Entry::Occupied(open) => open.into_mut(),
            std::collections::hash_map::Entry::Vacant(place) => {
                let file = files::open_log(&self.dir, day).map_err(database_error)?;
                place.insert(OpenLog { file, last_used: 0 })
            }
        };
        log.last_used = self.uses;
        Ok(&log.file)
    }

    /// The file of a day, if it is open.
    pub(super) fn opened(&self, day: i64) -> Option<&Connection> {
        self.open.get(&day).map(|log| &log.file)
    }

    /// Closes the file of a day.
    pub(super) fn close(&mut self, day: i64) {
        self.open.remove(&day);
    }

    /// Closes those that were not used for longest.
    pub(super) fn close_spare(&mut self) {
        while self.open.len() > KEPT {
            let oldest = self.open.iter().min_by_key(|(_, log)| log.last_used);
            let Some(day) = oldest.map(|(day, _)| *day) else {
                return;
            };
            self.open.remove(&day);
        }
    }

    /// Gives back the memory of all files but that of today.
    pub(super) fn shrink_all_but(&self, today: i64) -> rusqlite::Result<()> {
        for (day, log) in &self.open {
            if *day != today {
                files::shrink(&log.file)?;
            }
        }
        Ok(())
    }
}

/// Keeps what the database said, so that a full disk is told from a broken one.
fn database_error(error: OpenError) -> rusqlite::Error {
    match error {
        OpenError::Database { source, .. } => source,
        other => {
            let code = ffi::Error::new(ffi::SQLITE_CANTOPEN);
            rusqlite::Error::SqliteFailure(code, Some(other.to_string()))
        }
    }
}
