//! The newest known set of keys, fetched when it is needed and kept for a while.
//!
//! **Guarantees.** At most one fetch at a time, and at most one in [`PAUSE`], whatever tokens come:
//! forged key ids cannot flood the provider. A fetch goes on when the request that started it goes
//! away. When the provider fails, the last set is used for up to [`STALE`].

use std::sync::Arc;
use std::time::Duration;

use carehook_core::Timestamp;
use carehook_deliver::{Deliverer, FetchError, FetchLimits, Url};
use parking_lot::Mutex;
use tokio::sync::OwnedMutexGuard;
use tokio_util::task::TaskTracker;
use tracing::{info, warn};

use super::key_set::KeySet;
use crate::Chain;

/// A set is not asked for again before this, unless a token is of a key that is not in it.
const FRESH: Duration = Duration::from_mins(10);
/// A set is not used for longer than this: a key that its issuer has withdrawn must come to an end.
const STALE: Duration = Duration::from_hours(1);
/// The least time between two fetches.
const PAUSE: Duration = Duration::from_secs(10);
const LIMITS: FetchLimits = FetchLimits {
    timeout: Duration::from_secs(5),
    max_bytes: 256 * 1024,
};

/// Why there are no keys to check a token with.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeySetError {
    #[error("fetch the key set")]
    Fetch(#[source] FetchError),
    #[error("the fetched document is not a key set")]
    NotAKeySet,
    #[error("the key set could not be fetched a moment ago")]
    Pausing,
}

/// Keeps the keys of one issuer.
pub(super) struct KeyCache(Arc<Shared>);

struct Shared {
    url: Url,
    deliverer: Deliverer,
    tasks: TaskTracker,
    state: Mutex<State>,
    /// Held while a fetch goes on.
    turn: Arc<tokio::sync::Mutex<()>>,
}

#[derive(Default)]
struct State {
    known: Option<Known>,
    tried_at: Option<Timestamp>,
}

#[derive(Clone)]
struct Known {
    keys: Arc<KeySet>,
    fetched_at: Timestamp,
}

impl KeyCache {
    pub(super) fn new(url: Url, deliverer: Deliverer, tasks: TaskTracker) -> Self {
        Self(Arc::new(Shared {
            url,
            deliverer,
            tasks,
            state: Mutex::default(),
            turn: Arc::default(),
        }))
    }

    /// The keys; fetched if they are not known or no longer fresh.
    pub(super) async fn keys(&self, now: Timestamp) -> Result<Arc<KeySet>, KeySetError> {
        let known = self.0.state.lock().known.clone();
        let turn = Arc::clone(&self.0.turn);
        match known {
            Some(known) if distance(now, known.fetched_at) < FRESH => return Ok(known.keys),
            Some(known) if now.since(known.fetched_at) < STALE => {
                // One request waits for the newer set; the others go on with the one there is.
                if let Ok(turn) = turn.try_lock_owned() {
                    // Why it failed is in the log.
                    let _ = self.fetch(turn, now).await;
                }
            }
            _ => self.fetch(turn.lock_owned().await, now).await?,
        }
        self.usable(now).ok_or(KeySetError::Pausing)
    }

    /// The keys after a look for newer ones, for a token of a key that is not among them.
    pub(super) async fn newest(&self, now: Timestamp) -> Result<Arc<KeySet>, KeySetError> {
        let turn = Arc::clone(&self.0.turn).lock_owned().await;
        // Why it failed is in the log.
        let _ = self.fetch(turn, now).await;
        self.usable(now).ok_or(KeySetError::Pausing)
    }

    fn usable(&self, now: Timestamp) -> Option<Arc<KeySet>> {
        let state = self.0.state.lock();
        let known = state.known.as_ref()?;
        (now.since(known.fetched_at) < STALE).then(|| Arc::clone(&known.keys))
    }

    /// Fetches, unless somebody has just tried.
    async fn fetch(&self, turn: OwnedMutexGuard<()>, now: Timestamp) -> Result<(), KeySetError> {
        let tried_at = self.0.state.lock().tried_at;
        if tried_at.is_some_and(|tried_at| distance(now, tried_at) < PAUSE) {
            return Ok(());
        }
        let shared = Arc::clone(&self.0);
        // A task of its own: callers that go away must not keep the keys from ever arriving.
        let fetch = self.0.tasks.spawn(async move {
            let _turn = turn;
            shared.fetch(now).await
        });
        // It ends early only with the runtime.
        fetch.await.unwrap_or(Err(KeySetError::Pausing))
    }
}

impl Shared {
    async fn fetch(&self, now: Timestamp) -> Result<(), KeySetError> {
        self.state.lock().tried_at = Some(now);
        let fetched = self.deliverer.fetch(&self.url, LIMITS).await;
        let keys = fetched
            .map_err(KeySetError::Fetch)
            .and_then(|document| KeySet::parse(&document).ok_or(KeySetError::NotAKeySet))
            .inspect_err(|error| warn!(error = %Chain(error), "no new keys for bearer tokens"))?;
        info!(keys = keys.len(), "fetched the keys for bearer tokens");
        self.state.lock().known = Some(Known {
            keys: Arc::new(keys),
            fetched_at: now,
        });
        Ok(())
    }
}

/// How far apart two times are; a clock that was set back by much must not stop the fetches.
fn distance(a: Timestamp, b: Timestamp) -> Duration {
    a.since(b).max(b.since(a))
}
