//! How much of an event endpoints get, and the links to the rest of it.

use std::time::Duration;

use carehook_core::{PayloadClaim, PayloadLinks};
use carehook_deliver::{DeliverConfig, PlainHttp};
use carehook_store::{ErasurePosition, ErasureStep};
use http::Method;
use serde_json::{Value, json};

use crate::world::{Answer, Call, World};

const ORGANIZATION: &str = "/v1/organizations/northside";
const ENDPOINTS: &str = "/v1/organizations/northside/endpoints";

/// An endpoint with this payload, an event for it, and the path of the link that its first attempt
/// has.
async fn link(world: &World, fields: Value, event_type: &str) -> (String, String) {
    let endpoint = world.endpoint(fields).await;
    let body = json!({
        "type": event_type,
        "data": {"id": "pat_1", "name": "Zoë"},
        "subject": "pat_1",
    });
    let event = world.post(&format!("{ORGANIZATION}/events"), &body).await;
    let event = event.is(202).text("id");
    let now = world.clock.now();
    let claim = PayloadClaim {
        organization: "northside".parse().unwrap(),
        event: event.parse().unwrap(),
        endpoint: endpoint.parse().unwrap(),
        sequence: 1,
        sent_at: now,
        expires_at: now.plus(PayloadLinks::LIFETIME),
    };
    let links = PayloadLinks::new(&world.store.payload_link_key(), "");
    (endpoint, links.link(&claim))
}

/// What the engine does with the jobs of erasure.
async fn work_off_erasures(world: &World) {
    while let Some(job) = world.store.running_erasure().await.unwrap() {
        let mut at = ErasurePosition::start();
        while let ErasureStep::On(next) = world.store.erase(&job, at).await.unwrap() {
            at = next;
        }
    }
}

async fn follow(world: &World, link: &str, key: &str) -> Answer {
    Call::new(Method::GET, link).with_key(key).send(world).await
}

#[tokio::test]
async fn an_endpoint_of_any_dialect_can_get_less_and_only_the_native_api_shows_it() {
    let world = World::with_northside().await;
    let id = world.endpoint(json!({"dialect": "mycure"})).await;
    let path = format!("{ENDPOINTS}/{id}");
    for mode in ["thin", "id_only", "empty", "full"] {
        let changed = world.patch(&path, &json!({"payload": mode})).await.is(200);
        assert_eq!(changed.body["payload"], mode);
        let kept = world.patch(&path, &json!({"name": "x"})).await.is(200);
        assert_eq!(kept.body["payload"], mode);
    }
    world
        .patch(&path, &json!({"payload": "id_only"}))
        .await
        .is(200);
    let null = world.patch(&path, &json!({"payload": null})).await;
    null.refuses(&["/payload"]);
    let key = json!({"scopes": ["read", "manage"]});
    let key = world.key(key).await;
    let shown = follow(&world, &format!("/webhook-events/{id}"), &key).await;
    assert_eq!(shown.is(200).body.get("payload"), None);
    let body = json!({"active": false});
    let call = Call::new(Method::PATCH, &format!("/webhook-events/{id}"));
    call.with_key(&key).json(&body).send(&world).await.is(200);
    assert_eq!(world.get(&path).await.body["payload"], "id_only");
}

#[tokio::test]
async fn over_plain_http_only_what_holds_no_data_is_accepted() {
    let world = World::with_targets(DeliverConfig {
        plain_http: PlainHttp::WithoutData,
        allow_targets: vec!["127.0.0.0/8".parse().unwrap()],
        ..DeliverConfig::default()
    });
    let world = world.and_northside().await;
    let (plain, tls) = ("http://127.0.0.1:4009/", "https://127.0.0.1:4009/");
    for mode in [json!("full"), json!("thin"), json!(null)] {
        let body = json!({"url": plain, "events": ["*"], "payload": mode});
        world.post(ENDPOINTS, &body).await.refuses(&["/payload"]);
    }
    for mode in ["id_only", "empty"] {
        world.endpoint(json!({"url": plain, "payload": mode})).await;
    }
    let path = format!("{ENDPOINTS}/{}", world.endpoint(json!({"url": tls})).await);
    let url = json!({"url": plain});
    world.patch(&path, &url).await.refuses(&["/payload"]);
    let both = json!({"url": plain, "payload": "empty"});
    world.patch(&path, &both).await.is(200);
    let back = json!({"payload": "full"});
    world.patch(&path, &back).await.refuses(&["/payload"]);
    let other = json!({"name": "Booking"});
    world.patch(&path, &other).await.is(200);
    // A dialect's API has no such field; there the URL is what can be changed.
    let key = world.key(json!({"scopes": ["read", "manage"]})).await;
    let body = json!({"organization": "northside", "url": plain, "events": "*"});
    let call = Call::new(Method::POST, "/webhook-events").with_key(&key);
    let refused = call.json(&body).send(&world).await.is(400);
    assert!(refused.body["message"].as_str().unwrap().contains("url"));
}

