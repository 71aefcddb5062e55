//! `Idempotency-Key` on requests other than publishes.

use http::Method;
use serde_json::{Value, json};

use crate::world::{Answer, Call, World};

const ENDPOINTS: &str = "/v1/organizations/northside/endpoints";

fn good() -> Value {
    json!({"url": "http://127.0.0.1:4009/", "events": ["*"]})
}

async fn post(world: &World, path: &str, key: &str, body: &Value) -> Answer {
    let call = Call::new(Method::POST, path).json(body);
    call.header("idempotency-key", key).send(world).await
}

#[tokio::test]
async fn a_repetition_gets_the_same_answer_and_does_nothing() {
    let world = World::with_northside().await;
    let first = post(&world, ENDPOINTS, "k", &good()).await.is(201);
    assert_eq!(first.header("idempotent-replayed"), "");
    let again = post(&world, ENDPOINTS, "k", &good()).await.is(201);
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!(again.header("content-type"), "application/json");
    assert_eq!(again.bytes, first.bytes);
    assert_eq!(world.count(ENDPOINTS).await, 1);
    post(&world, ENDPOINTS, "other", &good()).await.is(201);
    assert_eq!(world.count(ENDPOINTS).await, 2);
}

#[tokio::test]
async fn a_key_belongs_to_one_request() {
    let world = World::with_northside().await;
    post(&world, ENDPOINTS, "k", &good()).await.is(201);
    let other = json!({"url": "http://127.0.0.1:4008/", "events": ["*"]});
    post(&world, ENDPOINTS, "k", &other)
        .await
        .problem(409, "conflict");
    let test = format!("{ENDPOINTS}/00000000-0000-7000-8000-000000000000/test");
    post(&world, &test, "k", &good())
        .await
        .problem(409, "conflict");
    assert_eq!(world.count(ENDPOINTS).await, 1);
}

#[tokio::test]
async fn keys_of_different_organizations_never_meet() {
    let world = World::with_northside().await;
    let operator = json!({"id": "operator", "name": "Operator"});
    post(&world, "/v1/organizations", "k", &operator)
        .await
        .is(201);
    post(&world, ENDPOINTS, "k", &good()).await.is(201);
    let theirs = "/v1/organizations/operator/endpoints";
    let made = post(&world, theirs, "k", &good()).await.is(201);
    assert_eq!(made.header("idempotent-replayed"), "");
    assert_eq!(world.count(theirs).await, 1);
}

#[tokio::test]
async fn a_refused_request_can_be_mended_and_sent_again_under_its_key() {
    let world = World::with_northside().await;
    for _ in 0..2 {
        let refused = post(&world, ENDPOINTS, "k", &json!({"url": "x"})).await;
        assert_eq!(refused.is(422).header("idempotent-replayed"), "");
    }
    let made = post(&world, ENDPOINTS, "k", &good()).await.is(201);
    let again = post(&world, ENDPOINTS, "k", &good()).await.is(201);
    assert_eq!(again.bytes, made.bytes);
    assert_eq!(world.count(ENDPOINTS).await, 1);
}

#[tokio::test]
async fn nothing_is_remembered_for_callers_without_a_key() {
    let world = World::with_northside().await;
    let call = Call::new(Method::POST, ENDPOINTS)
        .json(&good())
        .header("idempotency-key", "k");
    let answer = call.without("authorization").send(&world).await;
    answer.problem(401, "unauthenticated");
    let unknown = "/v1/organizations/nobody/endpoints";
    post(&world, unknown, "k", &good())
        .await
        .problem(404, "not-found");
    post(&world, ENDPOINTS, "k", &good()).await.is(201);
}

#[tokio::test]
async fn a_bad_key_and_too_large_a_body_are_refused() {
    let world = World::with_northside().await;
    for key in ["", &"x".repeat(256)] {
        post(&world, ENDPOINTS, key, &good())
            .await
            .problem(400, "bad-header");
    }
    let large = json!({"name": "x".repeat(256 * 1024)});
    post(&world, ENDPOINTS, "k", &large)
        .await
        .problem(413, "too-large");
    post(&world, ENDPOINTS, "k", &good()).await.is(201);
}

#[tokio::test]
async fn the_same_request_at_once_is_done_once() {
    let world = World::with_northside().await;
    let body = good();
    let (one, two, three) = tokio::join!(
        post(&world, ENDPOINTS, "k", &body),
        post(&world, ENDPOINTS, "k", &body),
        post(&world, ENDPOINTS, "k", &body),
    );
    for answer in [one, two, three] {
        if answer.status == 409 {
            let answer = answer.problem(409, "in-progress");
            assert_eq!(answer.header("retry-after"), "1");
        } else {
            answer.is(201);
        }
    }
    assert_eq!(world.count(ENDPOINTS).await, 1);
    post(&world, ENDPOINTS, "k", &body).await.is(201);
}

#[tokio::test]
async fn a_rotation_repeated_by_its_key_rotates_once() {
    let world = World::with_northside().await;
    let path = format!(
        "{ENDPOINTS}/{}/secret/rotate",
        world.endpoint(json!({})).await
    );
    let first = post(&world, &path, "k", &json!({})).await.is(200);
    let again = post(&world, &path, "k", &json!({})).await.is(200);
    assert_eq!(again.text("secret"), first.text("secret"));
    assert_eq!(again.body["previous"].as_array().unwrap().len(), 1);
}
