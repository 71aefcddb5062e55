//! Introspection: what keys and tokens are worth to the vendor's own API, which shares their limits.

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};

use crate::world::{Answer, Call, OPERATOR_KEY, World};

const INTROSPECT: &str = "/v1/introspect";
const KEYS: &str = "/v1/organizations/northside/api-keys";

fn form(body: &str) -> Call {
    let call = Call::new(Method::POST, INTROSPECT).raw(body);
    call.header("content-type", "application/x-www-form-urlencoded")
}

async fn introspect(world: &World, token: &str) -> Answer {
    let answer = form(&format!("token={token}")).send(world).await.is(200);
    assert_eq!(answer.header("cache-control"), "no-store");
    answer
}

/// What is left to a credential, as its introspection tells.
async fn left(world: &World, token: &str) -> Value {
    let answer = introspect(world, token).await;
    assert_eq!(answer.body["active"], true);
    answer.body["rate_limit_remaining"].clone()
}

async fn key_id(world: &World) -> String {
    let listed = world.get(KEYS).await.is(200);
    listed.body["data"][0]["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_key_is_worth_what_it_was_made_with() {
    let world = World::with_northside().await;
    let key = world
        .key(json!({
            "mode": "test",
            "permissions": ["patients:read", "holds:write"],
            "scopes": ["read", "publish"],
            "expires_at": "2026-04-01T00:00:00Z",
        }))
        .await;
    let found = introspect(&world, &key).await;
    let expected = json!({
        "active": true,
        "kind": "api_key",
        "organization": "northside",
        "mode": "test",
        "permissions": ["patients:read", "holds:write"],
        "scopes": ["publish", "read"],
        "rate_limit_remaining": 1000,
        "rate_limit_reset": 2335,
        "scope": "publish read",
        "sub": key_id(&world).await,
        "token_type": "Bearer",
        "iat": 1_773_656_465,
        "exp": 1_775_001_600,
    });
    assert_eq!(found.body, expected);
    // It was a use of the key.
    let listed = world.get(KEYS).await.is(200);
    let used = &listed.body["data"][0]["last_used_at"];
    assert_eq!(*used, "2026-03-16T10:21:05.000Z");
}

#[tokio::test]
async fn tokens_and_the_operator_s_key_are_worth_what_they_say() {
    let world = World::with_northside().await;
    let token = world.token("northside", &["webhooks:write", "unknown"]);
    let found = introspect(&world, &token).await;
    let expected = json!({
        "active": true,
        "kind": "token",
        "organization": "northside",
        "mode": null,
        "permissions": [],
        "scopes": ["read", "manage"],
        "rate_limit_remaining": 1000,
        "rate_limit_reset": 2335,
        "scope": "read manage",
        "sub": "ana",
        "token_type": "Bearer",
        "exp": 1_773_660_065,
    });
    assert_eq!(found.body, expected);
    let operators = introspect(&world, OPERATOR_KEY).await.body;
    for field in [
        "organization",
        "mode",
        "rate_limit_remaining",
        "rate_limit_reset",
    ] {
        assert_eq!(operators[field], Value::Null, "{field}");
    }
    assert_eq!(operators["kind"], "operator");
    assert_eq!(operators["sub"], "operator");
    assert_eq!(operators["permissions"], json!([]));
    assert_eq!(operators["scopes"].as_array().unwrap().len(), 8);
}

#[tokio::test]
async fn what_is_worth_nothing_is_told_no_apart() {
    let world = World::with_northside().await;
    let ending = json!({"expires_at": "2026-03-16T10:22:05Z"});
    let expired = world.key(ending).await;
    let old_token = world.token("northside", &["read"]);
    world.advance(Duration::from_secs(1));
    let revoked = world.key(json!({})).await;
    let ids = world.get(KEYS).await.is(200).body["data"].clone();
    for id in ids.as_array().unwrap().iter().skip(1) {
        let path = format!("{KEYS}/{}", id["id"].as_str().unwrap());
        world.delete(&path).await.is(204);
    }
    world.advance(Duration::from_hours(1));
    let foreign = world.token("nowhere", &["admin"]);
    let unknown = format!("{}AAAA", &revoked[..52]);
    for worthless in [
        "", "x", "a.b.c", &expired, &revoked, &unknown, &old_token, &foreign,
    ] {
        let found = introspect(&world, worthless).await;
        assert_eq!(found.body, json!({"active": false}), "{worthless}");
    }
}

#[tokio::test]
async fn the_vendor_s_api_and_this_one_share_a_limit() {
    let world = World::with_northside().await;
    let key = world.key(json!({"rate_limit": 3})).await;
    let list = || Call::new(Method::GET, "/api-v1/webhooks").with_key(&key);
    assert_eq!(left(&world, &key).await, 3, "this one and two more");
    let listed = list().send(&world).await.is(200);
    assert_eq!(listed.header("x-ratelimit-remaining"), "1");
    assert_eq!(left(&world, &key).await, 1, "the last one is allowed");
    list().send(&world).await.is(429);
    // The key stays valid; it is for the vendor's API to refuse.
    assert_eq!(left(&world, &key).await, 0);
    world.advance(Duration::from_mins(38));
    let refused = introspect(&world, &key).await.body;
    assert_eq!(refused["rate_limit_remaining"], 0);
    assert_eq!(refused["rate_limit_reset"], 55);
    world.advance(Duration::from_secs(55));
    assert_eq!(left(&world, &key).await, 3);
}

#[tokio::test]
async fn only_the_operator_may_look() {
    let world = World::with_northside().await;
    let admin = world.key(json!({"scopes": ["admin"]})).await;
    let asked = form(&format!("token={admin}"));
    asked
        .with_key(&admin)
        .send(&world)
        .await
        .problem(403, "forbidden");
    let asked = form("token=x").without("authorization");
    asked.send(&world).await.problem(401, "unauthenticated");
}

#[tokio::test]
async fn a_look_is_never_repeated_from_memory() {
    let world = World::with_northside().await;
    let key = world.key(json!({})).await;
    let ask = || form(&format!("token={key}")).header("idempotency-key", "k-1");
    assert_eq!(ask().send(&world).await.is(200).body["active"], true);
    let id = key_id(&world).await;
    world.delete(&format!("{KEYS}/{id}")).await.is(204);
    let again = ask().send(&world).await.is(200);
    assert_eq!(again.body, json!({"active": false}));
    assert_eq!(again.header("idempotent-replayed"), "");
}

#[tokio::test]
async fn the_form_is_read_as_the_standard_says() {
    let world = World::with_northside().await;
    let key = world.key(json!({})).await;
    let hinted = format!("token_type_hint=refresh_token&token={key}&resource=x");
    assert_eq!(
        form(&hinted).send(&world).await.is(200).body["active"],
        true
    );
    let encoded = key.replace('_', "%5F");
    assert_eq!(introspect(&world, &encoded).await.body["active"], true);
    form("").send(&world).await.refuses(&["/token"]);
    form("token=a&token=b")
        .send(&world)
        .await
        .refuses(&["/token"]);
    let json = Call::new(Method::POST, INTROSPECT).json(&json!({"token": key}));
    let refused = json
        .send(&world)
        .await
        .problem(415, "unsupported-media-type");
    let expected = "the body needs the header `Content-Type: application/x-www-form-urlencoded`";
    assert_eq!(refused.text("detail"), expected);
}
