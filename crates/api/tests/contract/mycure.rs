//! The contract of MYCURE's API: the router, called as a client of Feathers does.

mod bad_input;
mod description;
mod isolation;
mod recorded;
mod webhooks;

use http::Method;
use serde_json::{Value, json};

use crate::world::{Answer, Call, OPERATOR_KEY, World, with_fields};

const SERVICE: &str = "/webhook-events";

/// A client with a key.
struct Client<'w> {
    world: &'w World,
    key: String,
}

impl<'w> Client<'w> {
    /// With a live key of `northside`.
    async fn new(world: &'w World) -> Self {
        Self::with(world, json!({})).await
    }

    /// With a key of `northside` that has these fields.
    async fn with(world: &'w World, fields: Value) -> Self {
        let key = world.key(fields).await;
        Self { world, key }
    }

    /// With the operator's key.
    fn operator(world: &'w World) -> Self {
        let key = OPERATOR_KEY.to_owned();
        Self { world, key }
    }

    fn call(&self, method: Method, path: &str) -> Call {
        Call::new(method, path).with_key(&self.key)
    }

    async fn send(&self, call: Call) -> Answer {
        call.send(self.world).await
    }

    async fn get(&self, path: &str) -> Answer {
        self.send(self.call(Method::GET, path)).await
    }

    async fn post(&self, body: &Value) -> Answer {
        self.send(self.call(Method::POST, SERVICE).json(body)).await
    }

    async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.send(self.call(Method::PATCH, path).json(body)).await
    }

    async fn delete(&self, path: &str) -> Answer {
        self.send(self.call(Method::DELETE, path)).await
    }

    /// Makes a webhook; gives its path.
    async fn webhook(&self, fields: Value) -> String {
        let made = self.post(&with(&fields)).await.is(201);
        format!("{SERVICE}/{}", made.text("id"))
    }

    async fn ping(&self, path: &str) -> Answer {
        let id = path.rsplit('/').next().unwrap();
        self.post(&json!({"webhook": id, "event": "ping"})).await
    }

    /// All webhooks of `northside` that the client sees.
    async fn list(&self) -> Value {
        let list = format!("{SERVICE}?organization=northside&$limit=100");
        self.get(&list).await.is(200).body["data"].clone()
    }
}

/// An acceptable body with some fields replaced.
fn with(fields: &Value) -> Value {
    let usual = json!({
        "organization": "northside",
        "active": true,
        "url": "http://127.0.0.1:4009/hook",
        "events": ["appointments.created"],
    });
    with_fields(usual, fields)
}

/// Fails unless it is a whole error of Feathers of this kind, whose message has these words.
#[track_caller]
fn fails(answer: Answer, status: u16, name: &str, words: &str) -> Answer {
    let answer = answer.is(status);
    assert_eq!(answer.header("content-type"), "application/json");
    let error = answer.body.as_object().unwrap();
    let fields: Vec<&String> = error.keys().collect();
    assert_eq!(fields, ["className", "code", "errors", "message", "name"]);
    assert_eq!(error["name"], name);
    assert_eq!(error["code"], status);
    let mut class_name = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !class_name.is_empty() {
            class_name.push('-');
        }
        class_name.push(letter.to_ascii_lowercase());
    }
    assert_eq!(error["className"], class_name);
    let message = error["message"].as_str().unwrap();
    assert!(message.contains(words), "{message}");
    answer
}

/// Fails unless exactly these fields were refused.
#[track_caller]
fn refuses(answer: Answer, fields: &[&str]) -> Answer {
    let first = fields.first().copied().unwrap_or_default();
    let answer = fails(answer, 400, "BadRequest", first);
    let errors = answer.body["errors"].as_object().unwrap();
    let named: Vec<&String> = errors.keys().collect();
    assert_eq!(named, fields, "{}", answer.body);
    answer
}
