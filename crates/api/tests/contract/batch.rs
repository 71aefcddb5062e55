//! Publishing many events at once.

use http::Method;
use serde_json::{Value, json};

use crate::world::{Call, World};

const EVENTS: &str = "/v1/organizations/northside/events";
const BATCH: &str = "/v1/organizations/northside/events/batch";

fn event(n: usize) -> Value {
    json!({"type": "patient.created", "data": {"n": n}})
}

#[tokio::test]
async fn each_event_of_a_batch_stands_alone() {
    let world = World::with_northside().await;
    world.endpoint(json!({})).await;
    let large = json!({"type": "patient.created", "data": {"x": "x".repeat(256 * 1024)}});
    let events = json!([
        event(0),
        {"type": "patient.created", "data": []},
        7,
        {"type": "patient.created", "data": {}, "surprise": 1},
        large,
        event(5),
    ]);
    let answer = world
        .post(BATCH, &json!({ "events": events }))
        .await
        .is(202);
    let results = answer.body["results"].as_array().unwrap();
    assert_eq!(results.len(), 6);
    for index in [0, 5] {
        assert!(results[index]["id"].as_str().unwrap().starts_with("evt_"));
        assert_eq!(results[index]["deliveries"], 1);
    }
    for (index, status, pointer) in [
        (1, 422, json!("/events/1/data")),
        (2, 422, json!("/events/2")),
        (3, 422, json!("/events/3/surprise")),
        (4, 413, json!(null)),
    ] {
        let error = &results[index]["error"];
        assert_eq!(error["status"], status, "{error}");
        assert_eq!(error["errors"][0]["pointer"], pointer, "{error}");
    }
    assert_eq!(world.count(EVENTS).await, 2);
}

#[tokio::test]
async fn a_batch_has_at_most_1000_events() {
    let world = World::with_northside().await;
    let of = |n: usize| json!({"events": (0..n).map(event).collect::<Vec<_>>()});
    world.post(BATCH, &of(1001)).await.problem(413, "too-large");
    let many = format!(r#"{{"events": [1{}]}}"#, ",1".repeat(1_000_000));
    let answer = Call::new(Method::POST, BATCH).raw(many).send(&world).await;
    answer.problem(413, "too-large");
    assert_eq!(world.count(EVENTS).await, 0);

    let answer = world.post(BATCH, &of(1000)).await.is(202);
    let results = answer.body["results"].as_array().unwrap();
    assert_eq!(results.len(), 1000);
    assert!(results.iter().all(|result| result["id"].is_string()));
}

#[tokio::test]
async fn an_empty_batch_has_no_results() {
    let world = World::with_northside().await;
    let answer = world.post(BATCH, &json!({"events": []})).await.is(202);
    assert_eq!(answer.body, json!({"results": []}));
}

#[tokio::test]
async fn the_key_of_a_batch_belongs_to_this_batch() {
    let world = World::with_northside().await;
    let send = async |events: Value| {
        let call = Call::new(Method::POST, BATCH).json(&json!({ "events": events }));
        call.header("idempotency-key", "batch-1").send(&world).await
    };
    let first = send(json!([event(0), event(1)])).await.is(202);
    let again = send(json!([event(0), event(1)])).await.is(202);
    assert_eq!(again.bytes, first.bytes);
    assert_eq!(again.header("idempotent-replayed"), "true");
    for other in [
        json!([event(0), event(1), event(2)]),
        json!([event(0)]),
        json!([event(1), event(0)]),
    ] {
        send(other).await.problem(409, "conflict");
    }
    assert_eq!(world.count(EVENTS).await, 2);
}

#[tokio::test]
async fn the_same_id_twice_in_a_batch_is_one_event() {
    let world = World::with_northside().await;
    let same = json!({"type": "patient.created", "data": {}, "id": "order-1"});
    let answer = world
        .post(BATCH, &json!({"events": [same, same]}))
        .await
        .is(202);
    assert_eq!(answer.body["results"][0]["id"], "order-1");
    assert_eq!(answer.body["results"][1]["duplicate"], true);
    assert_eq!(world.count(EVENTS).await, 1);
}
