//! Sample payloads, examples, and payloads to deliver.

use serde_json::json;

use super::{Labs, vitals};
use crate::world::World;

#[tokio::test]
async fn a_sample_is_added_shown_patched_and_deleted() {
    let labs = Labs::start().await;
    let (world, samples) = (&labs.world, labs.samples());
    let one = format!("{samples}?version=v1");
    world.get(&one).await.nest(404, "Not Found");
    let added = world
        .post(
            &samples,
            &json!({"payload": {"id": "r-1", "values": [1, 2]}}),
        )
        .await
        .is(201);
    assert_eq!(added.body["version"], "v1", "the version of the event");
    assert_eq!(added.body["event"]["code"], "labs.result.ready");
    let shown = world.get(&one).await.is(200);
    assert_eq!(
        shown.body["payload"],
        json!({"id": "r-1", "values": [1, 2]})
    );
    assert_eq!(shown.body["id"], added.body["id"]);
    let again = json!({"payload": {}, "version": "v1"});
    world.post(&samples, &again).await.nest(409, "Conflict");

    let patch = json!([
        {"op": "test", "path": "/version", "value": "v1"},
        {"op": "add", "path": "/payload/values/-", "value": 3},
    ]);
    let patched = world.patch(&one, &patch).await.is(200);
    assert_eq!(patched.body["payload"]["values"], json!([1, 2, 3]));
    assert_eq!(
        world.get(&one).await.body["payload"],
        patched.body["payload"]
    );
    world.delete(&one).await.done();
    world.get(&one).await.nest(404, "Not Found");
    world.delete(&one).await.done();
    // A sample that never was is no sample that was deleted.
    let never = format!("{samples}?version=v2");
    world.delete(&never).await.nest(404, "Not Found");
    let again = json!({"payload": {"id": "r-2"}});
    world.post(&samples, &again).await.is(201);
    world.delete(&one).await.done();
    world.get(&one).await.nest(404, "Not Found");
}

#[tokio::test]
async fn a_sample_of_a_new_version_adds_the_version() {
    let labs = Labs::start().await;
    let world = &labs.world;
    let sample = json!({"payload": {"id": "r-2"}, "version": "v2"});
    world.post(&labs.samples(), &sample).await.is(201);
    let event = world.get(&labs.event).await.is(200);
    assert_eq!(event.body["version"], "v2");
    let versions = world
        .get("/v1/event-types/labs.result.ready/versions")
        .await;
    assert_eq!(versions.body["data"][1]["version"], "v2");
    assert_eq!(versions.body["data"][1]["sample"], true);

    // What is built in has its versions, and samples of those can be replaced.
    let built_in = format!("{}/sample-payloads", vitals());
    let sample = json!({"payload": {}, "version": "v3"});
    world.post(&built_in, &sample).await.nest(409, "Conflict");
    let first = format!("{built_in}?version=v1");
    world.delete(&first).await.done();
    world.get(&first).await.nest(404, "Not Found");
    let sample = json!({"payload": {"mine": true}, "version": "v1"});
    world.post(&built_in, &sample).await.is(201);
    assert_eq!(
        world.get(&first).await.body["payload"],
        json!({"mine": true})
    );
}

#[tokio::test]
async fn bad_samples_are_refused() {
    let labs = Labs::start().await;
    let (world, samples) = (&labs.world, labs.samples());
    for (body, field) in [
        (json!({}), "payload"),
        (json!({"payload": null}), "payload"),
        (json!({"payload": "{}"}), "payload"),
        (json!({"payload": [1]}), "payload"),
        (json!({"payload": {}, "version": "V 1"}), "version"),
        (json!({"payload": {}, "version": 1}), "version"),
        (json!({"payload": {}, "more": 1}), "more"),
    ] {
        world.post(&samples, &body).await.nest_fields(&[field]);
    }
    world.get(&samples).await.nest_fields(&["version"]);
    world.delete(&samples).await.nest_fields(&["version"]);
    let sample = json!({"payload": {"a": 1}});
    world.post(&samples, &sample).await.is(201);
    let one = format!("{samples}?version=v1");
    for (operation, field) in [
        (
            json!({"op": "replace", "path": "/payload", "value": "x"}),
            "payload",
        ),
        (json!({"op": "remove", "path": "/payload"}), "payload"),
        (
            json!({"op": "replace", "path": "/version", "value": "v2"}),
            "0.path",
        ),
        (json!({"op": "remove", "path": "/payload/b"}), "0.path"),
    ] {
        let refused = world.patch(&one, &json!([operation])).await;
        refused.nest_fields(&[field]);
    }
    let failing = json!([
        {"op": "replace", "path": "/payload/a", "value": 2},
        {"op": "test", "path": "/payload/a", "value": 1},
    ]);
    world.patch(&one, &failing).await.nest(409, "Conflict");
    assert_eq!(world.get(&one).await.body["payload"], json!({"a": 1}));
}

#[tokio::test]
async fn there_is_an_example_of_each_sample_type() {
    let labs = Labs::start().await;
    let examples = format!("{}-examples", labs.samples());
    for (name, field) in [
        ("ack", "status"),
        ("nack", "error"),
        ("phone-log", "durationSeconds"),
        ("vitals-observation", "vitals"),
    ] {
        let path = format!("{examples}?type={name}");
        let example = labs.world.get(&path).await.is(200);
        assert!(example.body["payload"][field] != json!(null), "{name}");
        // An example is what can be added as a sample.
        let added = labs
            .world
            .post(&labs.samples(), &example.body)
            .await
            .is(201);
        assert_eq!(added.body["payload"], example.body["payload"]);
        let added = format!("{}?version=v1", labs.samples());
        labs.world.delete(&added).await.done();
    }
    let first = labs.world.get(&format!("{examples}?type=ack")).await;
    assert_eq!(labs.world.get(&examples).await.is(200).body, first.body);
    let unknown = labs.world.get(&format!("{examples}?type=x")).await;
    unknown.nest_fields(&["type"]);
}

#[tokio::test]
async fn a_random_payload_is_a_sample_that_can_be_published() {
    let world = World::with_northside().await;
    for _ in 0..10 {
        let random = world.get("/api/webhook-deliveries/payload").await.is(200);
        let publish = json!({
            "type": random.body["eventType"],
            "version": random.body["version"],
            "data": random.body["data"],
        });
        let published = world.post("/v1/organizations/northside/events", &publish);
        published.await.is(202);
    }
}

#[tokio::test]
async fn the_versions_of_the_built_in_catalogue_are_listed() {
    let world = World::start();
    let versions = world.get("/api/seed-data/versions").await.is(200);
    let first = json!({"version": "2026.11", "releasedAt": "2026-11-21T00:00:00.000Z"});
    assert_eq!(versions.body, json!([first]));
}
