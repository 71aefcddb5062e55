//! A store, an engine and an organization, as values that tests act on.

#![expect(clippy::unwrap_used, reason = "a harness: its panics are failed tests")]

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use carehook_core::{
    Attempt, Clock, Delivery, DeliveryId, DeliveryState, Dialect, Endpoint, EndpointId, ErasureId,
    ErasureState, Event, EventBody, EventId, JsonText, ManualClock, Mode, Organization,
    OrganizationId, OrganizationSettings, Ownership, PayloadMode, RecordId, RetryPolicy, Secret,
    Secrets, Subscription, Timestamp, Trigger, Verifier,
};
use carehook_deliver::{DeliverConfig, Deliverer, PlainHttp};
use carehook_engine::{Engine, EngineConfig, MailConfig};
use carehook_store::{EmbeddedOptions, MasterKey, NewEvent, Notify, Store};
use carehook_testkit::{Received, copy_as_killed};
use tempfile::TempDir;
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) struct World {
    pub(crate) store: Store,
    pub(crate) clock: ManualClock,
    pub(crate) engine: Option<Engine>,
    mail: Option<MailConfig>,
    dns_servers: Option<Vec<SocketAddr>>,
    pub(crate) plain_http: PlainHttp,
    organization: OrganizationId,
    next_endpoint: u64,
    dir: TempDir,
}

fn open_store(dir: &Path, clock: &ManualClock) -> Store {
    let clock = Clock::Manual(clock.clone());
    let master = MasterKey::new([7; 32]);
    Store::open_embedded(dir, master, &clock, EmbeddedOptions::default()).unwrap()
}

pub(crate) fn secret() -> Secret {
    Secret::symmetric(&[9; 32])
}

impl World {
    pub(crate) async fn start() -> Self {
        Self::start_with(None).await
    }

    /// Asks this name server, and nobody else.
    pub(crate) async fn start_with(dns: Option<SocketAddr>) -> Self {
        // Near the real time, because a receiver compares the signature's timestamp with its own.
        let clock = ManualClock::at(Clock::system().wall());
        let dir = tempfile::tempdir().unwrap();
        let store = open_store(dir.path(), &clock);
        let organization: OrganizationId = "northside".parse().unwrap();
        let new = Organization {
            id: organization.clone(),
            name: "Northside".to_owned(),
            settings: OrganizationSettings::default(),
            created_at: clock.now(),
            updated_at: clock.now(),
        };
        store.create_organization(new).await.unwrap();
        let mut world = Self {
            store,
            clock,
            engine: None,
            mail: None,
            dns_servers: dns.map(|server| vec![server]),
            plain_http: PlainHttp::Everything,
            organization,
            next_endpoint: 1,
            dir,
        };
        world.start_engine();
        world
    }

    pub(crate) fn start_engine(&mut self) {
        let config = DeliverConfig {
            plain_http: self.plain_http,
            allow_targets: vec!["127.0.0.0/8".parse().unwrap()],
            dns_servers: self.dns_servers.clone(),
            ..DeliverConfig::default()
        };
        let deliverer = Deliverer::new(config).unwrap();
        let clock = Clock::Manual(self.clock.clone());
        let config = EngineConfig {
            mail: self.mail.clone(),
            ..EngineConfig::default()
        };
        let engine = Engine::start(self.store.clone(), deliverer, clock, config);
        self.engine = Some(engine);
    }

    pub(crate) async fn stop_engine(&mut self) {
        if let Some(engine) = self.engine.take() {
            engine.stop(PATIENCE).await;
        }
    }

    /// Goes on with this mail server, or with none.
    pub(crate) async fn mail_through(&mut self, server: Option<&str>) {
        self.stop_engine().await;
        self.mail = server.map(|url| MailConfig {
            server: url.parse().unwrap(),
            from: "Carehook <hooks@clinic.example>".parse().unwrap(),
        });
        self.start_engine();
    }

    /// Goes on with what a new process finds when this one is killed now.
    pub(crate) async fn crash(&mut self) {
        let copy = tempfile::tempdir().unwrap();
        copy_as_killed(self.dir.path(), copy.path()).unwrap();
        self.stop_engine().await;
        self.store.close().await;
        self.dir = copy;
        self.store = open_store(self.dir.path(), &self.clock);
        self.start_engine();
    }

