//! Endpoints: made, shown, changed, deleted.

use std::time::Duration;

use carehook_core::{DisabledReason, EndpointId};
use http::Method;
use serde_json::json;

use crate::world::{Call, START, World};

const ENDPOINTS: &str = "/v1/organizations/northside/endpoints";

#[tokio::test]
async fn a_new_endpoint_has_a_secret_once_and_defaults() {
    let world = World::with_northside().await;
    let body = json!({"url": "http://127.0.0.1:4009/hook?a=b", "events": ["patient.*", "*"]});
    let made = world.post(ENDPOINTS, &body).await.is(201);
    assert!(made.text("secret").starts_with("whsec_"));
    let path = format!("{ENDPOINTS}/{}", made.text("id"));
    let shown = world.get(&path).await.is(200);
    let expected = json!({
        "id": made.text("id"),
        "name": null,
        "url": "http://127.0.0.1:4009/hook?a=b",
        "events": ["patient.*", "*"],
        "dialect": "native",
        "mode": "live",
        "account": null,
        "active": true,
        "challenge": null,
        "verified_at": null,
        "disabled_reason": null,
        "payload": "full",
        "version": null,
        "headers": {},
        "authentication": null,
        "tls": null,
        "timeout_ms": null,
        "retry_schedule": null,
        "notification_email": null,
        "created_at": START.to_string(),
        "updated_at": START.to_string(),
    });
    assert_eq!(shown.body, expected);
}

#[tokio::test]
async fn every_field_is_kept_and_header_values_are_masked() {
    let world = World::with_northside().await;
    let fields = json!({
        "name": "Booking",
        "events": ["vitals.observations.created"],
        "dialect": "native",
        "mode": "test",
        "account": "acc-1",
        "active": false,
        "version": "v2",
        "headers": {"X-Tenant": "hidden-value"},
        "timeout_ms": 2000,
        "retry_schedule": [5, 60],
    });
    let id = world.endpoint(fields.clone()).await;
    let shown = world.get(&format!("{ENDPOINTS}/{id}")).await.is(200);
    for field in [
        "name",
        "events",
        "mode",
        "account",
        "active",
        "version",
        "timeout_ms",
    ] {
        assert_eq!(shown.body[field], fields[field], "{field}");
    }
    assert_eq!(shown.body["retry_schedule"], json!([5, 60]));
    assert_eq!(shown.body["headers"], json!({"x-tenant": "********"}));
}

#[tokio::test]
async fn a_user_name_in_the_url_becomes_a_masked_header() {
    let world = World::with_northside().await;
    let id = world
        .endpoint(json!({"url": "http://user:pass@127.0.0.1:4009/"}))
        .await;
    let path = format!("{ENDPOINTS}/{id}");
    let shown = world.get(&path).await.is(200);
    assert_eq!(shown.body["url"], "http://127.0.0.1:4009/");
    assert_eq!(shown.body["headers"], json!({"authorization": "********"}));
    let stored = world.store.any_endpoint(id.parse().unwrap()).unwrap();
    assert_eq!(stored.headers[0].value.expose(), "Basic dXNlcjpwYXNz");

    let url = "http://user:pass@127.0.0.1:4009/";
    let both = json!({"url": url, "headers": {"Authorization": "Bearer x"}});
    world
        .patch(&path, &both)
        .await
        .refuses(&["/headers/authorization"]);
}

#[tokio::test]
async fn a_change_keeps_what_is_left_out_and_null_clears() {
    let world = World::with_northside().await;
    let fields = json!({
        "name": "Booking",
        "account": "acc-1",
        "version": "v1",
        "headers": {"x-a": "1", "x-b": "2"},
        "timeout_ms": 2000,
        "retry_schedule": [5],
    });
    let path = format!("{ENDPOINTS}/{}", world.endpoint(fields).await);
    world.advance(Duration::from_mins(1));
    let changed = world.patch(&path, &json!({"name": "Other"})).await.is(200);
    assert_eq!(changed.body["name"], "Other");
    assert_eq!(changed.body["timeout_ms"], 2000);
    assert_eq!(changed.body["created_at"], START.to_string());
    let later = START.plus(Duration::from_mins(1));
    assert_eq!(changed.body["updated_at"], later.to_string());

    let headers = json!({"headers": {"X-A": null, "x-c": "3"}});
    let changed = world.patch(&path, &headers).await.is(200);
    let names: Vec<&String> = changed.body["headers"]
        .as_object()
        .unwrap()
        .keys()
        .collect();
    assert_eq!(names, ["x-b", "x-c"]);

    let cleared = json!({
        "name": null, "account": null, "version": null, "headers": null,
        "timeout_ms": null, "retry_schedule": null,
    });
    let changed = world.patch(&path, &cleared).await.is(200);
    for field in ["name", "account", "version", "timeout_ms", "retry_schedule"] {
        assert_eq!(changed.body[field], json!(null), "{field}");
    }
    assert_eq!(changed.body["headers"], json!({}));
    let same = json!({"mode": "live", "dialect": "native", "url": "http://127.0.0.1:4008/"});
    let changed = world.patch(&path, &same).await.is(200);
    assert_eq!(changed.body["url"], "http://127.0.0.1:4008/");
}

