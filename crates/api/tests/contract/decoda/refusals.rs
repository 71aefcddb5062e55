//! Bad input: each refusal has the form of this API, names the field, and leaves nothing behind.

use http::Method;
use serde_json::{Value, json};

use super::client::{CREATE, LIST, URL, ask, get, key, post, webhook};
use crate::world::{Call, OPERATOR_KEY, World};

async fn nothing_is_made(world: &World) {
    assert_eq!(get(world, LIST).await.is(200).body, json!([]));
}

#[tokio::test]
async fn missing_headers_are_named_both_at_once() {
    let world = World::with_northside().await;
    let tenant = json!(["header", "TENANT"]);
    let key = json!(["header", "API-KEY"]);
    for (method, path) in [
        (Method::POST, CREATE),
        (Method::GET, LIST),
        (Method::GET, "/v1/webhook/1"),
        (Method::PATCH, "/v1/webhook/1"),
        (Method::DELETE, "/v1/webhook/1"),
        (Method::GET, "/v1/webhook/1/delivery-attempts/list"),
        (Method::GET, "/v1/webhook/events/1"),
        (Method::GET, "/v1/webhook/events/1/send"),
    ] {
        let call = || ask(method.clone(), path).json(&json!({}));
        let answer = call().without("tenant").send(&world).await;
        let answer = answer.faults(&[(tenant.clone(), "missing")]);
        let expected =
            json!({"loc": ["header", "TENANT"], "msg": "Field required", "type": "missing"});
        assert_eq!(answer.body["detail"][0], expected);
        let answer = call().without("api-key").send(&world).await;
        answer.faults(&[(key.clone(), "missing")]);
        // A bearer token is not looked for.
        let call = call().without("tenant").without("api-key");
        let bearer = format!("Bearer {OPERATOR_KEY}");
        let answer = call.header("authorization", &bearer).send(&world).await;
        answer.faults(&[(tenant.clone(), "missing"), (key.clone(), "missing")]);
        for wrong in ["", "wrong", "pk_live_0"] {
            let call = ask(method.clone(), path).header("api-key", wrong);
            let answer = call.json(&json!({})).send(&world).await;
            let answer = answer.refused(401, "Invalid API key");
            assert_eq!(answer.header("www-authenticate"), "APIKey");
        }
    }
    nothing_is_made(&world).await;
}

#[tokio::test]
async fn a_revoked_key_is_refused() {
    let world = World::with_northside().await;
    let text = key(&world, "northside", "live").await;
    let ask = || ask(Method::GET, LIST).header("api-key", &text);
    ask().send(&world).await.is(200);
    let keys = "/v1/organizations/northside/api-keys";
    let list = world.get(keys).await.is(200);
    let id = list.body["data"][0]["id"].as_str().unwrap();
    let revoked = world.delete(&format!("{keys}/{id}")).await;
    assert!(revoked.status < 300, "{}", revoked.body);
    ask().send(&world).await.refused(401, "Invalid API key");
}

#[tokio::test]
async fn a_token_is_no_key() {
    let world = World::with_northside().await;
    let token = world.token("northside", &["webhooks:read", "webhooks:write"]);
    let call = ask(Method::GET, LIST).header("api-key", &token);
    call.send(&world).await.refused(401, "Invalid API key");
}

#[tokio::test]
async fn fields_that_are_not_acceptable_are_named_all_at_once() {
    let world = World::with_northside().await;
    let body = |place: &str| json!(["body", place]);
    let entry = |index: usize| json!(["body", "subscriptions", index]);
    let good = json!(["PATIENT_CREATED"]);
    for (sent, faults) in [
        (
            json!({}),
            vec![(body("subscriptions"), "missing"), (body("url"), "missing")],
        ),
        (
            json!({"subscriptions": "PATIENT_CREATED", "url": 7, "notificationEmail": []}),
            vec![
                (body("notificationEmail"), "string_type"),
                (body("subscriptions"), "list_type"),
                (body("url"), "string_type"),
            ],
        ),
        (
            json!({"subscriptions": null, "url": null}),
            vec![
                (body("subscriptions"), "list_type"),
                (body("url"), "string_type"),
            ],
        ),
        (
            json!({"subscriptions": [], "url": URL, "secret": "mine", "active": true}),
            vec![
                (body("subscriptions"), "too_short"),
                (body("active"), "extra_forbidden"),
                (body("secret"), "extra_forbidden"),
            ],
        ),
        (
            json!({"subscriptions": vec!["PATIENT_CREATED"; 257], "url": URL}),
            vec![(body("subscriptions"), "too_long")],
        ),
        (
            json!({"subscriptions": ["PATIENT_CREATED", 1, null], "url": URL}),
            vec![(entry(1), "enum"), (entry(2), "enum")],
        ),
        (
            json!({
                "subscriptions": ["PATIENT_CREATED", "patient.created", "*", "CALL_MADE", ""],
                "url": URL,
            }),
            vec![(entry(1), "enum"), (entry(2), "enum"), (entry(4), "enum")],
        ),
        (
            json!({"subscriptions": good, "url": URL, "notificationEmail": "nobody"}),
            vec![(body("notificationEmail"), "value_error")],
        ),
        (
            json!({"subscriptions": good, "url": URL, "notificationEmail": "a@b.c\r\nBcc: x@y.z"}),
            vec![(body("notificationEmail"), "value_error")],
        ),
    ] {
        post(&world, &sent).await.faults(&faults);
    }
    nothing_is_made(&world).await;
}

