//! The engine as its owner sees it: start, health, stop.

use std::sync::Arc;
use std::time::Duration;

use carehook_core::{Clock, PayloadLinks, RetryPolicy};
use carehook_deliver::Deliverer;
use carehook_store::Store;
use parking_lot::Mutex;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::alarm::Alarm;
use crate::attempt::Sender;
use crate::challenger::{Challenged, Challenger};
use crate::driver::Driver;
use crate::janitor::Janitor;
use crate::key_uses::keep_key_uses;
use crate::mailer::{MailConfig, Mailer};
use crate::replayer::Replayer;
use crate::scheduler::Caps;
use crate::statistics::keep_statistics;

/// How an engine behaves.
#[derive(Clone, Debug)]
pub struct EngineConfig {
    /// The retry schedule of endpoints without one, instead of their dialect's.
    pub default_retry_policy: Option<RetryPolicy>,
    /// Requests in flight at most, slow ones not counted.
    pub in_flight: usize,
    /// Slow requests at most before endpoints that have one start no more.
    pub slow: usize,
    /// Requests in flight to one host at most, over all organizations.
    pub per_host: usize,
    /// Ended attempts that may wait for the disk; bounds duplicates after a crash.
    pub unrecorded: usize,
    /// Under which URL receivers reach this server, for links to payloads.
    pub public_url: String,
    /// Who sends mails about failures; without it they are kept for a while.
    pub mail: Option<MailConfig>,
}

impl Default for EngineConfig {
    fn default() -> Self {
        Self {
            default_retry_policy: None,
            in_flight: 512,
            slow: 4_096,
            per_host: 256,
            unrecorded: 1_024,
            public_url: "http://127.0.0.1:8080".to_owned(),
            mail: None,
        }
    }
}

/// A running engine.
pub struct Engine {
    tasks: TaskTracker,
    stop: CancellationToken,
    shared: Arc<EngineShared>,
}

/// What the tasks tell their owner and each other.
#[derive(Default)]
pub(crate) struct EngineShared {
    pub(crate) wake: Notify,
    pub(crate) problem: Mutex<Option<String>>,
    /// Who waits for the ownership challenge.
    pub(crate) challenged: Challenged,
    /// A mail may have come to be owed.
    pub(crate) mail_news: Notify,
    /// The clock was moved, or something else makes the janitor look again.
    pub(crate) janitor_news: Notify,
    /// The clock was moved, or something else makes the replayer look again.
    pub(crate) replay_news: Notify,
    /// Why mails wait.
    pub(crate) mail_problem: Mutex<Option<String>>,
    /// Which of the tasks that must not end has panicked.
    pub(crate) panicked: watch::Sender<Option<&'static str>>,
}

impl Engine {
    /// Starts delivering what the store owes. Must be called inside a tokio runtime.
    pub fn start(store: Store, deliverer: Deliverer, clock: Clock, config: EngineConfig) -> Self {
        let tasks = TaskTracker::new();
        let stop = CancellationToken::new();
        let shared = Arc::new(EngineShared::default());
        let caps = Caps {
            in_flight: config.in_flight,
            slow: config.slow,
            per_host: config.per_host,
            unrecorded: config.unrecorded,
        };
        let mailer = Mailer::new(
            (store.clone(), clock.clone()),
            config.mail,
            stop.clone(),
            Arc::clone(&shared),
        );
        let janitor = Janitor::new(
            store.clone(),
            clock.clone(),
            stop.clone(),
            Arc::clone(&shared),
        );
        let watched = (&tasks, &shared);
        let uses = keep_key_uses(store.clone(), stop.clone());
        spawn(watched, "keeper of key uses", uses);
        let statistics = keep_statistics(store.clone(), stop.clone());
        spawn(watched, "keeper of statistics", statistics);
        let replayer = Replayer::new(store.clone(), stop.clone(), Arc::clone(&shared));
        let sender = Arc::new(Sender {
            links: PayloadLinks::new(&store.payload_link_key(), &config.public_url),
            store,
            deliverer,
            clock,
        });
        let challenger = Challenger::new(
            Arc::clone(&sender),
            Arc::clone(&shared),
            (tasks.clone(), stop.clone()),
        );
        let driver = Driver::new(
            sender,
            (caps, config.default_retry_policy),
            (tasks.clone(), stop.clone()),
            Arc::clone(&shared),
        );
        spawn(watched, "driver", driver.run());
        spawn(watched, "challenger", challenger.run());
        spawn(watched, "mailer", mailer.run());
        spawn(watched, "janitor", janitor.run());
        spawn(watched, "replayer", replayer.run());
        Self {
            tasks,
            stop,
            shared,
        }
    }

    /// Whether deliveries are being made; the reason when they are not.
    pub fn health(&self) -> Result<(), String> {
        if self.stop.is_cancelled() {
            return Err("the engine is stopping".to_owned());
        }
        match &*self.shared.problem.lock() {
            None => Ok(()),
            Some(problem) => Err(problem.clone()),
        }
    }

    /// Why mails about failures wait, if they do. It does not keep deliveries from being made.
    pub fn mail_problem(&self) -> Option<String> {
        self.shared.mail_problem.lock().clone()
    }

    /// Ends when a task that the engine cannot be without has panicked; tells which one. What it held
    /// is a cache of the store, so a new start goes on where it ended.
    pub async fn failed(&self) -> String {
        let mut news = self.shared.panicked.subscribe();
        let panicked = news.wait_for(Option::is_some).await;
        let task = panicked.ok().and_then(|task| *task);
        task.map_or_else(String::new, |task| format!("the engine's {task} panicked"))
    }

    /// Looks at the clock again: for those who move it by hand.
    pub fn wake(&self) {
        self.shared.wake.notify_one();
        self.shared.mail_news.notify_one();
        self.shared.challenged.news.notify_one();
        self.shared.janitor_news.notify_one();
        self.shared.replay_news.notify_one();
    }

    /// Starts no more attempts, waits for those in flight and for their records, at most until
    /// `deadline` has passed. What is cut off is sent again after a restart.
    pub async fn stop(&self, deadline: Duration) {
        self.stop.cancel();
        self.tasks.close();
        if tokio::time::timeout(deadline, self.tasks.wait())
            .await
            .is_err()
        {
            tracing::warn!("attempts were cut off by the end of the grace period");
        }
    }
}

/// Starts a task that the engine cannot be without.
fn spawn(
    (tasks, shared): (&TaskTracker, &Arc<EngineShared>),
    what: &'static str,
    task: impl Future<Output = ()> + Send + 'static,
) {
    let alarm = Alarm::of(what, shared);
    tasks.spawn(async move {
        let _alarm = alarm;
        task.await;
    });
}
