//! An endpoint's own headers on the wire: an object of names and secret values.

use std::fmt;

use carehook_core::Secret;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// Names with values; a null value takes a header away.
#[derive(Default)]
pub(crate) struct HeaderMap(pub(super) Vec<(String, Option<Secret>)>);

impl<'de> Deserialize<'de> for HeaderMap {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(HeaderVisitor)
    }
}

struct HeaderVisitor;

impl<'de> Visitor<'de> for HeaderVisitor {
    type Value = HeaderMap;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of header names and texts")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<HeaderMap, A::Error> {
        let mut headers: Vec<(String, Option<Secret>)> = Vec::new();
        while let Some(name) = map.next_key::<String>()? {
            let value = map.next_value::<Option<String>>()?;
            if headers.iter().any(|(known, _)| *known == name) {
                return Err(A::Error::custom(format_args!("duplicate field `{name}`")));
            }
            headers.push((name, value.map(Secret::new)));
        }
        Ok(HeaderMap(headers))
    }
}
