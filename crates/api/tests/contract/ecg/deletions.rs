//! Deleting subscriptions, and what they are subscribed to, again.

use carehook_core::EventTypeId;
use http::Method;
use serde_json::json;

use super::catalogue::Labs;
use super::{Clinic, NOTHING, SUBSCRIPTIONS, VITALS, subscribe};
use crate::world::{Answer, Call, World};

const UNKNOWN: &[&str] = &["webhook subscription"];

async fn delete(world: &World, key: &str, path: &str) -> Answer {
    let call = Call::new(Method::DELETE, path).with_key(key);
    call.send(world).await
}

#[tokio::test]
async fn a_subscription_that_was_deleted_can_be_deleted_again() {
    let clinic = Clinic::open().await;
    for _ in 0..3 {
        clinic.world.delete(&clinic.at("")).await.done();
    }
    let never = format!("{SUBSCRIPTIONS}/{NOTHING}");
    clinic
        .world
        .delete(&never)
        .await
        .refuses_fields(404, UNKNOWN);
}

#[tokio::test]
async fn a_deleted_subscription_is_unknown_to_everything_else() {
    let clinic = Clinic::open().await;
    let world = &clinic.world;
    world.delete(&clinic.at("")).await.done();
    let patch = json!([{"op": "replace", "path": "/version", "value": "v1"}]);
    for (method, rest, body) in [
        (Method::GET, "", json!({})),
        (Method::PATCH, "", patch),
        (Method::POST, "/activate", json!({})),
        (Method::POST, "/deactivate", json!({})),
        (Method::POST, "/archive", json!({})),
        (Method::POST, "/restore", json!({})),
        (Method::GET, "/secrets", json!({})),
        (Method::PUT, "/secrets", json!({})),
        (Method::GET, "/activity", json!({})),
        (
            Method::DELETE,
            "/events/vitals.observations.created",
            json!({}),
        ),
    ] {
        let call = Call::new(method, &clinic.at(rest)).json(&body);
        call.send(world).await.refuses_fields(404, UNKNOWN);
    }
    assert_eq!(world.get(SUBSCRIPTIONS).await.body, json!([]));
}

#[tokio::test]
async fn what_another_organization_deleted_is_as_unknown_as_what_it_has() {
    let clinic = Clinic::open().await;
    let world = &clinic.world;
    let body = json!({"id": "southside", "name": "Southside Clinic"});
    world.post("/v1/organizations", &body).await.is(201);
    let southside = world.token("southside", &["webhooks:read", "webhooks:write"]);
    let below_own = clinic.at("").replace("northside", "southside");
    for _ in 0..2 {
        for key in [&southside, crate::world::OPERATOR_KEY] {
            let foreign = delete(world, key, &below_own).await;
            foreign.refuses_fields(404, UNKNOWN);
        }
        let foreign = delete(world, &southside, &clinic.at("")).await;
        foreign.refuses_fields(404, &["organization"]);
        world.delete(&clinic.at("")).await.done();
    }
}

#[tokio::test]
async fn a_new_organization_of_the_same_name_never_had_the_subscription() {
    let clinic = Clinic::open().await;
    let world = &clinic.world;
    world.delete(&clinic.at("")).await.done();
    let northside = "/v1/organizations/northside";
    world.delete(northside).await.is(204);
    let body = json!({"id": "northside", "name": "Northside Clinic"});
    world.post("/v1/organizations", &body).await.is(201);
    let gone = world.delete(&clinic.at("")).await;
    gone.refuses_fields(404, UNKNOWN);
}

#[tokio::test]
async fn a_deleted_subscription_is_known_to_keys_of_its_mode() {
    let clinic = Clinic::open().await;
    let world = &clinic.world;
    let scopes = ["read", "manage"];
    let live = world.key(json!({"mode": "live", "scopes": scopes})).await;
    let test = world.key(json!({"mode": "test", "scopes": scopes})).await;
    let development = subscribe(world, json!({"isDevelopment": true})).await;
    let development = format!("{SUBSCRIPTIONS}/{development}");
    for (own, foreign, path) in [
        (&live, &test, clinic.at("")),
        (&test, &live, development.clone()),
    ] {
        delete(world, own, &path).await.done();
        delete(world, own, &path).await.done();
        let refused = delete(world, foreign, &path).await;
        refused.refuses_fields(404, UNKNOWN);
    }
}

#[tokio::test]
async fn an_endpoint_that_was_deleted_through_another_api_was_no_subscription() {
    let clinic = Clinic::open().await;
    let native = clinic.world.endpoint(json!({})).await;
    let path = format!("/v1/organizations/northside/endpoints/{native}");
    clinic.world.delete(&path).await.is(204);
    let path = format!("{SUBSCRIPTIONS}/{native}");
    let gone = clinic.world.delete(&path).await;
    gone.refuses_fields(404, UNKNOWN);
}

#[tokio::test]
async fn deleting_again_needs_the_same_scope() {
    let clinic = Clinic::open().await;
    let read = clinic.world.token("northside", &["webhooks:read"]);
    clinic.world.delete(&clinic.at("")).await.done();
    let refused = delete(&clinic.world, &read, &clinic.at("")).await;
    refused.refuses_fields(403, &["scope"]);
}

#[tokio::test]
async fn an_event_that_is_not_subscribed_to_can_be_deleted_from_a_subscription() {
    let clinic = Clinic::open().await;
    for event in ["patient.created", VITALS, VITALS] {
        let path = clinic.at(&format!("/events/{event}"));
        clinic.world.delete(&path).await.done();
    }
    assert_eq!(clinic.get("").await.body["events"], json!([]));
    for event in ["no.such", NOTHING] {
        let path = clinic.at(&format!("/events/{event}"));
        let refused = clinic.world.delete(&path).await;
        refused.refuses_fields(404, &["webhook event"]);
    }
}

#[tokio::test]
async fn an_event_that_left_the_catalogue_can_be_deleted_from_a_subscription() {
    let Labs { world, event, .. } = Labs::start().await;
    let code = "labs.result.ready";
    let id = EventTypeId::of(&code.parse().unwrap()).to_string();
    let mut paths = Vec::new();
    for name in [code, &id] {
        let subscription = subscribe(&world, json!({"events": [code, VITALS]})).await;
        paths.push(format!("{SUBSCRIPTIONS}/{subscription}/events/{name}"));
    }
    world.delete(&event).await.done();
    for path in paths {
        world.delete(&path).await.done();
        let (subscription, _) = path.split_once("/events").unwrap();
        let left = world.get(subscription).await.is(200);
        let left = left.body["events"].as_array().unwrap().clone();
        let codes: Vec<_> = left.iter().map(|event| &event["code"]).collect();
        assert_eq!(codes, [VITALS]);
        let again = world.delete(&path).await;
        again.refuses_fields(404, &["webhook event"]);
    }
}
