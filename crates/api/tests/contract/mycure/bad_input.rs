//! Input that is not acceptable: an error of Feathers names the field, and nothing is made or
//! changed.

use http::Method;
use serde_json::{Value, json};

use super::{Client, SERVICE, fails, refuses, with};
use crate::world::World;

const UNKNOWN: &str = "/webhook-events/01991f1e-8e00-7000-8000-000000000001";

fn bad_fields() -> Vec<(&'static str, Value)> {
    vec![
        ("url", json!(7)),
        ("url", json!("")),
        ("url", json!("no url")),
        ("url", json!("ftp://example.com/")),
        ("url", json!("http://10.0.0.1/")),
        ("url", json!("http://169.254.169.254/latest")),
        ("url", json!("http://[::1]/")),
        ("events", json!([])),
        ("events", json!("")),
        ("events", json!(7)),
        ("events", json!({})),
        ("events", json!([7])),
        ("events", json!([["ping"]])),
        ("events", json!("nonsense")),
        ("events", json!("Appointments")),
        ("events", json!("appointments.exploded")),
        ("events", json!("APPOINTMENT_CREATED")),
        ("events", json!("nobody.*")),
        ("events", json!("*.created")),
        ("events", json!(["appointments", "nonsense"])),
        ("account", json!("a b")),
        ("account", json!("")),
        ("account", json!(7)),
        ("account", json!("x".repeat(65))),
        ("active", json!("yes")),
        ("active", json!(1)),
    ]
}

#[tokio::test]
async fn bad_fields_are_named_and_nothing_is_made() {
    let world = World::with_northside().await;
    let client = Client::new(&world).await;
    for (field, value) in bad_fields() {
        let answer = client.post(&with(&json!({ field: value }))).await;
        let answer = refuses(answer, &[field]);
        let text = value.as_str().filter(|text| text.len() > 3);
        let told = answer.body.to_string();
        assert!(!text.is_some_and(|text| told.contains(text)), "{told}");
    }
    refuses(
        client.post(&with(&json!({"organization": 7}))).await,
        &["organization"],
    );
    for (fields, required) in [
        (json!({"url": null}), "url"),
        (json!({"events": null}), "events"),
        (json!({"organization": null}), "organization"),
    ] {
        let answer = refuses(client.post(&with(&fields)).await, &[required]);
        assert_eq!(answer.body["errors"][required], "is required");
    }
    let several = with(&json!({"url": "x", "events": ["nobody", "ping", "none"]}));
    let answer = refuses(client.post(&several).await, &["events", "url"]);
    let told = answer.body["errors"]["events"].as_str().unwrap();
    assert!(told.contains("[0]") && told.contains("[2]"), "{told}");
    assert_eq!(client.list().await, json!([]));
}

#[tokio::test]
async fn a_body_that_is_neither_a_webhook_nor_a_ping_is_told_what_is_missing() {
    let world = World::with_northside().await;
    let client = Client::new(&world).await;
    let path = client.webhook(json!({})).await;
    let id = path.rsplit('/').next().unwrap();
    let cases: [(Value, &[&str]); 8] = [
        (json!({}), &["events", "organization", "url"]),
        (
            json!({"url": "http://127.0.0.1:4009/"}),
            &["events", "organization"],
        ),
        (json!({"webhook": id}), &["event"]),
        (json!({"event": "ping"}), &["webhook"]),
        (
            json!({"webhook": id, "event": "appointments.created"}),
            &["event"],
        ),
        (json!({"webhook": id, "event": "*"}), &["event"]),
        (json!({"webhook": 7, "event": "ping"}), &["webhook"]),
        (
            json!({"webhook": id, "event": "ping", "organization": "northside"}),
            &["organization"],
        ),
    ];
    for (body, fields) in cases {
        let answer = fails(client.post(&body).await, 400, "BadRequest", "");
        let errors = answer.body["errors"].as_object().unwrap();
        assert_eq!(errors.keys().collect::<Vec<_>>(), fields, "{body}");
    }
    for webhook in ["1", "", "01991f1e-8e00-7000-8000-000000000001"] {
        let body = json!({"webhook": webhook, "event": "ping"});
        fails(
            client.post(&body).await,
            404,
            "NotFound",
            "no such endpoint",
        );
    }
    assert_eq!(world.count("/v1/organizations/northside/events").await, 0);
}

#[tokio::test]
async fn unknown_fields_are_refused_by_name() {
    let world = World::with_northside().await;
    let client = Client::new(&world).await;
    let path = client.webhook(json!({})).await;
    let before = client.list().await;
    for field in ["secret", "id", "createdAt", "mode", "name", "surprise"] {
        let answer = client.post(&with(&json!({ field: "x" }))).await;
        let answer = refuses(answer, &[field]);
        assert_eq!(answer.body["errors"][field], "is not a known field");
        refuses(client.patch(&path, &json!({ field: "x" })).await, &[field]);
    }
    refuses(
        client
            .patch(&path, &json!({"organization": "northside"}))
            .await,
        &["organization"],
    );
    assert_eq!(client.list().await, before);
}

