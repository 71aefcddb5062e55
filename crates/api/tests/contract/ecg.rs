//! The contract of ECG's API.

mod activities;
mod bad_input;
mod catalogue;
mod chains;
mod deletions;
mod hashes;
mod health;
mod isolation;
mod operations;
mod patches;
mod recorded;
mod secrets;
mod shown_secrets;
mod subscriptions;

use std::time::Duration;

use carehook_core::{
    Attempt, AttemptId, AttemptOutcome, DeliveryId, DeliveryState, Reason, Trigger,
};
use carehook_store::{AttemptRecord, Notify};
use serde_json::{Value, json};

use crate::world::{Answer, World, with_fields};

const ORGANIZATION: &str = "/api/organizations/northside";
const SUBSCRIPTIONS: &str = "/api/organizations/northside/webhook-subscriptions";
/// An event of the built-in catalogue with two versions.
const VITALS: &str = "vitals.observations.created";
/// A well-formed id of nothing.
const NOTHING: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

/// Northside with a subscription to [`VITALS`].
struct Clinic {
    world: World,
    /// The subscription's id.
    id: String,
}

impl Clinic {
    async fn open() -> Self {
        let world = World::with_northside().await;
        let id = subscribe(&world, json!({})).await;
        Self { world, id }
    }

    /// A path below the subscription.
    fn at(&self, rest: &str) -> String {
        format!("{SUBSCRIPTIONS}/{}{rest}", self.id)
    }

    /// A path below the subscription where hashes are.
    fn hashes(&self, rest: &str) -> String {
        format!("{ORGANIZATION}/subscriptions/{}/{rest}", self.id)
    }

    async fn get(&self, rest: &str) -> Answer {
        self.world.get(&self.at(rest)).await
    }

    async fn post(&self, rest: &str, body: &Value) -> Answer {
        self.world.post(&self.at(rest), body).await
    }

    /// Publishes a vitals event to the subscription; gives its delivery.
    async fn delivery(&self) -> DeliveryId {
        self.world.event(VITALS).await;
        let list = "/v1/organizations/northside/deliveries";
        let deliveries = self.world.get(list).await.is(200);
        deliveries.body["data"][0]["id"]
            .as_str()
            .unwrap()
            .parse()
            .unwrap()
    }

    /// Records an attempt that was made now.
    async fn attempt(&self, delivery: DeliveryId, number: u32, state: DeliveryState) -> String {
        let id = AttemptId::of(delivery, number);
        let delivered = state == DeliveryState::Delivered;
        let now = self.world.clock.now();
        let attempt = Attempt {
            id,
            number,
            started_at: now,
            duration: Duration::from_millis(120),
            outcome: if delivered {
                AttemptOutcome::Delivered
            } else {
                AttemptOutcome::Rejected
            },
            status: Some(if delivered { 200 } else { 500 }),
            error: (!delivered).then(|| "the receiver answered 500".to_owned()),
            answer: bytes::Bytes::from_static(b"thanks"),
            trigger: Trigger::Schedule,
        };
        let record = AttemptRecord {
            organization: "northside".parse().unwrap(),
            delivery,
            attempt,
            state,
            reason: (state == DeliveryState::Failed).then_some(Reason::Exhausted),
            due: (state == DeliveryState::Pending).then(|| now.plus(Duration::from_mins(5))),
            notify: Notify::Never,
            sent_to: None,
        };
        self.world.store.record(vec![record]).await.unwrap();
        id.to_string()
    }
}

/// Makes a subscription of `northside` with `fields` besides the usual ones; gives its id.
async fn subscribe(world: &World, fields: Value) -> String {
    let usual = json!({
        "postUri": "http://127.0.0.1:4009/hook",
        "events": [VITALS],
        "isDevelopment": false,
    });
    let body = with_fields(usual, &fields);
    world.post(SUBSCRIPTIONS, &body).await.is(201).text("id")
}

impl Answer {
    /// Fails unless it is a whole error of this API that names these fields.
    #[track_caller]
    fn refuses_fields(self, status: u16, names: &[&str]) -> Self {
        assert_eq!(self.status, status, "{}", self.body);
        assert_eq!(self.body["statusCode"], status);
        assert!(self.body["error"].is_string(), "{}", self.body);
        let message = &self.body["message"];
        let told: Vec<&str> = match message {
            Value::String(text) => vec![text],
            Value::Array(texts) => texts.iter().filter_map(Value::as_str).collect(),
            other => panic!("{other}"),
        };
        assert!(told.iter().all(|text| !text.is_empty()) && !told.is_empty());
        for name in names {
            let named = told.iter().any(|text| text.contains(name));
            assert!(named, "{name}: {message}");
        }
        self
    }
}
