//! Why a value does not fit, in words that never repeat it.
//!
//! The library's own messages quote the value, which may be a patient's; so every reason is made
//! here, from the kind of the error and from the schema alone.

use jsonschema::ValidationError;
use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use serde_json::Value;

use crate::FieldFault;
use crate::faults::token;

/// Bytes of a pointer at most: the names in it are the publisher's, and may be as long as a body.
const POINTER_BYTES: usize = 512;

/// The fault that an error of the validator tells, below `/data`.
pub(super) fn fault_of(error: &ValidationError<'_>) -> FieldFault {
    let mut pointer = format!("/data{}", error.instance_path().as_str());
    if let Kind::Required {
        property: Value::String(name),
    } = error.kind()
    {
        pointer.extend(["/", &token(name)]);
    }
    FieldFault {
        pointer: cut(pointer),
        reason: reason_of(error.kind()),
    }
}

/// The pointer, or that of the closest thing around it whose pointer is short enough.
fn cut(mut pointer: String) -> String {
    while pointer.len() > POINTER_BYTES {
        let parent = pointer.rfind('/').unwrap_or_default();
        pointer.truncate(parent);
    }
    pointer
}

/// What is wrong, told by the schema's words alone.
pub(super) fn reason_of(kind: &Kind) -> String {
    match kind {
        Kind::Type { kind } => format!("must be {}", types(kind)),
        Kind::MaxItems { limit } => format!("must have at most {limit} entries"),
        Kind::MinItems { limit } => format!("must have at least {limit} entries"),
        Kind::AdditionalItems { limit } => format!("must have at most {limit} entries"),
        Kind::MaxLength { limit } => format!("must have at most {limit} characters"),
        Kind::MinLength { limit } => format!("must have at least {limit} characters"),
        Kind::MaxProperties { limit } => format!("must have at most {limit} fields"),
        Kind::MinProperties { limit } => format!("must have at least {limit} fields"),
        Kind::Maximum { limit } => format!("must be at most {limit}"),
        Kind::Minimum { limit } => format!("must be at least {limit}"),
        Kind::ExclusiveMaximum { limit } => format!("must be less than {limit}"),
        Kind::ExclusiveMinimum { limit } => format!("must be more than {limit}"),
        Kind::MultipleOf { multiple_of } => format!("must be a multiple of {multiple_of}"),
        Kind::Format { format } => format!("must have the format `{format}`"),
        Kind::ContentEncoding { content_encoding } => {
            format!("must be encoded as `{content_encoding}`")
        }
        Kind::ContentMediaType { content_media_type } => {
            format!("must be of the media type `{content_media_type}`")
        }
        other => plain_reason(other).to_owned(),
    }
}

/// The reasons that need no word of the schema.
fn plain_reason(kind: &Kind) -> &'static str {
    match kind {
        Kind::Required { .. } => "is required",
        Kind::AdditionalProperties { .. } | Kind::UnevaluatedProperties { .. } => {
            "must have no fields but those that the schema names"
        }
        Kind::UnevaluatedItems { .. } => "must have no entries but those that the schema describes",
        Kind::AnyOf { .. } => "must fit at least one of the forms in the schema",
        Kind::OneOfMultipleValid { .. } | Kind::OneOfNotValid { .. } => {
            "must fit exactly one of the forms in the schema"
        }
        Kind::Not { .. } => "must not have the form that the schema excludes",
        Kind::Constant { .. } => "must be the value in the schema",
        Kind::Enum { .. } => "must be one of the values in the schema",
        Kind::Contains => "must have an entry as the schema describes it, and not too many",
        Kind::FalseSchema => "is not allowed",
        Kind::Pattern { .. } => "must match the pattern in the schema",
        Kind::PropertyNames { .. } => "must have no field with a name like this",
        Kind::UniqueItems => "must have no entry twice",
        Kind::FromUtf8 { .. } => "must be encoded text",
        Kind::Referencing(_) => "must not refer to anything outside this schema",
        Kind::BacktrackLimitExceeded { .. } | Kind::RegexEngineFailure { .. } => {
            "could not be matched with the pattern in the schema"
        }
        _ => "does not fit the schema",
    }
}

fn types(kind: &TypeKind) -> String {
    match kind {
        TypeKind::Single(one) => format!("of the type {one}"),
        TypeKind::Multiple(set) => {
            let names: Vec<String> = set.iter().map(|one| one.to_string()).collect();
            format!("of one of the types {}", names.join(", "))
        }
    }
}
