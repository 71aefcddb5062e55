//! The embedded backend under test: a directory, and its copy when it is killed.

use std::path::Path;

use carehook_core::{Clock, ManualClock};
use tempfile::TempDir;

use super::Fixture;
use crate::{EmbeddedOptions, MasterKey, Store};

/// A store in a directory of its own.
pub(crate) struct EmbeddedFixture {
    dir: TempDir,
    clock: ManualClock,
    store: Store,
}

impl EmbeddedFixture {
    fn open_in(dir: TempDir, clock: ManualClock) -> Self {
        let store = Store::open_embedded(
            dir.path(),
            MasterKey::new([7; 32]),
            &Clock::Manual(clock.clone()),
            EmbeddedOptions::default(),
        );
        let store = store.unwrap();
        Self { dir, clock, store }
    }
}

impl Fixture for EmbeddedFixture {
    fn open(clock: &ManualClock) -> Self {
        Self::open_in(tempfile::tempdir().unwrap(), clock.clone())
    }

    fn store(&self) -> &Store {
        &self.store
    }

    async fn reopen(self) -> Self {
        self.store.close().await;
        Self::open_in(self.dir, self.clock)
    }

    async fn crash(self) -> Self {
        let copy = tempfile::tempdir().unwrap();
        copy_as_killed(self.dir.path(), copy.path());
        self.store.close().await;
        Self::open_in(copy, self.clock)
    }
}

/// Copies what a killed process leaves: the files as they are, while the store is open. The lock
/// and the shared memory end with a process.
pub(crate) fn copy_as_killed(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if name != "lock" && !name.ends_with("-shm") {
            std::fs::copy(&path, to.join(name)).unwrap();
        }
    }
}
