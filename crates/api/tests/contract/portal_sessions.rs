//! Links into the console: made for a minute, with no right that their maker lacks.

use std::collections::BTreeSet;

use carehook_core::{Mode, PortalGrant, Scope, SessionHolder};
use http::Method;
use serde_json::{Value, json};

use crate::world::{Answer, Call, World};

const LINKS: &str = "/v1/organizations/northside/portal-sessions";
const URL: &str = "http://127.0.0.1:8080/console/portal?link=";

async fn with_key(world: &World, key: &str, body: Value) -> Answer {
    let call = Call::new(Method::POST, LINKS).with_key(key).json(&body);
    call.send(world).await
}

/// What stands in the URL of an answer.
fn text_of(made: &Answer) -> &str {
    let url = made.body["url"].as_str().unwrap();
    url.strip_prefix(URL).unwrap()
}

/// What a link gives.
fn grant(world: &World, made: &Answer) -> PortalGrant {
    let link = world.store.sign_in_link_with_text(text_of(made)).unwrap();
    match &link.holder {
        SessionHolder::Portal(grant) => grant.clone(),
        SessionHolder::Operator => panic!("a link of the operator"),
    }
}

#[tokio::test]
async fn a_link_is_shown_once_and_gives_what_was_asked_for() {
    let world = World::with_northside().await;
    let body = json!({
        "person": "dr.k@clinic.example",
        "rights": ["manage", "read:payload"],
        "return_url": "https://pms.example/settings?ticket=canary",
    });
    let make = || {
        let call = Call::new(Method::POST, LINKS).json(&body);
        call.header("idempotency-key", "portal-1").send(&world)
    };
    let made = make().await.is(201);
    assert_eq!(text_of(&made).len(), 43);
    assert_eq!(made.body["expires_at"], "2026-03-16T10:22:05.000Z");
    let grant = grant(&world, &made);
    assert_eq!(grant.organization.as_str(), "northside");
    let scopes = [Scope::Read, Scope::Manage, Scope::ReadPayload];
    assert_eq!(grant.scopes, BTreeSet::from(scopes));
    let back = grant.return_url.unwrap();
    assert_eq!(back.expose(), "https://pms.example/settings?ticket=canary");

    let again = make().await.is(201);
    assert_eq!(again.body["url"], Value::Null);
    let trail = "/v1/organizations/northside/audit?action=portal_link.created";
    let trail = world.get(trail).await.is(200);
    let entries = trail.body["data"].as_array().unwrap();
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0]["details"]["rights"], "read read:payload manage");
    assert_eq!(entries[0]["details"]["person"], "dr.k@clinic.example");
    assert_eq!(entries[0]["actor_name"], Value::Null, "a key has made it");
    let told = String::from_utf8(trail.bytes.clone()).unwrap();
    assert!(!told.contains("canary") && !told.contains(text_of(&made)));
}

#[tokio::test]
async fn a_link_gives_no_right_that_its_maker_lacks() {
    let world = World::with_northside().await;
    let key = world
        .key(json!({"scopes": ["keys", "read"], "mode": "test"}))
        .await;
    for right in ["manage", "read:payload"] {
        let refused = with_key(&world, &key, json!({"rights": [right]})).await;
        refused.problem(403, "forbidden");
    }
    for body in [
        json!({}),
        json!({"rights": []}),
        json!({"rights": ["keys"]}),
    ] {
        let made = with_key(&world, &key, body).await.is(201);
        let grant = grant(&world, &made);
        assert_eq!(grant.mode.map(Mode::as_str), Some("test"));
        assert!(grant.scopes.contains(&Scope::Read));
        assert!(grant.permissions.is_empty());
    }
    let wider = json!({"scopes": ["read", "manage", "read:payload"]});
    let without_keys = world.key(wider).await;
    let refused = with_key(&world, &without_keys, json!({})).await;
    refused.problem(403, "forbidden");
    let unseeing = world.key(json!({"scopes": ["keys"]})).await;
    let refused = with_key(&world, &unseeing, json!({})).await;
    refused.problem(403, "forbidden");
}

#[tokio::test]
async fn a_link_ends_its_person_with_the_key_that_made_it() {
    let world = World::with_northside().await;
    let ending = json!({
        "scopes": ["admin"],
        "permissions": ["patients:read"],
        "expires_at": "2026-03-16T11:00:00Z",
        "rate_limit": 50,
    });
    let key = world.key(ending).await;
    let made = with_key(&world, &key, json!({"rights": ["keys"]})).await;
    let grant = grant(&world, &made.is(201));
    let ends_at = grant.ends_at.unwrap().to_string();
    assert_eq!(ends_at, "2026-03-16T11:00:00.000Z");
    assert_eq!(grant.rate_limit, Some(50));
    let permissions: Vec<_> = grant.permissions.iter().map(ToString::to_string).collect();
    assert_eq!(permissions, ["patients:read"]);
}

#[tokio::test]
async fn what_is_not_acceptable_is_named() {
    let world = World::with_northside().await;
    let long = format!("https://pms.example/{}", "a".repeat(2_048));
    for (body, pointers) in [
        (json!({"rights": ["publish"]}), vec!["/rights"]),
        (json!({"rights": ["admin"]}), vec!["/rights"]),
        (json!({"rights": ["read", "all"]}), vec!["/rights/1"]),
        (json!({"person": ""}), vec!["/person"]),
        (json!({"person": "a".repeat(201)}), vec!["/person"]),
        (json!({"person": "mary\u{202e}"}), vec!["/person"]),
        (json!({"person": "mary\u{0}"}), vec!["/person"]),
        (json!({"person": 7}), vec!["/person"]),
        (json!({"return_url": "/settings"}), vec!["/return_url"]),
        (
            json!({"return_url": "javascript:alert(1)"}),
            vec!["/return_url"],
        ),
        (
            json!({"return_url": "data:text/html,x"}),
            vec!["/return_url"],
        ),
        (
            json!({"return_url": "https://a:b@pms.example/"}),
            vec!["/return_url"],
        ),
        (json!({ "return_url": long }), vec!["/return_url"]),
        (json!({"organization": "southside"}), vec!["/organization"]),
    ] {
        world.post(LINKS, &body).await.refuses(&pointers);
    }
}

#[tokio::test]
async fn the_text_of_a_link_is_no_key() {
    let world = World::with_northside().await;
    let made = world
        .post(LINKS, &json!({"rights": ["keys"]}))
        .await
        .is(201);
    let refused = with_key(&world, text_of(&made), json!({})).await;
    refused.problem(401, "unauthenticated");
}
