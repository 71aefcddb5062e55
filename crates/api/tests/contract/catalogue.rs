//! The catalogue: built-in entries, and an operator's own.

use serde_json::json;

use crate::world::World;

const TYPES: &str = "/v1/event-types";
const CATEGORIES: &str = "/v1/event-categories";

#[tokio::test]
async fn the_built_in_catalogue_is_shown() {
    let world = World::start();
    let vitals = world
        .get(&format!("{TYPES}/vitals.observations.created"))
        .await
        .is(200);
    assert_eq!(vitals.body["versions"], json!(["v1", "v2"]));
    assert_eq!(vitals.body["built_in"], true);
    let versions = world
        .get(&format!("{TYPES}/vitals.observations.created/versions"))
        .await;
    let expected = json!([
        {"version": "v1", "default": true, "sample": true},
        {"version": "v2", "default": false, "sample": true},
    ]);
    assert_eq!(versions.is(200).body["data"], expected);
    let samples = world
        .get(&format!("{TYPES}/patient.updated/samples"))
        .await
        .is(200);
    assert!(samples.body["data"][0]["previous"].is_object());
    assert_eq!(
        world
            .count(&format!("{TYPES}?category=patients&limit=100"))
            .await,
        4
    );
    assert_eq!(world.count(&format!("{TYPES}?category=nothing")).await, 0);
    let patients = world.get(&format!("{CATEGORIES}/patients")).await.is(200);
    assert_eq!(patients.text("name"), "Patients");
}

#[tokio::test]
async fn of_built_in_entries_only_what_is_not_fixed_can_be_changed() {
    let world = World::start();
    let created = format!("{TYPES}/patient.created");
    let patients = format!("{CATEGORIES}/patients");
    for path in [&created, &patients] {
        let change = json!({"name": "Mine", "description": "mine"});
        let changed = world.patch(path, &change).await.is(200);
        assert_eq!(changed.body["name"], "Mine");
        assert_eq!(changed.body["description"], "mine");
        assert_eq!(changed.body["built_in"], true);
        assert_eq!(changed.body["created_by"], "carehook");
        assert_eq!(changed.body["updated_by"], "operator");
        assert_eq!(world.get(path).await.is(200).body, changed.body);
        let refused = world.delete(path).await.problem(409, "conflict");
        assert!(refused.text("detail").contains("archive it instead"));
    }
    for fixed in [
        json!({"category": "documents"}),
        json!({"versions": ["v1", "v2"]}),
    ] {
        let refused = world.patch(&created, &fixed).await;
        refused.problem(409, "conflict");
    }
    let sample = json!({"samples": [{"version": "v1", "data": {"mine": true}}]});
    world.patch(&created, &sample).await.is(200);
    let samples = world.get(&format!("{created}/samples")).await.is(200);
    assert_eq!(samples.body["data"][0]["data"], json!({"mine": true}));
    let taken = json!({"code": "patient.created", "category": "patients"});
    world.post(TYPES, &taken).await.problem(409, "conflict");
    let taken = json!({"code": "patients", "name": "Mine"});
    world
        .post(CATEGORIES, &taken)
        .await
        .problem(409, "conflict");
}

#[tokio::test]
async fn what_is_out_of_use_is_neither_published_nor_newly_subscribed() {
    let world = World::with_northside().await;
    let id = world
        .endpoint(json!({"events": ["document.created"]}))
        .await;
    let endpoints = "/v1/organizations/northside/endpoints";
    let endpoint = format!("{endpoints}/{id}");
    let subscribe = json!({"url": "http://127.0.0.1:4009/hook", "events": ["document.created"]});
    let publish = json!({"type": "document.created", "data": {}});
    let events = "/v1/organizations/northside/events";
    let created = format!("{TYPES}/document.created");
    let documents = format!("{CATEGORIES}/documents");
    for (path, off, on) in [
        (&created, json!({"active": false}), json!({"active": true})),
        (
            &created,
            json!({"archived": true}),
            json!({"archived": false}),
        ),
        (
            &documents,
            json!({"active": false}),
            json!({"active": true}),
        ),
        (
            &documents,
            json!({"archived": true}),
            json!({"archived": false}),
        ),
    ] {
        world.patch(path, &off).await.is(200);
        world.post(events, &publish).await.problem(409, "conflict");
        let batch = world
            .post(&format!("{events}/batch"), &json!({"events": [publish]}))
            .await
            .is(202);
        assert_eq!(batch.body["results"][0]["error"]["status"], 409);
        let refused = world.post(endpoints, &subscribe).await;
        refused.problem(409, "conflict");
        let test = json!({"type": "document.created"});
        let refused = world.post(&format!("{endpoint}/test"), &test).await;
        refused.problem(409, "conflict");
        // What the endpoint has already it keeps, also beside something new.
        let more = json!({"events": ["document.created", "ping"]});
        world.patch(&endpoint, &more).await.is(200);
        world.patch(path, &on).await.is(200);
    }
    assert_eq!(world.count(&format!("{events}?limit=10")).await, 0);
    assert_eq!(world.count(endpoints).await, 1);
    let published = world.post(events, &publish).await.is(202);
    assert_eq!(published.body["deliveries"], 1);
}

