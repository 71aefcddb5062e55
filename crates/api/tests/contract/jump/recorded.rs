//! Recorded pairs of request and answer: what a client of Jump sees, to the letter.

use http::Method;
use serde_json::json;

use super::{ALL, WEBHOOKS};
use crate::recording::Recording;
use crate::world::World;

const HEADERS: &[&str] = &["x-request-id", "x-ratelimit-limit", "x-ratelimit-remaining"];

#[tokio::test]
async fn the_life_of_a_webhook() {
    let world = World::with_northside().await;
    let key = world.key(json!({ "permissions": ALL })).await;
    let mut recording = Recording::new(&world, &key, HEADERS);
    let body = json!({
        "url": "http://127.0.0.1:4009/webhooks/jump",
        "events": ["appointment.created"],
        "name": "Booking Sync",
    });
    let made = recording.call(Method::POST, WEBHOOKS, Some(body)).await;
    let path = format!("{WEBHOOKS}/{}", made.body["data"]["id"].as_str().unwrap());
    recording.call(Method::GET, WEBHOOKS, None).await;
    recording.call(Method::GET, &path, None).await;
    let change = json!({"name": null, "events": ["patient.created"], "is_active": true});
    recording.call(Method::PATCH, &path, Some(change)).await;
    let test = format!("{path}/test");
    recording.call(Method::POST, &test, None).await;
    recording.call(Method::DELETE, &path, None).await;
    insta::assert_snapshot!(recording.text());
}

#[tokio::test]
async fn refusals_of_every_operation() {
    let world = World::with_northside().await;
    let key = world
        .key(json!({"permissions": ["appointments:read"]}))
        .await;
    let mut recording = Recording::new(&world, &key, HEADERS);
    let good = json!({"url": "http://127.0.0.1:4009/", "events": ["appointment.created"]});
    let made = recording.call(Method::POST, WEBHOOKS, Some(good)).await;
    let path = format!("{WEBHOOKS}/{}", made.body["data"]["id"].as_str().unwrap());
    let test = format!("{path}/test");
    let bad = json!({"url": "ftp://a.example/", "events": ["x.y"], "name": ""});
    recording.call(Method::POST, WEBHOOKS, Some(bad)).await;
    let secret = json!({"secret": "x"});
    recording.call(Method::POST, WEBHOOKS, Some(secret)).await;
    let list = format!("{WEBHOOKS}?limit=0&offset=x");
    recording.call(Method::GET, &list, None).await;
    let patients = json!({"events": ["patient.created"]});
    recording.call(Method::PATCH, &path, Some(patients)).await;
    let off = json!({"is_active": false});
    recording.call(Method::PATCH, &path, Some(off)).await;
    recording.call(Method::POST, &test, None).await;
    recording.call(Method::DELETE, &path, None).await;
    for method in [Method::GET, Method::DELETE] {
        recording.call(method, &path, None).await;
    }
    recording.call(Method::POST, &test, None).await;
    recording.call(Method::PUT, WEBHOOKS, None).await;
    recording.call(Method::GET, "/api-v1/nothing", None).await;
    let text = recording.text();
    let mut unsigned = Recording::new(&world, "pk_live_nonsense", HEADERS);
    unsigned.call(Method::GET, WEBHOOKS, None).await;
    insta::assert_snapshot!(format!("{text}{}", unsigned.text()));
}
