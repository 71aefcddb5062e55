//! Recorded pairs of request and answer: what a client sees, to the letter.

use http::Method;
use serde_json::json;

use super::{CATEGORIES, MONITORING, vitals};
use crate::recording::Recording;
use crate::world::{OPERATOR_KEY, World};

const HEADERS: &[&str] = &["x-total-count"];

#[tokio::test]
async fn a_session_with_the_catalogue() {
    let world = World::start();
    let mut recording = Recording::new(&world, OPERATOR_KEY, HEADERS);
    let labs = json!({"name": "Laboratory", "code": "labs", "description": null});
    let made = recording.call(Method::POST, CATEGORIES, Some(labs)).await;
    let category = format!("{CATEGORIES}/{}", made.text("id"));
    let events = format!("{category}/webhook-events");
    let ready = json!({
        "name": "Result ready",
        "code": "labs.result.ready",
        "description": "A result can be read.",
        "version": "v1",
    });
    let made = recording.call(Method::POST, &events, Some(ready)).await;
    let event = format!("{events}/{}", made.text("id"));
    let samples = format!("{event}/sample-payloads");
    let sample = json!({"payload": {"id": "r-1"}, "version": "v1"});
    recording.call(Method::POST, &samples, Some(sample)).await;
    recording
        .call(Method::GET, &format!("{samples}?version=v1"), None)
        .await;
    let patch = json!([{"op": "add", "path": "/payload/status", "value": "final"}]);
    recording
        .call(Method::PATCH, &format!("{samples}?version=v1"), Some(patch))
        .await;
    let patch = json!([{"op": "replace", "path": "/name", "value": "Labs"}]);
    recording.call(Method::PATCH, &category, Some(patch)).await;
    recording
        .call(Method::POST, &format!("{event}/deactivate"), None)
        .await;
    recording.call(Method::GET, &events, None).await;
    recording
        .call(Method::DELETE, &format!("{samples}?version=v1"), None)
        .await;
    recording.call(Method::DELETE, &event, None).await;
    recording.call(Method::DELETE, &category, None).await;
    let first = format!("{CATEGORIES}?order_by=DESC&take=1");
    recording.call(Method::GET, &first, None).await;
    recording.call(Method::GET, &vitals(), None).await;
    let example = format!("{}/sample-payloads-examples?type=nack", vitals());
    recording.call(Method::GET, &example, None).await;
    insta::assert_snapshot!(recording.text());
}

#[tokio::test]
async fn refusals_by_the_catalogue() {
    let world = World::start();
    let mut recording = Recording::new(&world, OPERATOR_KEY, HEADERS);
    let monitoring = format!("{CATEGORIES}/{MONITORING}");
    let unknown = format!("{CATEGORIES}/e7d7d5c7-e8cd-47ed-9d86-29200cbd5010");
    let patch = |path: &str, value: &str| json!([{"op": "replace", "path": path, "value": value}]);
    for (method, path, body) in [
        (
            Method::POST,
            CATEGORIES,
            Some(json!({"code": "Labs", "x": 1})),
        ),
        (Method::POST, CATEGORIES, Some(json!({"code": "Labs"}))),
        (
            Method::POST,
            CATEGORIES,
            Some(json!({"name": "Mine", "code": "monitoring"})),
        ),
        (Method::GET, &unknown, None),
        (Method::PATCH, &monitoring, Some(patch("/code", "x"))),
        (Method::PATCH, &monitoring, Some(patch("/names", "x"))),
        (
            Method::PATCH,
            &monitoring,
            Some(json!([{"op": "test", "path": "/code", "value": "x"}])),
        ),
        (Method::DELETE, &monitoring, None),
    ] {
        recording.call(method, path, body).await;
    }
    insta::assert_snapshot!(recording.text());
}
