//! JSON Patch on categories and events.

use serde_json::json;

use super::{CATEGORIES, Labs, MONITORING, vitals};
use crate::world::World;

#[tokio::test]
async fn what_is_editable_is_changed_and_shown() {
    let Labs {
        world,
        category,
        event,
    } = Labs::start().await;
    let patch = json!([
        {"op": "test", "path": "/code", "value": "labs"},
        {"op": "replace", "path": "/name", "value": "Labs"},
        {"op": "remove", "path": "/description"},
    ]);
    let changed = world.patch(&category, &patch).await.is(200);
    assert_eq!(changed.body["name"], "Labs");
    assert_eq!(changed.body["description"], json!(null));
    assert_eq!(world.get(&category).await.body, changed.body);

    let patch = json!([
        {"op": "replace", "path": "/version", "value": "v2"},
        {"op": "copy", "from": "/webhookCategory/name", "path": "/description"},
    ]);
    let changed = world.patch(&event, &patch).await.is(200);
    assert_eq!(changed.body["version"], "v2");
    assert_eq!(changed.body["description"], "Labs");
    let versions = world.get("/v1/event-types/labs.result.ready").await;
    assert_eq!(versions.body["versions"], json!(["v1", "v2"]));
    // Going back to an older version makes it the newest again.
    let patch = json!([{"op": "replace", "path": "/version", "value": "v1"}]);
    assert_eq!(world.patch(&event, &patch).await.body["version"], "v1");
    let versions = world.get("/v1/event-types/labs.result.ready").await;
    assert_eq!(versions.body["versions"], json!(["v2", "v1"]));
}

#[tokio::test]
async fn a_patch_is_applied_as_a_whole_or_not_at_all() {
    let Labs {
        world,
        category,
        event,
    } = Labs::start().await;
    for path in [&category, &event] {
        let before = world.get(path).await.is(200).body;
        let change = json!({"op": "replace", "path": "/name", "value": "Changed"});
        let failing = json!({"op": "test", "path": "/code", "value": "other"});
        let conflict = world.patch(path, &json!([change, failing])).await;
        let message = conflict.nest(409, "Conflict");
        assert!(message.as_str().unwrap().contains("operation 1"));
        for (last, field) in [
            (
                json!({"op": "replace", "path": "/id", "value": "x"}),
                "1.path",
            ),
            (
                json!({"op": "replace", "path": "/code", "value": "x"}),
                "1.path",
            ),
            (
                json!({"op": "replace", "path": "/activeInfo/active", "value": false}),
                "1.path",
            ),
            (json!({"op": "add", "path": "/new", "value": 1}), "1.path"),
            (
                json!({"op": "move", "from": "/code", "path": "/name"}),
                "1.from",
            ),
            (
                json!({"op": "replace", "path": "/name/x", "value": 1}),
                "1.path",
            ),
            (
                json!({"op": "replace", "path": "/name", "value": 1}),
                "name",
            ),
            (
                json!({"op": "replace", "path": "/name", "value": " "}),
                "name",
            ),
            (json!({"op": "remove", "path": "/name"}), "name"),
            (
                json!({"op": "replace", "path": "/description", "value": {}}),
                "description",
            ),
        ] {
            let refused = world.patch(path, &json!([change, last])).await;
            refused.nest_fields(&[field]);
        }
        for (body, fields) in [
            (json!({}), &["the"][..]),
            (json!([1]), &["0"]),
            (json!([{"op": "put", "path": "/name"}]), &["0.op"]),
            (json!([{"path": "/name", "value": "x"}]), &["0.op"]),
            (json!([{"op": "replace", "path": "/name"}]), &["0.value"]),
        ] {
            world.patch(path, &body).await.nest_fields(fields);
        }
        assert_eq!(world.get(path).await.is(200).body, before);
    }
    let bad = json!([{"op": "replace", "path": "/version", "value": "V 2"}]);
    world.patch(&event, &bad).await.nest_fields(&["version"]);
}

#[tokio::test]
async fn the_version_of_a_built_in_event_stays() {
    let world = World::start();
    let patch = json!([{"op": "replace", "path": "/version", "value": "v3"}]);
    world.patch(&vitals(), &patch).await.nest(409, "Conflict");
    let patch = json!([{"op": "replace", "path": "/name", "value": "Vital signs"}]);
    let changed = world.patch(&vitals(), &patch).await.is(200);
    assert_eq!(changed.body["name"], "Vital signs");
    assert_eq!(changed.body["version"], "v2");
    let category = format!("{CATEGORIES}/{MONITORING}");
    let changed = world.patch(&category, &patch).await.is(200);
    assert_eq!(changed.body["name"], "Vital signs");
}
