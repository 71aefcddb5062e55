//! Isolation: tenants, modes and dialects never mix, and scopes are asked for.

use http::Method;
use serde_json::json;

use super::client::{
    CREATE, LIST, URL, ask, call, get, key, key_with, organization, post, webhook,
};
use crate::world::{OPERATOR_KEY, World};

const FOREIGN: &str = "The API key does not give access to this tenant";

#[tokio::test]
async fn a_key_of_another_tenant_is_refused_and_nothing_tells_which_tenants_exist() {
    let world = World::with_northside().await;
    organization(&world, "southside").await;
    let key = key(&world, "southside", "live").await;
    for tenant in ["northside", "nobody", "", "a/b", "SOUTHSIDE"] {
        let call = call(Method::GET, LIST, tenant, &key);
        call.send(&world).await.refused(403, FOREIGN);
    }
    let unknown = call(Method::GET, LIST, "nobody", OPERATOR_KEY);
    unknown.send(&world).await.refused(403, FOREIGN);
    let own = call(Method::GET, LIST, "southside", &key);
    own.send(&world).await.is(200);
}

#[tokio::test]
async fn what_another_tenant_has_is_unknown() {
    let world = World::with_northside().await;
    organization(&world, "southside").await;
    let id = webhook(&world, &["PATIENT_CREATED"]).await;
    let event = world.event("patient.created").await;
    let key = key(&world, "southside", "live").await;
    for (method, path, detail) in [
        (
            Method::GET,
            format!("/v1/webhook/{id}"),
            "Webhook not found",
        ),
        (
            Method::PATCH,
            format!("/v1/webhook/{id}"),
            "Webhook not found",
        ),
        (
            Method::DELETE,
            format!("/v1/webhook/{id}"),
            "Webhook not found",
        ),
        (
            Method::GET,
            format!("/v1/webhook/{id}/delivery-attempts/list"),
            "Webhook not found",
        ),
        (
            Method::GET,
            format!("/v1/webhook/events/{event}"),
            "Webhook event not found",
        ),
        (
            Method::GET,
            format!("/v1/webhook/events/{event}/send"),
            "Webhook event not found",
        ),
    ] {
        let call = call(method.clone(), &path, "southside", &key).json(&json!({}));
        call.send(&world).await.refused(404, detail);
    }
    let list = call(Method::GET, LIST, "southside", &key);
    assert_eq!(list.send(&world).await.is(200).body, json!([]));
    get(&world, &format!("/v1/webhook/{id}")).await.is(200);
}

#[tokio::test]
async fn a_key_sees_and_makes_only_what_is_of_its_mode() {
    let world = World::with_northside().await;
    let test_key = key(&world, "northside", "test").await;
    let live_key = key(&world, "northside", "live").await;
    let body = json!({"subscriptions": ["PATIENT_CREATED"], "url": URL});
    let make = async |key: &str| {
        let call = call(Method::POST, CREATE, "northside", key).json(&body);
        call.send(&world).await.is(200).text("id")
    };
    let (test, live) = (make(&test_key).await, make(&live_key).await);
    for (key, own, other) in [(&test_key, &test, &live), (&live_key, &live, &test)] {
        let ask = |path: &str| call(Method::GET, path, "northside", key);
        let list = ask(LIST).send(&world).await.is(200);
        assert_eq!(list.body.as_array().unwrap().len(), 1);
        assert_eq!(list.body[0]["id"], **own);
        let hidden = ask(&format!("/v1/webhook/{other}")).send(&world).await;
        hidden.refused(404, "Webhook not found");
    }
    // A live event is owed to the live one alone, and nothing of it is told in test mode.
    let event = world.event("patient.created").await;
    let path = format!("/v1/webhook/events/{event}");
    let hidden = call(Method::GET, &path, "northside", &test_key);
    let hidden = hidden.send(&world).await;
    hidden.refused(404, "Webhook event not found");
    let list = format!("/v1/webhook/{test}/delivery-attempts/list");
    let list = call(Method::GET, &list, "northside", &test_key);
    assert_eq!(list.send(&world).await.is(200).body, json!([]));
    let seen = call(Method::GET, &path, "northside", &live_key);
    seen.send(&world).await.is(200);
    // Without a mode of its own the operator makes live webhooks.
    let made = post(&world, &body).await.is(200).text("id");
    let native = format!("/v1/organizations/northside/endpoints/{made}");
    assert_eq!(world.get(&native).await.is(200).body["mode"], "live");
}

#[tokio::test]
async fn endpoints_of_other_dialects_are_unknown_here() {
    let world = World::with_northside().await;
    let native = world.endpoint(json!({})).await;
    let jump = json!({"dialect": "jump", "events": ["patient.created"]});
    let jump = world.endpoint(jump).await;
    let event = world.event("patient.created").await;
    for id in [&native, &jump] {
        let answer = get(&world, &format!("/v1/webhook/{id}")).await;
        answer.refused(404, "Webhook not found");
    }
    for action in ["", "/send"] {
        let answer = get(&world, &format!("/v1/webhook/events/{event}{action}")).await;
        answer.refused(404, "Webhook event not found");
    }
    assert_eq!(get(&world, LIST).await.is(200).body, json!([]));
    // The other way round everything is seen.
    let id = webhook(&world, &["PATIENT_CREATED"]).await;
    let native = format!("/v1/organizations/northside/endpoints/{id}");
    let shown = world.get(&native).await.is(200).body;
    assert_eq!(shown["dialect"], "decoda");
    assert_eq!(shown["events"], json!(["PATIENT_CREATED"]));
}

#[tokio::test]
async fn every_operation_asks_for_its_scope() {
    let world = World::with_northside().await;
    let id = webhook(&world, &["PATIENT_CREATED"]).await;
    let event = world.event("patient.created").await;
    let reader = key_with(&world, &["read"]).await;
    let publisher = key_with(&world, &["publish"]).await;
    let body = json!({"subscriptions": ["PATIENT_CREATED"], "url": URL});
    let one = format!("/v1/webhook/{id}");
    let (needs_read, needs_manage) = (
        [
            LIST.to_owned(),
            one.clone(),
            format!("{one}/delivery-attempts/list"),
            format!("/v1/webhook/events/{event}"),
        ],
        [
            (Method::POST, CREATE.to_owned()),
            (Method::PATCH, one.clone()),
            (Method::DELETE, one.clone()),
            (Method::GET, format!("/v1/webhook/events/{event}/send")),
        ],
    );
    for path in needs_read {
        let ask = |key: &str| call(Method::GET, &path, "northside", key);
        ask(&reader).send(&world).await.is(200);
        let refused = ask(&publisher).send(&world).await;
        refused.refused(403, "this needs the scope `read`");
    }
    for (method, path) in needs_manage {
        let call = call(method, &path, "northside", &reader).json(&body);
        let refused = call.send(&world).await;
        refused.refused(403, "this needs the scope `manage`");
    }
    ask(Method::GET, &one).send(&world).await.is(200);
}
