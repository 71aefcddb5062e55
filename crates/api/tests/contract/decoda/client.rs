//! A client of the Decoda API: calls with its two headers, and the answers' own assertions.

use std::time::Duration;

use carehook_core::{Attempt, AttemptId, AttemptOutcome, DeliveryId, DeliveryState, Trigger};
use carehook_store::{AttemptRecord, Notify};
use http::Method;
use serde_json::{Value, json};

use crate::world::{Answer, Call, OPERATOR_KEY, World};

pub(super) const CREATE: &str = "/v1/webhook/create";
pub(super) const LIST: &str = "/v1/webhook/list";
pub(super) const URL: &str = "http://127.0.0.1:4009/hook";

/// A call for a tenant with a key.
pub(super) fn call(method: Method, path: &str, tenant: &str, key: &str) -> Call {
    let call = Call::new(method, path).without("authorization");
    call.header("tenant", tenant).header("api-key", key)
}

/// A call for `northside` with the operator's key.
pub(super) fn ask(method: Method, path: &str) -> Call {
    call(method, path, "northside", OPERATOR_KEY)
}

pub(super) async fn get(world: &World, path: &str) -> Answer {
    ask(Method::GET, path).send(world).await
}

pub(super) async fn post(world: &World, body: &Value) -> Answer {
    ask(Method::POST, CREATE).json(body).send(world).await
}

/// Makes a webhook of `northside`; gives its id.
pub(super) async fn webhook(world: &World, subscriptions: &[&str]) -> String {
    let body = json!({"url": URL, "subscriptions": subscriptions});
    post(world, &body).await.is(200).text("id")
}

/// Makes a key of an organization with the scopes that a key has when nothing is said of them.
pub(super) async fn key(world: &World, organization: &str, mode: &str) -> String {
    let body = json!({"name": "Decoda client", "mode": mode});
    made_key(world, organization, &body).await
}

pub(super) async fn key_with(world: &World, scopes: &[&str]) -> String {
    let body = json!({"name": "Decoda client", "mode": "live", "scopes": scopes});
    made_key(world, "northside", &body).await
}

async fn made_key(world: &World, organization: &str, body: &Value) -> String {
    let path = format!("/v1/organizations/{organization}/api-keys");
    world.post(&path, body).await.is(201).text("key")
}

/// Makes another organization.
pub(super) async fn organization(world: &World, id: &str) {
    let body = json!({"id": id, "name": "Another clinic"});
    world.post("/v1/organizations", &body).await.is(201);
}

/// The ids of the deliveries of `northside`, newest first.
pub(super) async fn deliveries(world: &World) -> Vec<DeliveryId> {
    let path = "/v1/organizations/northside/deliveries?limit=100";
    let list = world.get(path).await.is(200);
    let items = list.body["data"].as_array().unwrap();
    let ids = items.iter().map(|item| item["id"].as_str().unwrap());
    ids.map(|id| id.parse().unwrap()).collect()
}

/// Records that the receiver answered an attempt so; at the time of the world's clock.
pub(super) async fn answered(world: &World, delivery: DeliveryId, number: u32, status: u16) {
    let delivered = status == 200;
    let (outcome, state) = if delivered {
        (AttemptOutcome::Delivered, DeliveryState::Delivered)
    } else {
        (AttemptOutcome::Rejected, DeliveryState::Pending)
    };
    let now = world.clock.now();
    let record = AttemptRecord {
        organization: "northside".parse().unwrap(),
        delivery,
        attempt: Attempt {
            id: AttemptId::of(delivery, number),
            number,
            started_at: now,
            duration: Duration::from_millis(20),
            outcome,
            status: Some(status),
            error: (!delivered).then(|| format!("the receiver answered {status}")),
            answer: b"answer"[..].into(),
            trigger: Trigger::Schedule,
        },
        state,
        reason: None,
        due: (!delivered).then(|| now.plus(Duration::from_hours(1))),
        notify: Notify::Never,
        sent_to: None,
    };
    world.store.record(vec![record]).await.unwrap();
}

impl Answer {
    /// Fails unless it is a refusal in words with this status and text.
    #[track_caller]
    pub(super) fn refused(self, status: u16, detail: &str) -> Self {
        assert_eq!(self.status, status, "{}", self.body);
        assert_eq!(self.header("content-type"), "application/json");
        assert_eq!(self.body, json!({ "detail": detail }));
        self
    }

    /// Fails unless it is a 422 about exactly these places, each with its type.
    #[track_caller]
    pub(super) fn faults(self, expected: &[(Value, &str)]) -> Self {
        assert_eq!(self.status, 422, "{}", self.body);
        assert_eq!(self.header("content-type"), "application/json");
        let found = self.body["detail"].as_array().unwrap();
        let found: Vec<_> = (found.iter())
            .map(|fault| {
                assert!(fault["msg"].is_string(), "{fault}");
                (fault["loc"].clone(), fault["type"].as_str().unwrap())
            })
            .collect();
        assert_eq!(found, expected, "{}", self.body);
        self
    }
}
