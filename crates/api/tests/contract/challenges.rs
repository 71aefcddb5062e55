//! The ownership challenge as callers see it.

use std::time::Duration;

use carehook_core::{Endpoint, Ownership};
use http::Method;
use serde_json::{Value, json};

use crate::world::{Call, START, World};

const ORGANIZATION: &str = "/v1/organizations/northside";
const ENDPOINTS: &str = "/v1/organizations/northside/endpoints";

async fn asking() -> World {
    let world = World::with_northside().await;
    let on = json!({"ownership_challenge": true});
    world.patch(ORGANIZATION, &on).await.is(200);
    world
}

/// What the engine does when the receiver has answered.
async fn pass(world: &World, id: &str) {
    let endpoint = world.store.any_endpoint(id.parse().unwrap()).unwrap();
    let passed = Endpoint {
        ownership: Ownership::Proven(world.clock.now()),
        ..(*endpoint).clone()
    };
    world.store.replace_endpoint(passed).await.unwrap();
}

#[tokio::test]
async fn a_new_endpoint_waits_only_where_the_organization_asks_for_challenges() {
    let world = World::with_northside().await;
    let id = world.endpoint(json!({})).await;
    let shown = world.get(&format!("{ENDPOINTS}/{id}")).await.is(200).body;
    assert_eq!(
        (&shown["challenge"], &shown["verified_at"]),
        (&Value::Null, &Value::Null)
    );

    let world = asking().await;
    let id = world.endpoint(json!({})).await;
    let path = format!("{ENDPOINTS}/{id}");
    let shown = world.get(&path).await.is(200).body;
    assert_eq!(
        (&shown["challenge"], &shown["active"]),
        (&json!("pending"), &json!(true))
    );
    let test = world.post(&format!("{path}/test"), &json!({})).await;
    let refused = test.problem(409, "conflict").text("detail");
    assert_eq!(
        refused,
        "the endpoint has not answered its ownership challenge"
    );
    world.event("patient.created").await;
    let deliveries = world.get(&format!("{ORGANIZATION}/deliveries")).await;
    assert_eq!(deliveries.body["data"][0]["state"], "pending");
    pass(&world, &id).await;
    let shown = world.get(&path).await.is(200).body;
    assert_eq!(shown["challenge"], "passed");
    assert_eq!(shown["verified_at"], START.to_string());
}

#[tokio::test]
async fn being_asked_for_a_challenge_is_no_change_of_a_decoda_webhook() {
    let world = asking().await;
    let key = world.key(json!({"scopes": ["read", "manage"]})).await;
    let of = |call: Call| {
        call.header("tenant", "northside")
            .without("authorization")
            .header("api-key", &key)
    };
    let body = json!({"subscriptions": ["MAIL_SENT"], "url": "http://127.0.0.1:4009/hook"});
    let made = of(Call::new(Method::POST, "/v1/webhook/create")).json(&body);
    let id = made.send(&world).await.is(200).text("id");
    let path = format!("/v1/webhook/{id}");
    let date = async || {
        let shown = of(Call::new(Method::GET, &path)).send(&world).await;
        shown.is(200).body["updatedDate"].clone()
    };
    world.advance(Duration::from_secs(5));
    let again = format!("{ENDPOINTS}/{id}/challenge");
    world.post(&again, &json!({})).await.is(202);
    assert_eq!(date().await, Value::Null, "somebody had it asked again");
    pass(&world, &id).await;
    assert_eq!(date().await, Value::Null, "it has answered");
    let change = of(Call::new(Method::PATCH, &path)).json(&json!({"subscriptions": ["MAIL_SENT"]}));
    change.send(&world).await.is(200);
    let changed_at = START.plus(Duration::from_secs(5)).to_string();
    assert_eq!(date().await, changed_at);
}

#[tokio::test]
async fn another_host_has_to_answer_again_and_another_path_has_not() {
    let world = asking().await;
    let id = world.endpoint(json!({})).await;
    let path = format!("{ENDPOINTS}/{id}");
    pass(&world, &id).await;
    for (url, challenge) in [
        ("http://127.0.0.1:4009/other", "passed"),
        ("http://127.0.0.2:4009/other", "pending"),
        ("http://127.0.0.2:4009/", "pending"),
    ] {
        let changed = world.patch(&path, &json!({"url": url})).await.is(200);
        assert_eq!(changed.body["challenge"], challenge, "{url}");
    }
}

#[tokio::test]
async fn a_challenge_is_asked_for_again_until_it_is_passed() {
    let world = asking().await;
    let id = world.endpoint(json!({})).await;
    let path = format!("{ENDPOINTS}/{id}/challenge");
    let given_up = {
        let endpoint = world.store.any_endpoint(id.parse().unwrap()).unwrap();
        let ownership = Ownership::Pending {
            tries: 12,
            next_at: None,
        };
        let endpoint = (*endpoint).clone();
        Endpoint {
            ownership,
            ..endpoint
        }
    };
    world.store.replace_endpoint(given_up).await.unwrap();
    let asked = world.post(&path, &json!({})).await.is(202);
    assert_eq!(asked.body["challenge"], "pending");
    let stored = world.store.any_endpoint(id.parse().unwrap()).unwrap();
    assert_eq!(stored.ownership, Ownership::asked(START));
    pass(&world, &id).await;
    world.post(&path, &json!({})).await.problem(409, "conflict");
}
