//! Carries out what the scheduler decides: reads pages, starts attempts, records results.
//!
//! One task owns the scheduler. Attempts and reads run in tasks of their own and report over one
//! channel. Results are recorded in batches, one batch on its way at a time: while the disk syncs,
//! the next batch gathers.

use std::sync::Arc;
use std::time::Duration;

use carehook_core::{
    AttemptOutcome, DeliveryId, DeliveryState, DisabledReason, Endpoint, EndpointEffect,
    EndpointId, RetryPolicy, Timestamp, host_of,
};
use carehook_store::{
    AttemptRecord, DueDelivery, DuePage, EngineLoad, HintBatch, Notify, StoreError,
};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::alarm::GiveBack;
use crate::attempt::{Report, Sender, chain};
use crate::engine::EngineShared;
use crate::observe::Figures;
use crate::receivers::{Receiver, Receivers};
use crate::scheduler::{Action, Caps, Effect, Input, Scheduler, Serving};

/// Messages that are taken from the channel in one go.
const MESSAGES: usize = 256;
/// The wall clock may jump, so it is looked at least this often.
const LONGEST_SLEEP: Duration = Duration::from_secs(1);
/// How long to wait before a refused record is offered again.
const RECORD_PAUSE: Duration = Duration::from_millis(250);

/// What the tasks report.
pub(crate) enum Message {
    Report(Report),
    Page(EndpointId, Result<DuePage, StoreError>),
    Recorded(Vec<RecordKey>),
    Disabled(EndpointId, Result<(), StoreError>),
}

/// Which result was recorded, and when its delivery is due again.
pub(crate) struct RecordKey {
    endpoint: EndpointId,
    delivery: DeliveryId,
    due: Option<Timestamp>,
}

/// The owner of the schedule.
pub(crate) struct Driver {
    sender: Arc<Sender>,
    scheduler: Scheduler,
    receivers: Receivers,
    default_policy: Option<RetryPolicy>,
    tasks: TaskTracker,
    stop: CancellationToken,
    shared: Arc<EngineShared>,
    messages: (
        mpsc::UnboundedSender<Message>,
        mpsc::UnboundedReceiver<Message>,
    ),
    /// Results that wait for the batch before them.
    unsent: Vec<(EndpointId, AttemptRecord)>,
    recording: bool,
    chance: StdRng,
    figures: Figures,
}

impl Driver {
    pub(crate) fn new(
        sender: Arc<Sender>,
        (caps, default_policy): (Caps, Option<RetryPolicy>),
        (tasks, stop): (TaskTracker, CancellationToken),
        shared: Arc<EngineShared>,
    ) -> Self {
        Self {
            sender,
            scheduler: Scheduler::new(caps),
            receivers: Receivers::default(),
            default_policy,
            tasks,
            stop,
            shared,
            // Bounded by the caps: every message belongs to something in flight.
            messages: mpsc::unbounded_channel(),
            unsent: Vec::new(),
            recording: false,
            chance: StdRng::try_from_rng(&mut rand::rngs::SysRng)
                .expect("the system gives random bytes"),
            figures: Figures::register(),
        }
    }

