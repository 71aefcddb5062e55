//! The audit trail: what callers do is in it, and who may read it finds it.

use std::net::IpAddr;
use std::time::Duration;

use carehook_core::{Attempt, AttemptId, AttemptOutcome, DeliveryId, DeliveryState, Trigger};
use carehook_store::{AttemptRecord, Notify};
use http::Method;
use serde_json::{Value, json};

use crate::world::{Call, START, World};

const ORG: &str = "/v1/organizations/northside";
const AUDIT: &str = "/v1/organizations/northside/audit";

async fn entries(world: &World, query: &str) -> Vec<Value> {
    let list = world
        .get(&format!("{AUDIT}?limit=100{query}"))
        .await
        .is(200);
    assert_eq!(list.body["next_cursor"], Value::Null);
    list.body["data"].as_array().unwrap().clone()
}

/// The actions of an action's prefix, oldest first.
async fn actions(world: &World) -> Vec<String> {
    let all = entries(world, "").await.into_iter().rev();
    let actions = all.map(|entry| entry["action"].as_str().unwrap().to_owned());
    actions.filter(|action| action != "audit.viewed").collect()
}

async fn disclose(world: &World, subject: &str) -> DeliveryId {
    let event = json!({"type": "patient.created", "data": {}, "subject": subject});
    let id = world.post(&format!("{ORG}/events"), &event).await.is(202);
    let list = format!("{ORG}/deliveries?event_id={}", id.text("id"));
    let list = world.get(&list).await.is(200);
    let delivery = list.body["data"][0]["id"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    attempted(world, delivery).await;
    delivery
}

/// What the engine does when the receiver has answered.
pub(crate) async fn attempted(world: &World, delivery: DeliveryId) {
    let record = AttemptRecord {
        organization: "northside".parse().unwrap(),
        delivery,
        attempt: Attempt {
            id: AttemptId::of(delivery, 1),
            number: 1,
            started_at: START,
            duration: Duration::from_millis(120),
            outcome: AttemptOutcome::Delivered,
            status: Some(200),
            error: None,
            answer: b"thank you"[..].into(),
            trigger: Trigger::Schedule,
        },
        state: DeliveryState::Delivered,
        reason: None,
        due: None,
        notify: Notify::Never,
        sent_to: Some(carehook_store::SentTo {
            host: "receiver.example".into(),
            payload: carehook_core::PayloadMode::Full,
        }),
    };
    world.store.record(vec![record]).await.unwrap();
}

#[tokio::test]
async fn changes_and_views_leave_entries_in_their_order() {
    let world = World::with_northside().await;
    let endpoint = world.endpoint(json!({})).await;
    let path = format!("{ORG}/endpoints/{endpoint}");
    world.patch(&path, &json!({"name": "Other"})).await.is(200);
    world.get(&format!("{path}/secret")).await.is(200);
    world
        .post(&format!("{path}/secret/rotate"), &json!({}))
        .await
        .is(200);
    let key = json!({"name": "Key", "mode": "live"});
    let key = world.post(&format!("{ORG}/api-keys"), &key).await.is(201);
    let key = key.text("id");
    world.delete(&format!("{ORG}/api-keys/{key}")).await.is(204);
    let delivery = disclose(&world, "patient-1").await;
    world
        .get(&format!("{ORG}/deliveries/{delivery}"))
        .await
        .is(200);
    world.get(&format!("{ORG}/events")).await.is(200);
    let retry = format!("{ORG}/deliveries/{delivery}/retry");
    Call::new(Method::POST, &retry).send(&world).await.is(202);
    let cancel = format!("{ORG}/deliveries/{delivery}/cancel");
    Call::new(Method::POST, &cancel).send(&world).await.is(200);
    world.delete(&path).await.is(204);
    let expected = [
        "organization.created",
        "endpoint.created",
        "endpoint.changed",
        "secret.viewed",
        "secret.rotated",
        "api_key.created",
        "api_key.revoked",
        "payload.viewed",
        "payload.viewed",
        "delivery.retried",
        "delivery.cancelled",
        "endpoint.deleted",
    ];
    let mut found = actions(&world).await;
    found.retain(|action| action != "event.disclosed");
    assert_eq!(found, expected);
    let changed = entries(&world, "&action=endpoint.changed").await;
    assert_eq!(changed[0]["details"], json!({"fields": "name"}));
    assert_eq!(changed[0]["actor"], "operator");
    assert_eq!(changed[0]["object"], format!("endpoint/{endpoint}"));
}

#[tokio::test]
async fn disclosures_are_found_by_the_subject_in_clear() {
    let world = World::with_northside().await;
    let endpoint = world.endpoint(json!({})).await;
    let first = disclose(&world, "patient-1").await;
    disclose(&world, "patient-2").await;
    let found = entries(&world, "&subject=patient-1").await;
    assert_eq!(found.len(), 1);
    let entry = &found[0];
    assert_eq!(entry["action"], "event.disclosed");
    assert_eq!(entry["object"], format!("endpoint/{endpoint}"));
    assert_eq!(entry["outcome"], "success");
    assert_eq!(entry["details"]["host"], "receiver.example");
    assert!(!entry.to_string().contains("patient-1"));
    let both = entries(&world, "&action=event.disclosed").await;
    assert_eq!(both.len(), 2);
    assert_eq!(both[0]["previous_hash"], both[1]["hash"]);
    // What the receiver answered may repeat what the event said.
    world
        .get(&format!("{ORG}/deliveries/{first}"))
        .await
        .is(200);
    let found = entries(&world, "&subject=patient-1&action=payload.viewed").await;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["object"], format!("delivery/{first}"));
    assert!(entries(&world, "&subject=patient-3").await.is_empty());
    let wrong = format!("{AUDIT}?action=x&since=y");
    world.get(&wrong).await.refuses(&["/action", "/since"]);
}

