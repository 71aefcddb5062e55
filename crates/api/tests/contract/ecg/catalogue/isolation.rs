//! Who may read the catalogue, and who may change it.

use http::Method;
use serde_json::json;

use super::{CATEGORIES, Labs};
use crate::world::Call;

/// Every operation that changes something, with a body that is fine.
fn changes(labs: &Labs) -> Vec<(Method, String, serde_json::Value)> {
    let new = json!({"name": "A", "code": "a", "version": "v1"});
    let mut all = vec![
        (
            Method::POST,
            CATEGORIES.to_owned(),
            json!({"name": "A", "code": "a"}),
        ),
        (Method::POST, labs.events(), new),
        (Method::POST, labs.samples(), json!({"payload": {}})),
        (
            Method::PATCH,
            format!("{}?version=v1", labs.samples()),
            json!([]),
        ),
        (
            Method::DELETE,
            format!("{}?version=v1", labs.samples()),
            json!({}),
        ),
    ];
    for path in [&labs.event, &labs.category] {
        for switch in ["activate", "deactivate", "archive", "restore"] {
            all.push((Method::POST, format!("{path}/{switch}"), json!({})));
        }
        all.push((Method::PATCH, path.clone(), json!([])));
        all.push((Method::DELETE, path.clone(), json!({})));
    }
    all
}

fn reads(labs: &Labs) -> Vec<String> {
    vec![
        CATEGORIES.to_owned(),
        labs.category.clone(),
        labs.events(),
        labs.event.clone(),
        format!("{}?version=v1", labs.samples()),
        format!("{}-examples?type=ack", labs.samples()),
        "/api/seed-data/versions".to_owned(),
        "/api/webhook-deliveries/payload".to_owned(),
    ]
}

#[tokio::test]
async fn without_a_valid_key_nothing_is_read_or_changed() {
    let labs = Labs::start().await;
    let calls = reads(&labs)
        .into_iter()
        .map(|path| (Method::GET, path, json!({})));
    for (method, path, body) in calls.chain(changes(&labs)) {
        let call = || Call::new(method.clone(), &path).json(&body);
        let none = call().without("authorization").send(&labs.world).await;
        none.nest(401, "Unauthorized");
        for key in ["wrong", "pk_live_0", "a.b.c"] {
            let refused = call().with_key(key).send(&labs.world).await;
            refused.nest(401, "Unauthorized");
        }
    }
    labs.world.get(&labs.event).await.is(200);
}

#[tokio::test]
async fn every_valid_key_reads_and_only_some_change() {
    let labs = Labs::start().await;
    let world = &labs.world;
    let sample = json!({"payload": {"id": "r-1"}});
    world.post(&labs.samples(), &sample).await.is(201);
    let reader = world.key(json!({"scopes": ["read", "manage"]})).await;
    for path in reads(&labs) {
        let call = Call::new(Method::GET, &path).with_key(&reader);
        call.send(world).await.is(200);
    }
    let before = world.get(&labs.event).await.is(200).body;
    for (method, path, body) in changes(&labs) {
        let call = Call::new(method, &path).json(&body).with_key(&reader);
        let message = call.send(world).await.nest(403, "Forbidden");
        assert!(message.as_str().unwrap().contains("catalogue:write"));
    }
    assert_eq!(world.get(&labs.event).await.is(200).body, before);
    // Whether something exists is not told to those who may not change it.
    let unknown = format!("{CATEGORIES}/x/archive");
    let call = Call::new(Method::POST, &unknown).with_key(&reader);
    call.send(world).await.nest(403, "Forbidden");
}

#[tokio::test]
async fn a_key_that_may_change_the_catalogue_is_named_in_it() {
    let labs = Labs::start().await;
    let world = &labs.world;
    let scopes = json!({"scopes": ["read", "catalogue:write"]});
    let editor = world.key(scopes).await;
    let keys = world.get("/v1/organizations/northside/api-keys").await;
    let id = keys.body["data"][0]["id"].clone();
    let archive = format!("{}/archive", labs.event);
    let call = Call::new(Method::POST, &archive).with_key(&editor);
    call.send(world).await.done();
    let shown = world.get(&labs.event).await.is(200).body;
    assert_eq!(shown["auditInfo"]["createdBy"], "operator");
    assert_eq!(shown["auditInfo"]["updatedBy"], id);
}
