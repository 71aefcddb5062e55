//! Works off replays, a step of each at a time, as fast as their endpoints take what they make due.
//!
//! How far a replay is lies in the store: what is held here may be lost at any line.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use carehook_store::{OpenReplay, ReplayPosition, ReplayStep, Store, StoreError};
use tokio_util::sync::CancellationToken;

use crate::attempt::chain;
use crate::engine::EngineShared;

/// What the writer has for others after each round.
const BREATH: Duration = Duration::from_millis(5);
/// How soon it is looked again whether an endpoint has taken what is due; it grows while it has not.
const FIRST_LOOK: Duration = Duration::from_millis(20);
const LAST_LOOK: Duration = Duration::from_secs(1);
/// How long to wait after the store refused something.
const AFTER_REFUSAL: Duration = Duration::from_mins(1);

/// The one task that replays.
pub(crate) struct Replayer {
    store: Store,
    stop: CancellationToken,
    shared: Arc<EngineShared>,
    jobs: VecDeque<Job>,
    /// Whether there may be other jobs than those.
    has_news: bool,
    /// How long to wait when nothing has moved.
    patience: Duration,
}

struct Job {
    replay: OpenReplay,
    at: ReplayPosition,
}

/// What became of a job in one step.
enum Moved {
    On,
    Waits,
    Ended,
}

impl Replayer {
    pub(crate) fn new(store: Store, stop: CancellationToken, shared: Arc<EngineShared>) -> Self {
        Self {
            store,
            stop,
            shared,
            jobs: VecDeque::new(),
            has_news: true,
            patience: FIRST_LOOK,
        }
    }

    /// Works until it is told to stop; a step that is under way is finished.
    pub(crate) async fn run(mut self) {
        while !self.stop.is_cancelled() {
            let pause = self.turn().await.unwrap_or_else(|error| {
                tracing::error!(error = %chain(&error), "the store refused to replay");
                Some(AFTER_REFUSAL)
            });
            tokio::select! {
                () = self.stop.cancelled() => {}
                () = self.store.next_replay() => self.has_news = true,
                () = self.shared.replay_news.notified() => self.patience = FIRST_LOOK,
                () = tokio::time::sleep(pause.unwrap_or_default()), if pause.is_some() => {}
            }
        }
    }

    /// One step of each job; how long to wait until the next turn, or until there is news.
    async fn turn(&mut self) -> Result<Option<Duration>, StoreError> {
        if self.has_news {
            self.find().await?;
            self.has_news = false;
            self.patience = FIRST_LOOK;
        }
        let mut moved = false;
        for _ in 0..self.jobs.len() {
            let Some(mut job) = self.jobs.pop_front() else {
                break;
            };
            let result = self.step(&mut job).await;
            if !matches!(result, Ok(Moved::Ended)) {
                self.jobs.push_back(job);
            }
            moved |= !matches!(result?, Moved::Waits);
            if self.stop.is_cancelled() {
                break;
            }
        }
        if moved {
            self.patience = FIRST_LOOK;
            return Ok(Some(BREATH));
        }
        let pause = self.patience;
        self.patience = (pause * 2).min(LAST_LOOK);
        Ok((!self.jobs.is_empty()).then_some(pause))
    }

    /// Looks what there is to do. A job that is known goes on where it is, unless it was stopped.
    async fn find(&mut self) -> Result<(), StoreError> {
        let known = std::mem::take(&mut self.jobs);
        for replay in self.store.open_replays().await? {
            let going = known.iter().filter(|_| !replay.is_stopped());
            let going = going.filter(|job| job.replay.id == replay.id);
            let at = going.map(|job| job.at).next();
            let at = at.unwrap_or_else(|| replay.position());
            self.jobs.push_back(Job { replay, at });
        }
        Ok(())
    }

    async fn step(&self, job: &mut Job) -> Result<Moved, StoreError> {
        match self.store.step_replay(&job.replay, job.at).await {
            Ok(ReplayStep::On(next)) => {
                job.at = next;
                Ok(Moved::On)
            }
            Ok(ReplayStep::Wait) => Ok(Moved::Waits),
            Ok(ReplayStep::Ended) => {
                tracing::info!(replay = %job.replay.id, "a replay has ended");
                Ok(Moved::Ended)
            }
            Err(error @ StoreError::Corrupt { .. }) if self.store.health().is_ok() => {
                // The file would not be read the next time either.
                tracing::error!(replay = %job.replay.id, error = %chain(&error), "a replay failed");
                self.store.fail_replay(job.replay.id).await?;
                Ok(Moved::Ended)
            }
            Err(error) => Err(error),
        }
    }
}
