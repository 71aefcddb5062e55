//! Who sees what: the organization and the mode of the key, and no endpoints of other dialects.

use std::time::Duration;

use http::Method;
use serde_json::json;

use super::{ALL, Client, WEBHOOKS, fails, good};
use crate::world::{OPERATOR_KEY, World};

async fn southside(world: &World) -> Client<'_> {
    let body = json!({"id": "southside", "name": "Southside"});
    world.post("/v1/organizations", &body).await.is(201);
    let body = json!({"name": "Key", "mode": "live", "permissions": ALL});
    let made = world
        .post("/v1/organizations/southside/api-keys", &body)
        .await;
    let key = made.is(201).text("key");
    Client { world, key }
}

/// Fails unless the endpoint at `path` does not exist for the client.
async fn is_unknown(client: &Client<'_>, path: &str) {
    let test = format!("{path}/test");
    for answer in [
        client.get(path).await,
        client.patch(path, &json!({"name": "mine"})).await,
        client.delete(path).await,
        client.post(&test, &json!({})).await,
    ] {
        let answer = fails(answer, 404, "NOT_FOUND", "there is no such endpoint");
        assert!(!answer.body.to_string().contains("4009"));
    }
    let list = client.list().await;
    let id = path.rsplit('/').next().unwrap();
    assert!(!list.to_string().contains(id), "{list}");
}

#[tokio::test]
async fn a_key_sees_its_organization_only() {
    let world = World::with_northside().await;
    let north = Client::new(&world).await;
    let south = southside(&world).await;
    let path = north.webhook(json!({})).await;
    let theirs = south.webhook(json!({})).await;
    is_unknown(&south, &path).await;
    is_unknown(&north, &theirs).await;
    north.get(&path).await.is(200);
    world.event("appointment.created").await;
    assert_eq!(
        world.count("/v1/organizations/northside/deliveries").await,
        1
    );
    assert_eq!(
        world.count("/v1/organizations/southside/deliveries").await,
        0
    );
}

#[tokio::test]
async fn a_key_sees_its_mode_only() {
    let world = World::with_northside().await;
    let live = Client::new(&world).await;
    let test = Client::with(&world, json!({"mode": "test", "permissions": ALL})).await;
    let path = live.webhook(json!({})).await;
    let testing = test.webhook(json!({})).await;
    is_unknown(&test, &path).await;
    is_unknown(&live, &testing).await;
    assert_eq!(live.list().await.as_array().unwrap().len(), 1);
    assert_eq!(test.list().await.as_array().unwrap().len(), 1);
    world.event("appointment.created").await;
    let deliveries = "/v1/organizations/northside/deliveries";
    let owed = world.get(deliveries).await.is(200).body["data"].clone();
    let to: Vec<&str> = owed
        .as_array()
        .unwrap()
        .iter()
        .map(|delivery| delivery["endpoint_id"].as_str().unwrap())
        .collect();
    assert_eq!(to, [path.rsplit('/').next().unwrap()]);
}

#[tokio::test]
async fn endpoints_of_other_dialects_are_not_seen() {
    let world = World::with_northside().await;
    let client = Client::new(&world).await;
    let native = world.endpoint(json!({})).await;
    is_unknown(&client, &format!("{WEBHOOKS}/{native}")).await;
    let through_native = world.endpoint(json!({"dialect": "jump"})).await;
    client
        .get(&format!("{WEBHOOKS}/{through_native}"))
        .await
        .is(200);
}

#[tokio::test]
async fn only_a_valid_key_of_an_organization_is_accepted() {
    let world = World::with_northside().await;
    let client = Client::new(&world).await;
    let path = client.webhook(json!({})).await;
    let flipped = if client.key.ends_with('a') { "b" } else { "a" };
    let forged = format!("{}{flipped}", &client.key[..client.key.len() - 1]);
    for bearer in [
        "",
        "Bearer",
        "Bearer ",
        "Bearer pk_live_",
        "Bearer nonsense",
        &client.key,
        &format!("Basic {}", client.key),
        &format!("Bearer {forged}"),
        &format!("Bearer {}x", client.key),
        // A token has neither a mode nor permissions.
        &format!(
            "Bearer {}",
            world.token("northside", &["webhooks:read", "webhooks:write"])
        ),
    ] {
        for (method, path) in [
            (Method::GET, WEBHOOKS),
            (Method::POST, WEBHOOKS),
            (Method::GET, &path),
            (Method::PATCH, &path),
            (Method::DELETE, &path),
        ] {
            let call = client.call(method, path).json(&good());
            let answer = call.header("authorization", bearer).send(&world).await;
            let answer = fails(answer, 401, "UNAUTHORIZED", "no valid key");
            assert!(answer.header("www-authenticate").starts_with("Bearer"));
        }
    }
    let call = client.call(Method::GET, WEBHOOKS).without("authorization");
    fails(call.send(&world).await, 401, "UNAUTHORIZED", "no valid key");
    assert_eq!(client.list().await.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn the_operators_key_belongs_to_no_organization() {
    let world = World::with_northside().await;
    let key = OPERATOR_KEY.to_owned();
    let operator = Client { world: &world, key };
    let refused = operator.get(WEBHOOKS).await;
    fails(refused, 403, "FORBIDDEN", "key of one organization");
    let refused = operator.post(WEBHOOKS, &good()).await;
    fails(refused, 403, "FORBIDDEN", "key of one organization");
}

#[tokio::test]
async fn a_revoked_or_expired_key_is_refused_at_once() {
    let world = World::with_northside().await;
    let client = Client::new(&world).await;
    client.get(WEBHOOKS).await.is(200);
    let keys = "/v1/organizations/northside/api-keys";
    let id = world.get(keys).await.is(200).body["data"][0]["id"].clone();
    let id = id.as_str().unwrap();
    let revoked = world.delete(&format!("{keys}/{id}")).await;
    assert!((200..300).contains(&revoked.status), "{}", revoked.body);
    fails(
        client.get(WEBHOOKS).await,
        401,
        "UNAUTHORIZED",
        "no valid key",
    );

    let ending = json!({"expires_at": "2026-03-16T10:22:00Z"});
    let client = Client::with(&world, ending).await;
    client.get(WEBHOOKS).await.is(200);
    world.advance(Duration::from_mins(1));
    fails(
        client.get(WEBHOOKS).await,
        401,
        "UNAUTHORIZED",
        "no valid key",
    );
}
