//! The life of a webhook endpoint.

use http::Method;
use serde_json::{Value, json};

use super::{ALL, Client, WEBHOOKS, fails, good};
use crate::world::World;

fn fields(object: &Value) -> Vec<&str> {
    object
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect()
}

const FIELDS: [&str; 7] = [
    "created_at",
    "events",
    "id",
    "is_active",
    "name",
    "updated_at",
    "url",
];

#[tokio::test]
async fn a_webhook_is_made_with_its_secret_and_shown_without_it() {
    let world = World::with_northside().await;
    let client = Client::new(&world).await;
    let body = json!({
        "url": "http://127.0.0.1:4009/hook",
        "events": ["patient.created", "appointment.cancelled", "appointment.created"],
        "name": "Booking Sync",
    });
    let made = client.post(WEBHOOKS, &body).await.is(201).body;
    let mut data = made["data"].clone();
    let secret = data.as_object_mut().unwrap().remove("secret").unwrap();
    assert!(secret.as_str().unwrap().starts_with("whsec_"));
    assert_eq!(fields(&data), FIELDS);
    for field in ["url", "events", "name"] {
        assert_eq!(data[field], body[field]);
    }
    assert_eq!(data["is_active"], true);
    assert_eq!(data["created_at"], "2026-03-16T10:21:05.000Z");
    assert_eq!(data["updated_at"], data["created_at"]);

    let path = format!("{WEBHOOKS}/{}", data["id"].as_str().unwrap());
    assert_eq!(client.get(&path).await.is(200).body["data"], data);
    assert_eq!(client.list().await, json!([data]));
}

#[tokio::test]
async fn a_name_is_null_unless_given() {
    let world = World::with_northside().await;
    let client = Client::new(&world).await;
    let path = client.webhook(json!({})).await;
    assert_eq!(client.get(&path).await.body["data"]["name"], Value::Null);
    let path = client.webhook(json!({"name": null})).await;
    assert_eq!(client.get(&path).await.body["data"]["name"], Value::Null);
}

#[tokio::test]
async fn a_change_touches_only_what_it_names() {
    let world = World::with_northside().await;
    let client = Client::new(&world).await;
    let path = client.webhook(json!({"name": "A"})).await;
    let mut expected = client.get(&path).await.is(200).body["data"].clone();
    world.advance(std::time::Duration::from_mins(1));
    expected["updated_at"] = json!("2026-03-16T10:22:05.000Z");
    for (field, value) in [
        ("name", json!("B")),
        ("name", json!(null)),
        ("url", json!("http://127.0.0.1:4010/other")),
        ("events", json!(["patient.created", "document.created"])),
        ("is_active", json!(false)),
        ("is_active", json!(true)),
    ] {
        expected[field] = value.clone();
        let changed = client.patch(&path, &json!({ field: value })).await.is(200);
        assert_eq!(changed.body["data"], expected);
        assert_eq!(client.get(&path).await.body["data"], expected);
    }
    let all = json!({
        "name": "C",
        "url": "http://127.0.0.1:4011/",
        "events": ["location.updated"],
        "is_active": false,
    });
    let changed = client.patch(&path, &all).await.is(200).body["data"].clone();
    for field in ["name", "url", "events", "is_active"] {
        assert_eq!(changed[field], all[field]);
    }
    let nothing = client.patch(&path, &json!({})).await.is(200);
    assert_eq!(nothing.body["data"]["name"], "C");
}

#[tokio::test]
async fn a_deletion_is_answered_and_ends_what_is_owed() {
    let world = World::with_northside().await;
    let client = Client::new(&world).await;
    let path = client.webhook(json!({})).await;
    let id = path.rsplit('/').next().unwrap();
    world.event("appointment.created").await;
    let gone = client.delete(&path).await.is(200);
    assert_eq!(gone.body["data"], json!({"id": id, "deleted": true}));
    fails(client.get(&path).await, 404, "NOT_FOUND", "endpoint");
    fails(client.delete(&path).await, 404, "NOT_FOUND", "endpoint");
    fails(
        client.patch(&path, &json!({})).await,
        404,
        "NOT_FOUND",
        "endpoint",
    );
    assert_eq!(client.list().await, json!([]));
    let deliveries = "/v1/organizations/northside/deliveries";
    let owed = world.get(deliveries).await.is(200).body["data"][0].clone();
    assert_eq!(owed["state"], "failed");
    assert_eq!(owed["reason"], "endpoint_deleted");
}

#[tokio::test]
async fn a_test_goes_to_one_endpoint_whatever_it_is_subscribed_to() {
    let world = World::with_northside().await;
    let client = Client::new(&world).await;
    client.webhook(json!({"events": ["test.ping"]})).await;
    let path = client
        .webhook(json!({"events": ["location.updated"]}))
        .await;
    let test = format!("{path}/test");
    let sent = client.send(client.call(Method::POST, &test)).await.is(200);
    let data = &sent.body["data"];
    assert_eq!(
        fields(data),
        ["endpoint_id", "event_id", "message", "status"]
    );
    assert!(path.ends_with(data["endpoint_id"].as_str().unwrap()));
    assert_eq!(data["status"], "queued");
    assert_eq!(data["message"], "Test webhook queued for delivery");
    let event = data["event_id"].as_str().unwrap();
    assert!(event.starts_with("evt_"));
    let event = format!("/v1/organizations/northside/events/{event}");
    assert_eq!(world.get(&event).await.is(200).body["type"], "test.ping");
    let deliveries = "/v1/organizations/northside/deliveries";
    assert_eq!(world.count(deliveries).await, 1);
    client.post(&test, &json!({})).await.is(200);
}

