//! Rate limits: one count for each key, told and refused in the words of every dialect.

mod publishing;

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};

use crate::world::{Answer, Call, OPERATOR_KEY, World};

const NORTHSIDE: &str = "/v1/organizations/northside";
const ENDPOINTS: &str = "/v1/organizations/northside/endpoints";
const KEYS: &str = "/v1/organizations/northside/api-keys";
/// From the start of a world, at 10:21:05, to the full hour, in seconds.
const TO_THE_HOUR: u64 = 38 * 60 + 55;

/// A list in the API of each dialect.
fn lists(key: &str) -> [Call; 5] {
    let get = |path: &str| Call::new(Method::GET, path).with_key(key);
    let decoda = get("/v1/webhook/list").without("authorization");
    [
        get(ENDPOINTS),
        get("/api-v1/webhooks"),
        decoda.header("tenant", "northside").header("api-key", key),
        get("/webhook-events?organization=northside"),
        get("/api/organizations/northside/webhook-subscriptions"),
    ]
}

fn native(key: &str) -> Call {
    Call::new(Method::GET, ENDPOINTS).with_key(key)
}

fn jump(key: &str) -> Call {
    Call::new(Method::GET, "/api-v1/webhooks").with_key(key)
}

/// A key of `northside` with this limit.
async fn key(world: &World, rate_limit: Value) -> String {
    world.key(json!({ "rate_limit": rate_limit })).await
}

async fn set_limits(world: &World, limits: Value) {
    let change = json!({ "rate_limits": limits });
    world.patch(NORTHSIDE, &change).await.is(200);
}

/// What Jump's headers say: the limit, and what is left.
fn shown(answer: &Answer) -> (&str, &str) {
    (
        answer.header("x-ratelimit-limit"),
        answer.header("x-ratelimit-remaining"),
    )
}

#[tokio::test]
async fn a_key_has_one_count_whatever_api_it_comes_through() {
    let world = World::with_northside().await;
    let key = key(&world, json!(5)).await;
    for call in lists(&key) {
        call.send(&world).await.is(200);
    }
    for call in lists(&key) {
        let refused = call.send(&world).await.is(429);
        assert_eq!(refused.header("retry-after"), TO_THE_HOUR.to_string());
    }
}

#[tokio::test]
async fn every_dialect_refuses_in_its_own_words() {
    let world = World::with_northside().await;
    let key = key(&world, json!(1)).await;
    native(&key).send(&world).await.is(200);
    let told = "the limit of 1 requests an hour is reached; try again in 2335 s";
    let mut answers = Vec::new();
    for call in lists(&key) {
        answers.push(call.send(&world).await.is(429));
    }
    let [native, jump, decoda, mycure, ecg] = answers.try_into().unwrap();
    let native = native.problem(429, "rate-limited");
    assert_eq!(native.text("detail"), told);
    assert_eq!(native.header("ratelimit-policy"), "\"default\";q=1;w=3600");
    assert_eq!(native.header("ratelimit"), "\"default\";r=0;t=2335");
    assert_eq!(
        jump.body["error"],
        json!({"code": "RATE_LIMITED", "message": told})
    );
    assert!(jump.body["data"].is_null() && jump.body["meta"]["request_id"].is_string());
    assert_eq!(shown(&jump), ("1", "0"));
    assert_eq!(decoda.body, json!({ "detail": told }));
    let feathers = json!({"name": "TooManyRequests", "message": told, "code": 429,
        "className": "too-many-requests", "errors": {}});
    assert_eq!(mycure.body, feathers);
    let nest = json!({"statusCode": 429, "message": told, "error": "Too Many Requests"});
    assert_eq!(ecg.body, nest);
}

