//! A store with organizations and endpoints, and short words for what the laws do with it.

use std::time::Duration;

use bytes::Bytes;
use carehook_core::{
    Attempt, AttemptId, AttemptOutcome, Delivery, DeliveryId, DeliveryState, Dialect, Endpoint,
    EndpointId, Event, EventBody, JsonText, ManualClock, Mode, Organization, OrganizationId,
    OrganizationSettings, Ownership, Pattern, PayloadMode, RecordId, Secret, Secrets, Subscription,
    Timestamp, Trigger,
};

use super::Fixture;
use crate::{Accepted, AttemptRecord, NewEvent, Notify, Store, StoreError};

/// 2026-03-10T12:00:00Z: the time at which every scene begins.
pub(crate) const NOON: Timestamp = Timestamp(1_773_144_000_000);
pub(crate) const HOUR: Duration = Duration::from_hours(1);
pub(crate) const DAY: Duration = Duration::from_hours(24);

/// A store under test and the clock that it goes by.
pub(crate) struct Scene<F> {
    pub(crate) fixture: F,
    pub(crate) clock: ManualClock,
}

impl<F: Fixture> Scene<F> {
    pub(crate) fn new() -> Self {
        let clock = ManualClock::at(NOON);
        let fixture = F::open(&clock);
        Self { fixture, clock }
    }

    pub(crate) fn store(&self) -> &Store {
        self.fixture.store()
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) async fn reopened(self) -> Self {
        let fixture = self.fixture.reopen().await;
        Self { fixture, ..self }
    }

    pub(crate) async fn crashed(self) -> Self {
        let fixture = self.fixture.crash().await;
        Self { fixture, ..self }
    }

    pub(crate) async fn organization(&self, id: &str) -> OrganizationId {
        let organization = organization(id, self.now());
        let made = self.store().create_organization(organization).await;
        made.unwrap().id.clone()
    }

    pub(crate) async fn endpoint(&self, of: &OrganizationId) -> EndpointId {
        let endpoint = endpoint(of, self.now());
        let made = self.store().create_endpoint(endpoint, 1_000).await;
        made.unwrap().id
    }

    /// An event of its own, owed to `to`.
    pub(crate) fn event(&self, of: &OrganizationId, to: &[EndpointId]) -> NewEvent {
        let now = self.now();
        let event = Event {
            id: self.store().new_event_id(now),
            organization: of.clone(),
            event_type: "appointment.created".parse().unwrap(),
            version: "v1".into(),
            mode: Mode::Live,
            account: None,
            occurred_at: None,
            created_at: now,
            body: body("{\"appointment\":1}"),
        };
        NewEvent {
            event,
            to: to.to_vec(),
            idempotency_key: None,
            trigger: Trigger::Schedule,
            retry_of: None,
        }
    }

    pub(crate) async fn accept(&self, new: NewEvent) -> Result<Accepted, StoreError> {
        let mut results = self.store().accept(vec![new]).await;
        assert_eq!(results.len(), 1);
        results.remove(0)
    }

    pub(crate) async fn publish(&self, of: &OrganizationId, to: &[EndpointId]) -> Accepted {
        self.accept(self.event(of, to)).await.unwrap()
    }

    pub(crate) async fn delivery(&self, of: &OrganizationId, id: DeliveryId) -> Delivery {
        self.store().delivery(of, id).await.unwrap().unwrap().0
    }

    pub(crate) async fn state(&self, of: &OrganizationId, id: DeliveryId) -> DeliveryState {
        self.delivery(of, id).await.state
    }

    pub(crate) async fn attempts(&self, of: &OrganizationId, id: DeliveryId) -> Vec<Attempt> {
        self.store().delivery(of, id).await.unwrap().unwrap().1
    }

