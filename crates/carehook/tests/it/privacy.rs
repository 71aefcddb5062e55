//! What belongs to patients and customers is in no log, no figure, no mail and no answer to others,
//! however much is logged.
//!
//! Every private text of these tests has the same beginning, and an end that tells where it came
//! from: a leak names itself.

use carehook_testkit::{Answer, MailServer, Receiver};
use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::api::Api;
use crate::command::carehook;
use crate::server::{Folder, OPERATOR_KEY, Server};

const CANARY: &str = "canary4711";
const TOKEN_SECRET: &str = "canary4711-the-secret-of-the-tokens";
const EVERYTHING: (&str, &str) = ("CAREHOOK_LOG", "trace");

fn traced(variables: &[(&str, &str)]) -> Server {
    let folder = Folder::Own(tempfile::tempdir().unwrap());
    let variables = [&[EVERYTHING], variables].concat();
    Server::start_in(folder, &["--dev"], &variables)
}

/// The private text of a place.
fn canary(place: &str) -> String {
    format!("{CANARY}-{place}")
}

/// An endpoint with something private wherever there is room for it.
fn endpoint(receiver: &Receiver) -> Value {
    json!({
        "url": format!("{}?token={}", receiver.url(), canary("query")),
        "name": canary("endpoint-name"),
        "events": ["*"],
        "headers": {"x-secret": canary("header")},
        "notification_email": format!("{CANARY}@clinic.example"),
    })
}

fn event() -> Value {
    json!({
        "type": "patient.created",
        "subject": canary("subject"),
        "ordering_key": canary("ordering-key"),
        "data": {"name": canary("payload")},
        "previous": {"name": canary("previous")},
    })
}

