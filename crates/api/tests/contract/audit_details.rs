//! What entries of the audit trail say: who exactly, what changed, and what was refused.

use http::Method;
use serde_json::{Value, json};

use crate::world::{Call, World};

const ORG: &str = "/v1/organizations/northside";

/// The newest entry of an action.
async fn newest(world: &World, action: &str) -> Value {
    let path = format!("{ORG}/audit?limit=100&action={action}");
    // Refusals are written beside the request: who has been answered after them finds them.
    world.get(&path).await.is(200);
    let found = world.get(&path).await.is(200);
    found.body["data"][0].clone()
}

#[tokio::test]
async fn the_subject_of_a_token_passes_for_nobody_else() {
    let world = World::with_northside().await;
    for subject in ["operator", "system"] {
        let token = world.token_of(subject, "northside", &["read", "manage"]);
        let create = Call::new(Method::POST, &format!("{ORG}/endpoints"));
        let body = json!({"name": "x", "url": "https://8.8.8.8/", "events": ["*"]});
        let made = create.with_key(&token).json(&body).send(&world).await;
        assert_eq!(
            made.is(201).body["created_by"].as_str().unwrap_or(subject),
            subject
        );
        let entry = newest(&world, "endpoint.created").await;
        assert_eq!(entry["actor"], format!("token:{subject}"));
    }
}

#[tokio::test]
async fn a_change_of_an_organization_says_what_was_and_what_is() {
    let world = World::with_northside().await;
    let change = json!({
        "name": "Elsewhere",
        "retention": {"audit_years": 1},
        "ownership_challenge": true,
    });
    world.patch(ORG, &change).await.is(200);
    let entry = newest(&world, "organization.changed").await;
    let expected = json!({
        "fields": "name",
        "ownership_challenge": "false -> true",
        "retention.audit_years": "6 -> 1",
    });
    assert_eq!(entry["details"], expected);
}

#[tokio::test]
async fn a_new_key_says_what_it_may_do() {
    let world = World::with_northside().await;
    let fields =
        json!({"scopes": ["read", "manage"], "permissions": ["patients:read"], "rate_limit": 7});
    world.key(fields).await;
    let entry = newest(&world, "api_key.created").await;
    let expected = json!({
        "mode": "live", "scopes": "read manage", "permissions": "patients:read", "rate_limit": "7",
    });
    assert_eq!(entry["details"], expected);
}

#[tokio::test]
async fn a_change_of_an_endpoint_says_how_its_switches_stood() {
    let world = World::with_northside().await;
    let endpoint = world.endpoint(json!({})).await;
    let path = format!("{ORG}/endpoints/{endpoint}");
    let change = json!({"active": false, "payload": "id_only", "events": ["patient.*"]});
    world.patch(&path, &change).await.is(200);
    let entry = newest(&world, "endpoint.changed").await;
    assert_eq!(entry["details"]["fields"], "active,events,payload");
    assert_eq!(entry["details"]["active"], "true -> false");
    assert_eq!(entry["details"]["payload"], "full -> id_only");
    assert!(
        entry["details"]["events"]
            .as_str()
            .unwrap()
            .ends_with(" -> patient.*")
    );
    // What may be secret is only named.
    let change = json!({"headers": {"x-canary": "canary-value"}});
    world.patch(&path, &change).await.is(200);
    let entry = newest(&world, "endpoint.changed").await;
    assert_eq!(entry["details"], json!({"fields": "headers"}));
}

#[tokio::test]
async fn a_refusal_names_the_route_that_was_asked_for() {
    let world = World::with_northside().await;
    let key = world.key(json!({"scopes": ["read"]})).await;
    let call = Call::new(Method::GET, &format!("{ORG}/api-keys"));
    call.with_key(&key).send(&world).await.is(403);
    let entry = newest(&world, "access.refused").await;
    let route = "route/GET /v1/organizations/{org}/api-keys";
    assert_eq!(entry["object"], route);
    let call = Call::new(Method::GET, "/v1/organizations/southside/events");
    call.with_key(&key).send(&world).await.is(404);
    let entry = newest(&world, "access.refused").await;
    let route = "route/GET /v1/organizations/{org}/events";
    assert_eq!(entry["object"], route);
}

#[tokio::test]
async fn no_organization_is_called_like_the_servers_own_trail() {
    let world = World::with_northside().await;
    let body = json!({"id": "installation", "name": "x"});
    let refused = world.post("/v1/organizations", &body).await;
    refused.refuses(&["/id"]);
}
