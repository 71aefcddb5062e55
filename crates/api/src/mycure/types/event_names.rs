//! Names of events: one text, or a list of texts.

use std::fmt;

use serde::de::value::SeqAccessDeserializer;
use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, OneOfBuilder, Schema, Type};

/// The wanted events as they come in; going out they are always a list.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct EventNames(pub(super) Vec<String>);

impl<'de> Deserialize<'de> for EventNames {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(EventNamesVisitor)
    }
}

struct EventNamesVisitor;

impl<'de> Visitor<'de> for EventNamesVisitor {
    type Value = EventNames;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text or a list of texts")
    }

    fn visit_str<E>(self, name: &str) -> Result<EventNames, E> {
        Ok(EventNames(vec![name.to_owned()]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, names: A) -> Result<EventNames, A::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(names)).map(EventNames)
    }
}

/// What it looks like: a text or a list of texts.
pub(super) fn schema() -> Schema {
    let name = || ObjectBuilder::new().schema_type(Type::String);
    let names = ArrayBuilder::new().items(name()).min_items(Some(1));
    OneOfBuilder::new()
        .description(Some(
            "What it wants: `ping`, `<service>`, `<service>.<method>` or `*`; one or a list",
        ))
        .item(name())
        .item(names)
        .build()
        .into()
}
