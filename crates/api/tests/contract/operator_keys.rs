//! Operator keys: made within the rights of their maker, good for all organizations, dead when they
//! are revoked.

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};

use crate::world::{Answer, Call, OPERATOR_KEY, World, with_fields};

const KEYS: &str = "/v1/operator-keys";
const NORTHSIDE: &str = "/v1/organizations/northside";

/// Makes a key; gives its id and its text.
async fn make(world: &World, fields: Value) -> (String, String) {
    let body = with_fields(json!({"name": "Deployment"}), &fields);
    let made = world.post(KEYS, &body).await.is(201);
    (made.text("id"), made.text("key"))
}

async fn ask(world: &World, method: Method, path: &str, key: &str, body: &Value) -> Answer {
    let call = Call::new(method, path).with_key(key);
    let call = if body.is_null() {
        call
    } else {
        call.json(body)
    };
    call.send(world).await
}

async fn get(world: &World, path: &str, key: &str) -> Answer {
    ask(world, Method::GET, path, key, &Value::Null).await
}

#[tokio::test]
async fn an_operator_key_is_shown_once_and_listed_without_its_text() {
    let world = World::start();
    let body = json!({
        "name": "Deployment",
        "scopes": ["read", "publish"],
        "expires_at": "2027-01-01T00:00:00Z",
    });
    let mut made = world.post(KEYS, &body).await.is(201).body;
    let text = made["key"].take();
    let text = text.as_str().unwrap();
    assert!(text.starts_with("op_") && text.len() == 51);
    assert_eq!(made["prefix"], text[..7]);
    assert_eq!(made["name"], "Deployment");
    assert_eq!(made["scopes"], json!(["publish", "read"]));
    assert_eq!(made["created_at"], "2026-03-16T10:21:05.000Z");
    assert_eq!(made["expires_at"], "2027-01-01T00:00:00.000Z");
    assert_eq!(made["revoked_at"], Value::Null);
    assert_eq!(made["last_used_at"], Value::Null);
    made.as_object_mut().unwrap().remove("key");
    let listed = world.get(KEYS).await.is(200);
    assert_eq!(listed.body["data"], json!([made]));
    let answered = String::from_utf8(listed.bytes).unwrap();
    assert!(!answered.contains(&text[7..]));
}

#[tokio::test]
async fn an_operator_key_without_named_scopes_may_do_what_the_operator_may() {
    let world = World::with_northside().await;
    let (id, key) = make(&world, json!({})).await;
    let post = async |path: &str, body: Value| ask(&world, Method::POST, path, &key, &body).await;
    let organization = json!({"id": "southside", "name": "Southside"});
    post("/v1/organizations", organization).await.is(201);
    let category = json!({"code": "beds", "name": "Beds"});
    post("/v1/event-categories", category).await.is(201);
    let second = post(KEYS, json!({"name": "Second"})).await.is(201);
    assert_eq!(second.body["scopes"].as_array().unwrap().len(), 8);
    for organization in ["northside", "southside"] {
        let of = format!("/v1/organizations/{organization}");
        let event = json!({"type": "patient.created", "data": {}});
        post(&format!("{of}/events"), event).await.is(202);
        let key = json!({"name": "Key", "mode": "live", "rate_limit": 100_000_000});
        post(&format!("{of}/api-keys"), key).await.is(201);
        let trail = get(&world, &format!("{of}/audit"), &key_of(&key_text(&second))).await;
        let entries = trail.is(200).body["data"].clone();
        let made = entries.as_array().unwrap().iter();
        let mut made = made.filter(|entry| entry["action"] == "api_key.created");
        let actor = &made.next().unwrap()["actor"];
        assert_eq!(*actor, format!("operator_key/{id}"));
    }
}

fn key_text(made: &Answer) -> Value {
    made.body["key"].clone()
}

fn key_of(text: &Value) -> String {
    text.as_str().unwrap().to_owned()
}