#[tokio::test]
async fn what_is_not_active_cannot_be_tested() {
    let world = World::with_northside().await;
    let client = Client::new(&world).await;
    let path = client.webhook(json!({})).await;
    client
        .patch(&path, &json!({"is_active": false}))
        .await
        .is(200);
    let test = format!("{path}/test");
    let refused = client.send(client.call(Method::POST, &test)).await;
    fails(refused, 409, "CONFLICT", "not active");
    assert_eq!(world.count("/v1/organizations/northside/events").await, 0);
}

#[tokio::test]
async fn a_list_is_paged_by_limit_and_offset() {
    let world = World::with_northside().await;
    let client = Client::new(&world).await;
    let empty = client.get(WEBHOOKS).await.is(200).body;
    assert_eq!(empty["data"], json!([]));
    assert_eq!(empty["meta"]["limit"], 20);
    for number in 0..25 {
        client.webhook(json!({"name": format!("{number}")})).await;
        world.advance(std::time::Duration::from_secs(1));
    }
    let page = async |query: &str| {
        let body = client.get(&format!("{WEBHOOKS}{query}")).await.is(200).body;
        let mut meta = body["meta"].clone();
        meta.as_object_mut().unwrap().remove("request_id");
        let items = body["data"].as_array().unwrap().clone();
        let names: Vec<String> = items
            .iter()
            .map(|item| item["name"].as_str().unwrap().to_owned())
            .collect();
        (names, meta)
    };
    let numbers = |range: std::ops::Range<u32>| range.map(|n| n.to_string()).collect::<Vec<_>>();
    for (query, range, limit, next) in [
        ("", 0..20, 20, json!(20)),
        ("?offset=20", 20..25, 20, json!(null)),
        ("?limit=10&offset=10", 10..20, 10, json!(20)),
        ("?limit=5&offset=20", 20..25, 5, json!(null)),
        ("?limit=1", 0..1, 1, json!(1)),
        ("?limit=100", 0..25, 100, json!(null)),
        ("?offset=25", 25..25, 20, json!(null)),
        ("?offset=4000000000", 25..25, 20, json!(null)),
    ] {
        let (names, meta) = page(query).await;
        assert_eq!(names, numbers(range), "{query}");
        let has_more = !next.is_null();
        let expected = json!({"limit": limit, "next_offset": next, "has_more": has_more});
        assert_eq!(meta, expected, "{query}");
    }
}

#[tokio::test]
async fn a_repetition_makes_nothing_and_has_an_id_of_its_own() {
    let world = World::with_northside().await;
    let client = Client::new(&world).await;
    let call = || {
        let call = client.call(Method::POST, WEBHOOKS).json(&good());
        call.header("idempotency-key", "once")
    };
    let first = client.send(call()).await.is(201);
    let again = client.send(call()).await.is(201);
    assert_eq!(again.body["data"], first.body["data"]);
    assert_ne!(again.body["meta"], first.body["meta"]);
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!(client.list().await.as_array().unwrap().len(), 1);
    let other = client
        .call(Method::POST, WEBHOOKS)
        .json(&json!({"url": "x"}));
    let refused = client.send(other.header("idempotency-key", "once")).await;
    fails(refused, 409, "CONFLICT", "idempotency key");
}

#[tokio::test]
async fn the_head_of_an_answer_has_its_headers() {
    let world = World::with_northside().await;
    let client = Client::new(&world).await;
    let head = client
        .call(Method::HEAD, WEBHOOKS)
        .send(&world)
        .await
        .is(200);
    assert!(head.header("x-request-id").starts_with("req_"));
    assert_eq!(head.header("x-ratelimit-limit"), "1000");
    assert!(head.bytes.is_empty());
}

#[tokio::test]
async fn the_events_of_the_source_are_all_known() {
    let world = World::with_northside().await;
    let client = Client::with(&world, json!({ "permissions": ALL })).await;
    let events = json!([
        "patient.created",
        "patient.updated",
        "patient.archived",
        "appointment.created",
        "appointment.updated",
        "appointment.cancelled",
        "appointment.completed",
        "appointment.no_show",
        "appointment.rescheduled",
        "questionnaire_response.created",
        "questionnaire_response.updated",
        "clinician_profile.updated",
        "clinician_profile.deactivated",
        "location.updated",
        "location.deactivated",
        "appointment_template.updated",
        "appointment_template.deactivated",
        "document.created",
        "document.updated",
    ]);
    let path = client.webhook(json!({ "events": events })).await;
    assert_eq!(client.get(&path).await.body["data"]["events"], events);
    for event in events.as_array().unwrap() {
        world.event(event.as_str().unwrap()).await;
    }
    let deliveries = "/v1/organizations/northside/deliveries?limit=100";
    assert_eq!(world.count(deliveries).await, 19);
}