    /// Goes on with what a new process finds when this one has ended in peace.
    pub(crate) async fn restart(&mut self) {
        self.stop_engine().await;
        self.store.close().await;
        self.store = open_store(self.dir.path(), &self.clock);
        self.start_engine();
    }

    /// Switches the ownership challenge of the organization on or off.
    pub(crate) async fn ask_for_challenges(&self, wanted: bool) {
        let current = self.store.organization(&self.organization).unwrap();
        let mut changed = (*current).clone();
        changed.settings.ownership_challenge = wanted;
        self.store.update_organization(changed).await.unwrap();
    }

    pub(crate) async fn endpoint(&mut self, url: &str) -> EndpointId {
        self.endpoint_with(url, |_| {}).await
    }

    pub(crate) async fn endpoint_with(
        &mut self,
        url: &str,
        change: impl FnOnce(&mut Endpoint),
    ) -> EndpointId {
        self.next_endpoint += 1;
        let now = self.clock.now();
        let subscription = Subscription {
            name: "*".into(),
            pattern: "*".parse().unwrap(),
        };
        let mut endpoint = Endpoint {
            id: EndpointId(RecordId::new(now.0, self.next_endpoint, 0)),
            organization: self.organization.clone(),
            name: None,
            url: url.to_owned(),
            subscriptions: vec![subscription],
            dialect: Dialect::Native,
            mode: Mode::Live,
            account: None,
            active: true,
            active_changed_at: None,
            archived: false,
            archived_changed_at: None,
            ownership: Ownership::NotAsked,
            disabled_reason: None,
            payload: PayloadMode::Full,
            version: None,
            headers: Vec::new(),
            authentication: None,
            tls: None,
            timeout: None,
            retry_policy: Some(RetryPolicy::try_new(&[5, 300]).unwrap()),
            notification_email: None,
            secrets: Secrets::first(secret(), now),
            created_at: now,
            created_by: None,
            updated_at: now,
            updated_by: None,
            revision: 0,
        };
        change(&mut endpoint);
        let made = self.store.create_endpoint(endpoint, 50).await.unwrap();
        made.id
    }

    pub(crate) async fn set_active(&self, id: EndpointId, active: bool) {
        let endpoint = self.store.any_endpoint(id).unwrap();
        let changed = Endpoint {
            active,
            ..(*endpoint).clone()
        };
        self.store.replace_endpoint(changed).await.unwrap();
    }

    pub(crate) async fn delete(&self, id: EndpointId) {
        let now = self.clock.now();
        let deleted = self
            .store
            .delete_endpoint(&self.organization, id, now)
            .await;
        deleted.unwrap();
    }

    pub(crate) fn organization(&self) -> &OrganizationId {
        &self.organization
    }

    pub(crate) async fn publish(&self, to: EndpointId) -> DeliveryId {
        self.publish_with(None, to, Trigger::Schedule).await
    }

    /// A test event, which goes to one endpoint alone.
    pub(crate) async fn publish_test(&self, to: EndpointId) -> DeliveryId {
        self.publish_with(None, to, Trigger::Test).await
    }

    pub(crate) async fn publish_about(&self, subject: &str, to: EndpointId) -> DeliveryId {
        self.publish_with(Some(subject), to, Trigger::Schedule)
            .await
    }

