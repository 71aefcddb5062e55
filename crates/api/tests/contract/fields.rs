//! Fields of endpoints and events that are not acceptable: each is named, and nothing is stored.

use serde_json::{Value, json};

use crate::world::World;

const EVENTS: &str = "/v1/organizations/northside/events";
const ENDPOINTS: &str = "/v1/organizations/northside/endpoints";

/// An acceptable body with one field replaced.
fn with(base: &Value, field: &str, value: &Value) -> Value {
    let mut body = base.clone();
    body[field] = value.clone();
    body
}

fn bad_endpoint_fields() -> Vec<(&'static str, Value, &'static str)> {
    let many = |n: usize| vec![json!("patient.created"); n];
    let headers = |n: usize| (0..n).map(|i| (format!("x-{i}"), json!("v"))).collect();
    vec![
        ("url", json!(null), "/url"),
        ("url", json!(7), "/url"),
        ("url", json!(""), "/url"),
        ("url", json!("no url"), "/url"),
        ("url", json!("ftp://example.com/"), "/url"),
        ("url", json!("http://127.0.0.1/#part"), "/url"),
        ("url", json!("http://10.0.0.1/"), "/url"),
        ("url", json!("http://169.254.169.254/latest"), "/url"),
        ("url", json!("http://[::1]/"), "/url"),
        ("url", json!("http://printer.local/"), "/url"),
        (
            "url",
            json!(format!("http://127.0.0.1/{}", "x".repeat(2048))),
            "/url",
        ),
        ("events", json!(null), "/events"),
        ("events", json!([]), "/events"),
        ("events", json!("*"), "/events"),
        ("events", json!(many(257)), "/events"),
        ("events", json!([7]), "/events/0"),
        ("events", json!(["*", "patient.exploded"]), "/events/1"),
        ("events", json!(["nobody.*"]), "/events/0"),
        ("events", json!(["*.created"]), "/events/0"),
        ("events", json!(["Patient.created"]), "/events/0"),
        ("name", json!(""), "/name"),
        ("name", json!("x".repeat(201)), "/name"),
        ("name", json!("a\nb"), "/name"),
        ("name", json!(["x"]), "/name"),
        ("dialect", json!("fhir"), "/dialect"),
        ("notification_email", json!("nobody"), "/notification_email"),
        ("dialect", json!(1), "/dialect"),
        ("mode", json!("production"), "/mode"),
        ("account", json!("a b"), "/account"),
        ("account", json!("x".repeat(65)), "/account"),
        ("active", json!("yes"), "/active"),
        ("payload", json!("none"), "/payload"),
        ("payload", json!(["full"]), "/payload"),
        ("version", json!("v9"), "/version"),
        ("version", json!(1), "/version"),
        ("headers", json!([]), "/headers"),
        ("headers", json!({"x-a": 1}), "/headers/x-a"),
        ("headers", json!({"x a": "1"}), "/headers/x a"),
        ("headers", json!({"x/a~": "1"}), "/headers/x~1a~0"),
        ("headers", json!({"Host": "a"}), "/headers/Host"),
        ("headers", json!({"webhook-id": "a"}), "/headers/webhook-id"),
        ("headers", json!({"x-a": "a\r\nb: c"}), "/headers/x-a"),
        ("headers", json!({"x-a": "********"}), "/headers/x-a"),
        ("headers", json!({"x-a": "1", "X-A": "2"}), "/headers/x-a"),
        ("headers", Value::Object(headers(21)), "/headers"),
        ("timeout_ms", json!(499), "/timeout_ms"),
        ("timeout_ms", json!(30_001), "/timeout_ms"),
        ("timeout_ms", json!(-1), "/timeout_ms"),
        ("timeout_ms", json!(1000.5), "/timeout_ms"),
        ("retry_schedule", json!([0]), "/retry_schedule"),
        ("retry_schedule", json!([700_000]), "/retry_schedule"),
        ("retry_schedule", json!(vec![1; 31]), "/retry_schedule"),
        ("retry_schedule", json!([5, "x"]), "/retry_schedule/1"),
        ("retry_schedule", json!("5,300"), "/retry_schedule"),
    ]
}

#[tokio::test]
async fn bad_fields_of_an_endpoint_are_named() {
    let world = World::with_northside().await;
    let good = json!({"url": "http://127.0.0.1:4009/", "events": ["*"]});
    for (field, value, pointer) in bad_endpoint_fields() {
        let answer = world.post(ENDPOINTS, &with(&good, field, &value)).await;
        answer.refuses(&[pointer]);
    }
    assert_eq!(world.count(ENDPOINTS).await, 0);
}

