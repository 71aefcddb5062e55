//! The files of a data directory: how they are opened, versioned and locked.

use std::fs::{File, TryLockError};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use crate::OpenError;

const CONTROL_MIGRATIONS: &[&str] = &[
    include_str!("schema/control_1.sql"),
    include_str!("schema/control_2.sql"),
    include_str!("schema/control_3.sql"),
    include_str!("schema/control_4.sql"),
    include_str!("schema/control_5.sql"),
    include_str!("schema/control_6.sql"),
    include_str!("schema/control_7.sql"),
    include_str!("schema/control_8.sql"),
    include_str!("schema/control_9.sql"),
    include_str!("schema/control_10.sql"),
    include_str!("schema/control_11.sql"),
    include_str!("schema/control_12.sql"),
];
const LOG_MIGRATIONS: &[&str] = &[
    include_str!("schema/log_1.sql"),
    include_str!("schema/log_2.sql"),
    include_str!("schema/log_3.sql"),
    include_str!("schema/log_4.sql"),
    include_str!("schema/log_5.sql"),
    include_str!("schema/log_6.sql"),
];
const AUDIT_MIGRATIONS: &[&str] = &[
    include_str!("schema/audit_1.sql"),
    include_str!("schema/audit_2.sql"),
];
const STATISTICS_MIGRATIONS: &[&str] = &[include_str!("schema/statistics_1.sql")];

/// The file of everything but the logs.
pub(super) const CONTROL: &str = "control.db";
/// The file of disclosures that outlive their log file.
pub(super) const AUDIT: &str = "audit.db";
/// The file of what was counted of attempts.
pub(super) const STATISTICS: &str = "statistics.db";

/// Pages of the write-ahead log (64 MiB) after which the writer itself copies what
/// [`super::checkpoints`] has not copied yet.
const CHECKPOINT_PAGES: u32 = 16_384;
/// What is kept of a write-ahead log that had grown.
const WAL_BYTES: u32 = CHECKPOINT_PAGES * 4_096;
const CACHE_KIB: u32 = 32 * 1_024;
const READER_CACHE_KIB: u32 = 2 * 1_024;

/// Holds the lock of a data directory until dropped.
pub(super) struct DirectoryLock(#[expect(dead_code, reason = "closing the file unlocks it")] File);

impl DirectoryLock {
    pub(super) fn take(dir: &Path) -> Result<Self, OpenError> {
        let path = dir.join("lock");
        let io = |source| OpenError::Io {
            path: path.clone(),
            source,
        };
        let mut file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(io)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(OpenError::Locked(dir.to_owned())),
            Err(TryLockError::Error(source)) => return Err(io(source)),
        }
        file.set_len(0).map_err(io)?;
        writeln!(file, "{}", std::process::id()).map_err(io)?;
        Ok(Self(file))
    }
}

/// Makes the directory, and its parents, so that a power cut does not take them away again.
pub(super) fn make_private_dir(dir: &Path) -> Result<(), OpenError> {
    use std::os::unix::fs::DirBuilderExt as _;
    let io = |source| OpenError::Io {
        path: dir.to_owned(),
        source,
    };
    let parent = dir.parent().filter(|parent| !parent.as_os_str().is_empty());
    let sync_parent = || File::open(parent.unwrap_or(Path::new(".")))?.sync_all();
    if dir.is_dir() {
        // An earlier start may have been killed before it synced; the parent need not be ours.
        if let Err(error) = sync_parent() {
            tracing::debug!(%error, "the parent of a directory was not synced");
        }
        return Ok(());
    }
    if let Some(parent) = parent {
        make_private_dir(parent)?;
    }
    match std::fs::DirBuilder::new().mode(0o700).create(dir) {
        // Somebody else was faster.
        Err(_) if dir.is_dir() => {}
        Err(error) => return Err(io(error)),
        Ok(()) => {}
    }
    sync_parent().map_err(io)
}

/// Opens the control file for writing, at the newest schema.
pub(super) fn open_control(dir: &Path) -> Result<Connection, OpenError> {
    open_writer(&dir.join(CONTROL), CONTROL_MIGRATIONS)
}

/// Opens the log file of a day for writing, at the newest schema.
pub(super) fn open_log(dir: &Path, day: i64) -> Result<Connection, OpenError> {
    open_writer(&log_path(dir, day), LOG_MIGRATIONS)
}

/// Opens the file of kept disclosures for writing, at the newest schema.
pub(super) fn open_audit(dir: &Path) -> Result<Connection, OpenError> {
    open_writer(&dir.join(AUDIT), AUDIT_MIGRATIONS)
}

