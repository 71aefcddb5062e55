//! Who has seen what about whom: lists leave entries that the trail finds by their subjects.

use http::Method;
use serde_json::{Value, json};

use crate::audit::attempted;
use crate::world::{Call, World};

const ORG: &str = "/v1/organizations/northside";

async fn publish(world: &World, id: &str, subject: Option<&str>) {
    let event = json!({"id": id, "type": "patient.updated", "data": {}, "subject": subject});
    world.post(&format!("{ORG}/events"), &event).await.is(202);
}

/// Objects and events of the views that the trail finds, newest first.
async fn views(world: &World, query: &str) -> Vec<(String, String)> {
    let path = format!("{ORG}/audit?limit=100&action=payload.viewed{query}");
    let list = world.get(&path).await.is(200);
    let entries = list.body["data"].as_array().unwrap().clone();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let found = entries.iter();
    found
        .map(|entry| (text(&entry["object"]), text(&entry["details"]["events"])))
        .collect()
}

fn view(object: &str, events: &str) -> (String, String) {
    (object.to_owned(), events.to_owned())
}

async fn three_events(world: &World) {
    for (id, subject) in [
        ("e-1", Some("anna")),
        ("e-2", Some("ben")),
        ("e-3", Some("anna")),
        ("e-4", None),
    ] {
        publish(world, id, subject).await;
    }
}

#[tokio::test]
async fn a_list_of_events_is_found_by_everybody_who_is_in_it() {
    let world = World::with_northside().await;
    world.get(&format!("{ORG}/events")).await.is(200);
    assert_eq!(views(&world, "").await, [], "an empty list shows nothing");
    three_events(&world).await;
    world.get(&format!("{ORG}/deliveries")).await.is(200);
    assert_eq!(views(&world, "").await, [], "this list has no payloads");
    world.get(&format!("{ORG}/events")).await.is(200);
    let anna = views(&world, "&subject=anna").await;
    assert_eq!(anna, [view("events", "e-1 e-3")]);
    let ben = views(&world, "&subject=ben").await;
    assert_eq!(ben, [view("events", "e-2")]);
    assert_eq!(views(&world, "&subject=carl").await, []);
    let all = views(&world, "").await;
    assert_eq!(all.len(), 3);
    assert!(all.contains(&view("events", "e-4")));
}

#[tokio::test]
async fn so_are_lists_of_the_dialects() {
    let world = World::with_northside().await;
    let decoda = json!({"dialect": "decoda", "events": ["patient.*"]});
    let decoda = world.endpoint(decoda).await;
    let ecg = json!({"dialect": "ecg", "events": ["patient.*"]});
    let ecg = world.endpoint(ecg).await;
    three_events(&world).await;
    let key = world.key(json!({"scopes": ["read", "manage"]})).await;
    let blind = world.key(json!({"scopes": ["read"]})).await;
    let get = async |path: &str, key: &str| {
        let call = Call::new(Method::GET, path).with_key(key);
        let call = call.header("api-key", key).header("tenant", "northside");
        call.send(&world).await.is(200)
    };
    let attempts = format!("/v1/webhook/{decoda}/delivery-attempts/list");
    let subscriptions = "/api/organizations/northside/webhook-subscriptions";
    let activity = format!("{subscriptions}/{ecg}/activity");
    get(&attempts, &blind).await;
    assert_eq!(views(&world, "").await, [], "no payload was shown");

    get(&attempts, &key).await;
    let of_decoda = view(&format!("endpoint/{decoda}"), "e-1 e-3");
    let found = views(&world, "&subject=anna").await;
    assert_eq!(found, std::slice::from_ref(&of_decoda));
    get("/v1/webhook/events/e-1", &key).await;
    let single = view(&format!("endpoint/{decoda}"), "e-1");
    let expected = [single, of_decoda];
    assert_eq!(views(&world, "&subject=anna").await, expected);

    let owed = format!("{ORG}/deliveries?endpoint_id={ecg}");
    let owed = world.get(&owed).await.is(200).body;
    for delivery in owed["data"].as_array().unwrap() {
        let id = delivery["id"].as_str().unwrap().parse().unwrap();
        attempted(&world, id).await;
    }
    get(&activity, &blind).await;
    assert_eq!(views(&world, "").await.len(), 4);
    get(&activity, &key).await;
    let of_ecg = view(&format!("endpoint/{ecg}"), "e-1 e-3");
    assert_eq!(views(&world, "&subject=anna").await[0], of_ecg);
    let of_ecg = view(&format!("endpoint/{ecg}"), "e-2");
    assert_eq!(views(&world, "&subject=ben").await[0], of_ecg);
}
