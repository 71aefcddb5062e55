//! Who sees what: the organization and the mode of the key, and no endpoints of other dialects.

use std::time::Duration;

use http::Method;
use serde_json::json;

use super::{Client, SERVICE, fails, refuses, with};
use crate::world::World;

async fn southside(world: &World) -> Client<'_> {
    let body = json!({"id": "southside", "name": "Southside"});
    world.post("/v1/organizations", &body).await.is(201);
    let body = json!({"name": "Key", "mode": "live"});
    let made = world
        .post("/v1/organizations/southside/api-keys", &body)
        .await;
    let key = made.is(201).text("key");
    Client { world, key }
}

/// Fails unless the webhook at `path` does not exist for the client.
async fn is_unknown(client: &Client<'_>, path: &str) {
    for answer in [
        client.get(path).await,
        client.patch(path, &json!({"active": false})).await,
        client.delete(path).await,
        client.ping(path).await,
    ] {
        fails(answer, 404, "NotFound", "there is no such endpoint");
    }
    let own = client.get(SERVICE).await.is(200).body;
    let id = path.rsplit('/').next().unwrap();
    assert!(!own.to_string().contains(id), "{own}");
}

#[tokio::test]
async fn a_key_reaches_its_organization_only() {
    let world = World::with_northside().await;
    let north = Client::new(&world).await;
    let south = southside(&world).await;
    let path = north.webhook(json!({})).await;
    let theirs = south.webhook(json!({"organization": "southside"})).await;
    is_unknown(&south, &path).await;
    is_unknown(&north, &theirs).await;
    north.get(&path).await.is(200);
    for organization in ["southside", "nobody", "a b", "", ".."] {
        let body = with(&json!({ "organization": organization }));
        let told = "there is no such organization";
        fails(north.post(&body).await, 404, "NotFound", told);
        let organization = organization.replace(' ', "%20");
        let list = format!("{SERVICE}?organization={organization}");
        fails(north.get(&list).await, 404, "NotFound", told);
    }
    assert_eq!(north.list().await.as_array().unwrap().len(), 1);
    assert_eq!(south.get(SERVICE).await.body["total"], 1);
    world.event("appointment.created").await;
    assert_eq!(
        world.count("/v1/organizations/southside/deliveries").await,
        0
    );
}

#[tokio::test]
async fn a_key_sees_its_mode_only() {
    let world = World::with_northside().await;
    let live = Client::new(&world).await;
    let test = Client::with(&world, json!({"mode": "test"})).await;
    let path = live.webhook(json!({})).await;
    let testing = test.webhook(json!({})).await;
    is_unknown(&test, &path).await;
    is_unknown(&live, &testing).await;
    world.event("appointment.created").await;
    assert_eq!(
        world.count("/v1/organizations/northside/deliveries").await,
        1
    );
}

#[tokio::test]
async fn endpoints_of_other_dialects_are_not_seen() {
    let world = World::with_northside().await;
    let client = Client::new(&world).await;
    let native = world.endpoint(json!({})).await;
    is_unknown(&client, &format!("{SERVICE}/{native}")).await;
    let native = world
        .endpoint(json!({"dialect": "mycure", "events": ["appointments"]}))
        .await;
    let shown = client.get(&format!("{SERVICE}/{native}")).await.is(200);
    assert_eq!(shown.body["events"], json!(["appointments"]));
}

#[tokio::test]
async fn only_a_valid_key_is_accepted() {
    let world = World::with_northside().await;
    let client = Client::new(&world).await;
    let path = client.webhook(json!({})).await;
    for bearer in [
        "",
        "Bearer",
        "Bearer nonsense",
        "Bearer a.b.c",
        "Basic eDp5",
        &client.key,
    ] {
        for (method, path) in [
            (Method::GET, SERVICE),
            (Method::POST, SERVICE),
            (Method::GET, &path),
            (Method::PATCH, &path),
            (Method::DELETE, &path),
        ] {
            let call = client.call(method, path).json(&with(&json!({})));
            let answer = call.header("authorization", bearer).send(&world).await;
            let answer = fails(answer, 401, "NotAuthenticated", "no valid key");
            assert!(answer.header("www-authenticate").starts_with("Bearer"));
        }
    }
    assert_eq!(client.list().await.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_revoked_or_expired_key_is_refused_at_once() {
    let world = World::with_northside().await;
    let client = Client::new(&world).await;
    client.get(SERVICE).await.is(200);
    let keys = "/v1/organizations/northside/api-keys";
    let id = world.get(keys).await.is(200).body["data"][0]["id"].clone();
    let revoked = world
        .delete(&format!("{keys}/{}", id.as_str().unwrap()))
        .await;
    assert!((200..300).contains(&revoked.status), "{}", revoked.body);
    fails(
        client.get(SERVICE).await,
        401,
        "NotAuthenticated",
        "no valid key",
    );

    let client = Client::with(&world, json!({"expires_at": "2026-03-16T10:22:00Z"})).await;
    client.get(SERVICE).await.is(200);
    world.advance(Duration::from_mins(1));
    fails(
        client.get(SERVICE).await,
        401,
        "NotAuthenticated",
        "no valid key",
    );
}

#[tokio::test]
async fn scopes_are_asked_for() {
    let world = World::with_northside().await;
    let path = Client::new(&world).await.webhook(json!({})).await;
    let reader = Client::with(&world, json!({"scopes": ["read"]})).await;
    reader.get(SERVICE).await.is(200);
    reader.get(&path).await.is(200);
    for refused in [
        reader.post(&with(&json!({}))).await,
        reader.patch(&path, &json!({"active": false})).await,
        reader.delete(&path).await,
        reader.ping(&path).await,
    ] {
        fails(refused, 403, "Forbidden", "`manage`");
    }
    let publisher = Client::with(&world, json!({"scopes": ["publish"]})).await;
    fails(publisher.get(SERVICE).await, 403, "Forbidden", "`read`");
    fails(publisher.get(&path).await, 403, "Forbidden", "`read`");
}

#[tokio::test]
async fn a_key_that_has_permissions_is_held_to_them_here_too() {
    let world = World::with_northside().await;
    let client = Client::with(&world, json!({"permissions": ["appointments:read"]})).await;
    let path = client.webhook(json!({"events": "appointments"})).await;
    for events in [json!("medical-patients"), json!(["ping", "*"])] {
        let refused = client.post(&with(&json!({ "events": events }))).await;
        fails(refused, 403, "Forbidden", "`patients:read`");
        let refused = client.patch(&path, &json!({ "events": events })).await;
        fails(refused, 403, "Forbidden", "`patients:read`");
    }
    refuses(
        client.patch(&path, &json!({"events": []})).await,
        &["events"],
    );
}
