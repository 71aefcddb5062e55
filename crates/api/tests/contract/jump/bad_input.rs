//! Input that is not acceptable: Jump's own error names the field, and nothing is made or changed.

use http::Method;
use serde_json::{Value, json};

use super::{Client, WEBHOOKS, fails, good};
use crate::world::World;

const UNKNOWN: &str = "/api-v1/webhooks/01991f1e-8e00-7000-8000-000000000001";

fn bad_fields() -> Vec<(&'static str, Value)> {
    vec![
        ("url", json!(null)),
        ("url", json!(7)),
        ("url", json!("")),
        ("url", json!("no url")),
        ("url", json!("ftp://example.com/")),
        ("url", json!("http://10.0.0.1/")),
        ("url", json!("http://169.254.169.254/latest")),
        ("url", json!("http://[::1]/")),
        ("events", json!(null)),
        ("events", json!([])),
        ("events", json!("appointment.created")),
        ("events", json!({})),
        ("events", json!([7])),
        ("events", json!(["appointment.exploded"])),
        ("events", json!(["payment.created"])),
        ("events", json!(["APPOINTMENT_CREATED"])),
        ("events", json!(["appointments.created"])),
        ("events", json!(["", "appointment.created"])),
        ("events", json!(["nobody.*"])),
        ("name", json!("")),
        ("name", json!(7)),
        ("name", json!(["x"])),
        ("name", json!("x".repeat(201))),
        ("name", json!("a\u{0}b")),
    ]
}

#[tokio::test]
async fn bad_fields_are_named_and_nothing_is_made() {
    let world = World::with_northside().await;
    let client = Client::new(&world).await;
    for (field, value) in bad_fields() {
        let mut body = good();
        body[field] = value.clone();
        let answer = client.post(WEBHOOKS, &body).await;
        let answer = fails(answer, 400, "VALIDATION_ERROR", field);
        let message = answer.body["error"]["message"].as_str().unwrap();
        let text = value.as_str().filter(|text| text.len() > 1);
        assert!(
            !text.is_some_and(|text| message.contains(text)),
            "{message}"
        );
    }
    for (body, fields) in [
        (json!({}), vec!["url: is required", "events: is required"]),
        (
            json!({"url": "http://127.0.0.1:4009/"}),
            vec!["events: is required"],
        ),
        (
            json!({"events": ["patient.created"]}),
            vec!["url: is required"],
        ),
    ] {
        for field in fields {
            fails(
                client.post(WEBHOOKS, &body).await,
                400,
                "VALIDATION_ERROR",
                field,
            );
        }
    }
    assert_eq!(client.list().await, json!([]));
}

#[tokio::test]
async fn unknown_fields_are_refused_by_name() {
    let world = World::with_northside().await;
    let client = Client::new(&world).await;
    let path = client.webhook(json!({})).await;
    let before = client.list().await;
    for field in [
        "secret",
        "id",
        "mode",
        "created_at",
        "active",
        "surprise",
        "URL",
    ] {
        let mut body = good();
        body[field] = json!("x");
        let told = format!("{field}: is not a known field");
        fails(
            client.post(WEBHOOKS, &body).await,
            400,
            "VALIDATION_ERROR",
            &told,
        );
        let body = json!({ field: "x" });
        fails(
            client.patch(&path, &body).await,
            400,
            "VALIDATION_ERROR",
            &told,
        );
        let test = format!("{path}/test");
        fails(
            client.post(&test, &body).await,
            400,
            "VALIDATION_ERROR",
            &told,
        );
    }
    // A new endpoint is active; only a change can say so.
    let mut body = good();
    body["is_active"] = json!(false);
    fails(
        client.post(WEBHOOKS, &body).await,
        400,
        "VALIDATION_ERROR",
        "is_active",
    );
    assert_eq!(client.list().await, before);
    assert_eq!(world.count("/v1/organizations/northside/events").await, 0);
}

#[tokio::test]
async fn a_bad_change_changes_nothing() {
    let world = World::with_northside().await;
    let client = Client::new(&world).await;
    let path = client.webhook(json!({"name": "kept"})).await;
    let before = client.get(&path).await.is(200).body["data"].clone();
    let mut bad = bad_fields();
    bad.extend([
        ("is_active", json!(null)),
        ("is_active", json!("false")),
        ("is_active", json!(0)),
    ]);
    for (field, value) in bad {
        let mut body = json!({"name": "other", "is_active": false});
        body[field] = value;
        fails(
            client.patch(&path, &body).await,
            400,
            "VALIDATION_ERROR",
            field,
        );
    }
    assert_eq!(client.get(&path).await.is(200).body["data"], before);
}

