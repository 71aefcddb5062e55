//! Recorded pairs of request and answer: a client's life with a subscription.

use http::Method;
use serde_json::json;

use super::{SUBSCRIPTIONS, VITALS};
use crate::recording::Recording;
use crate::world::{OPERATOR_KEY, World};

#[tokio::test]
async fn the_life_of_a_subscription() {
    let world = World::with_northside().await;
    let mut recording = Recording::new(&world, OPERATOR_KEY, &["x-total-count"]);
    let new = json!({
        "postUri": "http://127.0.0.1:4009/hook",
        "events": [VITALS],
        "version": "v1",
        "isDevelopment": false,
    });
    let made = recording.call(Method::POST, SUBSCRIPTIONS, Some(new)).await;
    let at = format!("{SUBSCRIPTIONS}/{}", made.text("id"));
    let key = json!({"secretKey": "ecg-secret-key"});
    let history = format!("{at}/webhook-secret-histories");
    recording.call(Method::POST, &history, Some(key)).await;
    let patch = json!([{"op": "replace", "path": "/version", "value": "v2"}]);
    recording.call(Method::PATCH, &at, Some(patch)).await;
    let report = json!({
        "type": 1,
        "payload": {"vitals": 100},
        "rawMessage": {"queue": "night"},
        "eventId": VITALS,
        "postedAt": "2026-03-16T10:20:00.000Z",
    });
    let activity = format!("{at}/activity");
    let noted = recording.call(Method::POST, &activity, Some(report)).await;
    let id = noted.text("id");
    let outcome = json!({
        "originalActivityId": id,
        "success": "false",
        "httpStatusCode": "500",
        "error": "refused",
        "rawResponse": "{vitals:100}",
    });
    let outcomes = format!("{activity}/{id}/outcomes");
    recording.call(Method::POST, &outcomes, Some(outcome)).await;
    let nested = format!("{activity}/{id}?mode=nested");
    recording.call(Method::GET, &nested, None).await;
    let list = format!("{activity}?status=failed");
    recording.call(Method::GET, &list, None).await;
    for action in ["deactivate", "archive", "restore", "activate"] {
        recording
            .call(Method::POST, &format!("{at}/{action}"), None)
            .await;
    }
    recording.call(Method::GET, &at, None).await;
    recording.call(Method::DELETE, &at, None).await;
    recording.call(Method::GET, &at, None).await;
    let bad = json!({"events": ["no.such"], "secretKey": "x"});
    recording.call(Method::POST, SUBSCRIPTIONS, Some(bad)).await;
    // The recording does not look into queries.
    let text = recording.text().replace(&id, "[activity]");
    insta::assert_snapshot!(without_random_keys(&text));
}

/// The first secret is made up: 64 hex digits.
fn without_random_keys(text: &str) -> String {
    let shown = |line: &str| match line.split_once("\"secretKey\": \"") {
        Some((indent, key)) if key.len() > 60 => format!("{indent}\"secretKey\": \"[secret]\","),
        _ => line.to_owned(),
    };
    text.lines().map(shown).collect::<Vec<_>>().join("\n")
}
