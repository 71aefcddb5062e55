//! One event, five receivers: each gets it in its own dialect, made through its own API.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use carehook_core::{Clock, Dialect, Secret, verify_received};
use carehook_testkit::{Judge, JudgeVerdict, Received, Receiver};
use http::Method;
use serde_json::{Value, json};

use crate::api::Api;
use crate::server::Server;

const DATA: &str = r#"{"id":"apt_1","patient":"Zoë","fee":1.10,"cancellation_reason":"flu"}"#;

/// A receiver, and what its API gave it.
struct Subscriber {
    dialect: Dialect,
    receiver: Receiver,
    secret: Secret,
}

/// A request to a dialect's API; the answer must have this status.
async fn made(api: &Api, path: &str, (status, body): (u16, Value)) -> Value {
    let (found, text) = api.send(Method::POST, path, body.to_string()).await;
    assert_eq!(found, status, "{path}: {text}");
    serde_json::from_str(&text).unwrap()
}

async fn subscribe(server: &Server, dialect: Dialect, key: &str) -> Subscriber {
    let receiver = Receiver::start().await;
    let url = receiver.url();
    let (operator, customer) = (server.api(), Api::new(server.url(), key));
    let (answer, field) = match dialect {
        Dialect::Native => {
            let body = json!({"url": url, "events": ["appointment.*"]});
            let path = "/v1/organizations/north/endpoints";
            (made(&operator, path, (201, body)).await, "/secret")
        }
        Dialect::Jump => {
            let body = json!({"url": url, "events": ["appointment.cancelled"]});
            let path = "/api-v1/webhooks";
            (made(&customer, path, (201, body)).await, "/data/secret")
        }
        Dialect::Decoda => {
            let body = json!({"url": url, "subscriptions": ["APPOINTMENT_CANCELLED"]});
            let decoda = customer.with_headers(&[("tenant", "north"), ("api-key", key)]);
            let path = "/v1/webhook/create";
            (made(&decoda, path, (200, body)).await, "/secret")
        }
        Dialect::Mycure => {
            let body = json!({"organization": "north", "url": url, "events": "appointments"});
            let path = "/webhook-events";
            (made(&customer, path, (201, body)).await, "/secret")
        }
        Dialect::Ecg => {
            let events = ["appointment.cancelled"];
            let body = json!({"postUri": url, "events": events, "isDevelopment": false});
            let path = "/api/organizations/north/webhook-subscriptions";
            (made(&customer, path, (201, body)).await, "/secretKey")
        }
    };
    let secret = answer.pointer(field).unwrap().as_str().unwrap();
    Subscriber {
        dialect,
        receiver,
        secret: Secret::new(secret),
    }
}

/// Where the dialect's body has the kind of event, and what it calls this one.
fn expected(dialect: Dialect) -> (&'static str, &'static str) {
    match dialect {
        Dialect::Native | Dialect::Jump => ("/type", "appointment.cancelled"),
        Dialect::Decoda => ("/type", "APPOINTMENT_CANCELLED"),
        Dialect::Mycure => ("/event", "appointments.cancelled"),
        Dialect::Ecg => ("/eventType", "appointment.cancelled"),
    }
}

/// Where the dialect's body has the payload.
fn payload(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Native | Dialect::Decoda | Dialect::Ecg => "/data",
        Dialect::Jump => "/data/object",
        Dialect::Mycure => "/payload",
    }
}

/// Where the dialect's body has the event's id, if it has it.
fn id(dialect: Dialect) -> Option<&'static str> {
    match dialect {
        Dialect::Native | Dialect::Ecg => None,
        Dialect::Jump | Dialect::Decoda | Dialect::Mycure => Some("/id"),
    }
}

#[track_caller]
fn check(subscriber: &Subscriber, request: &Received, event_id: &str) {
    let Subscriber {
        dialect, secret, ..
    } = subscriber;
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    let (field, name) = expected(*dialect);
    assert_eq!(body.pointer(field).unwrap(), name, "{dialect:?}: {body}");
    let sent: Value = serde_json::from_str(DATA).unwrap();
    assert_eq!(
        body.pointer(payload(*dialect)).unwrap(),
        &sent,
        "{dialect:?}"
    );
    if let Some(field) = id(*dialect) {
        assert_eq!(body.pointer(field).unwrap(), event_id, "{dialect:?}");
    }
    assert_eq!(request.headers["webhook-id"], event_id, "{dialect:?}");
    let now = Clock::system().wall();
    let verdict = verify_received(*dialect, secret, &request.headers, &request.body, now);
    assert_eq!(verdict, Ok(()), "{dialect:?}");
    check_standard(*dialect, secret, request);
}

/// Any Standard Webhooks library verifies every dialect; they take the key in base64.
#[track_caller]
fn check_standard(dialect: Dialect, secret: &Secret, request: &Received) {
    let secret = match dialect {
        Dialect::Native | Dialect::Jump | Dialect::Mycure => secret.expose().to_owned(),
        Dialect::Decoda | Dialect::Ecg => format!("whsec_{}", STANDARD.encode(secret.expose())),
    };
    let body = std::str::from_utf8(&request.body).unwrap();
    for judge in Judge::ALL {
        let verdict = judge.verify(&secret, &request.headers, body);
        assert_eq!(verdict, JudgeVerdict::Accepted, "{dialect:?} {judge:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_event_reaches_five_receivers_each_in_its_own_dialect() {
    let server = Server::start();
    let api = server.api();
    let organization = json!({"id": "north", "name": "Northside"});
    api.post("", &organization).await;
    let key = json!({"name": "all", "mode": "live", "permissions": ["appointments:read"]});
    let key = api.post("/north/api-keys", &key).await;
    let key = key["key"].as_str().unwrap();
    let mut subscribers = Vec::new();
    for dialect in Dialect::ALL {
        subscribers.push(subscribe(&server, dialect, key).await);
    }

    let data: Value = serde_json::from_str(DATA).unwrap();
    let event = json!({"type": "appointment.cancelled", "data": data});
    let published = api.post("/north/events", &event).await;
    assert_eq!(published["deliveries"], 5);

    let event_id = published["id"].as_str().unwrap();
    for subscriber in &subscribers {
        let requests = subscriber.receiver.wait_for(1).await;
        check(subscriber, &requests[0], event_id);
    }
    // What none of them asked for reaches none of them.
    let other = json!({"type": "patient.created", "data": {}});
    assert_eq!(api.post("/north/events", &other).await["deliveries"], 0);
}
