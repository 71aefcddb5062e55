//! What a schema may be, before it is compiled: small, whole in itself, and without circles.
//!
//! A validator follows references and branches as often as they are written, so that thirty lines
//! can ask for a billion steps. Here every reference is replaced in thought by what it refers to:
//! the size of the result, times the bytes of a payload, bounds the work of a check, and its height
//! bounds the stack. A schema that refers to itself would have neither and is refused.

use std::collections::HashMap;

use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::SchemaFault;
use crate::faults::token;

/// Bytes of a schema at most.
pub(super) const SCHEMA_BYTES: usize = 64 * 1024;
/// Parts of a schema at most, with every reference replaced by what it refers to.
pub(super) const PARTS: usize = 10_000;
/// Levels of a schema at most, counted likewise.
pub(super) const LEVELS: usize = 128;
/// For how many parts a pattern counts: matching looks at every character.
const PATTERN: usize = 100;

/// Keywords whose fields are names that the author chose, each with a schema.
const NAMED: [&str; 7] = [
    "properties",
    "patternProperties",
    "$defs",
    "definitions",
    "dependentSchemas",
    "dependencies",
    "dependentRequired",
];
/// Keywords whose values are data that values are compared with, or that are not looked at.
const DATA: [&str; 4] = ["const", "enum", "default", "examples"];
/// Keywords by which a reference could lead elsewhere than its text says.
const ELSEWHERE: [&str; 6] = [
    "$dynamicRef",
    "$recursiveRef",
    "$dynamicAnchor",
    "$recursiveAnchor",
    "$id",
    "id",
];

/// What a value of the schema's text stands for.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Role {
    Schema,
    /// An object whose fields are schemas under names.
    Names,
}

/// How large something is, with every reference replaced by what it refers to.
#[derive(Clone, Copy)]
struct Size {
    parts: usize,
    levels: usize,
}

const ONE: Size = Size {
    parts: 1,
    levels: 1,
};

/// Checks all of it; gives its parts.
pub(super) fn parts(schema: &Value) -> Result<usize, SchemaFault> {
    let mut walk = Walk {
        root: schema,
        sizes: HashMap::new(),
    };
    let size = walk.size(schema, Role::Schema, Place { at: "", level: 1 })?;
    Ok(size.parts)
}

struct Walk<'s> {
    root: &'s Value,
    /// The sizes of what was walked, by pointer and role; `None` while it is being walked.
    sizes: HashMap<(String, Role), Option<Size>>,
}

/// Where the walk is.
#[derive(Clone, Copy)]
struct Place<'p> {
    at: &'p str,
    level: usize,
}

impl<'s> Walk<'s> {
    fn size(
        &mut self,
        value: &'s Value,
        role: Role,
        place: Place<'_>,
    ) -> Result<Size, SchemaFault> {
        let Place { at, level } = place;
        // Before going down: the walk has a stack, too.
        check(ONE, place)?;
        let fields = fields_of(value);
        if fields.is_empty() {
            return Ok(ONE);
        }
        let key = (at.to_owned(), role);
        match self.sizes.get(&key) {
            Some(Some(size)) => return Ok(*size),
            Some(None) => return Err(fault(at, "must not refer to itself")),
            None => {}
        }
        self.sizes.insert(key.clone(), None);
        let mut size = ONE;
        for (name, inner) in fields {
            let at = &format!("{at}/{}", token(&name));
            let level = level + 1;
            let place = Place { at, level };
            let more = match role {
                Role::Names => self.size(inner, Role::Schema, place)?,
                Role::Schema => self.size_of_keyword(&name, inner, place)?,
            };
            size.parts += more.parts;
            size.levels = size.levels.max(more.levels + 1);
            check(size, place)?;
        }
        self.sizes.insert(key, Some(size));
        Ok(size)
    }

    fn size_of_keyword(
        &mut self,
        name: &str,
        value: &'s Value,
        place: Place<'_>,
    ) -> Result<Size, SchemaFault> {
        let at = place.at;
        if ELSEWHERE.contains(&name) && value.is_string() && at.matches('/').count() > 1 {
            return Err(fault(at, "is allowed at the top of the schema only"));
        }
        match (name, value) {
            ("$dynamicRef" | "$recursiveRef", Value::String(_)) => {
                Err(fault(at, "must be `$ref`, which says where it leads"))
            }
            ("$ref", Value::String(reference)) => self.size_of_reference(reference, place),
            ("pattern", Value::String(_)) => Ok(Size {
                parts: PATTERN,
                ..ONE
            }),
            ("patternProperties", Value::Object(patterns)) => {
                let mut size = self.size(value, Role::Names, place)?;
                size.parts += PATTERN * patterns.len();
                Ok(size)
            }
            (name, value) if DATA.contains(&name) => Ok(Size {
                parts: values(value),
                ..ONE
            }),
            (name, value) if NAMED.contains(&name) => self.size(value, Role::Names, place),
            (_, value) => self.size(value, Role::Schema, place),
        }
    }

    fn size_of_reference(
        &mut self,
        reference: &str,
        place: Place<'_>,
    ) -> Result<Size, SchemaFault> {
        let at = place.at;
        let outside = "must lead into this schema: `#` or `#/…`; nothing is fetched";
        let pointer = reference.strip_prefix('#');
        let pointer = pointer.ok_or_else(|| fault(at, outside))?;
        let pointer = percent_decode_str(pointer).decode_utf8_lossy();
        if !pointer.is_empty() && !pointer.starts_with('/') {
            return Err(fault(at, outside));
        }
        let target = self.root.pointer(&pointer);
        let target = target.ok_or_else(|| fault(at, "leads to nothing in this schema"))?;
        let there = Place {
            at: &pointer,
            level: place.level,
        };
        // What is referred to is a schema, wherever it stands.
        self.size(target, Role::Schema, there)
    }
}

fn check(size: Size, place: Place<'_>) -> Result<(), SchemaFault> {
    let counted = "each reference counted as what it refers to";
    if size.parts > PARTS {
        let reason = format!("makes the schema larger than {PARTS} parts, {counted}");
        return Err(fault(place.at, reason));
    }
    if size.levels.max(place.level) > LEVELS {
        let reason = format!("makes the schema deeper than {LEVELS} levels, {counted}");
        return Err(fault(place.at, reason));
    }
    Ok(())
}

fn fields_of(value: &Value) -> Vec<(String, &Value)> {
    match value {
        Value::Object(fields) => fields.iter().map(|(name, v)| (name.clone(), v)).collect(),
        Value::Array(items) => {
            let items = items.iter().enumerate();
            items.map(|(index, v)| (index.to_string(), v)).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    }
}

/// The values in a value, itself included.
fn values(value: &Value) -> usize {
    let inner = fields_of(value).into_iter();
    1 + inner.map(|(_, value)| values(value)).sum::<usize>()
}

fn fault(pointer: &str, reason: impl Into<String>) -> SchemaFault {
    SchemaFault {
        pointer: pointer.to_owned(),
        reason: reason.into(),
    }
}
