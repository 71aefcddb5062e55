//! Schemas: what they refuse at publish, what they warn of, and which schemas are refused.

use http::Method;
use serde_json::{Value, json};

use crate::world::{Answer, Call, World};

const NORTHSIDE: &str = "/v1/organizations/northside";
const TYPES: &str = "/v1/event-types";
const CANARY: &str = "Müller-canary4711";

/// Northside with an event type whose data has a schema, one for `v1` and one for `v2`.
async fn world(check: &str) -> World {
    let world = World::with_northside().await;
    let body = json!({
        "code": "bed.assigned",
        "category": "patients",
        "versions": ["v1", "v2"],
        "schema": {"properties": {"ward": {"type": "integer"}}, "required": ["ward"]},
        "schemas": {"v2": {"properties": {"ward": {"type": "string", "maxLength": 3}}}},
    });
    world.post(TYPES, &body).await.is(201);
    set(&world, check).await;
    world
}

async fn set(world: &World, check: &str) {
    let settings = json!({ "schema_check": check });
    world.patch(NORTHSIDE, &settings).await.is(200);
}

async fn publish(world: &World, version: &str, data: Value) -> Answer {
    let body = json!({"type": "bed.assigned", "version": version, "data": data});
    world.post(&format!("{NORTHSIDE}/events"), &body).await
}

#[tokio::test]
async fn who_does_not_want_checks_gets_none() {
    let world = world("off").await;
    let published = publish(&world, "v1", json!({"ward": CANARY})).await.is(202);
    assert_eq!(published.body.get("warnings"), None);
}

#[tokio::test]
async fn a_refused_event_is_told_where_it_does_not_fit_and_is_not_stored() {
    let world = world("reject").await;
    let refused = publish(&world, "v1", json!({"ward": CANARY})).await;
    let refused = refused.refuses(&["/data/ward"]);
    let detail = &refused.body["errors"][0]["detail"];
    assert_eq!(detail, "must be of the type integer");
    assert!(!refused.body.to_string().contains(CANARY));
    publish(&world, "v1", json!({}))
        .await
        .refuses(&["/data/ward"]);
    let other = publish(&world, "v2", json!({"ward": CANARY})).await;
    let other = other.refuses(&["/data/ward"]);
    let detail = &other.body["errors"][0]["detail"];
    assert_eq!(detail, "must have at most 3 characters");
    assert_eq!(world.count(&format!("{NORTHSIDE}/events")).await, 0);

    publish(&world, "v1", json!({"ward": 3})).await.is(202);
    publish(&world, "v2", json!({"ward": "A3"})).await.is(202);
    let without = json!({"type": "patient.created", "data": {"ward": CANARY}});
    let events = format!("{NORTHSIDE}/events");
    world.post(&events, &without).await.is(202);
    assert_eq!(world.count(&events).await, 3);
}

#[tokio::test]
async fn who_wants_warnings_gets_them_with_the_accepted_event() {
    let world = world("warn").await;
    let published = publish(&world, "v1", json!({"ward": CANARY})).await.is(202);
    let told = json!([{"pointer": "/data/ward", "detail": "must be of the type integer"}]);
    assert_eq!(published.body["warnings"], told);
    let good = publish(&world, "v1", json!({"ward": 3})).await.is(202);
    assert_eq!(good.body.get("warnings"), None);
    assert_eq!(world.count(&format!("{NORTHSIDE}/events")).await, 2);
}

#[tokio::test]
async fn each_event_of_a_batch_is_checked_on_its_own() {
    let world = world("warn").await;
    let event = |data: Value| json!({"type": "bed.assigned", "data": data});
    let events = [event(json!({"ward": 3})), event(json!({"ward": CANARY}))];
    let batch = json!({ "events": events });
    let path = format!("{NORTHSIDE}/events/batch");
    let results = world.post(&path, &batch).await.is(202).body["results"].clone();
    assert_eq!(results[0].get("warnings"), None);
    assert_eq!(results[1]["warnings"][0]["pointer"], "/events/1/data/ward");
    set(&world, "reject").await;
    let results = world.post(&path, &batch).await.is(202).body["results"].clone();
    assert!(results[0]["id"].is_string(), "{results}");
    let error = &results[1]["error"];
    assert_eq!(error["errors"][0]["pointer"], "/events/1/data/ward");
    assert!(!results.to_string().contains(CANARY));
}

