//! Recorded pairs of request and answer: what a client sees, to the letter.

use http::Method;
use serde_json::{Value, json};

use crate::world::{Call, World};

/// What differs from run to run is replaced by the name of its field.
fn redacted(value: Value) -> Value {
    const RANDOM: [&str; 6] = [
        "id",
        "endpoint_id",
        "event_id",
        "delivery_id",
        "secret",
        "next_cursor",
    ];
    match value {
        Value::Object(fields) => {
            let redact = |(name, value): (String, Value)| {
                let hide = RANDOM.contains(&&*name) && value.is_string() && value != "northside";
                let value = if hide {
                    json!(format!("[{name}]"))
                } else {
                    redacted(value)
                };
                (name, value)
            };
            fields.into_iter().map(redact).collect()
        }
        Value::Array(items) => items.into_iter().map(redacted).collect(),
        other => other,
    }
}

/// Makes a call and prints it with its answer.
async fn pair(world: &World, method: Method, path: &str, body: Option<Value>) -> (String, Value) {
    let call = Call::new(method.clone(), path);
    let call = body.iter().fold(call, Call::json);
    let answer = call.send(world).await;
    let pretty = |value: &Value| serde_json::to_string_pretty(value).unwrap();
    let mut shown = path.to_owned();
    for part in path.split('/').filter(|part| part.len() >= 36) {
        shown = shown.replace(part, "[id]");
    }
    let sent = body.as_ref().map(pretty).unwrap_or_default();
    let (status, media_type) = (answer.status, answer.header("content-type"));
    let received = pretty(&redacted(answer.body.clone()));
    let text = format!("{method} {shown}\n{sent}\n---\n{status} {media_type}\n{received}\n");
    (text, answer.body)
}

const NORTHSIDE: &str = "/v1/organizations/northside";

#[tokio::test]
async fn a_session_of_a_first_user() {
    let world = World::start();
    let mut recorded = String::new();
    let mut record = async |method: Method, path: &str, body: Option<Value>| {
        let (text, answer) = pair(&world, method, path, body).await;
        recorded.push_str(&text);
        recorded.push('\n');
        answer
    };
    let organization = json!({"id": "northside", "name": "Northside Clinic"});
    record(Method::POST, "/v1/organizations", Some(organization)).await;
    let endpoint = json!({
        "url": "http://user:pass@127.0.0.1:4009/hook",
        "events": ["appointment.*", "patient.created"],
        "name": "Booking site",
        "retry_schedule": [5, 300],
    });
    let endpoint = record(
        Method::POST,
        &format!("{NORTHSIDE}/endpoints"),
        Some(endpoint),
    )
    .await;
    let id = endpoint["id"].as_str().unwrap();
    let event = json!({
        "type": "appointment.created",
        "data": {"id": "a-1"},
        "subject": "patient-17",
        "occurred_at": "2026-03-16T10:00:00Z",
    });
    let event = record(Method::POST, &format!("{NORTHSIDE}/events"), Some(event)).await;
    let event_id = event["id"].as_str().unwrap();
    record(Method::GET, &format!("{NORTHSIDE}/events/{event_id}"), None).await;
    let deliveries = record(Method::GET, &format!("{NORTHSIDE}/deliveries"), None).await;
    let delivery = deliveries["data"][0]["id"].as_str().unwrap();
    record(
        Method::GET,
        &format!("{NORTHSIDE}/deliveries/{delivery}"),
        None,
    )
    .await;
    record(
        Method::POST,
        &format!("{NORTHSIDE}/deliveries/{delivery}/cancel"),
        None,
    )
    .await;
    record(
        Method::POST,
        &format!("{NORTHSIDE}/endpoints/{id}/test"),
        None,
    )
    .await;
    let rotation = Some(json!({"grace_seconds": 60}));
    record(
        Method::POST,
        &format!("{NORTHSIDE}/endpoints/{id}/secret/rotate"),
        rotation,
    )
    .await;
    let patch = Some(json!({"active": false, "name": null}));
    record(Method::PATCH, &format!("{NORTHSIDE}/endpoints/{id}"), patch).await;
    insta::assert_snapshot!(recorded);
}

#[tokio::test]
async fn refusals() {
    let world = World::with_northside().await;
    let events = format!("{NORTHSIDE}/events");
    let mut recorded = String::new();
    for (method, path, body) in [
        (Method::GET, "/v1/nothing", None),
        (Method::PUT, "/v1/organizations", None),
        (Method::GET, "/v1/organizations/nobody", None),
        (Method::GET, "/v1/organizations?limit=0&cursor=x", None),
        (
            Method::POST,
            "/v1/organizations",
            Some(json!({"id": "northside", "name": "x"})),
        ),
        (
            Method::POST,
            &events,
            Some(json!({"type": "x.y", "data": 1, "mode": "prod"})),
        ),
        (
            Method::POST,
            &events,
            Some(json!({"type": "x.y", "data": 1, "subject": ""})),
        ),
        (Method::DELETE, "/v1/event-types/patient.created", None),
    ] {
        let (text, _) = pair(&world, method, path, body).await;
        recorded.push_str(&text);
        recorded.push('\n');
    }
    insta::assert_snapshot!(recorded);
}
