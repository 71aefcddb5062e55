//! Who reaches what: tokens and keys, scopes, organizations and modes.

use std::time::Duration;

use http::Method;
use serde_json::json;

use super::{Clinic, SUBSCRIPTIONS, VITALS, subscribe};
use crate::world::{Answer, Call, World};

async fn send(world: &World, key: &str, method: Method, path: &str) -> Answer {
    Call::new(method, path).with_key(key).send(world).await
}

#[tokio::test]
async fn without_a_good_token_nobody_is_served() {
    let clinic = Clinic::open().await;
    let good = clinic.world.token("northside", &["webhooks:read"]);
    let path = clinic.at("");
    send(&clinic.world, &good, Method::GET, &path).await.is(200);
    let missing = Call::new(Method::GET, &path).without("authorization");
    let missing = missing
        .send(&clinic.world)
        .await
        .refuses_fields(401, &["Unauthorized"]);
    assert!(missing.header("www-authenticate").starts_with("Bearer"));
    let (head, signature) = good.rsplit_once('.').unwrap();
    let unsigned = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0";
    let claims = head.split_once('.').unwrap().1;
    for forged in [
        format!("{head}.{}A", &signature[..signature.len() - 1]),
        format!("{unsigned}.{claims}."),
        format!("{head}."),
        "nonsense".to_owned(),
    ] {
        let refused = send(&clinic.world, &forged, Method::GET, &path).await;
        refused.refuses_fields(401, &["Unauthorized"]);
    }
    clinic.world.advance(Duration::from_hours(2));
    let expired = send(&clinic.world, &good, Method::GET, &path).await;
    expired.refuses_fields(401, &["Unauthorized"]);
}

#[tokio::test]
async fn reading_and_writing_have_scopes_of_their_own() {
    let clinic = Clinic::open().await;
    let world = &clinic.world;
    let (read, none) = (
        world.token("northside", &["webhooks:read"]),
        world.token("northside", &[]),
    );
    let write = world.token("northside", &["webhooks:write"]);
    for (method, rest) in [
        (Method::POST, "/archive"),
        (Method::POST, "/restore"),
        (Method::POST, "/activate"),
        (Method::POST, "/deactivate"),
        (Method::PUT, "/secrets"),
        (Method::DELETE, "/events/vitals.observations.created"),
        (Method::DELETE, ""),
    ] {
        let path = clinic.at(rest);
        for token in [&read, &none] {
            let refused = send(world, token, method.clone(), &path).await;
            refused.refuses_fields(403, &["scope", "`webhooks:write`"]);
        }
    }
    for rest in [
        "",
        "/activity",
        "/activations",
        "/secrets",
        "/webhook-secret-histories",
    ] {
        send(world, &read, Method::GET, &clinic.at(rest))
            .await
            .is(200);
        send(world, &none, Method::GET, &clinic.at(rest))
            .await
            .refuses_fields(403, &["scope"]);
    }
    send(world, &write, Method::POST, &clinic.at("/archive"))
        .await
        .is(200);
    let shown = world.get(&clinic.at("")).await.body;
    assert_eq!(shown["auditInfo"]["updatedBy"], "ana");
}

