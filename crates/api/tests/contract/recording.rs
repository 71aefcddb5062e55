//! Recorded pairs of request and answer of a dialect, with names in place of what is random.

use http::Method;
use serde_json::Value;

use crate::world::{Answer, Call, World};

/// Writes down every call that is made through it.
pub(crate) struct Recording<'w> {
    world: &'w World,
    key: String,
    /// Headers of answers that are written down too.
    headers: &'static [&'static str],
    /// The random texts that were seen, in that order.
    seen: Vec<String>,
    text: String,
}

impl<'w> Recording<'w> {
    pub(crate) fn new(world: &'w World, key: &str, headers: &'static [&'static str]) -> Self {
        Self {
            world,
            key: key.to_owned(),
            headers,
            seen: Vec::new(),
            text: String::new(),
        }
    }

    /// Makes a call and writes it down with its answer.
    pub(crate) async fn call(&mut self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let call = Call::new(method.clone(), path).with_key(&self.key);
        let call = body.iter().fold(call, Call::json);
        let answer = call.send(self.world).await;
        let path: Vec<String> = path.split('/').map(|part| self.named(part)).collect();
        let sent = body.map(|body| self.pretty(body)).unwrap_or_default();
        let mut received = format!("{} {}", answer.status, answer.header("content-type"));
        for name in self.headers {
            let value = self.named(answer.header(name));
            received.extend(["\n", name, ": ", &value]);
        }
        let body = self.pretty(answer.body.clone());
        let path = path.join("/");
        let pair = format!("{method} {path}\n{sent}\n---\n{received}\n{body}\n\n");
        self.text.push_str(&pair);
        answer
    }

    /// Everything that was written down.
    pub(crate) fn text(self) -> String {
        self.text
    }

    fn pretty(&mut self, body: Value) -> String {
        let body = self.redacted(body);
        serde_json::to_string_pretty(&body).unwrap()
    }

    fn redacted(&mut self, value: Value) -> Value {
        match value {
            Value::Object(fields) => {
                let fields = fields.into_iter();
                fields
                    .map(|(name, value)| (name, self.redacted(value)))
                    .collect()
            }
            Value::Array(items) => items.into_iter().map(|item| self.redacted(item)).collect(),
            Value::String(text) => self.named(&text).into(),
            other => other,
        }
    }

    /// What differs from run to run by a name, which is the same for the same text.
    fn named(&mut self, text: &str) -> String {
        let kind = match text.split_once('_') {
            Some((kind @ ("req" | "evt" | "whsec"), rest)) if rest.len() >= 32 => kind,
            _ if is_uuid(text) => "uuid",
            _ => return text.to_owned(),
        };
        let known = self.seen.iter().position(|seen| seen == text);
        let place = known.unwrap_or_else(|| {
            self.seen.push(text.to_owned());
            self.seen.len() - 1
        });
        format!("[{kind} {place}]")
    }
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36 && text.split('-').map(str::len).eq([8, 4, 4, 4, 12])
}
