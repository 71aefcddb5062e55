//! Credentials of endpoints: taken, checked, and never shown again.

use carehook_testkit::Authority;
use serde_json::{Value, json};

use crate::world::{Answer, World};

const ENDPOINTS: &str = "/v1/organizations/northside/endpoints";
const URL: &str = "https://127.0.0.1:4009/";

/// Fails when the answer shows a secret.
#[track_caller]
fn hides(answer: Answer, secrets: &[&str]) -> Value {
    let text = String::from_utf8_lossy(&answer.bytes);
    for secret in secrets {
        assert!(!text.contains(secret), "{text}");
    }
    answer.body
}

#[tokio::test]
async fn credentials_are_replaced_and_cleared_as_a_whole_and_only_their_kind_is_shown() {
    let world = World::with_northside().await;
    let basic = json!({"type": "basic", "username": "canary-u", "password": "canary-p"});
    let body = json!({"url": URL, "events": ["*"], "authentication": basic});
    let made = world.post(ENDPOINTS, &body).await.is(201);
    let path = format!("{ENDPOINTS}/{}", made.text("id"));
    let shown = hides(made, &["canary"]);
    assert_eq!(shown["authentication"], json!({"type": "basic"}));
    let stored = |world: &World| {
        let id = path.rsplit('/').next().unwrap().parse().unwrap();
        let endpoint = world.store.any_endpoint(id).unwrap();
        endpoint
            .authentication
            .as_ref()
            .map(carehook_core::Authentication::header)
    };
    assert_eq!(stored(&world).unwrap(), "Basic Y2FuYXJ5LXU6Y2FuYXJ5LXA=");

    let bearer = json!({"authentication": {"type": "bearer", "token": "canary-t"}});
    let changed = world.patch(&path, &bearer).await.is(200);
    let shown = hides(changed, &["canary"]);
    assert_eq!(shown["authentication"], json!({"type": "bearer"}));
    world.patch(&path, &json!({"name": "x"})).await.is(200);
    assert_eq!(stored(&world).unwrap(), "Bearer canary-t");
    let cleared = world.patch(&path, &json!({"authentication": null})).await;
    assert_eq!(cleared.is(200).body["authentication"], Value::Null);
    assert_eq!(stored(&world), None);
}

#[tokio::test]
async fn the_audit_trail_tells_that_credentials_were_changed_and_not_to_what() {
    let world = World::with_northside().await;
    let path = format!("{ENDPOINTS}/{}", world.endpoint(json!({"url": URL})).await);
    let ca = Authority::new().pem();
    for change in [
        json!({"authentication": {"type": "bearer", "token": "canary-t"}}),
        json!({"tls": {"ca": ca}}),
        json!({"authentication": null, "tls": null}),
        json!({"name": "x"}),
    ] {
        world.patch(&path, &change).await.is(200);
    }
    let trail = "/v1/organizations/northside/audit?action=endpoint.changed";
    let trail = hides(world.get(trail).await.is(200), &["canary", &ca]);
    let entries = trail["data"].as_array().unwrap().iter();
    let mut fields: Vec<_> = entries.map(|entry| &entry["details"]["fields"]).collect();
    fields.sort_unstable_by_key(ToString::to_string);
    let expected = ["authentication", "authentication,tls", "name", "tls"];
    assert_eq!(fields, expected);
}