#[tokio::test]
async fn a_key_has_a_thousand_requests_an_hour_in_jump_and_begins_anew_on_the_full_hour() {
    let world = World::with_northside().await;
    let key = key(&world, Value::Null).await;
    for used in 1..=1_000 {
        let answer = jump(&key).send(&world).await.is(200);
        let left = (1_000 - used).to_string();
        assert_eq!(shown(&answer), ("1000", left.as_str()));
    }
    let refused = jump(&key).send(&world).await.is(429);
    assert_eq!(shown(&refused), ("1000", "0"));
    assert_eq!(refused.header("retry-after"), TO_THE_HOUR.to_string());
    // Elsewhere nothing was said of a limit.
    let unlimited = native(&key).send(&world).await.is(200);
    assert_eq!(unlimited.header("ratelimit"), "");

    world.advance(Duration::from_millis(TO_THE_HOUR * 1_000 - 1));
    let refused = jump(&key).send(&world).await.is(429);
    assert_eq!(refused.header("retry-after"), "1");
    world.advance(Duration::from_millis(1));
    let answer = jump(&key).send(&world).await.is(200);
    assert_eq!(shown(&answer), ("1000", "999"));
}

#[tokio::test]
async fn a_limit_is_the_key_s_own_or_else_the_organization_s() {
    let world = World::with_northside().await;
    set_limits(&world, json!({"requests_per_hour": 7})).await;
    let usual = key(&world, Value::Null).await;
    let own = key(&world, json!(30)).await;
    let left = async |key: &str| {
        let answer = native(key).send(&world).await.is(200);
        let policy = answer.header("ratelimit-policy").to_owned();
        (policy, answer.header("ratelimit").to_owned())
    };
    let told = |limit: u32, remaining: u32| {
        let policy = format!("\"default\";q={limit};w=3600");
        (policy, format!("\"default\";r={remaining};t={TO_THE_HOUR}"))
    };
    assert_eq!(left(&usual).await, told(7, 6));
    assert_eq!(left(&own).await, told(30, 29));
    assert_eq!(shown(&jump(&usual).send(&world).await), ("7", "5"));
    // A change holds at once, for what was used already as well.
    set_limits(&world, json!({"requests_per_hour": 2})).await;
    native(&usual).send(&world).await.is(429);
    set_limits(&world, json!({"requests_per_hour": null})).await;
    let unlimited = native(&usual).send(&world).await.is(200);
    assert_eq!(unlimited.header("ratelimit-policy"), "");
    assert_eq!(shown(&jump(&usual).send(&world).await), ("1000", "996"));
}

#[tokio::test]
async fn tokens_of_a_subject_share_a_count_and_the_operator_has_none() {
    let world = World::with_northside().await;
    set_limits(&world, json!({"requests_per_hour": 2})).await;
    let first = world.token("northside", &["read"]);
    world.advance(Duration::from_secs(1));
    let second = world.token("northside", &["read", "manage"]);
    assert_ne!(first, second);
    native(&first).send(&world).await.is(200);
    native(&second).send(&world).await.is(200);
    for token in [first, second] {
        native(&token)
            .send(&world)
            .await
            .problem(429, "rate-limited");
    }
    for _ in 0..5 {
        let answer = native(OPERATOR_KEY).send(&world).await.is(200);
        assert_eq!(answer.header("ratelimit"), "");
    }
}

#[tokio::test]
async fn a_request_is_counted_once_also_with_an_idempotency_key_and_when_it_is_refused() {
    let world = World::with_northside().await;
    let key = key(&world, json!(100)).await;
    let left = |answer: &Answer| {
        let header = answer.header("ratelimit").to_owned();
        let (_, rest) = header.split_once("r=").unwrap();
        rest.split(';').next().unwrap().parse::<u32>().unwrap()
    };
    let endpoint = json!({"url": "http://127.0.0.1:4009/hook", "events": ["*"]});
    let make = || {
        let call = Call::new(Method::POST, ENDPOINTS).with_key(&key);
        call.header("idempotency-key", "k-1").json(&endpoint)
    };
    assert_eq!(left(&make().send(&world).await.is(201)), 99);
    let again = make().send(&world).await.is(201);
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!(left(&again), 98);
    let foreign = Call::new(Method::GET, "/v1/organizations/southside").with_key(&key);
    assert_eq!(left(&foreign.send(&world).await.is(404)), 97);
    let operators = Call::new(Method::POST, "/v1/organizations").with_key(&key);
    let refused = operators.json(&json!({"name": "x"})).send(&world).await;
    assert_eq!(left(&refused.is(403)), 96);
}