    async fn publish_with(
        &self,
        subject: Option<&str>,
        to: EndpointId,
        trigger: Trigger,
    ) -> DeliveryId {
        let now = self.clock.now();
        let raw: Box<serde_json::value::RawValue> =
            serde_json::from_str(r#"{"id":"pat_1"}"#).unwrap();
        let event = Event {
            id: self.store.new_event_id(now),
            organization: self.organization.clone(),
            event_type: "patient.created".parse().unwrap(),
            version: "v1".into(),
            mode: Mode::Live,
            account: None,
            occurred_at: None,
            created_at: now,
            body: EventBody {
                data: JsonText::object(&raw).unwrap(),
                previous: None,
                subject: subject.map(Into::into),
                ordering_key: None,
            },
        };
        let new = NewEvent {
            event,
            to: vec![to],
            idempotency_key: None,
            trigger,
            retry_of: None,
        };
        let accepted = self.store.accept(vec![new]).await.remove(0).unwrap();
        accepted.deliveries[0]
    }

    pub(crate) async fn retry(&self, id: DeliveryId) {
        self.retry_and(id, Notify::OnFailure).await;
    }

    pub(crate) async fn retry_and(&self, id: DeliveryId, notify: Notify) {
        let now = self.clock.now();
        self.store
            .retry_delivery(&self.organization, id, notify, now)
            .await
            .unwrap();
    }

    pub(crate) async fn cancel(&self, id: DeliveryId) {
        let now = self.clock.now();
        self.store
            .cancel_delivery(&self.organization, id, now)
            .await
            .unwrap();
    }

    pub(crate) async fn delivery(&self, id: DeliveryId) -> (Delivery, Vec<Attempt>) {
        let found = self.store.delivery(&self.organization, id).await.unwrap();
        found.unwrap()
    }

    /// Moves the clock and lets the engine look at it.
    pub(crate) fn advance(&self, by: Duration) {
        self.clock.advance(by);
        self.wake();
    }

    pub(crate) fn wake(&self) {
        if let Some(engine) = &self.engine {
            engine.wake();
        }
    }

    /// Waits until a delivery is as wanted.
    pub(crate) async fn until(
        &self,
        id: DeliveryId,
        wanted: impl Fn(&Delivery) -> bool,
    ) -> (Delivery, Vec<Attempt>) {
        let reached = timeout(PATIENCE, async {
            loop {
                let (delivery, attempts) = self.delivery(id).await;
                if wanted(&delivery) {
                    return (delivery, attempts);
                }
                tokio::task::yield_now().await;
            }
        });
        let Ok(reached) = reached.await else {
            let (delivery, _) = self.delivery(id).await;
            panic!("it does not get there: {delivery:?}");
        };
        reached
    }

    /// Waits until an erasure has come so far.
    pub(crate) async fn until_erasure(&self, id: ErasureId, state: ErasureState) {
        let reached = timeout(PATIENCE, async {
            loop {
                let found = self.store.erasure(&self.organization, id).await.unwrap();
                if found.unwrap().state == state {
                    return;
                }
                tokio::task::yield_now().await;
            }
        });
        reached.await.expect("the erasure gets there");
    }

    /// Waits until the payload of an event is gone.
    pub(crate) async fn until_gone(&self, id: &EventId) {
        let reached = timeout(PATIENCE, async {
            loop {
                let found = self.store.event(&self.organization, id).await.unwrap();
                if found.unwrap().body.is_gone() {
                    return;
                }
                tokio::task::yield_now().await;
            }
        });
        reached.await.expect("the payload goes");
    }

    /// Waits until an endpoint is as wanted.
    pub(crate) async fn until_endpoint(
        &self,
        id: EndpointId,
        wanted: impl Fn(&Endpoint) -> bool,
    ) -> std::sync::Arc<Endpoint> {
        let reached = timeout(PATIENCE, async {
            loop {
                let endpoint = self.store.any_endpoint(id).unwrap();
                if wanted(&endpoint) {
                    return endpoint;
                }
                tokio::task::yield_now().await;
            }
        });
        reached.await.expect("the endpoint gets there")
    }

    pub(crate) async fn until_state(
        &self,
        id: DeliveryId,
        state: DeliveryState,
    ) -> (Delivery, Vec<Attempt>) {
        self.until(id, |delivery| delivery.state == state).await
    }

    pub(crate) async fn until_attempted(
        &self,
        id: DeliveryId,
        times: u32,
    ) -> (Delivery, Vec<Attempt>) {
        self.until(id, |delivery| delivery.attempt_count == times)
            .await
    }
}

/// Verifies a request as a receiver does.
pub(crate) fn verify(received: &Received, now: Timestamp) {
    let header = |name| received.headers[name].to_str().unwrap();
    let headers = (
        header("webhook-id"),
        header("webhook-timestamp"),
        header("webhook-signature"),
    );
    let verifier = Verifier::parse(&secret()).unwrap();
    assert_eq!(verifier.verify(headers, &received.body, now), Ok(()));
}
