//! What a killed process leaves in its data directory, taken while it goes on.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::{Error, ErrorKind, Result};
use std::path::Path;
use std::time::SystemTime;

/// How often the copy begins anew while databases come, go or change.
const TRIES: usize = 1_000;

/// Copies the files of an open store from one directory into an empty one, as a kill at one moment
/// would leave them. The lock and the shared memory end with a process, so they stay behind.
///
/// A store moves what it wrote ahead into its databases and removes logs at times of its own;
/// a copy with such a move in its middle was never on the disk together, so it is taken again.
///
/// # Errors
///
/// When a file cannot be read or written, or the directory does not come to rest.
pub fn copy_as_killed(from: &Path, to: &Path) -> Result<()> {
    for _ in 0..TRIES {
        let before = files_of(from)?;
        let copied = copy_all(&before, from, to);
        match copied {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            Ok(()) if files_of(from)? == before => return Ok(()),
            _ => remove_all(to)?,
        }
    }
    Err(Error::other(
        "the directory changed during every copy of it",
    ))
}

/// The names of files, with the length and the last change of those that only a move changes.
type Files = BTreeMap<String, Option<(u64, SystemTime)>>;

fn files_of(dir: &Path) -> Result<Files> {
    let mut files = Files::new();
    for entry in std::fs::read_dir(dir)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name == "lock" || name.ends_with("-shm") {
            continue;
        }
        let rests = match entry.metadata() {
            Ok(about) if entry.path().extension() == Some(OsStr::new("db")) => {
                Some((about.len(), about.modified()?))
            }
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => None,
        };
        files.insert(name, rests);
    }
    Ok(files)
}

fn copy_all(files: &Files, from: &Path, to: &Path) -> Result<()> {
    for name in files.keys() {
        std::fs::copy(from.join(name), to.join(name))?;
    }
    Ok(())
}

fn remove_all(dir: &Path) -> Result<()> {
    for entry in std::fs::read_dir(dir)? {
        std::fs::remove_file(entry?.path())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::io::Write as _;
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    #[test]
    fn a_log_that_comes_and_goes_beside_the_copy_is_no_failure() {
        let from = tempfile::tempdir().unwrap();
        std::fs::write(from.path().join("audit.db"), "kept").unwrap();
        std::fs::write(from.path().join("lock"), "").unwrap();
        let log = from.path().join("audit.db-wal");
        let done = AtomicBool::new(false);
        std::thread::scope(|threads| {
            threads.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    std::fs::write(&log, "ahead").unwrap();
                    std::fs::remove_file(&log).unwrap();
                }
            });
            for _ in 0..200 {
                let to = tempfile::tempdir().unwrap();
                copy_as_killed(from.path(), to.path()).unwrap();
                assert_eq!(std::fs::read(to.path().join("audit.db")).unwrap(), b"kept");
                assert!(!to.path().join("lock").exists());
            }
            done.store(true, Ordering::Relaxed);
        });
    }

    #[test]
    fn a_copy_never_holds_a_log_that_is_newer_than_its_database() {
        let from = tempfile::tempdir().unwrap();
        let mut database = File::create(from.path().join("log.db")).unwrap();
        let mut log = File::create(from.path().join("log.db-wal")).unwrap();
        let done = AtomicBool::new(false);
        std::thread::scope(|threads| {
            threads.spawn(|| {
                for _ in 0..10_000 {
                    database.write_all(b"x").unwrap();
                    log.write_all(b"x").unwrap();
                }
                done.store(true, Ordering::Relaxed);
            });
            while !done.load(Ordering::Relaxed) {
                let to = tempfile::tempdir().unwrap();
                copy_as_killed(from.path(), to.path()).unwrap();
                let length = |name| std::fs::metadata(to.path().join(name)).unwrap().len();
                assert!(length("log.db-wal") <= length("log.db"));
            }
        });
    }
}