#[tokio::test]
async fn what_is_refused_for_the_limit_is_not_done() {
    let world = World::with_northside().await;
    let key = key(&world, json!(1)).await;
    native(&key).send(&world).await.is(200);
    let endpoint = json!({"url": "http://127.0.0.1:4009/hook", "events": ["*"]});
    let make = Call::new(Method::POST, ENDPOINTS).with_key(&key);
    let make = make.header("idempotency-key", "k-1").json(&endpoint);
    make.send(&world).await.problem(429, "rate-limited");
    assert_eq!(world.count(ENDPOINTS).await, 0);
    // The idempotency key is free for the repetition.
    world.advance(Duration::from_secs(TO_THE_HOUR));
    let make = Call::new(Method::POST, ENDPOINTS).with_key(&key);
    let make = make.header("idempotency-key", "k-1").json(&endpoint);
    let made = make.send(&world).await.is(201);
    assert_eq!(made.header("idempotent-replayed"), "");
}

#[tokio::test]
async fn who_has_no_valid_key_is_not_counted() {
    let world = World::with_northside().await;
    let key = key(&world, json!(1)).await;
    for wrong in ["", "wrong", &key[..20]] {
        let refused = jump(wrong).send(&world).await.is(401);
        assert_eq!(shown(&refused), ("1000", "1000"));
    }
    // A path that does not exist is a request like any other.
    let unknown = Call::new(Method::GET, "/api-v1/nothing").with_key(&key);
    let unknown = unknown.send(&world).await.is(404);
    assert_eq!(shown(&unknown), ("1", "0"));
    let listed = world.get(KEYS).await.is(200).body["data"][0].clone();
    jump(&key).send(&world).await.is(429);
    let id = listed["id"].as_str().unwrap();
    world.delete(&format!("{KEYS}/{id}")).await.is(204);
    jump(&key).send(&world).await.is(401);
}

#[tokio::test]
async fn a_key_gives_no_higher_limit_than_its_own() {
    let world = World::with_northside().await;
    let make = async |maker: &str, rate_limit: Value| {
        let body =
            json!({"name": "x", "mode": "live", "scopes": ["read"], "rate_limit": rate_limit});
        let call = Call::new(Method::POST, KEYS).with_key(maker);
        call.json(&body).send(&world).await
    };
    let scopes = json!(["keys", "read"]);
    let limited = world.key(json!({"scopes": scopes, "rate_limit": 50})).await;
    let usual = world.key(json!({ "scopes": scopes })).await;
    for out_of_range in [json!(0), json!(100_000_001), json!("10"), json!(1.5)] {
        let refused = make(OPERATOR_KEY, out_of_range).await;
        refused.refuses(&["/rate_limit"]);
    }
    make(&limited, json!(51)).await.refuses(&["/rate_limit"]);
    make(&usual, json!(1_001)).await.refuses(&["/rate_limit"]);
    for (maker, given, expected) in [
        (&limited, json!(49), json!(49)),
        (&limited, Value::Null, json!(50)),
        (&usual, json!(1_000), json!(1_000)),
        (&usual, Value::Null, Value::Null),
        (
            &OPERATOR_KEY.to_owned(),
            json!(100_000_000),
            json!(100_000_000),
        ),
    ] {
        let made = make(maker, given).await.is(201);
        assert_eq!(made.body["rate_limit"], expected);
    }
    set_limits(&world, json!({"requests_per_hour": 20})).await;
    make(&usual, json!(21)).await.refuses(&["/rate_limit"]);
    make(&usual, json!(20)).await.is(201);
}