#[tokio::test]
async fn another_organization_is_as_unknown_as_none() {
    let clinic = Clinic::open().await;
    let world = &clinic.world;
    let body = json!({"id": "southside", "name": "Southside Clinic"});
    world.post("/v1/organizations", &body).await.is(201);
    let southside = world.token("southside", &["webhooks:read", "webhooks:write"]);
    for path in [
        clinic.at(""),
        clinic.at("/activity"),
        SUBSCRIPTIONS.to_owned(),
    ] {
        let foreign = send(world, &southside, Method::GET, &path).await;
        let unknown = path.replace("northside", "nobody");
        let unknown = send(world, &southside, Method::GET, &unknown).await;
        assert_eq!(foreign.body, unknown.body);
        foreign.refuses_fields(404, &["organization"]);
    }
    // Nor does a foreign subscription show up below the own organization.
    let own = clinic.at("").replace("northside", "southside");
    send(world, &southside, Method::GET, &own)
        .await
        .refuses_fields(404, &["webhook subscription"]);
    let path = format!("/api/webhook-events/{VITALS}/subscriptions");
    let theirs = send(world, &southside, Method::GET, &path).await.is(200);
    assert_eq!(theirs.body, json!([]));
    let all = world.get(&path).await.is(200);
    assert_eq!(all.body.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn activities_belong_to_one_subscription() {
    let clinic = Clinic::open().await;
    let report = json!({"type": 1, "payload": {}, "rawMessage": {}, "eventId": VITALS});
    let id = clinic.post("/activity", &report).await.is(201).text("id");
    let other = subscribe(&clinic.world, json!({})).await;
    let path = format!("{SUBSCRIPTIONS}/{other}");
    for rest in [
        format!("/activations/{id}"),
        format!("/activity/{id}?mode=flat"),
    ] {
        let refused = clinic.world.get(&format!("{path}{rest}")).await;
        refused.refuses_fields(404, &["activity"]);
    }
    let retry = clinic
        .world
        .post(&format!("{path}/activity/{id}/retry"), &json!({}))
        .await;
    retry.refuses_fields(404, &["activity"]);
}

#[tokio::test]
async fn a_key_sees_the_subscriptions_of_its_mode() {
    let clinic = Clinic::open().await;
    let world = &clinic.world;
    let development = subscribe(world, json!({"isDevelopment": true})).await;
    let live = world
        .key(json!({"mode": "live", "scopes": ["read", "manage"]}))
        .await;
    let test = world
        .key(json!({"mode": "test", "scopes": ["read", "manage"]}))
        .await;
    for (key, own, foreign) in [
        (&live, &clinic.id, &development),
        (&test, &development, &clinic.id),
    ] {
        let list = send(world, key, Method::GET, SUBSCRIPTIONS).await.is(200);
        assert_eq!(list.header("x-total-count"), "1");
        assert_eq!(list.body[0]["id"], own.as_str());
        let path = format!("{SUBSCRIPTIONS}/{foreign}");
        send(world, key, Method::GET, &path)
            .await
            .refuses_fields(404, &["webhook subscription"]);
        send(world, key, Method::DELETE, &path)
            .await
            .refuses_fields(404, &["webhook subscription"]);
    }
    let body = json!({"postUri": "http://127.0.0.1:4009/x", "isDevelopment": true});
    let call = Call::new(Method::POST, SUBSCRIPTIONS)
        .with_key(&live)
        .json(&body);
    call.send(world).await.refuses_fields(
        400,
        &["isDevelopment must be false: the key's mode is live"],
    );
}

#[tokio::test]
async fn payloads_and_secrets_are_not_for_keys_that_only_read() {
    let clinic = Clinic::open().await;
    let world = &clinic.world;
    let report = json!({"type": 1, "payload": {"a": 1}, "rawMessage": {"b": 2}, "eventId": VITALS});
    let id = clinic.post("/activity", &report).await.is(201).text("id");
    let key = async |scopes: &[&str]| {
        let key = json!({"mode": "live", "scopes": scopes});
        world.key(key).await
    };
    for (scopes, payload, message, status) in [
        (
            &["read", "manage"][..],
            json!({"a": 1}),
            json!({"b": 2}),
            200,
        ),
        (
            &["read", "read:payload"],
            json!({"a": 1}),
            json!({"b": 2}),
            200,
        ),
        (&["read"], json!(null), json!({}), 403),
    ] {
        let key = key(scopes).await;
        let get = async |rest: &str| send(world, &key, Method::GET, &clinic.at(rest)).await;
        let shown = get(&format!("/activations/{id}")).await.is(200).body;
        assert_eq!(
            (&shown["payload"], &shown["rawMessage"]),
            (&payload, &message)
        );
        get("/secrets").await.is(status);
        get("/webhook-secret-histories").await.is(status);
    }
}

#[tokio::test]
async fn endpoints_of_other_apis_are_unknown_here() {
    let clinic = Clinic::open().await;
    let native = clinic.world.endpoint(json!({})).await;
    let path = format!("{SUBSCRIPTIONS}/{native}");
    clinic
        .world
        .get(&path)
        .await
        .refuses_fields(404, &["webhook subscription"]);
    let list = clinic.world.get(SUBSCRIPTIONS).await;
    assert_eq!(list.header("x-total-count"), "1");
}
