//! The way back for an operator who has forgotten the password of the console.

use carehook_core::{SessionHolder, SignInLink};
use http::Method;
use serde_json::{Value, json};

use crate::world::{Answer, Call, World};

const LINKS: &str = "/v1/sign-in-links";
const URL: &str = "http://127.0.0.1:8080/console/welcome?link=";

/// What stands in the URL of an answer.
fn text_of(made: &Answer) -> &str {
    let url = made.body["url"].as_str().unwrap();
    url.strip_prefix(URL).unwrap()
}

#[tokio::test]
async fn a_link_is_shown_once_and_takes_the_place_of_the_one_before() {
    let world = World::start();
    let make = |key: &str| {
        let call = Call::new(Method::POST, LINKS).header("idempotency-key", key);
        let world = &world;
        async move { call.send(world).await.is(201) }
    };
    let first = make("link-1").await;
    assert_eq!(make("link-1").await.body["url"], Value::Null);
    assert_eq!(first.body["expires_at"], "2026-03-16T10:31:05.000Z");
    let found = |made: &Answer| world.store.sign_in_link_with_text(text_of(made));
    let link = found(&first).unwrap();
    assert_eq!(link.holder, SessionHolder::Operator);
    assert!(link.is_valid_at(world.clock.now()));
    world.clock.advance(SignInLink::PASSWORD_LIFETIME);
    assert!(!link.is_valid_at(world.clock.now()));
    let second = make("link-2").await;
    assert!(found(&first).is_none() && found(&second).is_some());
}

#[tokio::test]
async fn only_who_may_do_everything_makes_one() {
    let world = World::with_northside().await;
    let admin = world.key(json!({"scopes": ["admin"]})).await;
    let call = Call::new(Method::POST, LINKS).with_key(&admin);
    call.send(&world).await.problem(403, "forbidden");
    let limited = json!({"name": "Keys", "scopes": ["keys", "read", "manage"]});
    let limited = world.post("/v1/operator-keys", &limited).await.is(201);
    let limited = limited.body["key"].as_str().unwrap();
    let call = Call::new(Method::POST, LINKS).with_key(limited);
    call.send(&world).await.problem(403, "forbidden");
}
