//! Schemas and payloads: a schema, a line end, and an event's data.

use http::{Method, StatusCode};

use super::world::World;
use crate::Target;

pub(crate) const TARGET: Target = Target {
    name: "schemas",
    run,
    words: &[
        "\"type\":",
        "\"$ref\":\"#/",
        "\"$ref\":\"#\"",
        "\"$defs\":{",
        "\"properties\":{",
        "\"allOf\":[",
        "\"anyOf\":[",
        "\"not\":",
        "\"pattern\":\"",
        "(a+)+",
        "\"items\":",
        "\"enum\":[",
        "\"$id\":",
        "\"if\":",
        "\"required\":[",
        "\"format\":",
        "{1000}",
        "~1",
        "%25",
        "\"unevaluatedProperties\":",
        "\"$schema\":\"http://json-schema.org/draft-04/schema#\"",
    ],
};

fn run(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (schema, data) = text.split_once('\n').unwrap_or((&text, "{}"));
    let world = World::get();
    let change = format!("{{\"schema\":{schema}}}");
    let set = world.ask(
        &Method::PATCH,
        "/v1/event-types/patient.created",
        change.as_bytes(),
    );
    assert!(!set.is_server_error(), "{set}");
    if set != StatusCode::OK {
        return;
    }
    let event = format!("{{\"type\":\"patient.created\",\"data\":{data}}}");
    let path = "/v1/organizations/northside/events";
    let published = world.ask(&Method::POST, path, event.as_bytes());
    assert!(!published.is_server_error(), "{published}");
}
