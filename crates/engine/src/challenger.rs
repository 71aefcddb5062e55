//! Asks new endpoints whether they want what is owed to them: the acting part of
//! [`Ownership`].
//!
//! Endpoints that wait for their challenge are known from memory: found at the start, and told by the
//! driver when they change. Few at a time are asked, and what came of it is stored with the endpoint;
//! its change is news for the driver, which then begins to deliver.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use carehook_core::{
    ChallengeOutcome, Endpoint, EndpointId, Envelope, Ownership, Timestamp, answers_challenge,
    challenge_body, signed_headers,
};
use carehook_deliver::{ExchangeResult, Outbound};
use carehook_store::{PageRequest, Refusal, StoreError};
use parking_lot::Mutex;
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use tokio::sync::{Notify, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::attempt::{Sender, chain};
use crate::engine::EngineShared;
use crate::receivers::Receiver;

/// Endpoints that are asked at a time.
const AT_A_TIME: usize = 16;
/// The wall clock may jump, so it is looked at least this often.
const LONGEST_SLEEP: Duration = Duration::from_secs(5);
/// How often a result is stored again when the endpoint was changed meanwhile.
const STORE_ATTEMPTS: usize = 5;
/// Organizations that are looked through in one go at the start.
const ORGANIZATIONS: usize = 1_000;

/// Who waits for a challenge, and the news of it.
#[derive(Default)]
pub(crate) struct Challenged {
    waiting: Mutex<BTreeSet<EndpointId>>,
    in_flight: Mutex<BTreeSet<EndpointId>>,
    pub(crate) news: Notify,
}

impl Challenged {
    /// Notes an endpoint that changed.
    pub(crate) fn look_at(&self, endpoint: &Endpoint) {
        if endpoint.awaits_challenge() {
            self.waiting.lock().insert(endpoint.id);
            self.news.notify_one();
        }
    }
}

/// The one who asks.
pub(crate) struct Challenger {
    sender: Arc<Sender>,
    shared: Arc<EngineShared>,
    places: Arc<Semaphore>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Challenger {
    pub(crate) fn new(
        sender: Arc<Sender>,
        shared: Arc<EngineShared>,
        (tasks, stop): (TaskTracker, CancellationToken),
    ) -> Self {
        Self {
            sender,
            shared,
            places: Arc::new(Semaphore::new(AT_A_TIME)),
            tasks,
            stop,
        }
    }

    /// Asks whoever is due until it is told to stop.
    pub(crate) async fn run(self) {
        self.find_waiting();
        loop {
            let now = self.sender.clock.now();
            let next = self.ask_all_due(now);
            let pause = next.map_or(LONGEST_SLEEP, |next| next.since(now).min(LONGEST_SLEEP));
            tokio::select! {
                () = self.stop.cancelled() => return,
                () = self.shared.challenged.news.notified() => {}
                () = tokio::time::sleep(pause), if next.is_some() => {}
            }
        }
    }

    /// Looks through all endpoints, which are in memory.
    fn find_waiting(&self) {
        let store = &self.sender.store;
        let mut after = None;
        loop {
            let page = store.list_organizations(&PageRequest {
                limit: ORGANIZATIONS,
                after,
            });
            for organization in &page.items {
                for endpoint in store.endpoints(&organization.id).iter() {
                    self.shared.challenged.look_at(endpoint);
                }
            }
            after = page.next;
            if after.is_none() {
                return;
            }
        }
    }

    /// Starts the tries that are due; tells when the next one is.
    fn ask_all_due(&self, now: Timestamp) -> Option<Timestamp> {
        let mut next: Option<Timestamp> = None;
        let mut waiting = self.shared.challenged.waiting.lock();
        let mut in_flight = self.shared.challenged.in_flight.lock();
        waiting.retain(|id| {
            let endpoint = self.sender.store.any_endpoint(*id);
            let endpoint = endpoint.filter(|endpoint| endpoint.awaits_challenge());
            let Some(due) = endpoint.and_then(|endpoint| endpoint.ownership.due()) else {
                return false;
            };
            if due > now {
                next = Some(next.map_or(due, |other| other.min(due)));
            } else if !in_flight.contains(id) {
                let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else {
                    // Whoever ends a try makes us look again.
                    return true;
                };
                in_flight.insert(*id);
                let (sender, shared) = (Arc::clone(&self.sender), Arc::clone(&self.shared));
                let id = *id;
                self.tasks.spawn(async move {
                    ask(&sender, id).await;
                    drop(place);
                    shared.challenged.in_flight.lock().remove(&id);
                    shared.challenged.news.notify_one();
                });
            }
            true
        });
        next
    }
}

/// Makes one try and stores what came of it.
async fn ask(sender: &Sender, id: EndpointId) {
    let Some(endpoint) = sender.store.any_endpoint(id) else {
        return;
    };
    let wanted = sender.store.organization(&endpoint.organization);
    let wanted = wanted.is_some_and(|of| of.settings.ownership_challenge);
    let outcome = if wanted {
        Some(post(sender, Arc::clone(&endpoint)).await)
    } else {
        None
    };
    for _ in 0..STORE_ATTEMPTS {
        let Some(current) = sender.store.any_endpoint(id) else {
            return;
        };
        // Meanwhile it may have been moved to a host that was not asked.
        if !current.ownership.is_pending() || current.url != endpoint.url {
            return;
        }
        let now = sender.clock.now();
        let ownership = match outcome {
            Some(outcome) => current.ownership.after(outcome, now),
            // The organization does not ask any more.
            None => Ownership::NotAsked,
        };
        tracing::info!(endpoint = %id, ?outcome, "an endpoint was asked for the ownership challenge");
        let changed = Endpoint {
            ownership,
            ..(*current).clone()
        };
        match sender.store.replace_endpoint(changed).await {
            Err(StoreError::Refused(Refusal::Changed(_))) => {}
            Err(error) => {
                tracing::error!(endpoint = %id, error = %chain(&error), "a challenge was not stored");
                return tokio::time::sleep(LONGEST_SLEEP).await;
            }
            Ok(_) => return,
        }
    }
}

async fn post(sender: &Sender, endpoint: Arc<Endpoint>) -> ChallengeOutcome {
    let id = endpoint.id;
    let Some(receiver) = Receiver::new(endpoint, &sender.deliverer, None) else {
        return ChallengeOutcome::NotAsked;
    };
    let Ok(target) = &receiver.target else {
        return ChallengeOutcome::Failed;
    };
    let challenge = random_text();
    let body = Bytes::from(challenge_body(&challenge));
    let envelope = Envelope {
        event_id: &format!("challenge_{}", random_text()),
        body: &body,
        sent_at: sender.clock.now(),
        wall: sender.clock.wall(),
    };
    let headers = signed_headers(&receiver.headers, &envelope, &receiver.signers);
    let timeout = receiver.endpoint.attempt_timeout();
    let request = Outbound {
        target,
        headers,
        body,
        timeout,
    };
    let still_wanted = || {
        let current = sender.store.any_endpoint(id);
        current.is_some_and(|current| current.awaits_challenge())
    };
    match sender.deliverer.send(request, still_wanted).await {
        Ok(exchange) => match exchange.result {
            ExchangeResult::Answered { status, body, .. } => {
                if answers_challenge(&challenge, status, &body) {
                    ChallengeOutcome::Passed
                } else {
                    ChallengeOutcome::Failed
                }
            }
            ExchangeResult::TimedOut { .. }
            | ExchangeResult::Unreachable { .. }
            | ExchangeResult::Blocked => ChallengeOutcome::Failed,
            ExchangeResult::Withdrawn => ChallengeOutcome::NotAsked,
        },
        Err(error) => {
            tracing::warn!(endpoint = %id, error = %chain(&error), "a challenge failed on our side");
            ChallengeOutcome::NotAsked
        }
    }
}

/// 32 bytes that nobody can guess, as letters, digits, `-` and `_`.
fn random_text() -> String {
    let mut source =
        StdRng::try_from_rng(&mut rand::rngs::SysRng).expect("the system gives random bytes");
    URL_SAFE_NO_PAD.encode(source.random::<[u8; 32]>())
}