#[tokio::test]
async fn an_event_type_that_was_delivered_stays() {
    let world = World::with_northside().await;
    let made = json!({"code": "bed.assigned", "category": "patients", "name": "Bed assigned"});
    world.post(TYPES, &made).await.is(201);
    let path = format!("{TYPES}/bed.assigned");
    world.endpoint(json!({"events": ["bed.assigned"]})).await;
    world.event("bed.assigned").await;
    let refused = world.delete(&path).await.problem(409, "conflict");
    assert!(refused.text("detail").contains("archive it instead"));
    let archived = world.patch(&path, &json!({"archived": true})).await;
    assert_eq!(archived.is(200).body["archived"], true);
}

#[tokio::test]
async fn an_operator_adds_changes_and_removes_entries() {
    let world = World::with_northside().await;
    let labs = json!({"code": "labs", "name": "Laboratory"});
    let made = world.post(CATEGORIES, &labs).await.is(201);
    assert_eq!(made.body["description"], "");
    assert_eq!(made.body["built_in"], false);
    assert_eq!(made.body["created_by"], "operator");
    assert_eq!(made.body["created_at"], "2026-03-16T10:21:05.000Z");
    let body = json!({
        "code": "lab_result.created",
        "category": "labs",
        "versions": ["v1", "v2"],
        "samples": [{"version": "v2", "data": {"id": "r-1"}, "thin": {"id": "r-1"}}],
        "schema": {"type": "object"},
    });
    world.post(TYPES, &body).await.is(201);
    let path = format!("{TYPES}/lab_result.created");
    assert_eq!(
        world.get(&format!("{path}/schema")).await.is(200).body,
        json!({"type": "object"})
    );
    world
        .endpoint(json!({"events": ["lab_result.*"], "version": "v2"}))
        .await;
    let event = json!({"type": "lab_result.created", "version": "v1", "data": {}});
    let published = world
        .post("/v1/organizations/northside/events", &event)
        .await
        .is(202);
    assert_eq!(published.body["deliveries"], 0, "another version is wanted");

    world
        .delete(&format!("{CATEGORIES}/labs"))
        .await
        .problem(409, "conflict");
    let change = json!({"description": "A result came in.", "schema": null, "samples": null});
    let changed = world.patch(&path, &change).await.is(200);
    assert_eq!(changed.body["description"], "A result came in.");
    world
        .get(&format!("{path}/schema"))
        .await
        .problem(404, "not-found");
    assert_eq!(world.count(&format!("{path}/samples")).await, 0);
    let renamed = world
        .patch(&format!("{CATEGORIES}/labs"), &json!({"name": "Labs"}))
        .await;
    assert_eq!(renamed.is(200).text("name"), "Labs");
    world.delete(&path).await.is(204);
    world.get(&path).await.is(404);
    world.delete(&format!("{CATEGORIES}/labs")).await.is(204);
    world.delete(&format!("{CATEGORIES}/labs")).await.is(404);
}

#[tokio::test]
async fn bad_entries_are_refused() {
    let world = World::start();
    let sample = |sample| json!({"code": "a.b", "category": "patients", "samples": [sample]});
    for (path, body, pointers) in [
        (CATEGORIES, json!({}), &["/code", "/name"][..]),
        (CATEGORIES, json!({"code": "A", "name": "x"}), &["/code"]),
        (CATEGORIES, json!({"code": "a", "name": " "}), &["/name"]),
        (
            CATEGORIES,
            json!({"code": "a", "name": "a", "built_in": true}),
            &["/built_in"],
        ),
        (TYPES, json!({}), &["/code", "/category"]),
        (
            TYPES,
            json!({"code": "a.*", "category": "patients"}),
            &["/code"],
        ),
        (
            TYPES,
            json!({"code": "a.b", "category": "none"}),
            &["/category"],
        ),
        (
            TYPES,
            json!({"code": "a.b", "category": "patients", "name": ""}),
            &["/name"],
        ),
        (
            TYPES,
            json!({"code": "a.b", "category": "patients", "versions": []}),
            &["/versions"],
        ),
        (
            TYPES,
            json!({"code": "a.b", "category": "patients", "schema": []}),
            &["/schema"],
        ),
        (
            TYPES,
            json!({"code": "a.b", "category": "patients", "wire_names": {}}),
            &["/wire_names"],
        ),
        (TYPES, sample(json!({})), &["/samples/0/data"]),
        (TYPES, sample(json!(["v1", {}])), &["/samples/0"]),
        (
            TYPES,
            sample(json!({"data": {}, "version": "v7"})),
            &["/samples"],
        ),
        (
            TYPES,
            sample(json!({"data": {}, "thin": 1})),
            &["/samples/0/thin"],
        ),
        (
            TYPES,
            sample(json!({"data": {}, "more": 1})),
            &["/samples/0/more"],
        ),
    ] {
        world.post(path, &body).await.refuses(pointers);
    }
    world.get(&format!("{TYPES}/a.b")).await.is(404);
    world.get(&format!("{CATEGORIES}/a")).await.is(404);
}
