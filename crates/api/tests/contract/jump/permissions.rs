//! What a key may do: scopes for the API, permissions for what it subscribes to.

use http::Method;
use serde_json::json;

use super::{Client, WEBHOOKS, fails, good};
use crate::world::World;

/// An event type, and the permission that reading of it needs.
const NEEDED: [(&str, &str); 10] = [
    ("patient.created", "patients:read"),
    ("patient.*", "patients:read"),
    ("appointment.no_show", "appointments:read"),
    ("appointment.*", "appointments:read"),
    ("questionnaire_response.created", "consultations:read"),
    ("document.updated", "documents:read"),
    ("clinician_profile.deactivated", "clinicians:read"),
    ("location.updated", "locations:read"),
    ("appointment_template.updated", "appointment_types:read"),
    ("appointment_template.*", "appointment_types:read"),
];

#[tokio::test]
async fn a_key_subscribes_only_to_what_it_can_read() {
    let world = World::with_northside().await;
    let nothing = Client::with(&world, json!({})).await;
    let path = nothing.webhook(json!({"events": ["test.ping"]})).await;
    for (event, permission) in NEEDED {
        let mut body = good();
        body["events"] = json!(["test.ping", event]);
        let refused = nothing.post(WEBHOOKS, &body).await;
        fails(refused, 403, "FORBIDDEN", &format!("`{permission}`"));
        let refused = nothing.patch(&path, &json!({"events": [event]})).await;
        fails(refused, 403, "FORBIDDEN", &format!("`{permission}`"));
        let client = Client::with(&world, json!({ "permissions": [permission] })).await;
        client.webhook(json!({ "events": [event] })).await;
        client
            .patch(&path, &json!({"events": [event]}))
            .await
            .is(200);
        let back = json!({"events": ["test.ping"]});
        client.patch(&path, &back).await.is(200);
    }
    let made = nothing.list().await.as_array().unwrap().len();
    assert_eq!(made, 1 + NEEDED.len());
}

#[tokio::test]
async fn everything_needs_every_permission_and_all_that_lack_are_named() {
    let world = World::with_northside().await;
    let keys = json!({"permissions": ["patients:write", "documents:read", "holds:write"]});
    let client = Client::with(&world, keys).await;
    let mut body = good();
    body["events"] = json!(["*"]);
    let refused = client.post(WEBHOOKS, &body).await;
    let refused = fails(refused, 403, "FORBIDDEN", "events");
    let message = refused.body["error"]["message"].as_str().unwrap();
    for lacking in [
        "`appointments:read`",
        "`consultations:read`",
        "`clinicians:read`",
        "`locations:read`",
        "`appointment_types:read`",
    ] {
        assert!(message.contains(lacking), "{message}");
    }
    assert!(
        !message.contains("patients") && !message.contains("documents"),
        "{message}"
    );
    client
        .webhook(json!({"events": ["patient.*", "document.*"]}))
        .await;
}

#[tokio::test]
async fn what_gets_more_than_a_key_can_read_is_not_for_it_to_change() {
    let world = World::with_northside().await;
    let client = Client::new(&world).await;
    let path = client.webhook(json!({"events": ["patient.created"]})).await;
    let other = Client::with(&world, json!({})).await;
    for body in [
        json!({"events": ["patient.created"]}),
        json!({"events": ["test.ping"]}),
        json!({"url": "http://127.0.0.1:4009/mine"}),
        json!({"is_active": false}),
        json!({"name": "N"}),
    ] {
        let refused = other.patch(&path, &body).await;
        fails(refused, 403, "FORBIDDEN", "`patients:read`");
    }
    let ping = other.webhook(json!({"events": ["test.ping"]})).await;
    other.patch(&ping, &json!({"name": "N"})).await.is(200);
}

#[tokio::test]
async fn another_door_does_not_lead_around_the_permissions() {
    let world = World::with_northside().await;
    let client = Client::with(&world, json!({"permissions": ["locations:read"]})).await;
    let native = "/v1/organizations/northside/endpoints";
    for (events, status) in [
        (json!(["patient.created"]), 403),
        (json!(["location.*"]), 201),
    ] {
        let body = json!({"url": "http://127.0.0.1:4009/", "events": events});
        let call = client.call(Method::POST, native).json(&body);
        call.send(&world).await.is(status);
    }
}

#[tokio::test]
async fn scopes_are_asked_for() {
    let world = World::with_northside().await;
    let path = Client::new(&world).await.webhook(json!({})).await;
    let scopes = json!({"scopes": ["read"], "permissions": ["appointments:read"]});
    let reader = Client::with(&world, scopes).await;
    reader.get(WEBHOOKS).await.is(200);
    reader.get(&path).await.is(200);
    for refused in [
        reader.post(WEBHOOKS, &good()).await,
        reader.patch(&path, &json!({"name": "x"})).await,
        reader.delete(&path).await,
        reader.post(&format!("{path}/test"), &json!({})).await,
    ] {
        fails(refused, 403, "FORBIDDEN", "`manage`");
    }
    let publisher = Client::with(&world, json!({"scopes": ["publish"]})).await;
    fails(publisher.get(WEBHOOKS).await, 403, "FORBIDDEN", "`read`");
    fails(publisher.get(&path).await, 403, "FORBIDDEN", "`read`");
}
