//! The model, and the steps as they change store and model together.

use std::collections::HashMap;

use carehook_core::{
    DeliveryId, DeliveryState, DisabledReason, EndpointId, EventId, Limits, OrganizationId, Reason,
    Timestamp,
};

use super::Publish;
use crate::conformance::Fixture;
use crate::conformance::scene::{Scene, body};
use crate::{Accepted, AttemptRecord, NewEvent, Notify, Refusal, StoreError};

pub(super) struct ModelEndpoint {
    pub(super) id: EndpointId,
    pub(super) organization: usize,
    pub(super) deleted: bool,
    active: bool,
    sequence: u64,
}

#[derive(Clone, Debug)]
pub(super) struct ModelDelivery {
    pub(super) id: DeliveryId,
    pub(super) event: usize,
    pub(super) organization: usize,
    pub(super) endpoint: EndpointId,
    pub(super) sequence: u64,
    pub(super) state: DeliveryState,
    pub(super) reason: Option<Reason>,
    pub(super) attempts: u32,
    pub(super) round_start: u32,
    pub(super) due: Timestamp,
    pub(super) created_at: Timestamp,
}

pub(super) struct ModelEvent {
    pub(super) id: EventId,
    pub(super) organization: usize,
    pub(super) data: u8,
    pub(super) answer: Accepted,
}

/// What a key stands for: the event, and when it was used.
type Keys = HashMap<(usize, String), (usize, Timestamp)>;

pub(super) struct World<F> {
    pub(super) scene: Scene<F>,
    pub(super) organizations: Vec<OrganizationId>,
    pub(super) endpoints: Vec<ModelEndpoint>,
    pub(super) events: Vec<ModelEvent>,
    pub(super) deliveries: Vec<ModelDelivery>,
    keys: Keys,
    recorded: Vec<AttemptRecord>,
}

pub(super) fn data(number: u8) -> String {
    format!("{{\"data\":{number}}}")
}

impl<F: Fixture> World<F> {
    pub(super) async fn new() -> Self {
        let scene = Scene::new();
        let mut organizations = Vec::new();
        for id in ["northside", "southside"] {
            organizations.push(scene.organization(id).await);
        }
        let mut world = Self {
            scene,
            organizations,
            endpoints: Vec::new(),
            events: Vec::new(),
            deliveries: Vec::new(),
            keys: HashMap::new(),
            recorded: Vec::new(),
        };
        for organization in [0, 0, 0, 1] {
            world.add_endpoint(organization).await;
        }
        world
    }

    pub(super) async fn crashed(self) -> Self {
        let scene = self.scene.crashed().await;
        Self { scene, ..self }
    }

    pub(super) async fn reopened(self) -> Self {
        let scene = self.scene.reopened().await;
        Self { scene, ..self }
    }

    pub(super) async fn add_endpoint(&mut self, organization: usize) {
        let organization = organization % self.organizations.len();
        let id = self.scene.endpoint(&self.organizations[organization]).await;
        self.endpoints.push(ModelEndpoint {
            id,
            organization,
            deleted: false,
            active: true,
            sequence: 0,
        });
    }

    pub(super) async fn publish(&mut self, batch: Vec<Publish>) {
        let news: Vec<NewEvent> = batch
            .iter()
            .map(|publish| self.new_event(publish))
            .collect();
        let results = self.scene.store().accept(news.clone()).await;
        assert_eq!(results.len(), batch.len());
        for ((publish, new), result) in batch.into_iter().zip(news).zip(results) {
            self.expect_published(&publish, &new, result);
        }
    }

    fn new_event(&self, publish: &Publish) -> NewEvent {
        let endpoints = publish.to.iter().map(|pick| self.pick_endpoint(*pick));
        let mut to: Vec<_> = endpoints.map(|index| self.endpoints[index].id).collect();
        to.sort();
        to.dedup();
        let of = &self.organizations[publish.organization];
        let mut new = self.scene.event(of, &to);
        new.event.body = body(&data(publish.data));
        new.idempotency_key = publish.key.map(|key| format!("key-{key}").into());
        if let Some(given) = publish.given {
            new.event.id = EventId::Given(format!("given-{given}").into());
        }
        new
    }

