//! A compiled schema.

use carehook_core::JsonText;
use jsonschema::{PatternOptions, Validator};
use serde_json::Value;

use super::SchemaFault;
use super::bounds::{self, SCHEMA_BYTES};
use super::reasons::{fault_of, reason_of};
use crate::FieldFault;

/// Faults that are told of one payload at most.
pub(super) const FAULTS: usize = 20;
/// Bytes of one compiled pattern, which bound the steps for each character.
const PATTERN_BYTES: usize = 64 * 1024;
/// Bytes of the states that matching a pattern may remember.
const PATTERN_MEMORY_BYTES: usize = 1024 * 1024;
/// Parts of a schema times bytes of a payload at most: some tenths of a second.
const WORK: usize = 200_000_000;

/// Checks payloads by one schema.
pub(super) struct Checker {
    validator: Validator,
    parts: usize,
}

impl Checker {
    /// Compiles a schema that is whole in itself.
    pub(super) fn of(schema: &JsonText) -> Result<Self, SchemaFault> {
        let whole = |reason: String| SchemaFault {
            pointer: String::new(),
            reason,
        };
        if schema.bytes().len() > SCHEMA_BYTES {
            return Err(whole(format!("must have at most {SCHEMA_BYTES} bytes")));
        }
        let schema: Value = serde_json::from_slice(schema.bytes())
            .map_err(|_| whole("must be a JSON object".to_owned()))?;
        let parts = bounds::parts(&schema)?;
        // Patterns run in time that is linear in the text: no look-around, no back references.
        let patterns = PatternOptions::regex()
            .size_limit(PATTERN_BYTES)
            .dfa_size_limit(PATTERN_MEMORY_BYTES);
        let built = jsonschema::options()
            .offline()
            .should_validate_formats(true)
            // A payload's text must not become a program that is compiled here.
            .with_format("regex", |_: &str| true)
            .with_pattern_options(patterns)
            .build(&schema);
        match built {
            Ok(validator) => Ok(Self { validator, parts }),
            Err(error) => Err(SchemaFault {
                pointer: error.instance_path().as_str().to_owned(),
                reason: reason_of(error.kind()),
            }),
        }
    }

    /// What does not fit, with pointers below `/data`.
    pub(super) fn faults(&self, data: &JsonText) -> Vec<FieldFault> {
        let whole = |reason: &str| {
            vec![FieldFault {
                pointer: "/data".to_owned(),
                reason: reason.to_owned(),
            }]
        };
        if self.parts.saturating_mul(data.bytes().len()) > WORK {
            return whole("is too large to be checked by a schema of this size");
        }
        let Ok(data) = serde_json::from_slice::<Value>(data.bytes()) else {
            return whole("cannot be read as a JSON tree, so it was not checked");
        };
        let errors = self.validator.iter_errors(&data).take(FAULTS);
        errors.map(|error| fault_of(&error)).collect()
    }
}