#[tokio::test]
async fn fields_that_do_nothing_yet_are_refused_as_unknown() {
    let world = World::with_northside().await;
    let good = json!({"url": "http://127.0.0.1:4009/", "events": ["*"]});
    let id = world.endpoint(json!({})).await;
    let path = format!("{ENDPOINTS}/{id}");
    for field in [
        "rate_limit",
        "ordering",
        "id",
        "secret",
        "created_at",
        "disabled_reason",
        "surprise",
    ] {
        let pointer = format!("/{field}");
        let answer = world
            .post(ENDPOINTS, &with(&good, field, &json!("x")))
            .await;
        let answer = answer.refuses(&[&pointer]);
        assert_eq!(answer.body["errors"][0]["detail"], "is not a known field");
        world
            .patch(&path, &with(&json!({}), field, &json!("x")))
            .await
            .refuses(&[&pointer]);
    }
    assert_eq!(world.count(ENDPOINTS).await, 1);
}

#[tokio::test]
async fn bad_fields_of_a_change_are_named_and_change_nothing() {
    let world = World::with_northside().await;
    let id = world.endpoint(json!({"name": "kept"})).await;
    let path = format!("{ENDPOINTS}/{id}");
    let before = world.get(&path).await.is(200).body;
    for (field, value, pointer) in bad_endpoint_fields() {
        let answer = world.patch(&path, &with(&json!({}), field, &value)).await;
        answer.refuses(&[pointer]);
    }
    for field in ["url", "events", "active", "mode", "dialect"] {
        let answer = world
            .patch(&path, &with(&json!({}), field, &json!(null)))
            .await;
        answer.refuses(&[&format!("/{field}")]);
    }
    world
        .patch(&path, &json!({"mode": "test"}))
        .await
        .refuses(&["/mode"]);
    assert_eq!(world.get(&path).await.is(200).body, before);
}

#[tokio::test]
async fn all_faults_are_told_at_once() {
    let world = World::with_northside().await;
    let body = json!({"url": "x", "events": ["nobody.knows"], "name": "", "timeout_ms": 1});
    let answer = world.post(ENDPOINTS, &body).await;
    answer.refuses(&["/name", "/events/0", "/timeout_ms", "/url"]);
    world
        .post(ENDPOINTS, &json!({}))
        .await
        .refuses(&["/url", "/events"]);
    let body = json!({"type": "x.y", "data": [], "subject": "", "id": " "});
    let answer = world.post(EVENTS, &body).await;
    answer.refuses(&["/type", "/id", "/subject", "/data"]);
}

fn bad_event_fields() -> Vec<(&'static str, Value, &'static str)> {
    let made = "evt_01991f1e8e0070008000000000000001";
    let mut deep = json!({});
    for _ in 0..128 {
        deep = json!([deep]);
    }
    vec![
        ("type", json!(null), "/type"),
        ("type", json!(1), "/type"),
        ("type", json!("patient.exploded"), "/type"),
        ("type", json!("patient.*"), "/type"),
        ("data", json!(null), "/data"),
        ("data", json!([]), "/data"),
        ("data", json!("{}"), "/data"),
        ("data", json!(1), "/data"),
        ("data", json!({ "deep": deep }), "/data"),
        ("previous", json!([]), "/previous"),
        ("id", json!(""), "/id"),
        ("id", json!("a b"), "/id"),
        ("id", json!("x".repeat(129)), "/id"),
        ("id", json!(made), "/id"),
        ("version", json!("v9"), "/version"),
        ("mode", json!("prod"), "/mode"),
        ("account", json!("a/b"), "/account"),
        ("subject", json!("x".repeat(257)), "/subject"),
        ("subject", json!("a\tb"), "/subject"),
        ("ordering_key", json!(""), "/ordering_key"),
        ("ordering_key", json!("x".repeat(257)), "/ordering_key"),
        ("occurred_at", json!("yesterday"), "/occurred_at"),
        ("occurred_at", json!(1_773_656_465), "/occurred_at"),
        ("channel", json!("x"), "/channel"),
    ]
}

#[tokio::test]
async fn bad_fields_of_an_event_are_named() {
    let world = World::with_northside().await;
    let good = json!({"type": "patient.created", "data": {}});
    for (field, value, pointer) in bad_event_fields() {
        let answer = world.post(EVENTS, &with(&good, field, &value)).await;
        answer.refuses(&[pointer]);
    }
    assert_eq!(world.count(EVENTS).await, 0);
}

#[tokio::test]
async fn a_refusal_does_not_repeat_the_value() {
    let world = World::with_northside().await;
    let secret = "value-that-nobody-may-see";
    for body in [
        json!({"type": secret, "data": {}}),
        json!({"type": "patient.created", "data": secret}),
        json!({"type": "patient.created", "data": {}, "mode": secret}),
        json!({"type": "patient.created", "data": {}, "occurred_at": secret}),
    ] {
        let answer = world.post(EVENTS, &body).await.is(422);
        assert!(!answer.body.to_string().contains(secret), "{}", answer.body);
    }
}
