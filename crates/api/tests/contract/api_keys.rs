//! API keys: made within the rights of their maker, shown once, dead when they are revoked.

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};

use crate::world::{Call, World, with_fields};

const KEYS: &str = "/v1/organizations/northside/api-keys";

fn path_of(key: &Value) -> String {
    format!("{KEYS}/{}", key["id"].as_str().unwrap())
}

#[tokio::test]
async fn a_key_is_shown_once_and_listed_without_its_text() {
    let world = World::with_northside().await;
    let body = json!({
        "name": "Booking site",
        "mode": "test",
        "permissions": ["appointments:write", "patients:read"],
        "expires_at": "2027-01-01T00:00:00Z",
    });
    let mut made = world.post(KEYS, &body).await.is(201).body;
    let text = made["key"].take();
    let text = text.as_str().unwrap();
    assert!(text.starts_with("pk_test_") && text.len() == 56);
    assert!(text.starts_with(made["prefix"].as_str().unwrap()));
    assert_eq!(made["scopes"], json!(["read", "manage"]));
    assert_eq!(
        made["permissions"],
        json!(["patients:read", "appointments:write"])
    );
    assert_eq!(made["expires_at"], "2027-01-01T00:00:00.000Z");
    assert_eq!(made["revoked_at"], Value::Null);
    assert_eq!(made["last_used_at"], Value::Null);
    made.as_object_mut().unwrap().remove("key");

    let shown = world.get(&path_of(&made)).await.is(200);
    assert_eq!(shown.body, made);
    let listed = world.get(KEYS).await.is(200);
    assert_eq!(listed.body["data"], json!([made]));
    for answer in [shown, listed] {
        let answered = String::from_utf8(answer.bytes).unwrap();
        assert!(!answered.contains(&text[12..]));
    }
}

#[tokio::test]
async fn every_field_that_is_not_acceptable_is_named_and_nothing_is_made() {
    let world = World::with_northside().await;
    for (body, pointers) in [
        (json!({}), vec!["/name", "/mode"]),
        (json!({"name": " ", "mode": "live"}), vec!["/name"]),
        (json!({"name": "x", "mode": "both"}), vec!["/mode"]),
        (
            json!({"name": "x", "mode": "live", "permissions": ["patients:read", "holds:read"],
                "scopes": ["read", "write", "everything"]}),
            vec!["/permissions/1", "/scopes/1", "/scopes/2"],
        ),
        (
            json!({"name": "x", "mode": "live", "expires_at": "tomorrow"}),
            vec!["/expires_at"],
        ),
        (
            json!({"name": "x", "mode": "live", "expires_at": "2026-03-16T10:21:05Z"}),
            vec!["/expires_at"],
        ),
        (
            json!({"name": "x", "mode": "live", "key": "y"}),
            vec!["/key"],
        ),
        (
            json!({"name": "x", "mode": "live", "scopes": "read"}),
            vec!["/scopes"],
        ),
    ] {
        world.post(KEYS, &body).await.refuses(&pointers);
    }
    assert_eq!(world.count(KEYS).await, 0);
}

#[tokio::test]
async fn a_key_shows_when_it_was_last_used_whatever_for() {
    let world = World::with_northside().await;
    let key = world.key(json!({"scopes": ["publish"]})).await;
    let last_use = async || {
        let listed = world.get(KEYS).await.is(200);
        listed.body["data"][0]["last_used_at"].clone()
    };
    assert_eq!(last_use().await, Value::Null);
    let event = json!({"type": "patient.created", "data": {}});
    let publish = || {
        let events = "/v1/organizations/northside/events";
        Call::new(Method::POST, events).with_key(&key).json(&event)
    };
    publish().send(&world).await.is(202);
    assert_eq!(last_use().await, "2026-03-16T10:21:05.000Z");
    world.advance(Duration::from_mins(3));
    // A request that is refused for a missing scope used the key as well.
    let read = Call::new(Method::GET, KEYS).with_key(&key);
    read.send(&world).await.problem(403, "forbidden");
    assert_eq!(last_use().await, "2026-03-16T10:24:05.000Z");
    world.advance(Duration::from_mins(3));
    let wrong = format!("{}x", &key[..55]);
    let read = Call::new(Method::GET, KEYS).with_key(&wrong);
    read.send(&world).await.is(401);
    assert_eq!(last_use().await, "2026-03-16T10:24:05.000Z");
}

