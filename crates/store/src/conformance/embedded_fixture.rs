//! The embedded backend under test: a directory, and its copy when it is killed.

use std::path::Path;

use carehook_core::{Clock, ManualClock};
use carehook_testkit::copy_as_killed;
use tempfile::TempDir;

use super::Fixture;
use crate::{EmbeddedOptions, MasterKey, Store};

/// A store in a directory of its own.
pub(crate) struct EmbeddedFixture {
    dir: TempDir,
    clock: ManualClock,
    store: Store,
}

/// The master key of every store under test.
pub(crate) const MASTER_KEY: [u8; 32] = [7; 32];

impl EmbeddedFixture {
    fn open_in(dir: TempDir, clock: ManualClock) -> Self {
        Self::open_with(dir, clock, EmbeddedOptions::default())
    }

    fn open_with(dir: TempDir, clock: ManualClock, options: EmbeddedOptions) -> Self {
        let master = MasterKey::new(MASTER_KEY);
        let at = Clock::Manual(clock.clone());
        let store = Store::open_embedded(dir.path(), master, &at, options).unwrap();
        Self { dir, clock, store }
    }

    /// Where the files are.
    pub(crate) fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// The same store, closed and opened again with other options.
    pub(crate) async fn reopen_with(self, options: EmbeddedOptions) -> Self {
        self.store.close().await;
        Self::open_with(self.dir, self.clock, options)
    }

    /// The same store with a clock that it will go by when it is opened again.
    pub(crate) fn with_clock(self, clock: ManualClock) -> Self {
        Self { clock, ..self }
    }

    /// The same directory, closed and changed by `damage` before it is opened again.
    pub(crate) async fn damage(self, damage: impl FnOnce(&Path)) -> Self {
        self.store.close().await;
        damage(self.dir.path());
        Self::open_in(self.dir, self.clock)
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
        copy_as_killed(self.dir.path(), copy.path()).unwrap();
        self.store.close().await;
        Self::open_in(copy, self.clock)
    }
}
