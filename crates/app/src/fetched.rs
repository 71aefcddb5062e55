//! A document of the operator's choice, such as a set of keys: fetched when it is needed, and kept
//! for a while.
//!
//! **Guarantees.** At most one fetch at a time, and at most one in [`PAUSE`], whatever callers ask:
//! forged key ids cannot flood the provider. A fetch goes on when the request that started it goes
//! away. When the provider fails, the last document is used for up to [`STALE`].

use std::sync::Arc;
use std::time::Duration;

use carehook_core::Timestamp;
use carehook_deliver::{Deliverer, FetchError, FetchLimits, Url};
use parking_lot::Mutex;
use tokio::sync::OwnedMutexGuard;
use tokio_util::task::TaskTracker;
use tracing::{info, warn};

use crate::Chain;

/// A document is not asked for again before this, unless something is missing in it.
const FRESH: Duration = Duration::from_mins(10);
/// It is not used for longer than this: a key that its issuer has withdrawn must come to an end.
const STALE: Duration = Duration::from_hours(1);
/// The least time between two fetches.
const PAUSE: Duration = Duration::from_secs(10);
/// What a provider may take of our time and memory for a document.
pub(crate) const LIMITS: FetchLimits = FetchLimits {
    timeout: Duration::from_secs(5),
    max_bytes: 256 * 1024,
};

/// Why there is no document.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FetchedError {
    #[error("fetch {what}")]
    Fetch {
        what: &'static str,
        #[source]
        source: FetchError,
    },
    #[error("what was fetched as {what} cannot be used: {why}")]
    Unusable {
        what: &'static str,
        why: &'static str,
    },
    #[error("{what} could not be fetched a moment ago")]
    Pausing { what: &'static str },
}

/// Reads a document; says why it is none.
type Reader<T> = Box<dyn Fn(&[u8]) -> Result<T, &'static str> + Send + Sync>;

/// Keeps one document.
pub(crate) struct Fetched<T>(Arc<Shared<T>>);

struct Shared<T> {
    /// What it is, in words for the log.
    what: &'static str,
    url: Url,
    read: Reader<T>,
    deliverer: Deliverer,
    tasks: TaskTracker,
    state: Mutex<State<T>>,
    /// Held while a fetch goes on.
    turn: Arc<tokio::sync::Mutex<()>>,
}

struct State<T> {
    known: Option<Known<T>>,
    tried_at: Option<Timestamp>,
}

struct Known<T> {
    document: Arc<T>,
    fetched_at: Timestamp,
}

impl<T> Clone for Known<T> {
    fn clone(&self) -> Self {
        Self {
            document: Arc::clone(&self.document),
            fetched_at: self.fetched_at,
        }
    }
}

impl<T: Send + Sync + 'static> Fetched<T> {
    /// Nothing is fetched yet.
    pub(crate) fn new(
        what: &'static str,
        url: Url,
        read: impl Fn(&[u8]) -> Result<T, &'static str> + Send + Sync + 'static,
        deliverer: Deliverer,
        tasks: TaskTracker,
    ) -> Self {
        Self(Arc::new(Shared {
            what,
            url,
            read: Box::new(read),
            deliverer,
            tasks,
            state: Mutex::new(State {
                known: None,
                tried_at: None,
            }),
            turn: Arc::default(),
        }))
    }

    /// The document; fetched if it is not known or no longer fresh.
    pub(crate) async fn get(&self, now: Timestamp) -> Result<Arc<T>, FetchedError> {
        let known = self.0.state.lock().known.clone();
        let turn = Arc::clone(&self.0.turn);
        match known {
            Some(known) if distance(now, known.fetched_at) < FRESH => return Ok(known.document),
            Some(known) if now.since(known.fetched_at) < STALE => {
                // One request waits for the newer one; the others go on with what there is.
                if let Ok(turn) = turn.try_lock_owned() {
                    // Why it failed is in the log.
                    let _ = self.fetch(turn, now).await;
                }
            }
            _ => self.fetch(turn.lock_owned().await, now).await?,
        }
        self.usable(now)
    }

    /// The document, fetched anew unless that was done within `age`: for who would rather learn that
    /// it cannot be fetched. Whoever waits does so for one fetch at most.
    pub(crate) async fn found_within(
        &self,
        age: Duration,
        now: Timestamp,
    ) -> Result<Arc<T>, FetchedError> {
        let found = || {
            let state = self.0.state.lock();
            let young = |known: &&Known<T>| distance(now, known.fetched_at) < age;
            let known = state.known.as_ref().filter(young);
            known.map(|known| Arc::clone(&known.document))
        };
        if let Some(document) = found() {
            return Ok(document);
        }
        let turn = Arc::clone(&self.0.turn).lock_owned().await;
        self.fetch(turn, now).await?;
        found().ok_or(FetchedError::Pausing { what: self.0.what })
    }

    /// The document after a look for a newer one, for who misses something in it.
    pub(crate) async fn newest(&self, now: Timestamp) -> Result<Arc<T>, FetchedError> {
        let turn = Arc::clone(&self.0.turn).lock_owned().await;
        // Why it failed is in the log.
        let _ = self.fetch(turn, now).await;
        self.usable(now)
    }

    fn usable(&self, now: Timestamp) -> Result<Arc<T>, FetchedError> {
        let state = self.0.state.lock();
        let usable = |known: &&Known<T>| now.since(known.fetched_at) < STALE;
        let known = state.known.as_ref().filter(usable);
        known
            .map(|known| Arc::clone(&known.document))
            .ok_or(FetchedError::Pausing { what: self.0.what })
    }

    /// Fetches, unless somebody has just tried.
    async fn fetch(&self, turn: OwnedMutexGuard<()>, now: Timestamp) -> Result<(), FetchedError> {
        let tried_at = self.0.state.lock().tried_at;
        if tried_at.is_some_and(|tried_at| distance(now, tried_at) < PAUSE) {
            return Ok(());
        }
        let shared = Arc::clone(&self.0);
        // A task of its own: callers that go away must not keep the document from ever arriving.
        let fetch = self.0.tasks.spawn(async move {
            let _turn = turn;
            shared.fetch(now).await
        });
        // It ends early only with the runtime.
        let what = self.0.what;
        fetch.await.unwrap_or(Err(FetchedError::Pausing { what }))
    }
}

impl<T> Shared<T> {
    async fn fetch(&self, now: Timestamp) -> Result<(), FetchedError> {
        let what = self.what;
        self.state.lock().tried_at = Some(now);
        let fetched = self.deliverer.fetch(&self.url, LIMITS).await;
        let document = fetched
            .map_err(|source| FetchedError::Fetch { what, source })
            .and_then(|document| {
                (self.read)(&document).map_err(|why| FetchedError::Unusable { what, why })
            })
            .inspect_err(|error| warn!(error = %Chain(error), "a document is not renewed"))?;
        info!(what, "fetched a document");
        self.state.lock().known = Some(Known {
            document: Arc::new(document),
            fetched_at: now,
        });
        Ok(())
    }
}

/// How far apart two times are; a clock that was set back by much must not stop the fetches.
fn distance(a: Timestamp, b: Timestamp) -> Duration {
    a.since(b).max(b.since(a))
}
