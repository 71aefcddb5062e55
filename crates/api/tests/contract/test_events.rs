//! Test events.

use http::Method;
use serde_json::json;

use crate::world::{Call, World};

const NORTHSIDE: &str = "/v1/organizations/northside";

#[tokio::test]
async fn a_test_reaches_one_endpoint_whatever_it_is_subscribed_to() {
    let world = World::with_northside().await;
    world.endpoint(json!({})).await;
    let id = world
        .endpoint(json!({"events": ["location.updated"], "mode": "test"}))
        .await;
    let path = format!("{NORTHSIDE}/endpoints/{id}/test");
    let sent = Call::new(Method::POST, &path).send(&world).await.is(202);
    let event = world
        .get(&format!("{NORTHSIDE}/events/{}", sent.text("event_id")))
        .await
        .is(200);
    assert_eq!(event.body["type"], "test.ping");
    assert_eq!(event.body["mode"], "test");
    assert!(event.body["data"]["message"].is_string());
    assert_eq!(world.count(&format!("{NORTHSIDE}/deliveries")).await, 1);
    let delivery = format!("{NORTHSIDE}/deliveries/{}", sent.text("delivery_id"));
    assert_eq!(world.get(&delivery).await.is(200).text("endpoint_id"), id);
}

#[tokio::test]
async fn any_sample_of_the_catalogue_can_be_sent() {
    let world = World::with_northside().await;
    let id = world.endpoint(json!({"version": "v2"})).await;
    let path = format!("{NORTHSIDE}/endpoints/{id}/test");
    let body = json!({"type": "vitals.observations.created"});
    let sent = world.post(&path, &body).await.is(202);
    let event = world
        .get(&format!("{NORTHSIDE}/events/{}", sent.text("event_id")))
        .await
        .is(200);
    assert_eq!(event.body["version"], "v2");
    let samples = world
        .get("/v1/event-types/vitals.observations.created/samples")
        .await
        .is(200);
    assert_eq!(event.body["data"], samples.body["data"][1]["data"]);
}

#[tokio::test]
async fn tests_that_cannot_be_sent_are_refused() {
    let world = World::with_northside().await;
    let id = world.endpoint(json!({})).await;
    let path = format!("{NORTHSIDE}/endpoints/{id}/test");
    for kind in ["patient.exploded", "location.updated", "", "*"] {
        world
            .post(&path, &json!({ "type": kind }))
            .await
            .refuses(&["/type"]);
    }
    world
        .post(&path, &json!({"kind": "x"}))
        .await
        .refuses(&["/kind"]);
    let off = world.endpoint(json!({"active": false})).await;
    let path = format!("{NORTHSIDE}/endpoints/{off}/test");
    Call::new(Method::POST, &path)
        .send(&world)
        .await
        .problem(409, "conflict");
    assert_eq!(world.count(&format!("{NORTHSIDE}/events")).await, 0);
}
