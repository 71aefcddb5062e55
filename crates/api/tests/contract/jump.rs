//! The contract of Jump's API: the router, called as a client of Jump does.

mod bad_input;
mod description;
mod isolation;
mod permissions;
mod recorded;
mod webhooks;

use http::Method;
use serde_json::{Value, json};

use crate::world::{Answer, Call, World, with_fields};

const WEBHOOKS: &str = "/api-v1/webhooks";

/// Everything that keys can read.
const ALL: [&str; 7] = [
    "patients:read",
    "consultations:read",
    "appointments:write",
    "documents:read",
    "clinicians:read",
    "locations:read",
    "appointment_types:read",
];

/// A client with a key.
struct Client<'w> {
    world: &'w World,
    key: String,
}

impl<'w> Client<'w> {
    /// With a live key of `northside` that may do everything.
    async fn new(world: &'w World) -> Self {
        Self::with(world, json!({ "permissions": ALL })).await
    }

    /// With a key that has these fields.
    async fn with(world: &'w World, fields: Value) -> Self {
        let key = world.key(fields).await;
        Self { world, key }
    }

    fn call(&self, method: Method, path: &str) -> Call {
        Call::new(method, path).with_key(&self.key)
    }

    async fn send(&self, call: Call) -> Answer {
        enveloped(call.send(self.world).await)
    }

    async fn get(&self, path: &str) -> Answer {
        self.send(self.call(Method::GET, path)).await
    }

    async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(self.call(Method::POST, path).json(body)).await
    }

    async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.send(self.call(Method::PATCH, path).json(body)).await
    }

    async fn delete(&self, path: &str) -> Answer {
        self.send(self.call(Method::DELETE, path)).await
    }

    /// Makes a webhook endpoint; gives its path.
    async fn webhook(&self, fields: Value) -> String {
        let body = with_fields(good(), &fields);
        let made = self.post(WEBHOOKS, &body).await.is(201);
        format!("{WEBHOOKS}/{}", made.body["data"]["id"].as_str().unwrap())
    }

    /// All webhook endpoints that the client sees.
    async fn list(&self) -> Value {
        let list = self.get(&format!("{WEBHOOKS}?limit=100")).await.is(200);
        list.body["data"].clone()
    }
}

fn good() -> Value {
    json!({"url": "http://127.0.0.1:4009/hook", "events": ["appointment.created"]})
}

/// Fails unless the answer has what all answers of Jump have.
#[track_caller]
fn enveloped(answer: Answer) -> Answer {
    let meta = &answer.body["meta"];
    let id = meta["request_id"].as_str().unwrap();
    assert!(id.starts_with("req_"), "{id}");
    assert_eq!(answer.header("x-request-id"), id);
    assert_eq!(answer.header("x-ratelimit-limit"), "1000");
    let remaining = answer.header("x-ratelimit-remaining").parse();
    assert!(remaining.is_ok_and(|remaining: u32| remaining <= 1_000));
    assert_eq!(answer.header("content-type"), "application/json");
    let fields: Vec<&String> = answer.body.as_object().unwrap().keys().collect();
    let is_success = (200..300).contains(&answer.status);
    let expected: &[&str] = if is_success {
        &["data", "meta"]
    } else {
        &["data", "error", "meta"]
    };
    assert_eq!(fields, expected, "{}", answer.body);
    answer
}

/// Fails unless it is a failure of this kind, whose message has these words.
#[track_caller]
fn fails(answer: Answer, status: u16, code: &str, words: &str) -> Answer {
    let answer = enveloped(answer.is(status));
    assert_eq!(answer.body["data"], Value::Null);
    let error = answer.body["error"].as_object().unwrap();
    assert_eq!(error.len(), 2, "{error:?}");
    assert_eq!(error["code"], code);
    let message = error["message"].as_str().unwrap();
    assert!(message.contains(words), "{message}");
    answer
}