/// Fails when a text is in what others read.
#[track_caller]
fn is_nowhere(private: &[&str], log: &str, figures: &str) {
    for private in private {
        assert!(!figures.contains(private), "{private} is in the figures");
        let line = log.lines().find(|line| line.contains(private));
        assert_eq!(line, None, "{private} is in the log");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn payloads_secrets_headers_queries_and_answers_are_in_no_log_and_no_figure() {
    let mut server = traced(&[]);
    let answer = Answer::status(500)
        .body(canary("answer"))
        .header("x-answer", &canary("answer-header"));
    let receiver = Receiver::start().await.always(answer);
    let api = server.api();
    api.post("", &json!({"id": "north", "name": canary("name")}))
        .await;
    let made = api.post("/north/endpoints", &endpoint(&receiver)).await;
    let keyed = api.with_headers(&[("idempotency-key", "canary4711-repetition")]);
    for _ in 0..2 {
        keyed.post("/north/events", &event()).await;
    }
    api.post("/north/events/batch", &json!({"events": [event(), 7]}))
        .await;
    receiver.wait_for(2).await;
    // Requests that are refused, with the canary where the fault is.
    let refused = json!({"type": CANARY, "data": CANARY, CANARY: 1}).to_string();
    for body in [refused, format!("{{\"{CANARY}")] {
        let path = "/v1/organizations/north/events";
        assert!(api.send(Method::POST, path, body).await.0.is_client_error());
    }
    // The HTTP/2 library writes more about its frames than others do.
    let http2 = Api::http2(server.url(), OPERATOR_KEY);
    http2.publish(&canary("id")).await;
    let (_, figures) = api.get("/metrics").await;
    server.stop();

    let log = server.log();
    assert!(log.contains("endpoint created"), "{log}");
    let secret = made["secret"].as_str().unwrap();
    is_nowhere(&[CANARY, secret, OPERATOR_KEY], &log, &figures);
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_and_tokens_are_in_no_log_and_no_figure() {
    let mut server = traced(&[("CAREHOOK_JWT_SECRET", TOKEN_SECRET)]);
    let api = server.api();
    api.post("", &json!({"id": "north", "name": "Northside"}))
        .await;
    let key = json!({"name": canary("key-name"), "mode": "live", "scopes": ["read"]});
    let made = api.post("/north/api-keys", &key).await;
    let key = made["key"].as_str().unwrap();
    let minted = [
        "tokens",
        "mint",
        "--organization",
        "north",
        "--scope",
        "read",
    ];
    let token = carehook(&minted).env("CAREHOOK_JWT_SECRET", TOKEN_SECRET);
    let token = token.run().good();
    let token = token.trim();
    let path = "/v1/organizations/north/endpoints";
    for good in [key, token] {
        let (status, text) = Api::new(server.url(), good).get(path).await;
        assert_eq!(status, StatusCode::OK, "{text}");
    }
    let (head, _) = token.rsplit_once('.').unwrap();
    let forged = format!("{head}.{CANARY}");
    let revoked = format!(
        "/v1/organizations/north/api-keys/{}",
        made["id"].as_str().unwrap()
    );
    api.send(Method::DELETE, &revoked, String::new()).await;
    for bad in [
        key,
        &forged,
        &canary("bearer"),
        &format!("pk_live_{CANARY}"),
    ] {
        let (status, text) = Api::new(server.url(), bad).get(path).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED);
        assert!(!text.contains(bad), "{text}");
    }
    let (_, figures) = api.get("/metrics").await;
    server.stop();
    let log = server.log();
    assert!(log.contains("key created"), "{log}");
    // Neither a whole key nor what of it is secret, nor a token's claims or signature.
    let mut private = vec![CANARY, key, &key[12..]];
    private.extend(token.split('.').skip(1));
    is_nowhere(&private, &log, &figures);
}

/// Bodies that each dialect refuses, with something private in the place of every field.
fn refusals() -> [(&'static str, Value); 5] {
    let url = format!("gopher://{CANARY}.example/?{CANARY}");
    let address = format!("{CANARY}@");
    [
        (
            "/v1/organizations/north/endpoints",
            json!({"url": url, "events": [CANARY], "headers": {"host": CANARY}, "mode": "live"}),
        ),
        ("/api-v1/webhooks", json!({"url": url, "events": [CANARY]})),
        (
            "/v1/webhook/create",
            json!({"url": url, "subscriptions": [CANARY], "notificationEmail": address}),
        ),
        (
            "/webhook-events",
            json!({"organization": "north", "url": url, "events": CANARY}),
        ),
        (
            "/api/organizations/north/webhook-subscriptions",
            json!({"postUri": url, "events": [CANARY], "isDevelopment": CANARY}),
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_dialect_refuses_is_in_no_log_and_no_figure() {
    let mut server = traced(&[]);
    let api = server.api();
    api.post("", &json!({"id": "north", "name": "Northside"}))
        .await;
    let key = json!({"name": "Key", "mode": "live", "scopes": ["read", "manage"]});
    let made = api.post("/north/api-keys", &key).await;
    let key = made["key"].as_str().unwrap();
    let client = Api::new(server.url(), key);
    let client = client.with_headers(&[("tenant", "north"), ("api-key", key)]);
    for (path, body) in refusals() {
        let whole = body.to_string();
        let cut = whole[..whole.len() - 3].to_owned();
        let odd = json!({ CANARY: CANARY }).to_string();
        for body in [whole, cut, odd, format!("\"{CANARY}\"")] {
            let (status, text) = client.send(Method::POST, path, body).await;
            assert!(status.is_client_error(), "{path}: {status} {text}");
        }
        let query = format!("{path}?{CANARY}={CANARY}");
        client.get(&query).await;
    }
    client.get(&format!("/{CANARY}/{CANARY}")).await;
    let (_, figures) = api.get("/metrics").await;
    server.stop();
    is_nowhere(&[CANARY, key, &key[12..]], &server.log(), &figures);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_fit_a_schema_is_in_no_log_and_no_answer() {
    let mut server = traced(&[]);
    let api = server.api();
    let settings = json!({"id": "north", "name": "Northside", "schema_check": "reject"});
    api.post("", &settings).await;
    let schema = json!({"schema": {
        "properties": {"name": {"enum": ["A", "B"], "pattern": "^.$", "maxLength": 1}},
    }});
    let path = "/v1/event-types/patient.created";
    let (status, text) = api.send(Method::PATCH, path, schema.to_string()).await;
    assert_eq!(status, StatusCode::OK, "{text}");
    let path = "/v1/organizations/north/events";
    let (status, text) = api.send(Method::POST, path, event().to_string()).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        text.contains("/data/name") && !text.contains(CANARY),
        "{text}"
    );
    let (_, figures) = api.get("/metrics").await;
    server.stop();
    is_nowhere(&[CANARY], &server.log(), &figures);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_that_is_mailed_tells_nothing_private_in_mail_or_log() {
    let mails = MailServer::start();
    let smtp = mails.url();
    let mut server = traced(&[
        ("CAREHOOK_SMTP_URL", &smtp),
        ("CAREHOOK_MAIL_FROM", "Carehook <hooks@clinic.example>"),
        ("CAREHOOK_RETRY_SCHEDULE", "1"),
    ]);
    let answer = Answer::status(503).body(canary("answer"));
    let receiver = Receiver::start().await.always(answer);
    let api = server.api();
    api.post("", &json!({"id": "north", "name": "Northside"}))
        .await;
    let mut endpoint = endpoint(&receiver);
    endpoint["name"] = json!("Booking");
    api.post("/north/endpoints", &endpoint).await;
    api.post("/north/events", &event()).await;
    let mail = &mails.wait_for(1).await[0];
    assert_eq!(mail.to, [format!("{CANARY}@clinic.example")]);
    // The address is in the head of the mail, where it belongs.
    for part in [&mail.text, &mail.html] {
        assert!(part.contains("503") && !part.contains(CANARY), "{part}");
    }
    let (_, figures) = api.get("/metrics").await;
    server.stop();
    is_nowhere(&[CANARY], &server.log(), &figures);
}

#[tokio::test(flavor = "multi_thread")]
async fn others_are_told_nothing_private_when_they_are_refused() {
    let server = traced(&[]);
    let receiver = Receiver::start().await;
    let api = server.api();
    api.post("", &json!({"id": "north", "name": canary("name")}))
        .await;
    api.post("", &json!({"id": "south", "name": "Southside"}))
        .await;
    let made = api.post("/north/endpoints", &endpoint(&receiver)).await;
    let published = api.post("/north/events", &event()).await;
    let key = json!({"name": "Key", "mode": "live", "scopes": ["admin"]});
    let key = api.post("/south/api-keys", &key).await;
    let stranger = Api::new(server.url(), key["key"].as_str().unwrap());
    let endpoint = made["id"].as_str().unwrap();
    let event = published["id"].as_str().unwrap();
    for path in [
        format!("/v1/organizations/north/endpoints/{endpoint}"),
        format!("/v1/organizations/south/endpoints/{endpoint}"),
        format!("/v1/organizations/north/events/{event}"),
        format!("/v1/organizations/south/events/{event}"),
        format!("/api/organizations/south/webhook-subscriptions/{endpoint}"),
        format!("/webhook-events/{endpoint}"),
        format!("/api-v1/webhooks/{endpoint}"),
    ] {
        let (status, text) = stranger.get(&path).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
        assert!(!text.contains(CANARY), "{path}: {text}");
    }
}
