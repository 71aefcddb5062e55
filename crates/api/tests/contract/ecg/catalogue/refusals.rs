//! Bad input: each refusal has the form of this API, names the field, and leaves nothing behind.

use http::Method;
use serde_json::json;

use super::{CATEGORIES, Labs, vitals};
use crate::world::{Call, World};

const UNKNOWN: &str = "e7d7d5c7-e8cd-47ed-9d86-29200cbd5010";

#[tokio::test]
async fn bad_categories_are_refused() {
    let world = World::start();
    let list = format!("{CATEGORIES}?take=100");
    let before = world.get(&list).await.is(200).body;
    for (body, fields) in [
        (json!({}), &["name", "code"][..]),
        (json!({"name": "Labs"}), &["code"]),
        (json!({"name": "Labs", "code": "Labs"}), &["code"]),
        (json!({"name": "Labs", "code": ".labs"}), &["code"]),
        (json!({"name": "Labs", "code": ""}), &["code"]),
        (json!({"name": " ", "code": "labs"}), &["name"]),
        (json!({"name": 7, "code": "labs"}), &["name"]),
        (
            json!({"name": "Labs", "code": "labs", "description": 1}),
            &["description"],
        ),
        (
            json!({"name": "Labs", "code": "labs", "description": "x".repeat(1_001)}),
            &["description"],
        ),
        (
            json!({"name": "Labs", "code": "labs", "active": true}),
            &["active"],
        ),
    ] {
        world.post(CATEGORIES, &body).await.nest_fields(fields);
    }
    let taken = json!({"name": "Mine", "code": "monitoring"});
    world.post(CATEGORIES, &taken).await.nest(409, "Conflict");
    assert_eq!(world.get(&list).await.body, before);
}

#[tokio::test]
async fn bad_events_are_refused() {
    let labs = Labs::start().await;
    let (world, events) = (&labs.world, labs.events());
    let whole = json!({"name": "A", "code": "labs.a", "version": "v1"});
    for (field, value) in [
        ("name", json!(null)),
        ("name", json!("")),
        ("code", json!(null)),
        ("code", json!("labs.*")),
        ("version", json!(null)),
        ("version", json!("")),
        ("version", json!("V1")),
        ("version", json!(1)),
        ("category", json!("labs")),
    ] {
        let mut body = whole.clone();
        body[field] = value;
        world.post(&events, &body).await.nest_fields(&[field]);
    }
    for taken in ["labs.result.ready", "vitals.observations.created"] {
        let mut body = whole.clone();
        body["code"] = json!(taken);
        world.post(&events, &body).await.nest(409, "Conflict");
    }
    assert_eq!(world.get(&events).await.header("x-total-count"), "1");
}

#[tokio::test]
async fn bodies_that_are_no_json_are_refused() {
    let labs = Labs::start().await;
    for (method, path) in [
        (Method::POST, CATEGORIES.to_owned()),
        (Method::PATCH, labs.category.clone()),
        (Method::POST, labs.events()),
        (Method::PATCH, labs.event.clone()),
        (Method::POST, labs.samples()),
        (Method::PATCH, format!("{}?version=v1", labs.samples())),
    ] {
        let call = || Call::new(method.clone(), &path);
        let broken = call().raw("{\"name\":").send(&labs.world).await;
        broken.nest(400, "Bad Request");
        let undeclared = call().raw("{}").header("content-type", "text/plain");
        let undeclared = undeclared.send(&labs.world).await;
        undeclared.nest(415, "Unsupported Media Type");
        let large = vec![b' '; 256 * 1024 + 1];
        let large = call().raw(large).send(&labs.world).await;
        large.nest(413, "Payload Too Large");
    }
}

#[tokio::test]
async fn unknown_ids_are_unknown_and_ids_of_elsewhere_too() {
    let labs = Labs::start().await;
    let foreign = vitals();
    let foreign = foreign.rsplit('/').next().unwrap();
    for id in [UNKNOWN, "labs", "%FF", foreign] {
        let category = format!("{CATEGORIES}/{id}");
        let event = format!("{}/{id}", labs.events());
        for path in [category, event] {
            let patch = json!([]);
            labs.world.get(&path).await.nest(404, "Not Found");
            labs.world.delete(&path).await.nest(404, "Not Found");
            labs.world.patch(&path, &patch).await.nest(404, "Not Found");
            for switch in ["activate", "deactivate", "archive", "restore"] {
                let path = format!("{path}/{switch}");
                let answer = labs.world.post(&path, &json!({})).await;
                answer.nest(404, "Not Found");
            }
        }
        let below = format!("{}/{id}/sample-payloads?version=v1", labs.events());
        labs.world.get(&below).await.nest(404, "Not Found");
    }
}

#[tokio::test]
async fn bad_parameters_and_methods_are_refused() {
    let labs = Labs::start().await;
    let events = labs.events();
    for list in [CATEGORIES, &events] {
        for (query, field) in [
            ("order_by=asc", "order_by"),
            ("skip=-1", "skip"),
            ("take=0", "take"),
            ("take=101", "take"),
            ("limit=1", "limit"),
        ] {
            let answer = labs.world.get(&format!("{list}?{query}")).await;
            answer.nest_fields(&[field]);
        }
    }
    let put = Call::new(Method::PUT, CATEGORIES).json(&json!({}));
    let answer = put.send(&labs.world).await;
    answer.nest(405, "Method Not Allowed");
    let answer = labs.world.get("/api/webhook-nothing").await;
    answer.nest(404, "Not Found");
}