    /// Everything that an endpoint is owed now, read in pages of two.
    pub(crate) async fn owed(&self, endpoint: EndpointId) -> Vec<DeliveryId> {
        let mut owed = Vec::new();
        let mut after = None;
        loop {
            let page = self.store().page(endpoint, after, self.now(), 2).await;
            let page = page.unwrap();
            assert!(page.unreadable.is_empty());
            let Some(last) = page.deliveries.last() else {
                return owed;
            };
            after = Some(last.position());
            owed.extend(page.deliveries.iter().map(|due| due.id));
        }
    }

    /// The result of an attempt that was made now.
    pub(crate) fn result(
        &self,
        of: &OrganizationId,
        delivery: DeliveryId,
        number: u32,
        state: DeliveryState,
    ) -> AttemptRecord {
        result_at(of, delivery, number, state, self.now())
    }

    pub(crate) async fn record(
        &self,
        of: &OrganizationId,
        delivery: DeliveryId,
        number: u32,
        state: DeliveryState,
    ) {
        let result = self.result(of, delivery, number, state);
        self.store().record(vec![result]).await.unwrap();
    }
}

/// The result of an attempt that was made at `now`; the next one is due an hour later.
pub(crate) fn result_at(
    of: &OrganizationId,
    delivery: DeliveryId,
    number: u32,
    state: DeliveryState,
    now: Timestamp,
) -> AttemptRecord {
    let pending = state == DeliveryState::Pending;
    let failed = state == DeliveryState::Failed;
    AttemptRecord {
        organization: of.clone(),
        delivery,
        attempt: attempt(delivery, number, state, now),
        state,
        reason: failed.then_some(carehook_core::Reason::Exhausted),
        due: pending.then(|| now.plus(HOUR)),
        notify: Notify::Never,
        sent_to: Some(crate::SentTo {
            host: "receiver.example".into(),
            payload: PayloadMode::Full,
        }),
    }
}

fn attempt(delivery: DeliveryId, number: u32, state: DeliveryState, now: Timestamp) -> Attempt {
    let delivered = state == DeliveryState::Delivered;
    Attempt {
        id: AttemptId::of(delivery, number),
        number,
        started_at: now,
        duration: Duration::from_millis(25),
        outcome: if delivered {
            AttemptOutcome::Delivered
        } else {
            AttemptOutcome::Rejected
        },
        status: Some(if delivered { 200 } else { 500 }),
        error: (!delivered).then(|| "the receiver answered 500".to_owned()),
        answer: Bytes::from(format!("answer {number}")),
        trigger: Trigger::Schedule,
    }
}

pub(crate) fn body(data: &str) -> EventBody {
    EventBody {
        data: JsonText::from_stored(Bytes::copy_from_slice(data.as_bytes())),
        previous: None,
        subject: None,
        ordering_key: None,
    }
}

pub(crate) fn organization(id: &str, now: Timestamp) -> Organization {
    Organization {
        id: id.parse().unwrap(),
        name: format!("Clinic {id}"),
        settings: OrganizationSettings::default(),
        created_at: now,
        updated_at: now,
    }
}

/// An endpoint with a fresh id that wants everything.
pub(crate) fn endpoint(of: &OrganizationId, now: Timestamp) -> Endpoint {
    let mut salt = [0u8; 8];
    aws_lc_rs::rand::fill(&mut salt).unwrap();
    let number = u64::from_be_bytes(salt) & RecordId::MAX_NUMBER;
    Endpoint {
        id: EndpointId(RecordId::new(now.0, number, 0)),
        organization: of.clone(),
        name: Some("Front desk".to_owned()),
        url: "https://receiver.example/hook".to_owned(),
        subscriptions: vec![Subscription {
            name: "*".into(),
            pattern: Pattern::All,
        }],
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
        retry_policy: None,
        notification_email: None,
        secrets: Secrets::first(Secret::symmetric(&[1; 32]), now),
        created_at: now,
        created_by: None,
        updated_at: now,
        updated_by: None,
        revision: 0,
    }
}
