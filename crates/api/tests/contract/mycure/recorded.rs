//! Recorded pairs of request and answer: what a client of MYCURE sees, to the letter.

use http::Method;
use serde_json::json;

use super::{SERVICE, with};
use crate::recording::Recording;
use crate::world::World;

#[tokio::test]
async fn the_life_of_a_webhook() {
    let world = World::with_northside().await;
    let key = world.key(json!({})).await;
    let mut recording = Recording::new(&world, &key, &[]);
    let body = with(&json!({"events": "ping"}));
    let made = recording.call(Method::POST, SERVICE, Some(body)).await;
    let path = format!("{SERVICE}/{}", made.text("id"));
    let ping = json!({"webhook": made.text("id"), "event": "ping"});
    recording.call(Method::POST, SERVICE, Some(ping)).await;
    let list = format!("{SERVICE}?organization=northside&$limit=5");
    recording.call(Method::GET, &list, None).await;
    recording.call(Method::GET, &path, None).await;
    let change = json!({"events": ["appointments", "*"], "account": "acc-1", "active": false});
    recording.call(Method::PATCH, &path, Some(change)).await;
    recording.call(Method::DELETE, &path, None).await;
    insta::assert_snapshot!(recording.text());
}

#[tokio::test]
async fn refusals_of_every_operation() {
    let world = World::with_northside().await;
    let key = world.key(json!({})).await;
    let mut recording = Recording::new(&world, &key, &[]);
    let body = with(&json!({"active": false}));
    let made = recording.call(Method::POST, SERVICE, Some(body)).await;
    let path = format!("{SERVICE}/{}", made.text("id"));
    for body in [
        json!({}),
        with(&json!({"url": "ftp://a.example/", "events": ["ping", "x"], "account": ""})),
        with(&json!({"organization": "southside"})),
        json!({"webhook": made.text("id"), "event": "ping"}),
        json!({"webhook": made.text("id"), "event": "appointments"}),
    ] {
        recording.call(Method::POST, SERVICE, Some(body)).await;
    }
    for list in ["?organization=southside", "?$limit=x&$skip=-1"] {
        recording
            .call(Method::GET, &format!("{SERVICE}{list}"), None)
            .await;
    }
    let bad = json!({"active": null, "name": "x"});
    recording.call(Method::PATCH, &path, Some(bad)).await;
    let unknown = format!("{SERVICE}/01991f1e-8e00-7000-8000-000000000001");
    for method in [Method::GET, Method::DELETE, Method::PUT] {
        recording.call(method, &unknown, None).await;
    }
    recording
        .call(Method::PATCH, &unknown, Some(json!({})))
        .await;
    let text = recording.text();
    let mut unsigned = Recording::new(&world, "pk_live_nonsense", &[]);
    unsigned.call(Method::GET, SERVICE, None).await;
    insta::assert_snapshot!(format!("{text}{}", unsigned.text()));
}