#[tokio::test]
async fn a_schema_that_cannot_be_used_is_refused_and_its_place_is_named() {
    let world = world("off").await;
    let bed = format!("{TYPES}/bed.assigned");
    let outside = json!({"properties": {"a": {"$ref": "https://example.com/a.json"}}});
    let bad = json!({"properties": {"a": {"type": "txt"}}});
    for (change, pointer) in [
        (json!({ "schema": bad }), "/schema/properties/a/type"),
        (json!({ "schema": outside }), "/schema/properties/a/$ref"),
        (
            json!({"schemas": {"v2": bad}}),
            "/schemas/v2/properties/a/type",
        ),
        (json!({"schemas": {"v2": []}}), "/schemas/v2"),
        (json!({"schemas": {"v3": {}}}), "/schemas"),
        (json!({"schema": {"$ref": "#"}}), "/schema"),
    ] {
        world.patch(&bed, &change).await.refuses(&[pointer]);
        let mut body =
            json!({"code": "bed.freed", "category": "patients", "versions": ["v1", "v2"]});
        body.as_object_mut()
            .unwrap()
            .extend(change.as_object().unwrap().clone());
        world.post(TYPES, &body).await.refuses(&[pointer]);
    }
    let shown = async |query: &str| world.get(&format!("{bed}/schema{query}")).await;
    assert_eq!(shown("").await.is(200).body["required"], json!(["ward"]));
    assert_eq!(
        shown("?version=v1").await.is(200).body["required"],
        json!(["ward"])
    );
    let own = shown("?version=v2").await.is(200).body;
    assert_eq!(own["properties"]["ward"]["maxLength"], 3);
    shown("?version=v3").await.problem(404, "not-found");
}

#[tokio::test]
async fn a_changed_schema_holds_at_once_also_of_a_built_in_event_type() {
    let world = world("reject").await;
    publish(&world, "v1", json!({"ward": "A3"})).await.is(422);
    let bed = format!("{TYPES}/bed.assigned");
    world.patch(&bed, &json!({"schema": {}})).await.is(200);
    publish(&world, "v1", json!({"ward": "A3"})).await.is(202);

    let patient = format!("{TYPES}/patient.created");
    let schema = json!({"schema": {"required": ["id"]}});
    world.patch(&patient, &schema).await.is(200);
    let event = json!({"type": "patient.created", "data": {}});
    let events = format!("{NORTHSIDE}/events");
    world.post(&events, &event).await.refuses(&["/data/id"]);
    world
        .patch(&patient, &json!({"schema": null}))
        .await
        .is(200);
    world.post(&events, &event).await.is(202);
}

#[tokio::test]
async fn what_ecg_sends_is_checked_and_a_test_event_is_not() {
    let world = world("reject").await;
    let schema = json!({"schema": {"required": ["id"]}});
    let vitals = "vitals.observations.created";
    world
        .patch(&format!("{TYPES}/{vitals}"), &schema)
        .await
        .is(200);
    let below = "/api/organizations/northside";
    let body = json!({
        "postUri": "http://127.0.0.1:4009/hook", "events": [vitals], "isDevelopment": false,
    });
    let made = world
        .post(&format!("{below}/webhook-subscriptions"), &body)
        .await;
    let id = made.is(201).text("id");
    let path = format!("{below}/subscriptions/{id}/webhooks-payloads?mode=deliver");
    let body = |data: Value| json!({"eventType": vitals, "version": "v1", "data": data});
    let refused = world
        .post(&path, &body(json!({"name": CANARY})))
        .await
        .is(400);
    assert_eq!(
        refused.body["message"],
        json!(["data.id should not be empty"])
    );
    world.post(&path, &body(json!({"id": 1}))).await.is(201);

    let path = format!("{NORTHSIDE}/endpoints/{id}/test");
    let call = Call::new(Method::POST, &path).json(&json!({ "type": vitals }));
    call.send(&world).await.is(202);
}
