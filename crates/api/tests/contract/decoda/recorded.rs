//! Recorded pairs of request and answer: what a client sees, to the letter.

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};

use super::client::{CREATE, LIST, URL, answered, ask, deliveries};
use crate::world::{Call, World};

/// What differs from run to run is replaced by the name of its field.
fn redacted(mut value: Value) -> Value {
    match &mut value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let random = ["id", "secret"].contains(&&**name) && value.is_string();
                *value = if random {
                    json!(format!("[{name}]"))
                } else {
                    redacted(value.take())
                };
            }
        }
        Value::Array(items) => {
            for item in items {
                *item = redacted(item.take());
            }
        }
        _ => {}
    }
    value
}

/// The pairs of a session.
struct Recorder<'a> {
    world: &'a World,
    text: String,
}

impl Recorder<'_> {
    /// Makes a call and notes it with its answer.
    async fn call(&mut self, method: Method, path: &str, body: Option<Value>) -> Value {
        let call = ask(method.clone(), path);
        let call = body.iter().fold(call, Call::json);
        let answer = call.send(self.world).await;
        let pretty = |value: &Value| serde_json::to_string_pretty(value).unwrap();
        let mut shown = path.to_owned();
        for part in path.split(['/', '?']).filter(|part| part.len() >= 36) {
            shown = shown.replace(part, "[id]");
        }
        let sent = body.as_ref().map(pretty).unwrap_or_default();
        let (status, media_type) = (answer.status, answer.header("content-type"));
        let received = pretty(&redacted(answer.body.clone()));
        let entry = format!("{method} {shown}\n{sent}\n---\n{status} {media_type}\n{received}\n\n");
        self.text.push_str(&entry);
        answer.body
    }
}

#[tokio::test]
async fn a_session_of_a_client() {
    let world = World::with_northside().await;
    let mut recorder = Recorder {
        world: &world,
        text: String::new(),
    };
    let webhook = json!({
        "notificationEmail": "it@northside.example",
        "subscriptions": ["APPOINTMENT_CANCELLED", "CALL_RECIEVED"],
        "url": URL,
    });
    let made = recorder.call(Method::POST, CREATE, Some(webhook)).await;
    let one = format!("/v1/webhook/{}", made["id"].as_str().unwrap());
    recorder.call(Method::GET, LIST, None).await;
    recorder.call(Method::GET, &one, None).await;
    world.advance(Duration::from_mins(1));
    let patch = json!({"notificationEmail": null, "subscriptions": ["APPOINTMENT_CANCELLED"]});
    recorder.call(Method::PATCH, &one, Some(patch)).await;
    let event = json!({
        "type": "appointment.cancelled",
        "data": {"id": "a-1", "patient": "Zoë", "reason": null},
    });
    let published = world.post("/v1/organizations/northside/events", &event);
    let event = published.await.is(202).text("id");
    answered(&world, deliveries(&world).await[0], 1, 500).await;
    let list = format!("{one}/delivery-attempts/list?is_delivered=false");
    recorder.call(Method::GET, &list, None).await;
    let event = format!("/v1/webhook/events/{event}");
    recorder.call(Method::GET, &event, None).await;
    let send = format!("{event}/send?notify_failure=false");
    recorder.call(Method::GET, &send, None).await;
    recorder.call(Method::DELETE, &one, None).await;
    insta::assert_snapshot!(recorder.text);
}

#[tokio::test]
async fn refusals() {
    let world = World::with_northside().await;
    let mut recorder = Recorder {
        world: &world,
        text: String::new(),
    };
    let bad = json!({
        "notificationEmail": "nobody",
        "subscriptions": ["PATIENT_CREATED", "NOBODY_KNOWS"],
        "url": "https://10.0.0.1/hook",
    });
    let unknown = json!({"subscriptions": [], "secret": "mine"});
    let absent = "/v1/webhook/00000000-0000-0000-0000-000000000000";
    let list = format!("{absent}/delivery-attempts/list");
    for (method, path, body) in [
        (Method::POST, CREATE, Some(bad)),
        (Method::POST, CREATE, Some(unknown)),
        (Method::POST, CREATE, Some(json!([]))),
        (Method::GET, CREATE, None),
        (Method::POST, LIST, None),
        (Method::GET, absent, None),
        (Method::PATCH, absent, Some(json!({"url": 7}))),
        (Method::PATCH, absent, Some(json!({}))),
        (Method::DELETE, absent, None),
        (Method::GET, &list, None),
        (
            Method::GET,
            &format!("{list}?limit=many&is_delivered=2"),
            None,
        ),
        (Method::GET, "/v1/webhook/events/nobody", None),
        (Method::GET, "/v1/webhook/events/nobody/send", None),
        (Method::GET, "/v1/webhook/nobody/knows", None),
    ] {
        recorder.call(method, path, body).await;
    }
    insta::assert_snapshot!(recorder.text);
}