#[tokio::test]
async fn an_operator_key_does_only_what_its_scopes_say_in_every_organization() {
    let world = World::with_northside().await;
    let (_, reader) = make(&world, json!({"scopes": ["read"]})).await;
    get(&world, NORTHSIDE, &reader).await.is(200);
    let endpoints = format!("{NORTHSIDE}/endpoints");
    get(&world, &endpoints, &reader).await.is(200);
    get(&world, "/v1/organizations/nobody", &reader)
        .await
        .problem(404, "not-found");
    for (method, path, body) in [
        (
            Method::POST,
            format!("{NORTHSIDE}/events"),
            json!({"type": "patient.created", "data": {}}),
        ),
        (Method::GET, format!("{NORTHSIDE}/api-keys"), Value::Null),
        (Method::GET, format!("{NORTHSIDE}/audit"), Value::Null),
        (Method::DELETE, NORTHSIDE.to_owned(), Value::Null),
        (Method::GET, "/v1/organizations".to_owned(), Value::Null),
        (
            Method::POST,
            "/v1/organizations".to_owned(),
            json!({"name": "More"}),
        ),
        (
            Method::POST,
            "/v1/event-categories".to_owned(),
            json!({"code": "x", "name": "X"}),
        ),
        (
            Method::POST,
            "/v1/master-key/rotate".to_owned(),
            Value::Null,
        ),
        (Method::GET, KEYS.to_owned(), Value::Null),
        (
            Method::POST,
            KEYS.to_owned(),
            json!({"name": "More", "scopes": ["read"]}),
        ),
    ] {
        let refused = ask(&world, method, &path, &reader, &body).await;
        refused.problem(403, "forbidden");
    }
}

#[tokio::test]
async fn an_operator_key_makes_only_keys_that_can_do_no_more_than_itself() {
    let world = World::with_northside().await;
    let fields = json!({"scopes": ["keys", "read"], "expires_at": "2026-04-01T00:00:00Z"});
    let (_, maker) = make(&world, fields).await;
    let make = async |path: &str, fields: Value| {
        let body = with_fields(json!({"name": "Second"}), &fields);
        ask(&world, Method::POST, path, &maker, &body).await
    };
    for scope in ["publish", "manage", "audit", "admin", "catalogue:write"] {
        let refused = make(KEYS, json!({"scopes": ["read", scope]})).await;
        let detail = refused.problem(403, "forbidden").text("detail");
        assert!(detail.contains(&format!("`{scope}`")), "{detail}");
        let fields = json!({"mode": "live", "scopes": [scope]});
        let refused = make(&format!("{NORTHSIDE}/api-keys"), fields).await;
        refused.problem(403, "forbidden");
    }
    let later = json!({"expires_at": "2026-04-01T00:00:01Z"});
    make(KEYS, later).await.refuses(&["/expires_at"]);
    assert_eq!(world.count(KEYS).await, 1);
    // What is not said is what its maker has.
    let made = make(KEYS, json!({})).await.is(201);
    assert_eq!(made.body["scopes"], json!(["read", "keys"]));
    assert_eq!(made.body["expires_at"], "2026-04-01T00:00:00.000Z");
    let theirs = json!({"mode": "live", "scopes": ["read"]});
    let theirs = make(&format!("{NORTHSIDE}/api-keys"), theirs).await.is(201);
    assert_eq!(theirs.body["expires_at"], "2026-04-01T00:00:00.000Z");
}

#[tokio::test]
async fn keys_and_tokens_of_an_organization_make_and_see_no_operator_keys() {
    let world = World::with_northside().await;
    make(&world, json!({})).await;
    let all = ["admin", "keys", "catalogue:write"];
    let key = world.key(json!({"scopes": all})).await;
    let token = world.token("northside", &all);
    for credential in [key, token] {
        let body = json!({"name": "More", "scopes": []});
        let refused = ask(&world, Method::POST, KEYS, &credential, &body).await;
        refused.problem(403, "forbidden");
        get(&world, KEYS, &credential)
            .await
            .problem(403, "forbidden");
    }
    let reader = world.token("*", &["read"]);
    get(&world, KEYS, &reader).await.problem(403, "forbidden");
    for scope in ["keys", "admin"] {
        let operator = world.token("*", &[scope]);
        get(&world, KEYS, &operator).await.is(200);
    }
}

#[tokio::test]
async fn a_revoked_operator_key_is_refused_at_once_and_stays_listed() {
    let world = World::with_northside().await;
    let (id, key) = make(&world, json!({})).await;
    get(&world, NORTHSIDE, &key).await.is(200);
    let path = format!("{KEYS}/{id}");
    // It may end itself.
    ask(&world, Method::DELETE, &path, &key, &Value::Null)
        .await
        .is(204);
    get(&world, NORTHSIDE, &key)
        .await
        .problem(401, "unauthenticated");
    world.advance(Duration::from_mins(1));
    world.delete(&path).await.is(204);
    let listed = world.get(KEYS).await.is(200).body["data"].clone();
    assert_eq!(listed[0]["revoked_at"], "2026-03-16T10:21:05.000Z");
    assert_eq!(listed[0]["last_used_at"], "2026-03-16T10:21:05.000Z");
    for unknown in ["01991f1e-8e00-7000-8000-000000000004", "x"] {
        let path = format!("{KEYS}/{unknown}");
        world.delete(&path).await.problem(404, "not-found");
    }
    get(&world, NORTHSIDE, OPERATOR_KEY).await.is(200);
}

