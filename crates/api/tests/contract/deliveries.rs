//! Deliveries: shown with their attempts, retried, called off.

use std::time::Duration;

use carehook_core::{
    Attempt, AttemptId, AttemptOutcome, DeliveryId, DeliveryState, Reason, Trigger,
};
use carehook_store::{AttemptRecord, Notify};
use http::Method;
use serde_json::json;

use crate::world::{Answer, Call, START, World};

const DELIVERIES: &str = "/v1/organizations/northside/deliveries";

/// A world with one pending delivery.
async fn with_delivery() -> (World, DeliveryId) {
    let world = World::with_northside().await;
    world.endpoint(json!({})).await;
    world.event("patient.created").await;
    let list = world.get(DELIVERIES).await.is(200);
    let id = list.body["data"][0]["id"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    (world, id)
}

async fn act(world: &World, id: DeliveryId, action: &str) -> Answer {
    let path = format!("{DELIVERIES}/{id}/{action}");
    Call::new(Method::POST, &path).send(world).await
}

async fn record_failure(world: &World, id: DeliveryId) {
    let record = AttemptRecord {
        organization: "northside".parse().unwrap(),
        delivery: id,
        attempt: Attempt {
            id: AttemptId::of(id, 1),
            number: 1,
            started_at: START,
            duration: Duration::from_millis(120),
            outcome: AttemptOutcome::Rejected,
            status: Some(500),
            error: None,
            answer: b"broken \xff"[..].into(),
            trigger: Trigger::Schedule,
        },
        state: DeliveryState::Failed,
        reason: Some(Reason::Exhausted),
        due: None,
        notify: Notify::Never,
        sent_to: None,
    };
    world.store.record(vec![record]).await.unwrap();
}

#[tokio::test]
async fn a_delivery_is_shown_with_its_attempts() {
    let (world, id) = with_delivery().await;
    let pending = world.get(&format!("{DELIVERIES}/{id}")).await.is(200);
    assert_eq!(pending.body["state"], "pending");
    assert_eq!(pending.body["sequence"], 1);
    assert_eq!(pending.body["attempts"], json!([]));
    assert!(pending.body["next_attempt_at"].is_string());

    record_failure(&world, id).await;
    let failed = world.get(&format!("{DELIVERIES}/{id}")).await.is(200);
    assert_eq!(failed.body["state"], "failed");
    assert_eq!(failed.body["reason"], "exhausted");
    assert_eq!(failed.body["attempt_count"], 1);
    let attempt = json!({
        "id": AttemptId::of(id, 1).to_string(),
        "number": 1,
        "started_at": START.to_string(),
        "duration_ms": 120,
        "outcome": "rejected",
        "status_code": 500,
        "error": null,
        "response_body": "broken \u{fffd}",
        "trigger": "schedule",
    });
    assert_eq!(failed.body["attempts"], json!([attempt]));
    let list = world.get(DELIVERIES).await.is(200);
    assert_eq!(list.body["data"][0].get("attempts"), None);
}

#[tokio::test]
async fn a_delivery_that_failed_can_be_retried() {
    let (world, id) = with_delivery().await;
    record_failure(&world, id).await;
    let retried = act(&world, id, "retry").await.is(202);
    assert_eq!(retried.body["state"], "pending");
    assert_eq!(retried.body["reason"], json!(null));
    assert_eq!(retried.body["completed_at"], json!(null));
    assert_eq!(retried.body["attempt_count"], 1);
}

#[tokio::test]
async fn a_pending_delivery_can_be_called_off_once() {
    let (world, id) = with_delivery().await;
    let cancelled = act(&world, id, "cancel").await.is(200);
    assert_eq!(cancelled.body["state"], "cancelled");
    assert_eq!(cancelled.body["next_attempt_at"], json!(null));
    act(&world, id, "cancel").await.problem(409, "conflict");
    assert_eq!(
        world.count(&format!("{DELIVERIES}?state=cancelled")).await,
        1
    );
}

#[tokio::test]
async fn deliveries_of_others_are_unknown() {
    let (world, id) = with_delivery().await;
    world
        .post(
            "/v1/organizations",
            &json!({"id": "southside", "name": "S"}),
        )
        .await
        .is(201);
    let foreign = format!("/v1/organizations/southside/deliveries/{id}");
    world.get(&foreign).await.problem(404, "not-found");
    for action in ["retry", "cancel"] {
        let call = Call::new(Method::POST, &format!("{foreign}/{action}"));
        call.send(&world).await.problem(404, "not-found");
    }
    let unknown = "01991f1e-8e00-7000-8000-000000000002".parse().unwrap();
    act(&world, unknown, "retry").await.is(404);
    act(&world, unknown, "cancel").await.is(404);
    let state = world
        .get(&format!("{DELIVERIES}/{id}"))
        .await
        .is(200)
        .text("state");
    assert_eq!(state, "pending");
}
