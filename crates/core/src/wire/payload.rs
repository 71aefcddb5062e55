//! The part of a body that is the event's own: all of it, or what an endpoint's mode leaves of it.
//!
//! A receiver finds the minimised part where the data would be, as an object, so that what reads a
//! dialect's bodies reads these too:
//!
//! - `thin`: the id-like fields of the data as they are, then `changed` (the names of the fields in
//!   `previous`, or null when the publisher gave none) and `payload_url`;
//! - `id_only`: `event_id` and `payload_url`;
//! - `empty`: nothing.
//!
//! A field is id-like when it stands at the top of the data, is named `id`, `_id`, `uuid`,
//! `…_id`, `…_uuid` or `…Id`, and its value is a whole number or a text of at most 128 letters,
//! digits and `. _ : -`: what an id can be, and a name, a mail address or a sentence cannot.

use std::borrow::Cow;
use std::fmt;

use serde::Deserializer as _;
use serde::de::{MapAccess, Visitor};
use serde_json::value::RawValue;

use super::Message;
use crate::{EventBody, EventId, JsonText, PayloadMode};

/// What a body says about the event.
pub(super) struct Part<'a> {
    /// The data, or what stands in its place: a JSON object.
    pub(super) data: Cow<'a, [u8]>,
    /// What was before; only ever with the whole data.
    pub(super) previous: Option<&'a [u8]>,
}

impl<'a> Message<'a> {
    /// The part that the mode of the endpoint leaves.
    pub(super) fn part(&self) -> Part<'a> {
        let body = &self.event.body;
        let less = |data: Vec<u8>| Part {
            data: Cow::Owned(data),
            previous: None,
        };
        match self.payload {
            PayloadMode::Full => Part {
                data: Cow::Borrowed(body.data.bytes()),
                previous: body.previous.as_ref().map(|json| &**json.bytes()),
            },
            PayloadMode::Thin => less(thin(body, self.link)),
            PayloadMode::IdOnly => less(id_only(&self.event.id, self.link)),
            PayloadMode::Empty => less(b"{}".to_vec()),
        }
    }
}

fn thin(body: &EventBody, link: Option<&str>) -> Vec<u8> {
    let mut object = Object::default();
    for (name, value) in fields(&body.data) {
        if is_id_name(&name) && is_id_value(value.get()) {
            object.field(&name, value.get());
        }
    }
    let changed = body.previous.as_ref().map(|previous| {
        let names = fields(previous).into_iter().map(|(name, _)| name);
        names.collect::<Vec<_>>()
    });
    let changed = serde_json::to_string(&changed).expect("texts have a JSON form");
    object.field("changed", &changed);
    object.link(link);
    object.finish()
}

fn id_only(id: &EventId, link: Option<&str>) -> Vec<u8> {
    let mut object = Object::default();
    object.text("event_id", &id.to_string());
    object.link(link);
    object.finish()
}

/// A JSON object that is written field by field.
#[derive(Default)]
struct Object(Vec<u8>);

impl Object {
    fn field(&mut self, name: &str, value: &str) {
        self.0.push(if self.0.is_empty() { b'{' } else { b',' });
        serde_json::to_writer(&mut self.0, name).expect("writing to a Vec cannot fail");
        self.0.push(b':');
        self.0.extend_from_slice(value.as_bytes());
    }

    fn text(&mut self, name: &str, value: &str) {
        let value = serde_json::to_string(value).expect("a text has a JSON form");
        self.field(name, &value);
    }

    fn link(&mut self, link: Option<&str>) {
        if let Some(link) = link {
            self.text("payload_url", link);
        }
    }

    fn finish(mut self) -> Vec<u8> {
        if self.0.is_empty() {
            self.0.push(b'{');
        }
        self.0.push(b'}');
        self.0
    }
}

fn is_id_name(name: &str) -> bool {
    const WORDS: [&str; 3] = ["id", "_id", "uuid"];
    const ENDS: [&str; 2] = ["_id", "_uuid"];
    let camel = || {
        let before = name.strip_suffix("Id").and_then(|rest| rest.chars().last());
        before.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
    };
    WORDS.contains(&name) || ENDS.iter().any(|end| name.ends_with(end)) || camel()
}

/// Whether a JSON value is a whole number, or a text that needs no escapes and is short.
fn is_id_value(json: &str) -> bool {
    if let Some(text) = json
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
    {
        let in_id = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b':' | b'-');
        return (1..=EventId::MAX_LEN).contains(&text.len()) && text.bytes().all(in_id);
    }
    let digits = json.strip_prefix('-').unwrap_or(json);
    (1..=20).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit())
}

/// The fields at the top of an object, in its order; none of what is no object.
fn fields(json: &JsonText) -> Vec<(String, &RawValue)> {
    let mut reader = serde_json::Deserializer::from_slice(json.bytes());
    reader.deserialize_map(Fields).unwrap_or_default()
}

struct Fields;

impl<'de> Visitor<'de> for Fields {
    type Value = Vec<(String, &'de RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut all = Vec::new();
        while let Some(field) = map.next_entry()? {
            all.push(field);
        }
        Ok(all)
    }
}

#[cfg(test)]
mod tests;
