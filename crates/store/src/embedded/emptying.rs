//! Emptying write-ahead logs, in which what was overwritten still stands.

use std::time::Duration;

use rusqlite::Connection;

use super::writer::Writer;
use super::{EmbeddedStore, Result, files};

const OP: &str = "empty a write-ahead log";
/// How long a statement waits for others to unlock a file, unless it says otherwise.
const PATIENCE: Duration = Duration::from_secs(5);

impl EmbeddedStore {
    /// Copies all write-ahead logs into their files and cuts them to nothing, one at a time.
    /// `false` when a reader still needs one: the writer does not wait for it.
    pub(super) async fn empty_write_ahead_logs(&self) -> Result<bool> {
        for day in self.shared.days.newest_first() {
            if !files::has_write_ahead_log(&self.shared.dir, day) {
                continue;
            }
            let empty = move |writer: &mut Writer| writer.empty_log(day);
            if !self.shared.change_always(OP, empty).await? {
                return Ok(false);
            }
        }
        let empty = |writer: &mut Writer| writer.empty_control_log();
        self.shared.change_always(OP, empty).await
    }
}

impl Writer {
    fn empty_log(&mut self, day: i64) -> Result<bool> {
        if !self.shared.days.has(day) {
            return Ok(true);
        }
        let emptied = self.log(day).and_then(empty);
        let emptied = emptied.map_err(|error| self.classify(OP, &error));
        self.logs.close_spare();
        emptied
    }

    fn empty_control_log(&mut self) -> Result<bool> {
        empty(&self.control).map_err(|error| self.classify(OP, &error))
    }
}

/// Whether the write-ahead log of a file is empty now.
fn empty(file: &Connection) -> rusqlite::Result<bool> {
    file.busy_timeout(Duration::ZERO)?;
    let sql = "PRAGMA wal_checkpoint(TRUNCATE)";
    let busy: rusqlite::Result<i64> = file.query_row(sql, [], |row| row.get(0));
    file.busy_timeout(PATIENCE)?;
    Ok(busy? == 0)
}