#[tokio::test]
async fn a_bad_change_changes_nothing() {
    let world = World::with_northside().await;
    let client = Client::new(&world).await;
    let path = client.webhook(json!({})).await;
    let before = client.get(&path).await.is(200).body;
    let mut bad = bad_fields();
    bad.extend([
        ("url", json!(null)),
        ("events", json!(null)),
        ("active", json!(null)),
    ]);
    for (field, value) in bad {
        let mut body = json!({"active": false});
        body[field] = value;
        refuses(client.patch(&path, &body).await, &[field]);
    }
    assert_eq!(client.get(&path).await.is(200).body, before);
}

#[tokio::test]
async fn only_https_and_public_targets_are_allowed() {
    let world = World::with_public_targets().await;
    let client = Client::new(&world).await;
    for url in [
        "http://93.184.216.34/hook",
        "https://127.0.0.1/hook",
        "https://10.0.0.1/hook",
        "https://169.254.169.254/latest",
        "https://[::1]/hook",
        "https://printer.local/hook",
    ] {
        refuses(client.post(&with(&json!({ "url": url }))).await, &["url"]);
    }
    assert_eq!(client.list().await, json!([]));
    let public = with(&json!({"url": "https://93.184.216.34/hook"}));
    client.post(&public).await.is(201);
}

#[tokio::test]
async fn what_is_no_json_object_is_refused() {
    let world = World::with_northside().await;
    let client = Client::new(&world).await;
    let path = client.webhook(json!({})).await;
    let before = client.list().await;
    let broken: [&[u8]; 6] = [
        b"",
        b"{",
        b"{'url': 1}",
        b"{\"url\": \"\xff\"}",
        b"x",
        b"{} {}",
    ];
    for (method, path) in [(Method::POST, SERVICE), (Method::PATCH, &*path)] {
        let send = async |body: &[u8]| {
            let call = client.call(method.clone(), path).raw(body);
            client.send(call).await
        };
        for body in broken {
            fails(send(body).await, 400, "BadRequest", "the body is not JSON");
        }
        for body in ["[]", "7", "null", "\"x\""] {
            let answer = send(body.as_bytes()).await;
            fails(answer, 400, "BadRequest", "the body must be a JSON object");
        }
        refuses(send(br#"{"url": "a", "url": "b"}"#).await, &["url"]);
        let form = client.call(method.clone(), path).raw("url=x");
        let form = form.header("content-type", "application/x-www-form-urlencoded");
        fails(
            client.send(form).await,
            415,
            "UnsupportedMediaType",
            "application/json",
        );
        let large = format!(r#"{{"url": "{}"}}"#, "x".repeat(256 * 1024));
        fails(
            send(large.as_bytes()).await,
            413,
            "PayloadTooLarge",
            "262144 bytes",
        );
    }
    assert_eq!(client.list().await, before);
}

#[tokio::test]
async fn bad_pages_are_refused_by_name() {
    let world = World::with_northside().await;
    let client = Client::new(&world).await;
    for (query, field) in [
        ("$limit=-1", "$limit"),
        ("$limit=ten", "$limit"),
        ("$limit=", "$limit"),
        ("$skip=-1", "$skip"),
        ("$skip=x", "$skip"),
        ("limit=1", "limit"),
        ("$limit=1&$limit=2", "$limit"),
        ("surprise=1", "surprise"),
    ] {
        refuses(client.get(&format!("{SERVICE}?{query}")).await, &[field]);
    }
}

#[tokio::test]
async fn unknown_ids_paths_and_methods_are_answered_as_feathers_does() {
    let world = World::with_northside().await;
    let client = Client::new(&world).await;
    for path in [
        UNKNOWN,
        "/webhook-events/1",
        "/webhook-events/%ff",
        "/webhook-events/a%2Fb",
    ] {
        for answer in [
            client.get(path).await,
            client.patch(path, &json!({})).await,
            client.delete(path).await,
        ] {
            fails(answer, 404, "NotFound", "there is no such endpoint");
        }
    }
    for path in [
        "/webhook-events/",
        "/webhook-events/1/2",
        "/webhook-events/1/",
    ] {
        fails(client.get(path).await, 404, "NotFound", "no such path");
    }
    for (method, path, allowed) in [
        (Method::PUT, SERVICE, "POST"),
        (Method::DELETE, SERVICE, "GET"),
        (Method::POST, UNKNOWN, "PATCH"),
        (Method::PUT, UNKNOWN, "PATCH"),
    ] {
        let answer = client.send(client.call(method, path)).await;
        let answer = fails(answer, 405, "MethodNotAllowed", "Allow");
        assert!(answer.header("allow").contains(allowed), "{path}");
    }
}

#[tokio::test]
async fn a_closed_store_is_unavailable() {
    let world = World::with_northside().await;
    let client = Client::new(&world).await;
    world.store.close().await;
    let answer = client.post(&with(&json!({}))).await;
    let answer = fails(answer, 503, "Unavailable", "try again");
    assert_eq!(answer.header("retry-after"), "1");
}
