//! Works off what has to go: erasures that were asked for, and what is past its retention.
//!
//! Everything is done in small steps with a pause after each, so that publishes and results hardly
//! notice. Nothing is remembered over a restart: the next one begins at the first step again.

use std::sync::Arc;
use std::time::Duration;

use carehook_core::{Clock, Timestamp};
use carehook_store::{
    ErasurePosition, ErasureStep, RetentionPosition, RunningErasure, Store, StoreError,
};
use tokio_util::sync::CancellationToken;

use crate::attempt::chain;
use crate::engine::EngineShared;

/// How often retention is looked at.
const ROUND: Duration = Duration::from_hours(1);
/// The wall clock may jump, so it is looked at least this often.
const LONGEST_SLEEP: Duration = Duration::from_mins(1);
/// What the writer has for others after each step.
const BREATH: Duration = Duration::from_millis(5);
/// How long a reader of old pages may take before it is looked again.
const READER: Duration = Duration::from_millis(100);
/// How long to wait after the store refused something.
const AFTER_REFUSAL: Duration = Duration::from_mins(1);

/// The one task that tidies up.
pub(crate) struct Janitor {
    store: Store,
    clock: Clock,
    stop: CancellationToken,
    shared: Arc<EngineShared>,
    next_round: Timestamp,
}

/// Why the janitor goes no further for now.
struct Stuck;

impl Janitor {
    pub(crate) fn new(
        store: Store,
        clock: Clock,
        stop: CancellationToken,
        shared: Arc<EngineShared>,
    ) -> Self {
        Self {
            store,
            next_round: clock.now(),
            clock,
            stop,
            shared,
        }
    }

    /// Works until it is told to stop; a step that is under way is finished.
    pub(crate) async fn run(mut self) {
        while !self.stop.is_cancelled() {
            let done = self.work().await;
            let pause = match done {
                Ok(()) => self.next_round.since(self.clock.now()).min(LONGEST_SLEEP),
                Err(Stuck) => AFTER_REFUSAL,
            };
            tokio::select! {
                () = self.store.next_erasure() => {}
                () = self.shared.janitor_news.notified() => {}
                () = self.stop.cancelled() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    async fn work(&mut self) -> Result<(), Stuck> {
        self.erase().await?;
        let now = self.clock.now();
        if now >= self.next_round {
            self.retain(now).await?;
            self.next_round = now.plus(ROUND);
        }
        Ok(())
    }

    /// Works off all erasures, the oldest first.
    async fn erase(&mut self) -> Result<(), Stuck> {
        loop {
            let job = self.store.running_erasure().await;
            match job.map_err(|error| stuck(&error))? {
                Some(job) if !self.stop.is_cancelled() => self.finish(&job).await?,
                _ => return Ok(()),
            }
        }
    }

    async fn finish(&mut self, job: &RunningErasure) -> Result<(), Stuck> {
        let mut at = ErasurePosition::start();
        while !self.stop.is_cancelled() {
            match self.store.erase(job, at).await {
                Ok(ErasureStep::On(next)) => {
                    at = next;
                    self.breathe(BREATH).await;
                }
                Ok(ErasureStep::Wait) => self.breathe(READER).await,
                Ok(ErasureStep::Ended) => {
                    tracing::info!(erasure = %job.id, "an erasure is done");
                    return Ok(());
                }
                Err(error @ StoreError::Corrupt { .. }) if self.store.health().is_ok() => {
                    // The rest would not be read either: others must not wait for it for ever.
                    tracing::error!(erasure = %job.id, error = %chain(&error), "an erasure failed");
                    let now = self.clock.now();
                    let failed = self.store.fail_erasure(job.id, now).await;
                    return failed.map_err(|error| stuck(&error));
                }
                Err(error) => return Err(stuck(&error)),
            }
        }
        Ok(())
    }

    /// Takes away what is past its retention.
    async fn retain(&mut self, now: Timestamp) -> Result<(), Stuck> {
        let mut at = RetentionPosition::start();
        while !self.stop.is_cancelled() {
            let next = self.store.retain(now, at).await;
            match next.map_err(|error| stuck(&error))? {
                Some(next) => at = next,
                None => return Ok(()),
            }
            self.breathe(BREATH).await;
        }
        Ok(())
    }

    async fn breathe(&self, pause: Duration) {
        tokio::select! {
            () = self.stop.cancelled() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
}

fn stuck(error: &StoreError) -> Stuck {
    tracing::error!(error = %chain(error), "the store refused to tidy up");
    Stuck
}
