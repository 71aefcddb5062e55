//! Subscriptions: added, listed, filtered, switched, put away and deleted.

use std::time::Duration;

use carehook_core::EventTypeId;
use serde_json::{Value, json};

use super::{Clinic, NOTHING, SUBSCRIPTIONS, VITALS, subscribe};
use crate::world::{Answer, START, World};

fn ids(list: &Answer) -> Vec<&str> {
    let entries = list.body.as_array().unwrap().iter();
    entries.map(|entry| entry["id"].as_str().unwrap()).collect()
}

fn vitals_id() -> String {
    EventTypeId::of(&VITALS.parse().unwrap()).to_string()
}

#[tokio::test]
async fn a_subscription_has_the_fields_of_the_source() {
    let world = World::with_northside().await;
    let body = json!({
        "postUri": "http://127.0.0.1:4009/hook",
        "events": [VITALS, vitals_id()],
        "version": "v1",
        "isDevelopment": true,
    });
    let made = world.post(SUBSCRIPTIONS, &body).await.is(201);
    let names: Vec<_> = made.body.as_object().unwrap().keys().cloned().collect();
    let mut expected = [
        "id",
        "organizationId",
        "postUri",
        "version",
        "secretKey",
        "events",
        "isDevelopment",
        "auditInfo",
        "activeInfo",
        "archiveInfo",
    ];
    expected.sort_unstable();
    assert_eq!(names, expected);
    assert_eq!(made.body["organizationId"], "northside");
    assert_eq!(made.body["isDevelopment"], true);
    let event = json!({
        "id": vitals_id(), "name": "Vitals observations created", "code": VITALS, "version": "v1",
    });
    assert_eq!(made.body["events"], json!([event]), "each once");
    assert_eq!(made.body["activeInfo"]["active"], true);
    assert_eq!(made.body["archiveInfo"]["archived"], false);
    let audit = &made.body["auditInfo"];
    assert_eq!(audit["createdAt"], START.to_string());
    assert_eq!(audit["createdBy"], "operator");
    let shown = world
        .get(&format!("{SUBSCRIPTIONS}/{}", made.text("id")))
        .await;
    assert_eq!(shown.is(200).body, made.body);
}

#[tokio::test]
async fn without_events_it_is_subscribed_to_nothing_yet() {
    let world = World::with_northside().await;
    let body = json!({"postUri": "http://127.0.0.1:4009/hook", "isDevelopment": false});
    let made = world.post(SUBSCRIPTIONS, &body).await.is(201);
    assert_eq!(made.body["events"], json!([]));
    assert_eq!(made.body["version"], Value::Null);
    world.event(VITALS).await;
    assert_eq!(
        world.count("/v1/organizations/northside/deliveries").await,
        0
    );
}

#[tokio::test]
async fn lists_are_arrays_with_the_total_in_a_header() {
    let world = World::with_northside().await;
    let mut made = Vec::new();
    for version in ["v1", "v2", "v1"] {
        made.push(subscribe(&world, json!({"version": version})).await);
        world.advance(Duration::from_secs(1));
    }
    let other = subscribe(&world, json!({"events": ["patient.created"]})).await;
    let list = async |query: &str| world.get(&format!("{SUBSCRIPTIONS}{query}")).await.is(200);
    let all = list("").await;
    assert_eq!(
        ids(&all),
        [&made[..], std::slice::from_ref(&other)].concat()
    );
    assert_eq!(all.header("x-total-count"), "4");
    let part = list("?order_by=DESC&skip=1&take=2").await;
    assert_eq!(ids(&part), [&made[2], &made[1]]);
    assert_eq!(part.header("x-total-count"), "4");
    assert_eq!(ids(&list("?version=v1").await), [&made[0], &made[2]]);
    for event in [vitals_id(), VITALS.to_owned()] {
        assert_eq!(ids(&list(&format!("?eventId={event}")).await), made);
    }
    let of_event = world
        .get("/api/webhook-events/patient.created/subscriptions")
        .await;
    assert_eq!(ids(&of_event.is(200)), [&other]);
    let unknown = world.get("/api/webhook-events/no.such/subscriptions").await;
    unknown.refuses_fields(404, &["webhook event"]);
}

#[tokio::test]
async fn switches_answer_true_and_change_nothing_twice() {
    let clinic = Clinic::open().await;
    for (action, info, field, value) in [
        ("deactivate", "activeInfo", "active", false),
        ("activate", "activeInfo", "active", true),
        ("archive", "archiveInfo", "archived", true),
        ("restore", "archiveInfo", "archived", false),
    ] {
        clinic.world.advance(Duration::from_secs(1));
        let when = clinic.world.clock.now().to_string();
        for _ in 0..2 {
            let done = clinic.post(&format!("/{action}"), &json!({})).await.is(200);
            assert_eq!(done.body, json!({"value": true}));
            clinic.world.advance(Duration::from_secs(1));
        }
        let shown = clinic.get("").await.is(200).body;
        assert_eq!(shown[info][field], value, "{action}");
        let changed = format!("{field}StatusChangedAt").replace("archivedStatus", "archivedStatus");
        assert_eq!(shown[info][changed.as_str()], when, "{action}");
    }
}

#[tokio::test]
async fn an_archived_subscription_leaves_the_list_and_gets_nothing() {
    let clinic = Clinic::open().await;
    clinic.post("/archive", &json!({})).await.is(200);
    let list = clinic.world.get(SUBSCRIPTIONS).await.is(200);
    assert_eq!(list.body, json!([]));
    assert_eq!(list.header("x-total-count"), "0");
    clinic.world.event(VITALS).await;
    let deliveries = "/v1/organizations/northside/deliveries";
    assert_eq!(clinic.world.count(deliveries).await, 0);
    clinic.post("/restore", &json!({})).await.is(200);
    clinic.world.event(VITALS).await;
    assert_eq!(clinic.world.count(deliveries).await, 1);
}

#[tokio::test]
async fn a_single_event_is_taken_out() {
    let clinic = Clinic::open().await;
    for event in [vitals_id(), VITALS.to_owned()] {
        let gone = clinic
            .world
            .delete(&clinic.at(&format!("/events/{event}")))
            .await;
        assert_eq!(gone.is(200).body, json!({"value": true}));
    }
    assert_eq!(clinic.get("").await.body["events"], json!([]));
    let unknown = clinic
        .world
        .delete(&clinic.at(&format!("/events/{NOTHING}")))
        .await;
    unknown.refuses_fields(404, &["webhook event"]);
}

#[tokio::test]
async fn a_deleted_subscription_is_gone_and_its_deliveries_fail() {
    let clinic = Clinic::open().await;
    clinic.delivery().await;
    let gone = clinic.world.delete(&clinic.at("")).await.is(200);
    assert_eq!(gone.body, json!({"value": true}));
    clinic
        .get("")
        .await
        .refuses_fields(404, &["webhook subscription"]);
    let deliveries = clinic
        .world
        .get("/v1/organizations/northside/deliveries")
        .await;
    assert_eq!(deliveries.body["data"][0]["state"], "failed");
    assert_eq!(deliveries.body["data"][0]["reason"], "endpoint_deleted");
}
