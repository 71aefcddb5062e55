//! Bad input: answered in the body of this API, with the field named, and nothing half-made.

use http::Method;
use serde_json::{Value, json};

use super::{Clinic, NOTHING, ORGANIZATION, SUBSCRIPTIONS, VITALS};
use crate::world::{Call, World};

fn good() -> Value {
    json!({"postUri": "https://127.0.0.1:4009/x", "events": [VITALS], "isDevelopment": false})
}

async fn is_empty(world: &World) {
    assert_eq!(world.get(SUBSCRIPTIONS).await.is(200).body, json!([]));
}

#[tokio::test]
async fn fields_that_are_not_acceptable_are_named() {
    let world = World::with_northside().await;
    for (field, value, message) in [
        ("postUri", Value::Null, "postUri should not be empty"),
        ("postUri", json!(7), "postUri must be a string"),
        (
            "postUri",
            json!("nonsense"),
            "postUri must be a valid absolute URL",
        ),
        ("postUri", json!("ftp://example.com/x"), "postUri "),
        ("postUri", json!("http://10.0.0.1/x"), "postUri: "),
        ("events", json!("x"), "events must be an array"),
        ("events", json!(["no.such"]), "events.0 "),
        ("events", json!([VITALS, NOTHING]), "events.1 "),
        ("events", json!([7]), "events.0 must be a string"),
        ("version", json!("v9"), "version "),
        ("version", json!(1), "version must be a string"),
        (
            "isDevelopment",
            Value::Null,
            "isDevelopment should not be empty",
        ),
        (
            "isDevelopment",
            json!("no"),
            "isDevelopment must be a boolean",
        ),
        (
            "secretKey",
            json!("x"),
            "property secretKey should not exist",
        ),
    ] {
        let mut body = good();
        body[field] = value;
        let refused = world
            .post(SUBSCRIPTIONS, &body)
            .await
            .refuses_fields(400, &[message]);
        assert_eq!(refused.body["error"], "Bad Request");
    }
    is_empty(&world).await;
}

#[tokio::test]
async fn a_target_must_be_https_and_public() {
    let world = World::with_public_targets().await;
    for target in [
        "http://example.com/x",
        "https://127.0.0.1/x",
        "https://169.254.169.254/latest",
        "https://[::1]/x",
        "https://192.168.1.1/x",
    ] {
        let mut body = good();
        body["postUri"] = json!(target);
        world
            .post(SUBSCRIPTIONS, &body)
            .await
            .refuses_fields(400, &["postUri"]);
    }
    is_empty(&world).await;
}

#[tokio::test]
async fn bodies_that_cannot_be_read_are_refused() {
    let world = World::with_northside().await;
    for body in ["", "{", "[", "{\"postUri\": }", "nonsense", "{} x"] {
        let call = Call::new(Method::POST, SUBSCRIPTIONS).raw(body);
        let refused = call.send(&world).await.refuses_fields(400, &[]);
        assert!(refused.body["message"].is_string());
    }
    for body in ["[]", "null", "7"] {
        let call = Call::new(Method::POST, SUBSCRIPTIONS).raw(body);
        call.send(&world).await.refuses_fields(400, &["the body"]);
    }
    let twice = r#"{"postUri": "a", "postUri": "b", "isDevelopment": true}"#;
    let call = Call::new(Method::POST, SUBSCRIPTIONS).raw(twice);
    call.send(&world)
        .await
        .refuses_fields(400, &["postUri is given twice"]);
    let call = Call::new(Method::POST, SUBSCRIPTIONS).json(&good());
    let call = call.header("content-type", "text/plain");
    call.send(&world)
        .await
        .refuses_fields(415, &["Content-Type"]);
    let huge = json!({"postUri": "x".repeat(256 * 1024)});
    let call = Call::new(Method::POST, SUBSCRIPTIONS).json(&huge);
    call.send(&world).await.refuses_fields(413, &["bytes"]);
    is_empty(&world).await;
}

#[tokio::test]
async fn queries_that_are_not_acceptable_are_named() {
    let clinic = Clinic::open().await;
    for list in [
        SUBSCRIPTIONS.to_owned(),
        clinic.at("/activity"),
        clinic.at("/activations"),
    ] {
        for (query, name) in [
            ("order_by=asc", "order_by"),
            ("skip=-1", "skip"),
            ("skip=x", "skip"),
            ("take=0", "take"),
            ("take=101", "take"),
            ("page=2", "property page should not exist"),
        ] {
            let refused = clinic.world.get(&format!("{list}?{query}")).await;
            refused.refuses_fields(400, &[name]);
        }
    }
    for (query, name) in [
        ("status=done", "status"),
        ("include=secret", "include"),
        ("eventId=no.such", "eventId"),
    ] {
        clinic
            .get(&format!("/activity?{query}"))
            .await
            .refuses_fields(400, &[name]);
    }
    let list = format!("{SUBSCRIPTIONS}?eventId={NOTHING}");
    clinic
        .world
        .get(&list)
        .await
        .refuses_fields(400, &["eventId"]);
}

#[tokio::test]
async fn unknown_ids_paths_and_methods_are_refused() {
    let clinic = Clinic::open().await;
    for id in [NOTHING, "1", "%20", "00000000-0000-0000-0000-000000000000"] {
        let path = format!("{SUBSCRIPTIONS}/{id}");
        clinic
            .world
            .get(&path)
            .await
            .refuses_fields(404, &["webhook subscription"]);
        let of = format!("{path}/activity");
        clinic
            .world
            .get(&of)
            .await
            .refuses_fields(404, &["webhook subscription"]);
        let activity = clinic.get(&format!("/activations/{id}")).await;
        activity.refuses_fields(404, &["activity"]);
        let hash = clinic.hashes(&format!("activity/{id}/get-hash"));
        clinic
            .world
            .get(&hash)
            .await
            .refuses_fields(404, &["activity"]);
    }
    for path in ["/api", "/api/nothing", &format!("{ORGANIZATION}/nothing")] {
        clinic
            .world
            .get(path)
            .await
            .refuses_fields(404, &["no such path"]);
    }
    for (method, path) in [
        (Method::PUT, SUBSCRIPTIONS.to_owned()),
        (Method::DELETE, clinic.at("/secrets")),
        (Method::GET, clinic.at("/archive")),
        (Method::POST, "/healthcheck".to_owned()),
    ] {
        let refused = Call::new(method, &path).send(&clinic.world).await;
        assert!(
            !refused
                .refuses_fields(405, &["method"])
                .header("allow")
                .is_empty()
        );
    }
}