#[tokio::test]
async fn credentials_that_cannot_be_used_are_refused_by_name() {
    let world = World::with_northside().await;
    let path = format!("{ENDPOINTS}/{}", world.endpoint(json!({"url": URL})).await);
    for (given, pointer) in [
        (json!({}), "/authentication/type"),
        (json!("basic"), "/authentication"),
        (json!({"type": "digest"}), "/authentication/type"),
        (json!({"type": "bearer"}), "/authentication/token"),
        (
            json!({"type": "bearer", "token": 7}),
            "/authentication/token",
        ),
        (
            json!({"type": "bearer", "token": "a b"}),
            "/authentication/token",
        ),
        (
            json!({"type": "bearer", "token": "a", "password": "p"}),
            "/authentication/password",
        ),
        (
            json!({"type": "basic", "username": "a:b", "password": "p"}),
            "/authentication/username",
        ),
        (
            json!({"type": "basic", "username": "a"}),
            "/authentication/password",
        ),
        (
            json!({"type": "bearer", "token": "a", "realm": "b"}),
            "/authentication/realm",
        ),
    ] {
        let body = json!({"authentication": given});
        world.patch(&path, &body).await.refuses(&[pointer]);
        let body = json!({"url": URL, "events": ["*"], "authentication": given});
        world.post(ENDPOINTS, &body).await.refuses(&[pointer]);
    }
    let bearer = json!({"type": "bearer", "token": "a"});
    let both = json!({"authentication": bearer, "headers": {"Authorization": "Basic x"}});
    world
        .patch(&path, &both)
        .await
        .refuses(&["/authentication"]);
    let both = json!({"authentication": bearer, "url": "https://u:p@127.0.0.1:4009/"});
    world
        .patch(&path, &both)
        .await
        .refuses(&["/authentication"]);
    let one = json!({"authentication": bearer});
    world.patch(&path, &one).await.is(200);
    let other = json!({"headers": {"authorization": "Basic x"}});
    world
        .patch(&path, &other)
        .await
        .refuses(&["/authentication"]);
}

#[tokio::test]
async fn of_certificates_only_subjects_and_ends_are_shown() {
    let world = World::with_northside().await;
    let authority = Authority::new();
    let client = authority.issue(&["carehook.example"]).pem();
    let (chain, key) = client.split_once("-----BEGIN PRIVATE KEY-----\n").unwrap();
    let secret = key.lines().next().unwrap().to_owned();
    let key = format!("-----BEGIN PRIVATE KEY-----\n{key}");
    let tls = json!({"client_certificate": chain, "client_key": key, "ca": authority.pem()});
    let body = json!({"url": URL, "events": ["*"], "tls": tls});
    let made = world.post(ENDPOINTS, &body).await.is(201);
    let path = format!("{ENDPOINTS}/{}", made.text("id"));
    let shown = hides(made, &[&secret, "BEGIN"]);
    let certificate = &shown["tls"]["client_certificate"];
    assert!(certificate["subject"].is_string() && certificate["expires_at"].is_string());
    let subject = shown["tls"]["ca"][0]["subject"].as_str().unwrap();
    assert!(subject.contains("Carehook test authority"), "{subject}");

    let only = json!({"tls": {"ca": authority.pem()}});
    let changed = world.patch(&path, &only).await.is(200);
    assert_eq!(changed.body["tls"]["client_certificate"], Value::Null);
    let cleared = world.patch(&path, &json!({"tls": null})).await.is(200);
    assert_eq!(cleared.body["tls"], Value::Null);
}

#[tokio::test]
async fn certificates_that_cannot_be_used_are_refused_by_name() {
    let world = World::with_northside().await;
    let path = format!("{ENDPOINTS}/{}", world.endpoint(json!({"url": URL})).await);
    let authority = Authority::new();
    let good = authority.issue(&["carehook.example"]).pem();
    let other = authority.issue(&["carehook.example"]).pem();
    let expired = authority.issue_expired(&["carehook.example"]).pem();
    let backwards = authority.issue_backwards(&["carehook.example"]).pem();
    let client = |certificate: &str, key: &str| json!({"client_certificate": certificate, "client_key": key});
    for (tls, pointer) in [
        (json!({}), "/tls"),
        (json!({"client_certificate": good}), "/tls/client_key"),
        (json!({"client_key": good}), "/tls/client_certificate"),
        (client("x", &good), "/tls/client_certificate"),
        (client(&expired, &expired), "/tls/client_certificate"),
        (client(&backwards, &backwards), "/tls/client_certificate"),
        (client(&good, "x"), "/tls/client_key"),
        (client(&good, &other), "/tls/client_key"),
        (json!({"ca": "x"}), "/tls/ca"),
        (json!({"ca": "x".repeat(32 * 1024 + 1)}), "/tls/ca"),
        (json!({"insecure": true}), "/tls/insecure"),
    ] {
        let answer = world.patch(&path, &json!({"tls": tls})).await;
        answer.refuses(&[pointer]);
    }
    let plain = json!({"url": "http://127.0.0.1:4009/", "tls": {"ca": authority.pem()}});
    world.patch(&path, &plain).await.refuses(&["/tls"]);
}
