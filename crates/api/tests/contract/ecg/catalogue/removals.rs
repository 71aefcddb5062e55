//! Deleting entries of the catalogue again.

use http::Method;
use serde_json::json;

use super::{CATEGORIES, Labs, MONITORING};
use crate::world::{Call, World};

/// Fails unless everything but DELETE finds nothing here.
async fn is_gone(world: &World, path: &str) {
    world.get(path).await.nest(404, "Not Found");
    let patched = world.patch(path, &json!([])).await;
    patched.nest(404, "Not Found");
    for switch in ["activate", "deactivate", "archive", "restore"] {
        let path = format!("{path}/{switch}");
        let switched = world.post(&path, &json!({})).await;
        switched.nest(404, "Not Found");
    }
}

#[tokio::test]
async fn what_was_deleted_can_be_deleted_again_and_stays_unknown_otherwise() {
    let labs = Labs::start().await;
    let world = &labs.world;
    for path in [&labs.event, &labs.category] {
        for _ in 0..3 {
            world.delete(path).await.done();
            is_gone(world, path).await;
        }
    }
    // Below what is gone there is nothing.
    world.delete(&labs.event).await.nest(404, "Not Found");
    let sample = format!("{}?version=v1", labs.samples());
    world.delete(&sample).await.nest(404, "Not Found");
}

#[tokio::test]
async fn an_event_is_deleted_again_only_where_it_was() {
    let labs = Labs::start().await;
    let world = &labs.world;
    let id = labs.event.rsplit('/').next().unwrap();
    let elsewhere = format!("{CATEGORIES}/{MONITORING}/webhook-events/{id}");
    let as_category = format!("{CATEGORIES}/{id}");
    for _ in 0..2 {
        for path in [&elsewhere, &as_category] {
            world.delete(path).await.nest(404, "Not Found");
        }
        world.delete(&labs.event).await.done();
    }
}

#[tokio::test]
async fn what_is_made_again_is_there_and_can_be_deleted_again() {
    let labs = Labs::start().await;
    let world = &labs.world;
    world.delete(&labs.event).await.done();
    world.delete(&labs.category).await.done();
    let category = json!({"name": "Laboratory", "code": "labs"});
    world.post(CATEGORIES, &category).await.is(201);
    // The new category never had an event.
    world.delete(&labs.event).await.nest(404, "Not Found");
    let event = json!({"name": "Ready", "code": "labs.result.ready", "version": "v1"});
    world.post(&labs.events(), &event).await.is(201);
    world.delete(&labs.category).await.nest(409, "Conflict");
    world.get(&labs.event).await.is(200);
    world.delete(&labs.event).await.done();
    is_gone(world, &labs.event).await;
}

#[tokio::test]
async fn those_who_may_not_change_the_catalogue_do_not_learn_what_was_deleted() {
    let labs = Labs::start().await;
    let world = &labs.world;
    let reader = world.key(json!({"scopes": ["read", "manage"]})).await;
    world.delete(&labs.event).await.done();
    world.delete(&labs.category).await.done();
    for path in [&labs.event, &labs.category] {
        let call = Call::new(Method::DELETE, path).with_key(&reader);
        call.send(world).await.nest(403, "Forbidden");
    }
}