/// Opens the file of counts for writing, at the newest schema.
pub(super) fn open_statistics(dir: &Path) -> Result<Connection, OpenError> {
    let path = dir.join(STATISTICS);
    let file = open_writer(&path, STATISTICS_MIGRATIONS)?;
    // What a power cut takes is counted again, so its commits need no sync.
    let relaxed = file
        .pragma_update(None, "synchronous", "NORMAL")
        .and_then(|()| file.pragma_update(None, "wal_autocheckpoint", 1_000))
        .and_then(|()| shrink(&file));
    relaxed.map_err(|source| OpenError::Database { path, source })?;
    Ok(file)
}

/// Removes the file of counts, and what SQLite keeps beside it.
pub(super) fn remove_statistics(dir: &Path) -> Result<(), OpenError> {
    let path = dir.join(STATISTICS);
    remove_with_logs(&path).map_err(|source| OpenError::Io { path, source })
}

/// Opens the log file of a day for reading.
pub(super) fn open_log_reader(dir: &Path, day: i64) -> rusqlite::Result<Connection> {
    open_reader(&log_path(dir, day))
}

/// Opens a file for reading, beside whoever writes it.
pub(super) fn open_reader(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    #[cfg_attr(not(test), expect(unused_mut, reason = "tests watch the statements"))]
    let mut connection = Connection::open_with_flags(path, flags)?;
    #[cfg(test)]
    super::tests::plans::watch(&mut connection);
    connection.pragma_update(None, "cache_size", -i64::from(READER_CACHE_KIB))?;
    cache_statements(&connection)?;
    Ok(connection)
}

/// Keeps prepared statements, each with one plan. Without the guarantee SQLite looks at the values
/// that are bound, and prepares some statements (joins, those with `LIMIT ?`) anew at every run.
fn cache_statements(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(())
}

/// Keeps only a small cache: for files that are written rarely.
pub(super) fn shrink(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "cache_size", -i64::from(READER_CACHE_KIB))?;
    connection.release_memory()
}

/// Opens the log file of a day for copying its write-ahead log into it.
pub(super) fn open_log_copier(dir: &Path, day: i64) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(log_path(dir, day), flags)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    Ok(connection)
}

/// The days that have a log file, oldest first.
pub(super) fn log_days(dir: &Path) -> Result<Vec<i64>, OpenError> {
    let io = |source| OpenError::Io {
        path: dir.to_owned(),
        source,
    };
    let mut days = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(io)? {
        let name = entry.map_err(io)?.file_name();
        days.extend(name.to_str().and_then(day_of));
    }
    days.sort_unstable();
    Ok(days)
}

/// The newest schema of the control file.
pub(super) fn newest_control() -> u32 {
    u32::try_from(CONTROL_MIGRATIONS.len()).expect("few migrations")
}

/// The files that exist in a data directory, each with the newest schema version known for it.
pub(super) fn known_files(dir: &Path) -> Result<Vec<(PathBuf, u32)>, OpenError> {
    let newest = |steps: &[&str]| u32::try_from(steps.len()).expect("few migrations");
    let mut known = Vec::new();
    for (name, steps) in [
        (AUDIT, AUDIT_MIGRATIONS),
        (CONTROL, CONTROL_MIGRATIONS),
        (STATISTICS, STATISTICS_MIGRATIONS),
    ] {
        let path = dir.join(name);
        if path.exists() {
            known.push((path, newest(steps)));
        }
    }
    let logs = log_days(dir)?.into_iter();
    known.extend(logs.map(|day| (log_path(dir, day), newest(LOG_MIGRATIONS))));
    Ok(known)
}

/// Whether the write-ahead log of a day's file holds anything.
pub(super) fn has_write_ahead_log(dir: &Path, day: i64) -> bool {
    let mut path = log_path(dir, day).into_os_string();
    path.push("-wal");
    std::fs::metadata(path).is_ok_and(|log| log.len() > 0)
}

/// Removes the log file of a day, and what SQLite keeps beside it.
pub(super) fn remove_log(dir: &Path, day: i64) -> std::io::Result<()> {
    remove_with_logs(&log_path(dir, day))?;
    File::open(dir)?.sync_all()
}

