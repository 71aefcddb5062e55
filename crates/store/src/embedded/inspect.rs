//! Looking at a data directory without opening it.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use super::files::{self, DirectoryLock};
use crate::OpenError;

/// What a look at a data directory shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectoryState {
    /// Whether a process has it open.
    pub in_use: bool,
    /// Its files; none before the first start, and none while it is in use.
    pub files: Vec<FileState>,
}

/// One file of a data directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileState {
    /// Its name.
    pub name: String,
    /// The schema version that it has.
    pub version: u32,
    /// The schema version of this program.
    pub known: u32,
}

impl FileState {
    /// Whether nothing is to be migrated.
    pub fn is_current(&self) -> bool {
        self.version == self.known
    }
}

/// Looks at an existing data directory; changes nothing but the lock file in it.
pub fn inspect_directory(dir: &Path) -> Result<DirectoryState, OpenError> {
    // Held until the files are read, so that no server starts to migrate them meanwhile.
    let _lock = match DirectoryLock::take(dir) {
        Ok(lock) => lock,
        Err(OpenError::Locked(_)) => {
            return Ok(DirectoryState {
                in_use: true,
                files: Vec::new(),
            });
        }
        Err(error) => return Err(error),
    };
    let files = files::known_files(dir)?
        .into_iter()
        .map(|(path, known)| {
            let name = path.file_name().unwrap_or_default();
            Ok(FileState {
                name: name.to_string_lossy().into_owned(),
                version: version_of(&path)?,
                known,
            })
        })
        .collect::<Result<_, OpenError>>()?;
    Ok(DirectoryState {
        in_use: false,
        files,
    })
}

fn version_of(path: &Path) -> Result<u32, OpenError> {
    let read = || {
        let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        connection.pragma_query_value(None, "user_version", |row| row.get(0))
    };
    read().map_err(|source| OpenError::Database {
        path: path.to_owned(),
        source,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_directory_has_no_files_and_a_locked_one_is_in_use() {
        let dir = tempfile::tempdir().unwrap();
        let state = inspect_directory(dir.path()).unwrap();
        assert!(!state.in_use && state.files.is_empty());
        let lock = DirectoryLock::take(dir.path()).unwrap();
        assert!(inspect_directory(dir.path()).unwrap().in_use);
        drop(lock);
    }

    #[test]
    fn each_file_is_shown_with_its_version() {
        let dir = tempfile::tempdir().unwrap();
        drop(files::open_log(dir.path(), 20_454).unwrap());
        let control = files::open_control(dir.path()).unwrap();
        control.pragma_update(None, "user_version", 0).unwrap();
        drop(control);
        let files = inspect_directory(dir.path()).unwrap().files;
        let shown: Vec<(&str, bool)> = files
            .iter()
            .map(|file| (&*file.name, file.is_current()))
            .collect();
        assert_eq!(shown, [("control.db", false), ("log-2026-01-01.db", true)]);
    }
}