#[tokio::test]
async fn urls_that_must_not_be_called_are_refused() {
    let world = World::with_public_targets().await;
    for url in [
        "",
        "nonsense",
        "http://203.0.113.1/hook",
        "ftp://203.0.113.1/hook",
        "https://127.0.0.1/hook",
        "https://10.0.0.1/hook",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/hook",
        "https://localhost/hook",
    ] {
        let sent = json!({"subscriptions": ["PATIENT_CREATED"], "url": url});
        let answer = post(&world, &sent).await;
        let answer = answer.faults(&[(json!(["body", "url"]), "value_error")]);
        let msg = answer.body["detail"][0]["msg"].as_str().unwrap();
        assert!(msg.starts_with("Value error, "), "{msg}");
    }
    nothing_is_made(&world).await;
}

#[tokio::test]
async fn a_change_that_is_refused_changes_nothing() {
    let world = World::with_northside().await;
    let id = webhook(&world, &["PATIENT_CREATED"]).await;
    let path = format!("/v1/webhook/{id}");
    let before = get(&world, &path).await.is(200).body;
    let body = |place: &str| json!(["body", place]);
    for (sent, faults) in [
        (json!({"url": null}), vec![(body("url"), "string_type")]),
        (
            json!({"subscriptions": [], "url": "http://127.0.0.1:4010/"}),
            vec![(body("subscriptions"), "too_short")],
        ),
        (
            json!({"subscriptions": ["NOBODY_KNOWS"], "notificationEmail": null}),
            vec![(json!(["body", "subscriptions", 0]), "enum")],
        ),
        (
            json!({"notificationEmail": "x", "url": "https://10.0.0.1/"}),
            vec![
                (body("url"), "value_error"),
                (body("notificationEmail"), "value_error"),
            ],
        ),
        (json!({"id": id}), vec![(body("id"), "extra_forbidden")]),
    ] {
        let answer = ask(Method::PATCH, &path).json(&sent).send(&world).await;
        answer.faults(&faults);
    }
    assert_eq!(get(&world, &path).await.is(200).body, before);
}