    /// Runs until it is told to stop and everything in flight has ended.
    pub(crate) async fn run(mut self) {
        self.recover().await;
        let mut messages = Vec::with_capacity(MESSAGES);
        let mut actions = Vec::new();
        loop {
            let stopping = self.stop.is_cancelled();
            let now = self.sender.clock.now();
            let mut wake = Some(now.plus(LONGEST_SLEEP));
            if !stopping {
                let next = self.scheduler.poll(now, &mut actions);
                wake = wake.min(next.or(wake));
                for action in actions.drain(..) {
                    self.act(action, now);
                }
                for (endpoint, until) in self.scheduler.take_pauses() {
                    self.sender.store.note_endpoint_pause(endpoint, until);
                }
            }
            self.record();
            let in_flight = self.scheduler.in_flight();
            let unrecorded = self.scheduler.unrecorded();
            self.figures.load(in_flight, unrecorded);
            self.sender.store.note_engine_load(EngineLoad {
                in_flight: u32::try_from(in_flight).unwrap_or(u32::MAX),
                unrecorded: u32::try_from(unrecorded).unwrap_or(u32::MAX),
            });
            if stopping && in_flight == 0 && unrecorded == 0 {
                return;
            }
            let pause = wake.map_or(LONGEST_SLEEP, |wake| wake.since(now));
            tokio::select! {
                _ = self.messages.1.recv_many(&mut messages, MESSAGES) => {
                    for message in messages.drain(..) {
                        self.take(message);
                    }
                }
                hints = self.sender.store.next_hints(), if !stopping => self.take_hints(hints),
                () = self.shared.wake.notified() => {}
                () = self.stop.cancelled(), if !stopping => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// Finds what the store owes: the first thing after a start.
    async fn recover(&mut self) {
        let pending = loop {
            match self.sender.store.pending_endpoints().await {
                Ok(pending) => break pending,
                Err(error) => {
                    self.report_problem(&error);
                    tokio::select! {
                        () = self.stop.cancelled() => return,
                        () = tokio::time::sleep(LONGEST_SLEEP) => {}
                    }
                }
            }
        };
        *self.shared.problem.lock() = None;
        for endpoint in pending {
            self.refresh_endpoint(endpoint.endpoint);
        }
    }

    fn refresh_endpoint(&mut self, id: EndpointId) {
        self.receivers.forget(id);
        let serving = self.sender.store.any_endpoint(id).map(|endpoint| {
            self.shared.challenged.look_at(&endpoint);
            serving(&endpoint, endpoint.is_served())
        });
        let deleted = serving.is_none();
        let now = self.sender.clock.now();
        self.scheduler.tell(now, Input::Endpoint(id, serving));
        if deleted {
            let store = &self.sender.store;
            self.scheduler
                .forget_deleted(|id| store.any_endpoint(id).is_some());
        }
    }

    fn take_hints(&mut self, hints: HintBatch) {
        let HintBatch {
            due,
            missed,
            withdrawn,
            changed,
        } = hints;
        let now = self.sender.clock.now();
        for endpoint in changed {
            self.refresh_endpoint(endpoint);
        }
        for delivery in due {
            self.know(delivery.endpoint);
            self.scheduler.tell(now, Input::Hint(delivery));
        }
        for pending in missed {
            self.know(pending.endpoint);
            self.scheduler.tell(now, Input::Pending(pending));
        }
        for (endpoint, delivery) in withdrawn {
            self.scheduler
                .tell(now, Input::Withdrawn(endpoint, delivery));
        }
    }

    fn know(&mut self, endpoint: EndpointId) {
        if !self.scheduler.knows(endpoint) {
            self.refresh_endpoint(endpoint);
        }
    }

    fn act(&mut self, action: Action, now: Timestamp) {
        match action {
            Action::Page {
                endpoint,
                after,
                limit,
            } => {
                let store = self.sender.store.clone();
                let messages = self.messages.0.clone();
                self.tasks.spawn(async move {
                    let page = store.page(endpoint, after, now, limit).await;
                    // The driver ends only after it has stopped listening.
                    drop(messages.send(Message::Page(endpoint, page)));
                });
            }
            Action::Start(delivery) => self.start(delivery, now),
        }
    }

    fn start(&mut self, delivery: DueDelivery, now: Timestamp) {
        let (store, deliverer) = (&self.sender.store, &self.sender.deliverer);
        let policy = self.default_policy.as_ref();
        let receiver = self.receivers.get(delivery.endpoint, || {
            let endpoint = store.any_endpoint(delivery.endpoint)?;
            Receiver::new(endpoint, deliverer, policy)
        });
        let Some(receiver) = receiver else {
            let effect = Effect::OurFault;
            self.scheduler.tell(now, Input::PutBack(delivery, effect));
            return;
        };
        self.figures.started(now.since(delivery.due));
        let chance = self.chance.random::<f64>();
        let sender = Arc::clone(&self.sender);
        let messages = self.messages.0.clone();
        let back = GiveBack {
            delivery: delivery.clone(),
            messages,
        };
        self.tasks.spawn(async move {
            let report = sender.attempt(receiver, delivery, chance).await;
            drop(back.messages.send(Message::Report(report)));
        });
    }

    fn take(&mut self, message: Message) {
        let now = self.sender.clock.now();
        match message {
            Message::Report(Report::Ended {
                delivery,
                record,
                effect,
            }) => {
                self.figures.attempt(&record.attempt);
                tell_failure(&delivery, &record);
                let effect = self.effect_of(effect, delivery.endpoint);
                let ended = Input::Ended(delivery.endpoint, delivery.id, effect);
                self.scheduler.tell(now, ended);
                self.unsent.push((delivery.endpoint, *record));
            }
            Message::Report(Report::Nothing { delivery, effect }) => {
                if effect == Effect::OurFault {
                    self.figures.uncharged();
                }
                self.scheduler.tell(now, Input::PutBack(delivery, effect));
            }
            Message::Page(endpoint, page) => self.take_page(endpoint, page, now),
            Message::Recorded(keys) => {
                self.recording = false;
                *self.shared.problem.lock() = None;
                for key in keys {
                    let recorded = Input::Recorded(key.endpoint, key.delivery, key.due);
                    self.scheduler.tell(now, recorded);
                }
            }
            Message::Disabled(endpoint, result) => {
                if let Err(error) = result {
                    self.report_problem(&error);
                }
                self.refresh_endpoint(endpoint);
            }
        }
    }

    fn take_page(
        &mut self,
        endpoint: EndpointId,
        page: Result<DuePage, StoreError>,
        now: Timestamp,
    ) {
        let page = match page {
            Ok(page) => Some(page),
            Err(error) => {
                self.report_problem(&error);
                None
            }
        };
        let unreadable = page.as_ref().map_or(&[][..], |page| &page.unreadable);
        if !unreadable.is_empty() {
            tracing::error!(%endpoint, count = unreadable.len(), "deliveries cannot be read and fail");
            let ids = unreadable.iter().map(|(position, _)| position.id).collect();
            let store = self.sender.store.clone();
            self.tasks.spawn(async move {
                if let Err(error) = store.quarantine(ids, now).await {
                    tracing::error!(error = %chain(&error), "unreadable deliveries could not be failed");
                }
            });
        }
        self.scheduler.tell(now, Input::Page(endpoint, page));
    }

    fn effect_of(&mut self, effect: EndpointEffect, endpoint: EndpointId) -> Effect {
        match effect {
            EndpointEffect::Healthy => Effect::Healthy,
            EndpointEffect::Failure => Effect::Failure,
            EndpointEffect::SlowDown(until) => Effect::SlowDown(until),
            EndpointEffect::Gone => {
                self.disable(endpoint);
                Effect::Failure
            }
        }
    }

    fn disable(&mut self, endpoint: EndpointId) {
        tracing::info!(%endpoint, "the receiver answered 410: the endpoint is disabled");
        if let Some(current) = self.sender.store.any_endpoint(endpoint) {
            // Nothing more starts while the store is still writing it down.
            let paused = Some(serving(&current, false));
            let now = self.sender.clock.now();
            self.scheduler.tell(now, Input::Endpoint(endpoint, paused));
        }
        let (sender, messages) = (Arc::clone(&self.sender), self.messages.0.clone());
        self.tasks.spawn(async move {
            let now = sender.clock.now();
            let gone = DisabledReason::Gone;
            let result = sender.store.disable_endpoint(endpoint, gone, now).await;
            drop(messages.send(Message::Disabled(endpoint, result)));
        });
    }

    /// Sends the gathered results to the store, unless a batch is on its way.
    fn record(&mut self) {
        if self.recording || self.unsent.is_empty() {
            return;
        }
        self.recording = true;
        let mut batch = Vec::with_capacity(self.unsent.len());
        let mut keys = Vec::with_capacity(self.unsent.len());
        for (endpoint, record) in self.unsent.drain(..) {
            keys.push(RecordKey {
                endpoint,
                delivery: record.delivery,
                due: record.due,
            });
            batch.push(record);
        }
        let (store, shared) = (self.sender.store.clone(), Arc::clone(&self.shared));
        let messages = self.messages.0.clone();
        let owes_mail = |record: &AttemptRecord| {
            record.state == DeliveryState::Failed && record.notify == Notify::OnFailure
        };
        let owe_mails = batch.iter().any(owes_mail);
        self.tasks.spawn(async move {
            // Recording twice is recording once, so an unknown outcome is simply tried again.
            while let Err(error) = store.record(batch.clone()).await {
                *shared.problem.lock() = Some(chain(&error));
                tracing::error!(error = %chain(&error), "results could not be recorded");
                if matches!(error, StoreError::Corrupt { .. }) {
                    return;
                }
                tokio::time::sleep(RECORD_PAUSE).await;
            }
            if owe_mails {
                shared.mail_news.notify_one();
            }
            drop(messages.send(Message::Recorded(keys)));
        });
    }

    fn report_problem(&self, error: &StoreError) {
        tracing::error!(error = %chain(error), "the store refused the engine");
        *self.shared.problem.lock() = Some(chain(error));
    }
}

fn serving(endpoint: &Endpoint, active: bool) -> Serving {
    Serving {
        organization: endpoint.organization.clone(),
        host: host_of(&endpoint.url).into(),
        active,
    }
}

/// What an operator looks for when something does not arrive; no URL, no payload, no answer.
fn tell_failure(delivery: &DueDelivery, record: &AttemptRecord) {
    let attempt = &record.attempt;
    if attempt.outcome == AttemptOutcome::Delivered {
        return;
    }
    let (endpoint, delivery) = (delivery.endpoint, delivery.id);
    let (number, error) = (attempt.number, attempt.error.as_deref().unwrap_or_default());
    if record.state == DeliveryState::Failed {
        tracing::warn!(%endpoint, %delivery, attempts = number, error, "a delivery failed for good");
    } else {
        tracing::debug!(%endpoint, %delivery, attempt = number, error, "an attempt failed");
    }
}