#[tokio::test]
async fn a_revoked_key_is_refused_at_once_and_stays_listed() {
    let world = World::with_northside().await;
    let key = world.key(json!({})).await;
    let read = || Call::new(Method::GET, "/v1/organizations/northside").with_key(&key);
    read().send(&world).await.is(200);
    let listed = world.get(KEYS).await.is(200).body["data"][0].clone();
    world.delete(&path_of(&listed)).await.is(204);
    read().send(&world).await.problem(401, "unauthenticated");
    let revoked = world.get(&path_of(&listed)).await.is(200);
    assert_eq!(revoked.body["revoked_at"], "2026-03-16T10:21:05.000Z");
    // Again it changes nothing.
    world.advance(Duration::from_mins(1));
    world.delete(&path_of(&listed)).await.is(204);
    assert_eq!(world.get(&path_of(&listed)).await.body, revoked.body);
    let trail = "/v1/organizations/northside/audit?action=api_key.revoked";
    assert_eq!(world.count(trail).await, 1);
    for unknown in ["01991f1e-8e00-7000-8000-000000000004", "x"] {
        let path = format!("{KEYS}/{unknown}");
        world.get(&path).await.problem(404, "not-found");
        world.delete(&path).await.problem(404, "not-found");
    }
}

#[tokio::test]
async fn a_key_is_refused_from_its_end_on() {
    let world = World::with_northside().await;
    let key = world
        .key(json!({"expires_at": "2026-03-16T10:22:05Z"}))
        .await;
    let read = || Call::new(Method::GET, "/v1/organizations/northside").with_key(&key);
    world.advance(Duration::from_millis(59_999));
    read().send(&world).await.is(200);
    world.advance(Duration::from_millis(1));
    read().send(&world).await.problem(401, "unauthenticated");
}

#[tokio::test]
async fn a_key_makes_only_keys_that_can_do_no_more_than_itself() {
    let world = World::with_northside().await;
    let maker = json!({
        "mode": "test",
        "scopes": ["keys", "read"],
        "permissions": ["patients:write"],
        "expires_at": "2026-04-01T00:00:00Z",
    });
    let maker = world.key(maker).await;
    let make = async |fields: Value| {
        let usual = json!({"name": "Second", "mode": "test", "scopes": ["read"]});
        let body = with_fields(usual, &fields);
        let call = Call::new(Method::POST, KEYS).with_key(&maker).json(&body);
        call.send(&world).await
    };
    for (fields, missing) in [
        (json!({"scopes": ["manage"]}), "manage"),
        (json!({"scopes": ["keys", "admin"]}), "admin"),
        (json!({"scopes": null}), "manage"),
        (json!({"permissions": ["documents:read"]}), "documents:read"),
    ] {
        let refused = make(fields).await.problem(403, "forbidden");
        let detail = refused.text("detail");
        assert!(detail.contains(&format!("`{missing}`")), "{detail}");
    }
    // A key without permissions is held to none of them.
    let none = make(json!({"permissions": []})).await;
    let refused = none.problem(403, "forbidden");
    assert!(refused.text("detail").contains("permissions"));
    make(with_fields(
        json!({"mode": "live"}),
        &json!({"permissions": ["patients:read"]}),
    ))
    .await
    .refuses(&["/mode"]);
    let later = json!({"permissions": ["patients:read"], "expires_at": "2026-04-01T00:00:01Z"});
    make(later).await.refuses(&["/expires_at"]);
    assert_eq!(world.count(KEYS).await, 1);
    let made = make(json!({"permissions": ["patients:read"]}))
        .await
        .is(201);
    assert_eq!(made.body["expires_at"], "2026-04-01T00:00:00.000Z");
}

