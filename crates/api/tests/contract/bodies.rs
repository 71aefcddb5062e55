//! Bodies that are no JSON, too large, or declared as something else; paths that do not exist.

use http::Method;
use serde_json::json;

use crate::world::{Call, World};

const EVENTS: &str = "/v1/organizations/northside/events";
const BATCH: &str = "/v1/organizations/northside/events/batch";
const ENDPOINTS: &str = "/v1/organizations/northside/endpoints";

async fn nothing_is_stored(world: &World) {
    assert_eq!(world.count(EVENTS).await, 0);
    assert_eq!(world.count(ENDPOINTS).await, 0);
}

#[tokio::test]
async fn what_is_not_json_is_malformed() {
    let world = World::with_northside().await;
    let bodies: [&[u8]; 10] = [
        b"",
        b"{",
        b"{]",
        b"{\"type\": }",
        b"{\"type\": \"patient.created\", \"data\": {}",
        b"{\"type\": \"patient.created\", \"data\": {}} x",
        b"{'type': 1}",
        b"{\"data\": {\"a\": 01}}",
        b"{\"data\": {\"a\": \"\xff\"}}",
        b"nonsense",
    ];
    for path in [
        EVENTS,
        BATCH,
        ENDPOINTS,
        "/v1/organizations",
        "/v1/event-types",
    ] {
        for body in bodies {
            let answer = Call::new(Method::POST, path).raw(body).send(&world).await;
            answer.problem(400, "malformed-json");
        }
    }
    nothing_is_stored(&world).await;
}

#[tokio::test]
async fn an_object_is_no_array_and_a_field_comes_once() {
    let world = World::with_northside().await;
    let event = json!(["patient.created", {}]).to_string();
    let twice = r#"{"type": "patient.created", "data": {}, "data": {}}"#.to_owned();
    for (path, body, pointer) in [
        (EVENTS, event, ""),
        (EVENTS, twice, "/data"),
        (EVENTS, "null".to_owned(), ""),
        (EVENTS, "7".to_owned(), ""),
        (BATCH, "[]".to_owned(), ""),
        (BATCH, "{}".to_owned(), "/events"),
        (BATCH, r#"{"events": {}}"#.to_owned(), "/events"),
        (BATCH, r#"{"events": [], "more": 1}"#.to_owned(), "/more"),
        (ENDPOINTS, r#"{"url": "a", "url": "b"}"#.to_owned(), "/url"),
        (
            ENDPOINTS,
            r#"{"url": "a", "headers": {"x-a": "1", "x-a": "2"}}"#.to_owned(),
            "/headers/x-a",
        ),
    ] {
        let answer = Call::new(Method::POST, path).raw(body).send(&world).await;
        answer.refuses(&[pointer]);
    }
    nothing_is_stored(&world).await;
}

#[tokio::test]
async fn a_body_must_be_declared_as_json() {
    let world = World::with_northside().await;
    let body = json!({"type": "patient.created", "data": {}});
    for media_type in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/jsonx",
        "",
    ] {
        let call = Call::new(Method::POST, EVENTS).json(&body);
        let answer = call.header("content-type", media_type).send(&world).await;
        answer.problem(415, "unsupported-media-type");
    }
    let call = Call::new(Method::POST, ENDPOINTS)
        .json(&body)
        .without("content-type");
    call.send(&world)
        .await
        .problem(415, "unsupported-media-type");
    nothing_is_stored(&world).await;

    let call = Call::new(Method::POST, EVENTS).json(&body);
    let media_type = "Application/JSON; charset=utf-8";
    call.header("content-type", media_type)
        .send(&world)
        .await
        .is(202);
}

#[tokio::test]
async fn a_body_has_at_most_256_kib_and_a_batch_4_mib() {
    let world = World::with_northside().await;
    let event = |bytes: usize| {
        let empty = r#"{"type":"patient.created","data":{"x":""}}"#.len();
        let filler = "x".repeat(bytes - empty);
        format!(r#"{{"type":"patient.created","data":{{"x":"{filler}"}}}}"#)
    };
    let post = |path: &'static str, body: String| Call::new(Method::POST, path).raw(body);
    let too_large = post(EVENTS, event(256 * 1024 + 1)).send(&world).await;
    too_large.problem(413, "too-large");
    let unannounced = post(EVENTS, event(256 * 1024 + 1)).without("content-length");
    unannounced.send(&world).await.problem(413, "too-large");
    let endpoint = format!(r#"{{"name": "{}"}}"#, "x".repeat(256 * 1024));
    post(ENDPOINTS, endpoint)
        .send(&world)
        .await
        .problem(413, "too-large");
    let batch = format!(r#"{{"events": [{}]}}"#, " ".repeat(4 * 1024 * 1024));
    post(BATCH, batch)
        .send(&world)
        .await
        .problem(413, "too-large");
    nothing_is_stored(&world).await;

    post(EVENTS, event(256 * 1024)).send(&world).await.is(202);
}

#[tokio::test]
async fn paths_and_methods_that_do_not_exist_are_problems_too() {
    let world = World::with_northside().await;
    for path in [
        "/",
        "/v2",
        "/v1/organization",
        "/v1/organizations/northside/x",
        "/docs/x",
    ] {
        world.get(path).await.problem(404, "not-found");
    }
    for (method, path, allowed) in [
        (Method::PUT, "/v1/organizations", "POST"),
        (Method::DELETE, EVENTS, "GET"),
        (Method::GET, BATCH, "POST"),
        (Method::POST, "/livez", "GET"),
        (Method::POST, "/openapi.json", "GET"),
    ] {
        let answer = Call::new(method, path).send(&world).await;
        let answer = answer.problem(405, "method-not-allowed");
        assert!(answer.header("allow").contains(allowed), "{path}");
    }
}

#[tokio::test]
async fn names_in_paths_that_cannot_exist_are_unknown() {
    let world = World::with_northside().await;
    for path in [
        "/v1/organizations/a%2Fb",
        "/v1/organizations/%ff",
        "/v1/organizations/northside/endpoints/1",
        "/v1/organizations/northside/endpoints/00000000-0000-0000-0000-000000000000",
        "/v1/organizations/northside/events/%20",
        "/v1/organizations/northside/events/evt_1",
        "/v1/organizations/northside/deliveries/x",
        "/v1/event-types/UPPER",
        "/v1/event-types/nobody.knows",
        "/v1/event-types/patient.created/schema",
        "/v1/event-categories/none",
    ] {
        world.get(path).await.problem(404, "not-found");
    }
}

/// A body of which nothing more comes.
struct Stalled;

impl hyper::body::Body for Stalled {
    type Data = bytes::Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<hyper::body::Frame<bytes::Bytes>, Self::Error>>> {
        std::task::Poll::Pending
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_that_does_not_come_is_given_up() {
    let world = World::with_northside().await;
    let before = tokio::time::Instant::now();
    let answer = Call::new(Method::POST, EVENTS)
        .json(&json!({}))
        .stream(&world, Stalled)
        .await;
    answer.problem(408, "incomplete");
    assert_eq!(before.elapsed().as_secs(), 30);
    nothing_is_stored(&world).await;
}