#[tokio::test]
async fn bodies_that_are_no_json_objects_are_refused() {
    let world = World::with_northside().await;
    let id = webhook(&world, &["PATIENT_CREATED"]).await;
    let one = format!("/v1/webhook/{id}");
    let at = |position: usize| json!(["body", position]);
    let whole = json!(["body"]);
    let deep = "[".repeat(1_000);
    let cases: [(&[u8], Value, &str); 9] = [
        (b"", whole.clone(), "missing"),
        (b"null", whole.clone(), "missing"),
        (b"[]", whole.clone(), "model_attributes_type"),
        (b"\"x\"", whole.clone(), "model_attributes_type"),
        (b"{", at(1), "json_invalid"),
        (b"{\"url\": }", at(8), "json_invalid"),
        (b"{} x", at(3), "json_invalid"),
        (b"{\"url\": \"\xff\"}", at(9), "json_invalid"),
        (deep.as_bytes(), at(127), "json_invalid"),
    ];
    for (method, path) in [(Method::POST, CREATE), (Method::PATCH, one.as_str())] {
        for (body, place, kind) in &cases {
            let call = ask(method.clone(), path).raw(*body);
            let answer = call.send(&world).await;
            answer.faults(&[(place.clone(), kind)]);
        }
        let call = ask(method.clone(), path).json(&json!({}));
        let answer = call.header("content-type", "text/plain").send(&world).await;
        let detail = "The body needs the header `Content-Type: application/json`";
        answer.refused(415, detail);
        let large = format!("{{\"url\": \"{}\"}}", "x".repeat(256 * 1024));
        let answer = ask(method.clone(), path).raw(large).send(&world).await;
        answer.refused(413, "The body has more than 262144 bytes");
    }
    let list = get(&world, LIST).await.is(200).body;
    assert_eq!(list.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn parameters_that_are_not_acceptable_are_named() {
    let world = World::with_northside().await;
    let id = webhook(&world, &["PATIENT_CREATED"]).await;
    let list = format!("/v1/webhook/{id}/delivery-attempts/list");
    let event = world.event("patient.created").await;
    let send = format!("/v1/webhook/events/{event}/send");
    for (path, query, kind) in [
        (&list, "event_type=patient.created", "enum"),
        (&list, "is_delivered=perhaps", "bool_parsing"),
        (&list, "created_before=soon", "datetime_from_date_parsing"),
        (&list, "created_after=", "datetime_from_date_parsing"),
        (&list, "last_delivery_attempt_status=ok", "int_parsing"),
        (&list, "last_delivery_attempt_status=-1", "value_error"),
        (&list, "limit=0", "value_error"),
        (&list, "limit=1001", "value_error"),
        (&list, "offset=-1", "value_error"),
        (&list, "page=2", "extra_forbidden"),
        (&send, "notify_failure=maybe", "bool_parsing"),
        (&send, "quiet=1", "extra_forbidden"),
    ] {
        let name = query.split('=').next().unwrap();
        let answer = get(&world, &format!("{path}?{query}")).await;
        answer.faults(&[(json!(["query", name]), kind)]);
    }
    let answer = get(&world, &format!("{list}?is_delivered=x&limit=x&y=z")).await;
    answer.faults(&[
        (json!(["query", "is_delivered"]), "bool_parsing"),
        (json!(["query", "limit"]), "int_parsing"),
        (json!(["query", "y"]), "extra_forbidden"),
    ]);
}

#[tokio::test]
async fn ids_that_nothing_has_are_unknown() {
    let world = World::with_northside().await;
    for id in ["1", "%20", "%ff", "00000000-0000-0000-0000-000000000000"] {
        for (method, tail) in [
            (Method::GET, ""),
            (Method::PATCH, ""),
            (Method::DELETE, ""),
            (Method::GET, "/delivery-attempts/list"),
        ] {
            let call = ask(method, &format!("/v1/webhook/{id}{tail}")).json(&json!({}));
            call.send(&world).await.refused(404, "Webhook not found");
        }
        for tail in ["", "/send"] {
            let answer = get(&world, &format!("/v1/webhook/events/{id}{tail}")).await;
            answer.refused(404, "Webhook event not found");
        }
    }
}

#[tokio::test]
async fn paths_and_methods_that_do_not_exist_are_refused_as_fastapi_does() {
    let world = World::with_northside().await;
    for path in [
        "/v1/webhook",
        "/v1/webhook/",
        "/v1/webhook/1/2",
        "/v1/webhook/events/1/2/3",
    ] {
        get(&world, path).await.refused(404, "Not Found");
    }
    for (method, path, allowed) in [
        (Method::GET, CREATE, "POST"),
        (Method::PUT, CREATE, "POST"),
        (Method::POST, LIST, "GET"),
        (Method::POST, "/v1/webhook/1", "PATCH"),
        (
            Method::DELETE,
            "/v1/webhook/1/delivery-attempts/list",
            "GET",
        ),
        (Method::POST, "/v1/webhook/events/1/send", "GET"),
    ] {
        let answer = ask(method, path).send(&world).await;
        let answer = answer.refused(405, "Method Not Allowed");
        assert!(answer.header("allow").contains(allowed), "{path}");
    }
}

#[tokio::test]
async fn a_closed_store_is_told_as_unavailable() {
    let world = World::with_northside().await;
    world.store.close().await;
    let sent = json!({"subscriptions": ["PATIENT_CREATED"], "url": URL});
    let answer = post(&world, &sent).await.is(503);
    assert_eq!(answer.header("retry-after"), "1");
    assert!(answer.body["detail"].is_string());
}

/// Keys in the wrong place: the native API does not read these headers.
#[tokio::test]
async fn the_native_api_does_not_take_a_key_from_this_header() {
    let world = World::with_northside().await;
    let call = Call::new(Method::GET, "/v1/organizations").without("authorization");
    let answer = call.header("api-key", OPERATOR_KEY).send(&world).await;
    answer.problem(401, "unauthenticated");
}
