//! Connections for reading: several a file, none of them ever in the writer's way.

use std::collections::VecDeque;
use std::path::PathBuf;

use parking_lot::Mutex;
use rusqlite::Connection;

use super::files;

/// Idle connections that are kept over all files; the least recently used go first.
const KEPT: usize = 16;

/// A pool of reading connections to the log files.
pub(super) struct Readers {
    dir: PathBuf,
    /// By day, the most recently used last.
    idle: Mutex<VecDeque<(i64, Connection)>>,
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
        let connection = match self.take(day) {
            Some(connection) => connection,
            None => files::open_log_reader(&self.dir, day)?,
        };
        let value = read(&connection)?;
        // Dropped after the lock: closing a connection takes time.
        let _spare = self.put_back(day, connection);
        Ok(value)
    }

    fn take(&self, day: i64) -> Option<Connection> {
        let mut idle = self.idle.lock();
        let place = idle.iter().rposition(|(of, _)| *of == day)?;
        idle.remove(place).map(|(_, connection)| connection)
    }

    fn put_back(&self, day: i64, connection: Connection) -> Option<(i64, Connection)> {
        let mut idle = self.idle.lock();
        idle.push_back((day, connection));
        if idle.len() > KEPT {
            idle.pop_front()
        } else {
            None
        }
    }

    /// Closes what is idle of a day.
    pub(super) fn forget(&self, day: i64) {
        self.idle.lock().retain(|(of, _)| *of != day);
    }

    /// Closes what is idle.
    pub(super) fn close(&self) {
        self.idle.lock().clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_used_last_stay_open() {
        let dir = tempfile::tempdir().unwrap();
        let readers = Readers::new(dir.path().to_owned());
        let days = 20_000..20_000 + 2 * i64::try_from(KEPT).unwrap();
        for day in days.clone() {
            drop(files::open_log(dir.path(), day).unwrap());
            readers.with(day, |_| Ok(())).unwrap();
        }
        let open: Vec<_> = readers.idle.lock().iter().map(|(day, _)| *day).collect();
        assert_eq!(open, days.skip(KEPT).collect::<Vec<_>>());
    }
}