#[tokio::test]
async fn a_link_leads_to_the_body_in_the_form_of_the_endpoints_dialect() {
    let world = World::with_northside().await;
    let reader = world.key(json!({"scopes": ["read:payload"]})).await;
    let (_, native) = link(&world, json!({"payload": "thin"}), "patient.created").await;
    let found = follow(&world, &native, &reader).await.is(200);
    assert_eq!(found.body["type"], "patient.created");
    assert_eq!(found.body["data"], json!({"id": "pat_1", "name": "Zoë"}));
    assert_eq!(found.body["sequence"], 1);
    assert_eq!(found.header("cache-control"), "no-store");
    assert_eq!(found.header("content-type"), "application/json");

    let fields = json!({"dialect": "decoda", "payload": "id_only"});
    let (_, decoda) = link(&world, fields, "patient.created").await;
    let found = follow(&world, &decoda, &reader).await.is(200);
    assert_eq!(found.body["data"]["name"], "Zoë");
    let text = String::from_utf8(found.bytes).unwrap();
    assert!(text.contains(r#""name": "Zo\u00eb"}"#), "{text}");
}

#[tokio::test]
async fn a_link_is_worth_nothing_without_a_key_that_may_see_payloads() {
    let world = World::with_northside().await;
    let (_, native) = link(&world, json!({"payload": "thin"}), "patient.created").await;
    let bare = Call::new(Method::GET, &native).without("authorization");
    bare.send(&world).await.problem(401, "unauthenticated");

    let manager = world.key(json!({"scopes": ["read", "manage"]})).await;
    let refused = follow(&world, &native, &manager).await;
    let refused = refused.problem(403, "forbidden");
    assert!(refused.text("detail").contains("read:payload"));
    // The vendors' APIs have no such scope: there it is enough to read and manage.
    let fields = json!({"dialect": "ecg", "payload": "thin"});
    let (_, ecg) = link(&world, fields, "patient.created").await;
    follow(&world, &ecg, &manager).await.is(200);

    let tester = json!({"mode": "test", "scopes": ["read:payload"]});
    let tester = world.key(tester).await;
    follow(&world, &native, &tester)
        .await
        .problem(404, "not-found");
    let body = json!({"id": "southside", "name": "Southside Clinic"});
    world.post("/v1/organizations", &body).await.is(201);
    let body = json!({"name": "Key", "mode": "live", "scopes": ["read:payload"]});
    let made = world
        .post("/v1/organizations/southside/api-keys", &body)
        .await;
    let foreign = made.is(201).text("key");
    follow(&world, &native, &foreign)
        .await
        .problem(404, "not-found");
}

#[tokio::test]
async fn a_key_with_permissions_is_held_to_them_behind_a_link_too() {
    let world = World::with_northside().await;
    let fields = json!({"dialect": "jump", "url": "https://127.0.0.1:4009/", "payload": "thin"});
    let (_, jump) = link(&world, fields, "patient.created").await;
    let key = |permission: &str| json!({"permissions": [permission], "scopes": ["read:payload"]});
    let other = world.key(key("documents:read")).await;
    follow(&world, &jump, &other)
        .await
        .problem(403, "forbidden");
    let own = world.key(key("patients:read")).await;
    let found = follow(&world, &jump, &own).await.is(200);
    assert_eq!(found.body["data"]["object"]["id"], "pat_1");
}

#[tokio::test]
async fn a_link_ends_with_its_time_its_endpoint_and_its_payload() {
    let world = World::with_northside().await;
    let reader = world.key(json!({"scopes": ["read:payload"]})).await;
    let (_, changed) = link(&world, json!({"payload": "thin"}), "patient.created").await;
    for broken in [&changed[..changed.len() - 1], "/v1/payloads/x"] {
        let answer = follow(&world, broken, &reader).await;
        answer.problem(404, "not-found");
    }

    let (id, emptied) = link(&world, json!({"payload": "thin"}), "patient.created").await;
    let path = format!("{ENDPOINTS}/{id}");
    world
        .patch(&path, &json!({"payload": "empty"}))
        .await
        .is(200);
    follow(&world, &emptied, &reader).await.problem(410, "gone");
    world.delete(&path).await.is(204);
    follow(&world, &emptied, &reader).await.problem(410, "gone");

    let day = json!({"retention": {"payload_days": 1}});
    world.patch(ORGANIZATION, &day).await.is(200);
    let (_, kept_a_day) = link(&world, json!({"payload": "thin"}), "patient.created").await;
    world.advance(Duration::from_hours(23));
    follow(&world, &kept_a_day, &reader).await.is(200);
    world.advance(Duration::from_hours(1));
    follow(&world, &kept_a_day, &reader)
        .await
        .problem(410, "gone");

    let month = json!({"retention": {"payload_days": 30}});
    world.patch(ORGANIZATION, &month).await.is(200);
    let (_, week) = link(&world, json!({"payload": "thin"}), "patient.created").await;
    world.advance(PayloadLinks::LIFETIME.saturating_sub(Duration::from_millis(1)));
    follow(&world, &week, &reader).await.is(200);
    world.advance(Duration::from_millis(1));
    let answer = follow(&world, &week, &reader).await;
    let told = answer.problem(410, "gone").text("detail");
    assert_eq!(told, "the link has expired");
}

#[tokio::test]
async fn a_link_leads_to_nothing_after_the_subject_was_erased() {
    let world = World::with_northside().await;
    let reader = world.key(json!({"scopes": ["read:payload"]})).await;
    let (_, thin) = link(&world, json!({"payload": "thin"}), "patient.created").await;
    follow(&world, &thin, &reader).await.is(200);
    let subject = json!({"subject": "pat_1"});
    let path = format!("{ORGANIZATION}/erasures");
    world.post(&path, &subject).await.is(202);
    work_off_erasures(&world).await;
    let answer = follow(&world, &thin, &reader).await;
    let told = answer.problem(410, "gone").text("detail");
    assert_eq!(told, "the payload is no longer kept");
}