    fn expect_published(
        &mut self,
        publish: &Publish,
        new: &NewEvent,
        result: Result<Accepted, StoreError>,
    ) {
        let given = publish.given.map(|given| format!("id {given}"));
        let key = publish.key.map(|key| format!("key {key}"));
        let names: Vec<_> = given.into_iter().chain(key).collect();
        let names: Vec<_> = names
            .into_iter()
            .map(|name| (publish.organization, name))
            .collect();
        let now = self.scene.now();
        let remembered = |name| {
            let (event, at) = self.keys.get(name)?;
            (now.since(*at) < Limits::IDEMPOTENCY).then_some(*event)
        };
        let mut earlier: Vec<usize> = names.iter().filter_map(remembered).collect();
        earlier.dedup();
        match earlier[..] {
            [] => self.expect_new(publish, new, &names, result.unwrap()),
            [event] if self.is_same(event, publish, new) => {
                assert_eq!(result.unwrap(), self.events[event].answer);
            }
            _ => assert!(
                matches!(result, Err(StoreError::Refused(Refusal::KeyReused))),
                "{result:?}"
            ),
        }
    }

    fn is_same(&self, event: usize, publish: &Publish, new: &NewEvent) -> bool {
        let event = &self.events[event];
        let same_id = match (&event.id, &new.event.id) {
            (EventId::Made(_), EventId::Made(_)) => true,
            (stored, asked) => stored == asked,
        };
        same_id && event.data == publish.data
    }

    fn expect_new(
        &mut self,
        publish: &Publish,
        new: &NewEvent,
        names: &[(usize, String)],
        accepted: Accepted,
    ) {
        assert!(!accepted.duplicate);
        assert_eq!(accepted.id, new.event.id);
        let now = self.scene.now();
        let event = self.events.len();
        for name in names {
            self.keys.insert(name.clone(), (event, now));
        }
        let owed: Vec<_> = (new.to.iter())
            .filter_map(|id| {
                self.endpoints
                    .iter()
                    .position(|endpoint| endpoint.id == *id)
            })
            .filter(|index| {
                let endpoint = &self.endpoints[*index];
                !endpoint.deleted && endpoint.organization == publish.organization
            })
            .collect();
        assert_eq!(accepted.deliveries.len(), owed.len());
        for (id, index) in accepted.deliveries.iter().zip(owed) {
            let endpoint = &mut self.endpoints[index];
            endpoint.sequence += 1;
            self.deliveries.push(ModelDelivery {
                id: *id,
                event,
                organization: publish.organization,
                endpoint: endpoint.id,
                sequence: endpoint.sequence,
                state: DeliveryState::Pending,
                reason: None,
                attempts: 0,
                round_start: 0,
                due: now,
                created_at: now,
            });
        }
        let answer = Accepted {
            duplicate: true,
            ..accepted
        };
        self.events.push(ModelEvent {
            id: new.event.id.clone(),
            organization: publish.organization,
            data: publish.data,
            answer,
        });
    }

    pub(super) async fn record(&mut self, pick: usize, state: DeliveryState) {
        let Some(index) = pick.checked_rem(self.deliveries.len()) else {
            return;
        };
        let delivery = self.deliveries[index].clone();
        let of = &self.organizations[delivery.organization];
        let number = delivery.attempts + 1;
        let result = self.scene.result(of, delivery.id, number, state);
        self.recorded.push(result.clone());
        let delivery = &mut self.deliveries[index];
        delivery.attempts = number;
        if delivery.state == DeliveryState::Pending {
            delivery.state = state;
            delivery.reason = result.reason;
            delivery.due = result.due.unwrap_or(delivery.due);
        }
        self.scene.store().record(vec![result]).await.unwrap();
    }

