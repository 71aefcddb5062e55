//! Copies write-ahead logs into their databases beside the writer, which would otherwise keep every
//! publish waiting while it does so.
//!
//! The writer's own checkpoint stays as a bound on the log's size. It finds little left to copy.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use rusqlite::Connection;

use super::files;
use super::shared::Shared;

/// Bytes of work after which a file's log is copied; the log itself has grown to about 8 MiB then.
const WORK_BYTES: usize = 2 << 20;
/// The writer goes on meanwhile, so the last pages are caught in a round or two more.
const ROUNDS: usize = 4;

/// The thread that copies; it ends when this is dropped.
pub(super) struct Checkpoints {
    days: Option<SyncSender<i64>>,
    thread: Option<JoinHandle<()>>,
    waiting_bytes: usize,
}

impl Checkpoints {
    pub(super) fn start(shared: &Arc<Shared>) -> std::io::Result<Self> {
        let (days, requests) = sync_channel(1);
        let shared = Arc::clone(shared);
        let thread = std::thread::Builder::new()
            .name("carehook-copy".to_owned())
            .spawn(move || copy_on_request(&shared, &requests))?;
        Ok(Self {
            days: Some(days),
            thread: Some(thread),
            waiting_bytes: 0,
        })
    }

    /// Takes note of what was committed to the file of a day.
    pub(super) fn committed(&mut self, day: i64, bytes: usize) {
        self.waiting_bytes += bytes;
        if self.waiting_bytes < WORK_BYTES {
            return;
        }
        // While a copy is under way the next request waits in the channel; one is enough.
        let sent = self.days.as_ref().map(|days| days.try_send(day));
        if sent.is_some_and(|sent| sent.is_ok()) {
            self.waiting_bytes = 0;
        }
    }
}

impl Drop for Checkpoints {
    fn drop(&mut self) {
        drop(self.days.take());
        if let Some(thread) = self.thread.take() {
            // A panic there has poisoned the store; there is nobody left to tell.
            drop(thread.join());
        }
    }
}

fn copy_on_request(shared: &Shared, requests: &Receiver<i64>) {
    let mut open: Option<(i64, Connection)> = None;
    while let Ok(day) = requests.recv() {
        if let Err(error) = copy(shared, &mut open, day) {
            // A failed sync may have dropped pages that the log still has: nothing may reuse it.
            shared.poison(format!("a write-ahead log could not be copied: {error}"));
            return;
        }
    }
}

fn copy(shared: &Shared, open: &mut Option<(i64, Connection)>, day: i64) -> rusqlite::Result<()> {
    if open.as_ref().is_none_or(|(opened, _)| *opened != day) {
        *open = Some((day, files::open_log_copier(&shared.dir, day)?));
    }
    let Some((_, file)) = open else {
        return Ok(());
    };
    for _ in 0..ROUNDS {
        let (log, copied): (i64, i64) =
            file.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| {
                Ok((row.get(1)?, row.get(2)?))
            })?;
        if log == copied {
            return Ok(());
        }
    }
    Ok(())
}