#[tokio::test]
async fn only_https_and_public_targets_are_allowed() {
    let world = World::with_public_targets().await;
    let client = Client::new(&world).await;
    for (url, why) in [
        ("http://93.184.216.34/hook", "https"),
        ("https://127.0.0.1/hook", "url"),
        ("https://10.0.0.1/hook", "url"),
        ("https://192.168.1.7/hook", "url"),
        ("https://169.254.169.254/latest", "url"),
        ("https://[::1]/hook", "url"),
        ("https://[fd00::1]/hook", "url"),
        ("https://printer.local/hook", "url"),
        ("https://localhost/hook", "url"),
    ] {
        let body = json!({"url": url, "events": ["appointment.created"]});
        let answer = client.post(WEBHOOKS, &body).await;
        fails(answer, 400, "VALIDATION_ERROR", why);
    }
    assert_eq!(client.list().await, json!([]));
    let body = json!({"url": "https://93.184.216.34/hook", "events": ["appointment.created"]});
    client.post(WEBHOOKS, &body).await.is(201);
}

#[tokio::test]
async fn what_is_no_json_object_is_refused() {
    let world = World::with_northside().await;
    let client = Client::new(&world).await;
    let path = client.webhook(json!({})).await;
    let before = client.list().await;
    let calls = [(Method::POST, WEBHOOKS), (Method::PATCH, &*path)];
    let broken: [&[u8]; 6] = [
        b"",
        b"{",
        b"{'url': 1}",
        b"{\"name\": \"\xff\"}",
        b"x",
        b"{} {}",
    ];
    for (method, path) in &calls {
        for body in broken {
            let answer = client
                .send(client.call(method.clone(), path).raw(body))
                .await;
            fails(answer, 400, "VALIDATION_ERROR", "the body is not JSON");
        }
        for body in ["[]", "7", "null", "\"x\""] {
            let answer = client
                .send(client.call(method.clone(), path).raw(body))
                .await;
            fails(
                answer,
                400,
                "VALIDATION_ERROR",
                "the body must be a JSON object",
            );
        }
        let twice = r#"{"name": "a", "name": "b"}"#;
        let answer = client
            .send(client.call(method.clone(), path).raw(twice))
            .await;
        fails(answer, 400, "VALIDATION_ERROR", "name: is given twice");
        let form = client.call(method.clone(), path).raw("url=x");
        let form = form.header("content-type", "application/x-www-form-urlencoded");
        fails(
            client.send(form).await,
            415,
            "VALIDATION_ERROR",
            "application/json",
        );
        let large = format!(r#"{{"name": "{}"}}"#, "x".repeat(256 * 1024));
        let answer = client
            .send(client.call(method.clone(), path).raw(large))
            .await;
        fails(answer, 413, "VALIDATION_ERROR", "262144 bytes");
    }
    assert_eq!(client.list().await, before);
}

#[tokio::test]
async fn bad_pages_are_refused_by_name() {
    let world = World::with_northside().await;
    let client = Client::new(&world).await;
    for (query, field) in [
        ("limit=0", "limit: must be 1 to 100"),
        ("limit=101", "limit"),
        ("limit=-1", "limit"),
        ("limit=ten", "limit"),
        ("limit=", "limit"),
        ("limit=1.5", "limit"),
        ("offset=-1", "offset"),
        ("offset=x", "offset"),
        ("offset=", "offset"),
        ("limit=0&offset=-1", "offset"),
        ("page=2", "page: is not a known field"),
        ("limit=1&limit=2", "limit: is given twice"),
    ] {
        let answer = client.get(&format!("{WEBHOOKS}?{query}")).await;
        fails(answer, 400, "VALIDATION_ERROR", field);
    }
}

#[tokio::test]
async fn unknown_ids_paths_and_methods_are_answered_in_the_envelope() {
    let world = World::with_northside().await;
    let client = Client::new(&world).await;
    let unknown = [
        UNKNOWN,
        "/api-v1/webhooks/1",
        "/api-v1/webhooks/%ff",
        "/api-v1/webhooks/a%2Fb",
    ];
    for path in unknown {
        let test = format!("{path}/test");
        for answer in [
            client.get(path).await,
            client.patch(path, &json!({})).await,
            client.delete(path).await,
            client.post(&test, &json!({})).await,
        ] {
            fails(answer, 404, "NOT_FOUND", "there is no such endpoint");
        }
    }
    for path in [
        "/api-v1",
        "/api-v1/",
        "/api-v1/webhook",
        "/api-v1/webhooks/",
        "/api-v1/a/b/c/d",
    ] {
        fails(client.get(path).await, 404, "NOT_FOUND", "no such path");
    }
    for (method, path, allowed) in [
        (Method::PUT, WEBHOOKS, "POST"),
        (Method::DELETE, WEBHOOKS, "GET"),
        (Method::POST, UNKNOWN, "PATCH"),
        (Method::GET, &format!("{UNKNOWN}/test"), "POST"),
    ] {
        let answer = client.send(client.call(method, path)).await;
        let answer = fails(answer, 405, "NOT_FOUND", "Allow");
        assert!(answer.header("allow").contains(allowed), "{path}");
    }
}

#[tokio::test]
async fn a_closed_store_is_unavailable() {
    let world = World::with_northside().await;
    let client = Client::new(&world).await;
    world.store.close().await;
    let answer = client.post(WEBHOOKS, &good()).await;
    let answer = fails(answer, 503, "UNAVAILABLE", "try again");
    assert_eq!(answer.header("retry-after"), "1");
}
