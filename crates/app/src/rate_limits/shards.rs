//! Many small maps instead of a large one, so that callers seldom wait for each other.

use std::hash::{BuildHasher as _, Hash, RandomState};

use parking_lot::{Mutex, MutexGuard};

const SHARDS: usize = 16;

/// Values of type `S`, each for a part of all keys.
pub(super) struct Shards<S> {
    hasher: RandomState,
    shards: [Mutex<S>; SHARDS],
}

impl<S: Default> Default for Shards<S> {
    fn default() -> Self {
        Self {
            hasher: RandomState::new(),
            shards: std::array::from_fn(|_| Mutex::default()),
        }
    }
}

impl<S> Shards<S> {
    /// The one that a key belongs to.
    pub(super) fn of(&self, key: &impl Hash) -> MutexGuard<'_, S> {
        let hash = self.hasher.hash_one(key) % SHARDS as u64;
        let index = usize::try_from(hash).expect("it is below the number of shards");
        self.shards[index].lock()
    }

    #[cfg(test)]
    pub(super) fn all(&self) -> impl Iterator<Item = MutexGuard<'_, S>> {
        self.shards.iter().map(Mutex::lock)
    }
}
