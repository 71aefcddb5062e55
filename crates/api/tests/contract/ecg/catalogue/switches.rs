//! Activating, archiving, listing and deleting.

use std::time::Duration;

use serde_json::{Value, json};

use super::{CATEGORIES, Labs, MONITORING, vitals};
use crate::world::World;

fn codes(list: &Value) -> Vec<&str> {
    let entries = list.as_array().unwrap().iter();
    entries
        .map(|entry| entry["code"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn every_switch_can_be_thrown_twice_and_says_when_it_was() {
    let Labs {
        world,
        category,
        event,
    } = Labs::start().await;
    for path in [&category, &event] {
        for (name, info, field, value) in [
            ("deactivate", "activeInfo", "active", false),
            ("activate", "activeInfo", "active", true),
            ("archive", "archiveInfo", "archived", true),
            ("restore", "archiveInfo", "archived", false),
        ] {
            world.advance(Duration::from_mins(1));
            let switch = format!("{path}/{name}");
            world.post(&switch, &json!({})).await.done();
            let shown = world.get(path).await.is(200).body;
            assert_eq!(shown[info][field], value, "{name}");
            let at = &shown[info][format!("{field}StatusChangedAt")];
            assert_eq!(*at, shown["auditInfo"]["updatedAt"]);
            assert_ne!(*at, shown["auditInfo"]["createdAt"]);
            world.advance(Duration::from_mins(1));
            world.post(&switch, &json!({})).await.done();
            assert_eq!(world.get(path).await.is(200).body, shown);
        }
    }
}

#[tokio::test]
async fn what_is_archived_leaves_the_lists_and_is_shown_by_its_id() {
    let labs = Labs::start().await;
    let world = &labs.world;
    let events = labs.events();
    let listed = world.get(&events).await.is(200);
    assert_eq!(codes(&listed.body), ["labs.result.ready"]);
    assert_eq!(listed.header("x-total-count"), "1");
    let archive = format!("{}/archive", labs.event);
    world.post(&archive, &json!({})).await.done();
    let listed = world.get(&events).await.is(200);
    assert_eq!(listed.body, json!([]));
    assert_eq!(listed.header("x-total-count"), "0");
    world.get(&labs.event).await.is(200);

    let all = format!("{CATEGORIES}?take=100");
    let before = world.get(&all).await.is(200);
    let archive = format!("{}/archive", labs.category);
    world.post(&archive, &json!({})).await.done();
    let after = world.get(&all).await.is(200);
    assert!(codes(&before.body).contains(&"labs"));
    assert!(!codes(&after.body).contains(&"labs"));
    assert_eq!(codes(&before.body).len(), codes(&after.body).len() + 1);
    world.get(&labs.category).await.is(200);
}

#[tokio::test]
async fn lists_are_ordered_by_creation_and_cut() {
    let Labs { world, .. } = Labs::start().await;
    let list = async |query: &str| {
        let answer = world.get(&format!("{CATEGORIES}{query}")).await.is(200);
        let total: usize = answer.header("x-total-count").parse().unwrap();
        let codes = codes(&answer.body).into_iter().map(str::to_owned);
        (codes.collect::<Vec<_>>(), total)
    };
    let (all, total) = list("?take=100").await;
    assert_eq!(all.len(), total);
    assert_eq!(all.last().unwrap(), "labs", "it is the youngest");
    assert_eq!(list("").await, (all[..10].to_vec(), total));
    assert_eq!(list("?order_by=ASC&skip=2&take=3").await.0, all[2..5]);
    assert_eq!(list("?order_by=DESC&take=1").await.0, ["labs"]);
    assert_eq!(list("?skip=100").await, (Vec::new(), total));
}

#[tokio::test]
async fn what_is_out_of_use_is_neither_published_nor_newly_subscribed() {
    let Labs {
        world,
        category,
        event,
    } = Labs::start().await;
    let publish = json!({"type": "labs.result.ready", "data": {}});
    let subscribe = json!({
        "url": "http://127.0.0.1:4009/hook",
        "dialect": "ecg",
        "events": ["labs.result.ready"],
    });
    let northside = "/v1/organizations/northside";
    for (path, off, on) in [
        (&event, "deactivate", "activate"),
        (&event, "archive", "restore"),
        (&category, "deactivate", "activate"),
        (&category, "archive", "restore"),
    ] {
        world
            .post(&format!("{path}/{off}"), &json!({}))
            .await
            .done();
        let published = world.post(&format!("{northside}/events"), &publish).await;
        published.problem(409, "conflict");
        let made = world
            .post(&format!("{northside}/endpoints"), &subscribe)
            .await;
        made.problem(409, "conflict");
        world.post(&format!("{path}/{on}"), &json!({})).await.done();
    }
    let made = world
        .post(&format!("{northside}/endpoints"), &subscribe)
        .await;
    made.is(201);
    let published = world.post(&format!("{northside}/events"), &publish).await;
    assert_eq!(published.is(202).body["deliveries"], 1);

    // Now that it has a delivery it stays, and with it its category.
    let message = world.delete(&event).await.nest(409, "Conflict");
    assert!(message.as_str().unwrap().contains("archive it instead"));
    let message = world.delete(&category).await.nest(409, "Conflict");
    assert!(message.as_str().unwrap().contains("still has event types"));
}

#[tokio::test]
async fn what_was_never_delivered_can_be_deleted() {
    let Labs {
        world,
        category,
        event,
    } = Labs::start().await;
    world.delete(&category).await.nest(409, "Conflict");
    world.delete(&event).await.done();
    world.get(&event).await.nest(404, "Not Found");
    world.delete(&category).await.done();
    world.get(&category).await.nest(404, "Not Found");
}

#[tokio::test]
async fn built_in_entries_can_be_switched_but_not_deleted() {
    let world = World::start();
    let category = format!("{CATEGORIES}/{MONITORING}");
    for path in [&vitals(), &category] {
        world
            .post(&format!("{path}/archive"), &json!({}))
            .await
            .done();
        let shown = world.get(path).await.is(200).body;
        assert_eq!(shown["auditInfo"]["createdBy"], "carehook");
        assert_eq!(shown["auditInfo"]["updatedBy"], "operator");
        let message = world.delete(path).await.nest(409, "Conflict");
        assert!(message.as_str().unwrap().contains("archive it instead"));
        world
            .post(&format!("{path}/restore"), &json!({}))
            .await
            .done();
    }
}

#[tokio::test]
async fn both_apis_edit_one_catalogue() {
    let Labs { world, event, .. } = Labs::start().await;
    let native = "/v1/event-types/labs.result.ready";
    let shown = world.get(native).await.is(200);
    assert_eq!(shown.body["name"], "Result ready");
    assert_eq!(shown.body["category"], "labs");
    let change = json!({"name": "Renamed", "versions": ["v1", "v2"]});
    world.patch(native, &change).await.is(200);
    let shown = world.get(&event).await.is(200);
    assert_eq!(shown.body["name"], "Renamed");
    assert_eq!(shown.body["version"], "v2");
}