    pub(super) async fn record_again(&mut self, pick: usize) {
        if let Some(index) = pick.checked_rem(self.recorded.len()) {
            let again = self.recorded[index].clone();
            self.scene.store().record(vec![again]).await.unwrap();
        }
    }

    pub(super) async fn retry(&mut self, pick: usize) {
        let Some(index) = pick.checked_rem(self.deliveries.len()) else {
            return;
        };
        let delivery = self.deliveries[index].clone();
        let of = &self.organizations[delivery.organization];
        let now = self.scene.now();
        let result = self
            .scene
            .store()
            .retry_delivery(of, delivery.id, Notify::OnFailure, now)
            .await;
        let endpoint = self.endpoints.iter().find(|e| e.id == delivery.endpoint);
        if endpoint.unwrap().deleted {
            assert!(matches!(result, Err(StoreError::Refused(_))));
            return;
        }
        assert_eq!(result.unwrap().state, DeliveryState::Pending);
        let delivery = &mut self.deliveries[index];
        delivery.state = DeliveryState::Pending;
        delivery.reason = None;
        delivery.round_start = delivery.attempts;
        delivery.due = now;
    }

    pub(super) async fn cancel(&mut self, pick: usize) {
        let Some(index) = pick.checked_rem(self.deliveries.len()) else {
            return;
        };
        let delivery = &mut self.deliveries[index];
        let of = &self.organizations[delivery.organization];
        let now = self.scene.now();
        let result = self
            .scene
            .store()
            .cancel_delivery(of, delivery.id, now)
            .await;
        if delivery.state == DeliveryState::Pending {
            assert_eq!(result.unwrap().state, DeliveryState::Cancelled);
            delivery.state = DeliveryState::Cancelled;
            delivery.reason = Some(Reason::Cancelled);
        } else {
            assert!(matches!(result, Err(StoreError::Refused(Refusal::State))));
        }
    }

    fn pick_endpoint(&self, pick: usize) -> usize {
        pick % self.endpoints.len()
    }

    fn fail_pending(&mut self, endpoint: EndpointId, reason: Reason) {
        for delivery in &mut self.deliveries {
            if delivery.endpoint == endpoint && delivery.state == DeliveryState::Pending {
                delivery.state = DeliveryState::Failed;
                delivery.reason = Some(reason);
            }
        }
    }

    pub(super) async fn delete(&mut self, pick: usize) {
        let index = self.pick_endpoint(pick);
        let endpoint = &mut self.endpoints[index];
        let of = &self.organizations[endpoint.organization];
        let now = self.scene.now();
        let result = self
            .scene
            .store()
            .delete_endpoint(of, endpoint.id, now)
            .await;
        assert_eq!(result.is_err(), endpoint.deleted);
        endpoint.deleted = true;
        let id = endpoint.id;
        self.fail_pending(id, Reason::EndpointDeleted);
    }

    pub(super) async fn disable(&mut self, pick: usize) {
        let index = self.pick_endpoint(pick);
        let now = self.scene.now();
        let endpoint = &mut self.endpoints[index];
        let gone = DisabledReason::Gone;
        let store = self.scene.store();
        store
            .disable_endpoint(endpoint.id, gone, now)
            .await
            .unwrap();
        if endpoint.active && !endpoint.deleted {
            endpoint.active = false;
            let id = endpoint.id;
            self.fail_pending(id, Reason::EndpointGone);
        }
    }

    pub(super) async fn enable(&mut self, pick: usize) {
        let index = self.pick_endpoint(pick);
        let endpoint = &mut self.endpoints[index];
        let of = &self.organizations[endpoint.organization];
        let Some(current) = self.scene.store().endpoint(of, endpoint.id) else {
            assert!(endpoint.deleted);
            return;
        };
        assert_eq!(current.active, endpoint.active);
        let mut enabled = (*current).clone();
        enabled.active = true;
        enabled.disabled_reason = None;
        self.scene.store().replace_endpoint(enabled).await.unwrap();
        endpoint.active = true;
    }
}