#[tokio::test]
async fn admin_reaches_everything_of_its_organization_and_not_the_catalogue() {
    let world = World::with_northside().await;
    let admin = world.key(json!({"scopes": ["admin"]})).await;
    let call = |method: Method, path: &str| Call::new(method, path).with_key(&admin);
    let made = json!({"name": "Second", "mode": "live", "scopes": ["publish", "keys"]});
    let made = call(Method::POST, KEYS).json(&made).send(&world).await;
    made.is(201);
    let event = json!({"type": "patient.created", "data": {}});
    let events = "/v1/organizations/northside/events";
    let published = call(Method::POST, events).json(&event).send(&world).await;
    published.is(202);
    let category = json!({"code": "beds", "name": "Beds"});
    let categories = "/v1/event-categories";
    let refused = call(Method::POST, categories).json(&category);
    refused.send(&world).await.problem(403, "forbidden");
    let editor = json!({"name": "x", "mode": "live", "scopes": ["catalogue:write"]});
    let refused = call(Method::POST, KEYS).json(&editor).send(&world).await;
    refused.problem(403, "forbidden");

    let editor = world.key(json!({"scopes": ["catalogue:write"]})).await;
    let made = Call::new(Method::POST, categories).with_key(&editor);
    made.json(&category).send(&world).await.is(201);
}

#[tokio::test]
async fn a_key_sees_and_revokes_keys_of_its_own_mode_only() {
    let world = World::with_northside().await;
    world.key(json!({"mode": "live"})).await;
    let test = world.key(json!({"mode": "test", "scopes": ["keys"]})).await;
    let all = world.get(KEYS).await.is(200).body["data"].clone();
    let of = |mode| {
        let mut keys = all.as_array().unwrap().iter();
        keys.find(|key| key["mode"] == mode).unwrap()
    };
    let (live_key, test_key) = (of("live"), of("test"));
    let call = |method: Method, path: &str| Call::new(method, path).with_key(&test);
    let seen = call(Method::GET, KEYS).send(&world).await.is(200);
    let seen = seen.body["data"].as_array().unwrap();
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0]["id"], test_key["id"]);
    for method in [Method::GET, Method::DELETE] {
        let refused = call(method, &path_of(live_key)).send(&world).await;
        refused.problem(404, "not-found");
    }
    call(Method::DELETE, &path_of(test_key))
        .send(&world)
        .await
        .is(204);
    call(Method::GET, KEYS).send(&world).await.is(401);
}

#[tokio::test]
async fn a_repeated_request_gets_the_same_key_without_its_text() {
    let world = World::with_northside().await;
    let body = json!({"name": "Booking site", "mode": "live"});
    let make = async || {
        let call = Call::new(Method::POST, KEYS).header("idempotency-key", "k-1");
        call.json(&body).send(&world).await.is(201)
    };
    let mut first = make().await.body;
    assert!(first["key"].is_string());
    let again = make().await;
    assert_eq!(again.header("idempotent-replayed"), "true");
    first["key"] = Value::Null;
    assert_eq!(again.body, first);
    assert_eq!(world.count(KEYS).await, 1);
}

#[tokio::test]
async fn keys_end_with_their_organization() {
    let world = World::with_northside().await;
    let key = world.key(json!({"scopes": ["admin"]})).await;
    let northside = "/v1/organizations/northside";
    world.delete(northside).await.is(204);
    let body = json!({"id": "northside", "name": "Another clinic"});
    world.post("/v1/organizations", &body).await.is(201);
    let call = Call::new(Method::GET, northside).with_key(&key);
    call.send(&world).await.problem(401, "unauthenticated");
    assert_eq!(world.count(KEYS).await, 0);
}
