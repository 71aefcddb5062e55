//! Publishing one event.

use http::Method;
use serde_json::{Value, json};

use crate::world::{Call, START, World};

const EVENTS: &str = "/v1/organizations/northside/events";

fn keyed(key: &str, body: &Value) -> Call {
    Call::new(Method::POST, EVENTS)
        .json(body)
        .header("idempotency-key", key)
}

#[tokio::test]
async fn an_event_reaches_the_endpoints_that_want_it() {
    let world = World::with_northside().await;
    for fields in [
        json!({}),
        json!({"events": ["patient.*"]}),
        json!({"events": ["patient.created"], "account": "acc-1"}),
        json!({"active": false}),
        json!({"events": ["appointment.created"]}),
        json!({"mode": "test"}),
        json!({"account": "acc-2"}),
        json!({"events": ["vitals.observations.created"], "version": "v2"}),
    ] {
        world.endpoint(fields).await;
    }
    let body = json!({"type": "patient.created", "data": {}, "account": "acc-1"});
    let published = world.post(EVENTS, &body).await.is(202);
    assert!(published.text("id").starts_with("evt_"));
    let id = published.text("id");
    let expected = json!({"id": id, "deliveries": 4, "created_at": START.to_string()});
    assert_eq!(published.body, expected);

    let vitals = |version: &str| json!({"type": "vitals.observations.created", "data": {}, "version": version});
    let one = world.post(EVENTS, &vitals("v1")).await.is(202);
    let two = world.post(EVENTS, &vitals("v2")).await.is(202);
    assert_eq!(
        (&one.body["deliveries"], &two.body["deliveries"]),
        (&json!(2), &json!(3))
    );
    let test = json!({"type": "patient.created", "data": {}, "mode": "test"});
    assert_eq!(
        world.post(EVENTS, &test).await.is(202).body["deliveries"],
        1
    );
}

#[tokio::test]
async fn an_event_is_shown_as_it_was_published() {
    let world = World::with_northside().await;
    let body = r#"{ "type": "patient.updated", "data": {"n": 1.10, "z": "\u00e9é", "a": 1E5},
        "previous": {"n": 10000000000000000000000001}, "id": "order-1", "account": "acc-1",
        "subject": "Zo\u00eb", "ordering_key": "k", "occurred_at": "2026-01-02T05:04:05+02:00"}"#;
    let published = Call::new(Method::POST, EVENTS)
        .raw(body)
        .send(&world)
        .await
        .is(202);
    assert_eq!(published.text("id"), "order-1");
    let shown = world.get(&format!("{EVENTS}/order-1")).await.is(200);
    let text = String::from_utf8(shown.bytes).unwrap();
    assert!(
        text.contains(r#""data":{"n":1.10,"z":"\u00e9é","a":1E5}"#),
        "{text}"
    );
    assert!(
        text.contains(r#""previous":{"n":10000000000000000000000001}"#),
        "{text}"
    );
    for (field, value) in [
        ("type", "patient.updated"),
        ("version", "v1"),
        ("mode", "live"),
        ("account", "acc-1"),
        ("subject", "Zoë"),
        ("ordering_key", "k"),
        ("occurred_at", "2026-01-02T03:04:05.000Z"),
    ] {
        assert_eq!(shown.body[field], value, "{field}");
    }
}

#[tokio::test]
async fn the_same_id_is_the_same_event() {
    let world = World::with_northside().await;
    world.endpoint(json!({})).await;
    let body = json!({"type": "patient.created", "data": {"n": 1}, "id": "order-1"});
    let first = world.post(EVENTS, &body).await.is(202);
    assert_eq!(first.header("idempotent-replayed"), "");
    let again = world.post(EVENTS, &body).await.is(202);
    assert_eq!(again.bytes, first.bytes);
    assert_eq!(again.header("idempotent-replayed"), "true");

    let other = json!({"type": "patient.created", "data": {"n": 2}, "id": "order-1"});
    world.post(EVENTS, &other).await.problem(409, "conflict");
    assert_eq!(world.count(EVENTS).await, 1);
    assert_eq!(
        world.count("/v1/organizations/northside/deliveries").await,
        1
    );
}

#[tokio::test]
async fn the_same_idempotency_key_is_the_same_event() {
    let world = World::with_northside().await;
    let body = json!({"type": "patient.created", "data": {"n": 1}});
    let first = keyed("k-1", &body).send(&world).await.is(202);
    let again = keyed("k-1", &body).send(&world).await.is(202);
    assert_eq!(again.text("id"), first.text("id"));
    assert_eq!(again.bytes, first.bytes);
    assert_eq!(again.header("idempotent-replayed"), "true");
    let other = json!({"type": "patient.created", "data": {"n": 2}});
    keyed("k-1", &other)
        .send(&world)
        .await
        .problem(409, "conflict");
    assert_ne!(
        keyed("k-2", &body).send(&world).await.is(202).text("id"),
        first.text("id")
    );
    assert_eq!(world.count(EVENTS).await, 2);
}

#[tokio::test]
async fn the_same_publish_at_once_is_one_event() {
    let world = World::with_northside().await;
    let body = json!({"type": "patient.created", "data": {"n": 1}});
    let calls: Vec<_> = (0..16)
        .map(|_| {
            let request = http::Request::post(EVENTS)
                .header(
                    "authorization",
                    format!("Bearer {}", crate::world::OPERATOR_KEY),
                )
                .header("content-type", "application/json")
                .header("idempotency-key", "same")
                .body(axum::body::Body::from(body.to_string()))
                .unwrap();
            tower::ServiceExt::oneshot(world.router.clone(), request)
        })
        .collect();
    let mut running = tokio::task::JoinSet::new();
    for call in calls {
        running.spawn(call);
    }
    for answer in running.join_all().await {
        assert_eq!(answer.unwrap().status(), 202);
    }
    assert_eq!(world.count(EVENTS).await, 1);
}

#[tokio::test]
async fn a_bad_idempotency_key_is_refused() {
    let world = World::with_northside().await;
    let body = json!({"type": "patient.created", "data": {}});
    for key in ["", &"x".repeat(256), "caf\u{e9}"] {
        keyed(key, &body)
            .send(&world)
            .await
            .problem(400, "bad-header");
    }
    assert_eq!(world.count(EVENTS).await, 0);
    keyed(&"x".repeat(255), &body).send(&world).await.is(202);
}

#[tokio::test]
async fn an_organization_sees_only_its_own_events() {
    let world = World::with_northside().await;
    world
        .post(
            "/v1/organizations",
            &json!({"id": "southside", "name": "S"}),
        )
        .await
        .is(201);
    let id = world.event("patient.created").await;
    world.get(&format!("{EVENTS}/{id}")).await.is(200);
    let foreign = format!("/v1/organizations/southside/events/{id}");
    world.get(&foreign).await.problem(404, "not-found");
    assert_eq!(world.count("/v1/organizations/southside/events").await, 0);
}