#[tokio::test]
async fn activating_clears_the_reason_for_which_an_endpoint_was_switched_off() {
    let world = World::with_northside().await;
    let id = world.endpoint(json!({})).await;
    let path = format!("{ENDPOINTS}/{id}");
    let endpoint: EndpointId = id.parse().unwrap();
    world
        .store
        .disable_endpoint(endpoint, DisabledReason::Gone, START)
        .await
        .unwrap();
    let off = world.get(&path).await.is(200);
    assert_eq!(
        (&off.body["active"], &off.body["disabled_reason"]),
        (&json!(false), &json!("gone"))
    );
    let renamed = world
        .patch(&path, &json!({"name": "x", "active": false}))
        .await
        .is(200);
    assert_eq!(renamed.body["disabled_reason"], "gone");
    let same = world
        .patch(&path, &json!({"url": off.body["url"]}))
        .await
        .is(200);
    assert_eq!(same.body["disabled_reason"], "gone");
    let on = world.patch(&path, &json!({"active": true})).await.is(200);
    assert_eq!(
        (&on.body["active"], &on.body["disabled_reason"]),
        (&json!(true), &json!(null))
    );
}

#[tokio::test]
async fn a_deleted_endpoint_is_unknown_and_so_is_one_of_others() {
    let world = World::with_northside().await;
    let other = json!({"id": "southside", "name": "South"});
    world.post("/v1/organizations", &other).await.is(201);
    let id = world.endpoint(json!({})).await;
    for path in ["", "/secret"] {
        let foreign = format!("/v1/organizations/southside/endpoints/{id}{path}");
        world.get(&foreign).await.problem(404, "not-found");
    }
    let foreign = format!("/v1/organizations/southside/endpoints/{id}");
    world.patch(&foreign, &json!({"name": "x"})).await.is(404);
    world.delete(&foreign).await.problem(404, "not-found");
    let path = format!("{ENDPOINTS}/{id}");
    world.delete(&path).await.is(204);
    world.get(&path).await.is(404);
    world.delete(&path).await.is(404);
    world.patch(&path, &json!({"name": "x"})).await.is(404);
}

#[tokio::test]
async fn an_organization_has_at_most_50_endpoints() {
    let world = World::with_northside().await;
    for _ in 0..50 {
        world.endpoint(json!({})).await;
    }
    let body = json!({"url": "http://127.0.0.1:4009/", "events": ["*"]});
    world.post(ENDPOINTS, &body).await.problem(409, "conflict");
}

#[tokio::test]
async fn changes_at_the_same_time_are_all_kept() {
    let world = World::with_northside().await;
    let path = format!("{ENDPOINTS}/{}", world.endpoint(json!({})).await);
    let (name, timeout, active) = (
        json!({"name": "x"}),
        json!({"timeout_ms": 700}),
        json!({"active": false}),
    );
    let changes = (
        world.patch(&path, &name),
        world.patch(&path, &timeout),
        world.patch(&path, &active),
    );
    let (first, second, third) = tokio::join!(changes.0, changes.1, changes.2);
    for answer in [first, second, third] {
        answer.is(200);
    }
    let now = world.get(&path).await.is(200).body;
    assert_eq!(
        (&now["name"], &now["timeout_ms"]),
        (&json!("x"), &json!(700))
    );
    assert_eq!(now["active"], false);
}

#[tokio::test]
async fn the_query_of_a_url_is_for_who_may_manage() {
    let world = World::with_northside().await;
    let url = "http://127.0.0.1:4009/hook?token=s3cret-of-receiver&x";
    let body = json!({"url": url, "events": ["*"]});
    let made = world.post(ENDPOINTS, &body).await.is(201);
    let path = format!("{ENDPOINTS}/{}", made.text("id"));
    let masked = "http://127.0.0.1:4009/hook?token=********&********";
    for (scopes, expected) in [(json!(["read"]), masked), (json!(["read", "manage"]), url)] {
        let key = world.key(json!({"scopes": scopes})).await;
        let shown = Call::new(Method::GET, &path).with_key(&key);
        assert_eq!(shown.send(&world).await.is(200).text("url"), expected);
        let list = Call::new(Method::GET, ENDPOINTS).with_key(&key);
        let list = list.send(&world).await.is(200);
        assert_eq!(list.body["data"][0]["url"], expected);
    }
    // What is stored stays whole.
    assert_eq!(world.get(&path).await.is(200).text("url"), url);
}
