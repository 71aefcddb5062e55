//! Patches of subscriptions (RFC 6902): on what GET shows, all or nothing.

use serde_json::{Value, json};

use super::{Clinic, VITALS};
use crate::world::Answer;

async fn patch(clinic: &Clinic, operations: Value) -> Answer {
    clinic.world.patch(&clinic.at(""), &operations).await
}

fn codes(answer: &Answer) -> Vec<&str> {
    let events = answer.body["events"].as_array().unwrap().iter();
    events
        .map(|event| event["code"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn address_events_and_version_are_changed() {
    let clinic = Clinic::open().await;
    let changed = patch(
        &clinic,
        json!([
            {"op": "test", "path": "/version", "value": null},
            {"op": "replace", "path": "/postUri", "value": "http://127.0.0.1:4010/other"},
            {"op": "replace", "path": "/version", "value": "v2"},
            {"op": "add", "path": "/events/-", "value": "patient.created"},
        ]),
    );
    let changed = changed.await.is(200);
    assert_eq!(changed.body["postUri"], "http://127.0.0.1:4010/other");
    assert_eq!(changed.body["version"], "v2");
    assert_eq!(codes(&changed), [VITALS, "patient.created"]);
    let fewer = patch(
        &clinic,
        json!([
            {"op": "remove", "path": "/events/0"},
            {"op": "remove", "path": "/version"},
        ]),
    );
    let fewer = fewer.await.is(200);
    assert_eq!(codes(&fewer), ["patient.created"]);
    assert_eq!(fewer.body["version"], Value::Null);
    assert_eq!(clinic.get("").await.body, fewer.body);
}

#[tokio::test]
async fn what_is_refused_changes_nothing() {
    let clinic = Clinic::open().await;
    let before = clinic.get("").await.body;
    let moved = json!({"op": "replace", "path": "/postUri", "value": "http://127.0.0.1:1/x"});
    for (last, status, name) in [
        (
            json!({"op": "test", "path": "/version", "value": "v9"}),
            409,
            "test",
        ),
        (
            json!({"op": "replace", "path": "/id", "value": "x"}),
            400,
            "path",
        ),
        (
            json!({"op": "replace", "path": "/secretKey", "value": "x"}),
            400,
            "path",
        ),
        (
            json!({"op": "replace", "path": "/isDevelopment", "value": true}),
            400,
            "path",
        ),
        (json!({"op": "remove", "path": "/postUri"}), 400, "postUri"),
        (
            json!({"op": "replace", "path": "/postUri", "value": 7}),
            400,
            "postUri",
        ),
        (
            json!({"op": "replace", "path": "/events", "value": "x"}),
            400,
            "events",
        ),
        (
            json!({"op": "add", "path": "/events/-", "value": "no.such"}),
            400,
            "events.1",
        ),
        (
            json!({"op": "add", "path": "/events/-", "value": {}}),
            400,
            "events.1",
        ),
        (
            json!({"op": "replace", "path": "/version", "value": "v9"}),
            400,
            "version",
        ),
        (json!({"op": "shuffle", "path": "/version"}), 400, "op"),
        (json!({"path": "/version"}), 400, "op"),
        (json!(7), 400, "must be an object"),
    ] {
        let refused = patch(&clinic, json!([moved, last])).await;
        refused.refuses_fields(status, &[name]);
        assert_eq!(clinic.get("").await.body, before, "{last}");
    }
    patch(&clinic, json!({"op": "test"}))
        .await
        .refuses_fields(400, &["array"]);
}