#[tokio::test]
async fn refusals_are_noted_once_in_a_while() {
    let world = World::with_northside().await;
    let key = world.key(json!({"scopes": ["read"]})).await;
    let refuse = async || {
        let call = Call::new(Method::GET, &format!("{ORG}/api-keys"));
        call.with_key(&key).send(&world).await.is(403);
    };
    for _ in 0..3 {
        refuse().await;
    }
    world.advance(Duration::from_mins(1));
    refuse().await;
    // They are written beside the request: who has been answered after them finds them on disk.
    entries(&world, "").await;
    let refused = entries(&world, "&action=access.refused").await;
    assert_eq!(refused.len(), 2, "{refused:?}");
    assert_eq!(refused[0]["outcome"], "refused");
    assert_eq!(refused[0]["details"]["repeated"], "2");
    assert_eq!(
        refused[1]["details"],
        json!({"reason": "this needs the scope `keys`"})
    );
}

#[tokio::test]
async fn the_use_of_a_key_that_is_no_good_any_more_is_noted_once_an_hour() {
    let world = World::with_northside().await;
    let revoked = world.key(json!({"name": "Old"})).await;
    let soon = "2026-03-16T10:22:05Z";
    let expired = world.key(json!({"expires_at": soon})).await;
    let keys = world.get(&format!("{ORG}/api-keys")).await.is(200);
    // Both were made in the same millisecond: either may be the first.
    let mut keys = keys.body["data"].as_array().unwrap().iter();
    let old = keys.find(|key| key["name"] == "Old").unwrap();
    let id = old["id"].as_str().unwrap().to_owned();
    world.delete(&format!("{ORG}/api-keys/{id}")).await.is(204);
    world.advance(Duration::from_mins(2));
    let refuse = async |key: &str| {
        let call = Call::new(Method::GET, &format!("{ORG}/endpoints")).with_key(key);
        let call = call.from(IpAddr::from([192, 0, 2, 9]));
        call.send(&world).await.is(401);
    };
    for minutes in [0, 1, 58, 1] {
        world.advance(Duration::from_mins(minutes));
        for key in [&revoked, &expired] {
            refuse(key).await;
        }
    }
    // Nobody has had such a key: it is in no trail.
    refuse(&format!("pk_live_{}", "0".repeat(48))).await;
    // They are written beside the requests: who has been answered after them finds them on disk.
    entries(&world, "").await;
    let noted = entries(&world, "&action=sign_in.refused").await;
    assert_eq!(noted.len(), 4, "{noted:?}");
    for entry in &noted {
        assert_eq!(entry["outcome"], "refused");
        assert_eq!(entry["source"], "192.0.2.9");
    }
    let of_revoked: Vec<_> = noted.iter().filter(|entry| entry["actor"] == *id).collect();
    let reason = "the key was revoked";
    assert_eq!(
        of_revoked[0]["details"],
        json!({"reason": reason, "repeated": "2"})
    );
    assert_eq!(of_revoked[1]["details"], json!({"reason": reason}));
}

#[tokio::test]
async fn entries_say_from_where_it_was_asked() {
    let world = World::start();
    let near = IpAddr::from([192, 0, 2, 1]);
    let far: IpAddr = "2001:db8::7".parse().unwrap();
    let organization = json!({"id": "northside", "name": "Northside"});
    let create = Call::new(Method::POST, "/v1/organizations").json(&organization);
    create.from(near).send(&world).await.is(201);
    let key = world.key(json!({"scopes": ["read"]})).await;
    let list = Call::new(Method::GET, &format!("{ORG}/api-keys")).with_key(&key);
    list.from(far).send(&world).await.is(403);
    let view = Call::new(Method::GET, AUDIT);
    view.from(near).send(&world).await.is(200);
    world.endpoint(json!({})).await;
    disclose(&world, "patient-1").await;
    for (action, source) in [
        ("organization.created", json!("192.0.2.1")),
        // The world's own call came from nowhere.
        ("api_key.created", Value::Null),
        ("access.refused", json!("2001:db8::7")),
        ("audit.viewed", json!("192.0.2.1")),
        ("event.disclosed", Value::Null),
    ] {
        let found = entries(&world, &format!("&action={action}")).await;
        let last = found.last().map(|entry| entry["source"].clone());
        assert_eq!(last, Some(source), "{action}");
    }
}

#[tokio::test]
async fn the_trail_needs_its_scope_and_a_live_key() {
    let world = World::with_northside().await;
    let ask = async |fields: Value, status| {
        let key = world.key(fields).await;
        for path in [AUDIT.to_owned(), format!("{AUDIT}/key")] {
            let call = Call::new(Method::GET, &path).with_key(&key);
            call.send(&world).await.is(status);
        }
    };
    ask(json!({"scopes": ["audit"]}), 200).await;
    ask(json!({"scopes": ["read", "manage"]}), 403).await;
    ask(json!({"scopes": ["audit"], "mode": "test"}), 403).await;
    let key = world.get(&format!("{AUDIT}/key")).await.is(200);
    assert_eq!(key.text("public_key").len(), 64);
}