fn remove_with_logs(path: &Path) -> std::io::Result<()> {
    std::fs::remove_file(path)?;
    for beside in ["-wal", "-shm"] {
        let mut path = path.as_os_str().to_owned();
        path.push(beside);
        match std::fs::remove_file(path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// The bytes of all files in a directory.
pub(super) fn bytes_in(dir: &Path) -> u64 {
    let files = std::fs::read_dir(dir).into_iter().flatten().flatten();
    files
        .filter_map(|file| file.metadata().ok())
        .map(|file| file.len())
        .sum()
}

pub(super) fn log_path(dir: &Path, day: i64) -> PathBuf {
    let start = carehook_core::Timestamp::from_day(day).to_string();
    let date = start.split('T').next().unwrap_or_default();
    dir.join(format!("log-{date}.db"))
}

fn day_of(file_name: &str) -> Option<i64> {
    let date = file_name.strip_prefix("log-")?.strip_suffix(".db")?;
    let start: carehook_core::Timestamp = format!("{date}T00:00:00Z").parse().ok()?;
    Some(start.day())
}

fn open_writer(path: &Path, migrations: &[&str]) -> Result<Connection, OpenError> {
    let database = |source| OpenError::Database {
        path: path.to_owned(),
        source,
    };
    let mut connection = Connection::open(path).map_err(database)?;
    #[cfg(test)]
    super::tests::plans::watch(&mut connection);
    configure(&connection).map_err(database)?;
    migrate(&mut connection, path, migrations)?;
    Ok(connection)
}

fn configure(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // FULL syncs the log at every commit; NORMAL would lose acknowledged events in a power cut.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
    // After a burst the write-ahead log becomes small again.
    connection.pragma_update(None, "journal_size_limit", WAL_BYTES)?;
    connection.pragma_update(None, "cache_size", -i64::from(CACHE_KIB))?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    // What is deleted is overwritten, so that an erased payload or key is gone.
    connection.pragma_update(None, "secure_delete", "ON")?;
    cache_statements(connection)
}

/// Brings a file to the newest schema, one step a transaction; a kill in between is harmless.
fn migrate(connection: &mut Connection, path: &Path, steps: &[&str]) -> Result<(), OpenError> {
    let database = |source| OpenError::Database {
        path: path.to_owned(),
        source,
    };
    let known = u32::try_from(steps.len()).expect("few migrations");
    let found: u32 = connection
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .map_err(database)?;
    if found > known {
        return Err(OpenError::Newer {
            path: path.to_owned(),
            found,
            known,
        });
    }
    for (version, step) in (1..=known).zip(steps).skip(found as usize) {
        let transaction = connection.transaction().map_err(database)?;
        transaction.execute_batch(step).map_err(database)?;
        transaction
            .pragma_update(None, "user_version", version)
            .map_err(database)?;
        transaction.commit().map_err(database)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use rusqlite::StatementStatus;

    use super::*;

    #[test]
    fn a_day_has_one_file_name() {
        let dir = Path::new("d");
        assert_eq!(log_path(dir, 20_454), dir.join("log-2026-01-01.db"));
        assert_eq!(day_of("log-2026-01-01.db"), Some(20_454));
        assert_eq!(day_of("log-2026-01-01.db-wal"), None);
        assert_eq!(day_of("control.db"), None);
    }

    #[test]
    fn a_directory_is_made_with_its_parents_for_its_owner_only() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("a/b/data");
        make_private_dir(&data).unwrap();
        make_private_dir(&data).unwrap();
        let mode = std::fs::metadata(&data).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
        std::fs::write(dir.path().join("file"), "").unwrap();
        assert!(make_private_dir(&dir.path().join("file/data")).is_err());
        assert!(make_private_dir(&dir.path().join("file")).is_err());
    }

    #[test]
    fn a_directory_is_used_by_one_at_a_time() {
        let dir = tempfile::tempdir().unwrap();
        let lock = DirectoryLock::take(dir.path()).unwrap();
        let second = DirectoryLock::take(dir.path());
        assert!(matches!(second, Err(OpenError::Locked(_))));
        drop(lock);
        assert!(DirectoryLock::take(dir.path()).is_ok());
    }

    #[test]
    fn a_statement_is_prepared_once_whatever_is_bound_to_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.db");
        let tables = "CREATE TABLE a (x INTEGER PRIMARY KEY, y INTEGER);
            CREATE TABLE b (x INTEGER PRIMARY KEY, y INTEGER);";
        let writer = open_writer(&path, &[tables]).unwrap();
        let reader = open_reader(&path).unwrap();
        for (file, sql) in [
            (
                &writer,
                "SELECT b.y FROM a JOIN b ON b.x = a.y WHERE a.x = ?1",
            ),
            (&reader, "SELECT y FROM a WHERE y > 1 LIMIT ?1"),
        ] {
            let mut statement = file.prepare(sql).unwrap();
            for value in 1..4 {
                assert!(!statement.exists([value]).unwrap());
            }
            assert_eq!(statement.get_status(StatementStatus::RePrepare), 0, "{sql}");
        }
    }

    #[test]
    fn a_half_done_migration_is_continued_and_a_newer_file_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.db");
        let first = "CREATE TABLE a (x INTEGER);";
        drop(open_writer(&path, &[first]).unwrap());
        let broken = open_writer(&path, &[first, "CREATE TABLE b (x INTEGER); BROKEN"]);
        assert!(matches!(broken, Err(OpenError::Database { .. })));
        // The broken step left nothing behind, so the mended one can run.
        drop(open_writer(&path, &[first, "CREATE TABLE b (x INTEGER);"]).unwrap());
        let older = open_writer(&path, &[first]);
        assert!(matches!(
            older,
            Err(OpenError::Newer {
                found: 2,
                known: 1,
                ..
            })
        ));
    }
}