#[tokio::test]
async fn an_operator_key_is_refused_from_its_end_on() {
    let world = World::with_northside().await;
    let (_, key) = make(&world, json!({"expires_at": "2026-03-16T10:22:05Z"})).await;
    world.advance(Duration::from_millis(59_999));
    get(&world, NORTHSIDE, &key).await.is(200);
    world.advance(Duration::from_millis(1));
    get(&world, NORTHSIDE, &key)
        .await
        .problem(401, "unauthenticated");
}

#[tokio::test]
async fn every_field_of_an_operator_key_that_is_not_acceptable_is_named() {
    let world = World::start();
    for (body, pointers) in [
        (json!({}), vec!["/name"]),
        (json!({"name": " "}), vec!["/name"]),
        (
            json!({"name": "x", "scopes": ["read", "write"]}),
            vec!["/scopes/1"],
        ),
        (
            json!({"name": "x", "expires_at": "2026-03-16T10:21:05Z"}),
            vec!["/expires_at"],
        ),
        (json!({"name": "x", "mode": "live"}), vec!["/mode"]),
    ] {
        world.post(KEYS, &body).await.refuses(&pointers);
    }
    assert_eq!(world.count(KEYS).await, 0);
}

#[tokio::test]
async fn operator_keys_open_the_dialects_that_the_operator_may_use() {
    let world = World::with_northside().await;
    let (_, key) = make(&world, json!({"scopes": ["read"]})).await;
    let (id, revoked) = make(&world, json!({})).await;
    world.delete(&format!("{KEYS}/{id}")).await.is(204);
    let decoda = async |key: &str| {
        let call = Call::new(Method::GET, "/v1/webhook/list").without("authorization");
        let call = call.header("tenant", "northside").header("api-key", key);
        call.send(&world).await.status
    };
    let ecg = "/api/organizations/northside/webhook-subscriptions";
    for key in [OPERATOR_KEY, &key] {
        assert_eq!(decoda(key).await, 200);
        get(&world, ecg, key).await.is(200);
    }
    assert_eq!(decoda(&revoked).await, 401);
    get(&world, ecg, &revoked).await.is(401);
    // Jump's API is about the organization of the key, and these have none.
    for key in [OPERATOR_KEY, &key] {
        let refused = get(&world, "/api-v1/webhooks", key).await;
        assert_eq!(refused.status, 403);
    }
}

#[tokio::test]
async fn introspection_says_that_a_key_is_the_operator_s() {
    let world = World::start();
    let (_, vendor) = make(&world, json!({"scopes": ["keys"]})).await;
    let fields = json!({"scopes": ["read", "publish"], "expires_at": "2026-04-01T00:00:00Z"});
    let (id, key) = make(&world, fields).await;
    let look = async |asker: &str| {
        let call = Call::new(Method::POST, "/v1/introspect").with_key(asker);
        let call = call.raw(format!("token={key}"));
        let form = "application/x-www-form-urlencoded";
        call.header("content-type", form).send(&world).await
    };
    let found = look(&vendor).await.is(200);
    let expected = json!({
        "active": true,
        "kind": "operator_key",
        "organization": null,
        "mode": null,
        "permissions": [],
        "scopes": ["publish", "read"],
        "rate_limit_remaining": null,
        "rate_limit_reset": null,
        "scope": "publish read",
        "sub": format!("operator_key/{id}"),
        "token_type": "Bearer",
        "iat": 1_773_656_465,
        "exp": 1_775_001_600,
    });
    assert_eq!(found.body, expected);
    look(&key).await.problem(403, "forbidden");
    world.delete(&format!("{KEYS}/{id}")).await.is(204);
    let gone = look(&vendor).await.is(200);
    assert_eq!(gone.body, json!({"active": false}));
}

#[tokio::test]
async fn repeated_requests_of_operator_keys_are_told_apart() {
    let world = World::start();
    let (_, first) = make(&world, json!({})).await;
    let (_, second) = make(&world, json!({})).await;
    let organization = async |key: &str| {
        let call = Call::new(Method::POST, "/v1/organizations").with_key(key);
        let call = call.header("idempotency-key", "k-1");
        let made = call.json(&json!({"name": "More"})).send(&world).await;
        made.is(201).text("id")
    };
    let made = organization(&first).await;
    assert_eq!(organization(&first).await, made);
    assert_ne!(organization(&second).await, made);
    // The text of a key is not given again.
    let again = || {
        let call = Call::new(Method::POST, KEYS).with_key(&first);
        let call = call.header("idempotency-key", "k-2");
        call.json(&json!({"name": "Third"}))
    };
    assert!(again().send(&world).await.is(201).body["key"].is_string());
    assert!(again().send(&world).await.is(201).body["key"].is_null());
}
