//! JSON Patch (RFC 6902) on an object as a GET shows it: all operations or none.
//!
//! Which places may be changed is said by the caller; the rest of the object is there to be tested
//! and copied from. What comes out is read field by field and goes through the same checks as
//! what is made new.

use axum::extract::{FromRequest, Request};
use carehook_app::{AppError, Faults};
use carehook_core::Limits;
use json_patch::{PatchErrorKind, PatchOperation};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::errors::NestError;
use crate::extract::{Body, RequestError, Single};

/// Operations of one patch; more is no change by hand.
const OPERATIONS: usize = 100;
/// How deep a patched object may be nested, the same that a publish may.
const DEPTH: usize = 128;

const OPS: [&str; 6] = ["add", "remove", "replace", "move", "copy", "test"];

/// One operation of a JSON Patch; members that its kind does not have are ignored (RFC 6902, 4).
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[schema(as = PatchOperation, example = json!({
    "op": "replace", "path": "/name", "value": "Vital signs",
}))]
pub(super) struct OperationIn {
    /// `add`, `remove`, `replace`, `move`, `copy` or `test`.
    #[schema(value_type = String)]
    op: Option<Value>,
    /// Where: a JSON pointer (RFC 6901).
    #[schema(value_type = String)]
    path: Option<Value>,
    /// Where from, for `move` and `copy`.
    #[schema(value_type = Option<String>)]
    from: Option<Value>,
    /// What, for `add`, `replace` and `test`.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Object>)]
    value: Option<Value>,
}

/// A value that is there, be it null.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

/// A JSON Patch that is well formed.
pub(super) struct Patch(Vec<PatchOperation>);

impl<S: Sync> FromRequest<S> for Patch {
    type Rejection = NestError;

    async fn from_request(request: Request, state: &S) -> Result<Self, NestError> {
        let body = Body::<Single, NestError>::from_request(request, state).await?;
        Ok(Self::read(&body.0)?)
    }
}

impl Patch {
    fn read(bytes: &[u8]) -> Result<Self, RequestError> {
        let parsed: Value = serde_json::from_slice(bytes)
            .map_err(|error| RequestError::MalformedJson(error.to_string()))?;
        let Value::Array(operations) = parsed else {
            let reason = "must be an array of operations";
            return Err(AppError::invalid("", reason).into());
        };
        if operations.len() > OPERATIONS {
            let reason = format!("must have at most {OPERATIONS} operations");
            return Err(AppError::invalid("", reason).into());
        }
        let mut faults = Faults::default();
        let read = operations
            .into_iter()
            .enumerate()
            .filter_map(|(index, operation)| operation_of(index, operation, &mut faults))
            .collect();
        faults.check()?;
        Ok(Self(read))
    }

    /// The object after all operations.
    ///
    /// # Errors
    /// A place that is not `editable` (nor below such a place), one that is not there, and a
    /// result that is too large are invalid; a test that fails is a conflict.
    pub(super) fn apply(
        &self,
        shown: &impl Serialize,
        editable: &[&str],
    ) -> Result<Patched, AppError> {
        self.check_places(editable)?;
        let mut object = serde_json::to_value(shown).map_err(|e| AppError::Internal(e.into()))?;
        for (index, operation) in self.0.iter().enumerate() {
            // One at a time, so that copies of copies are stopped before they fill the memory.
            json_patch::patch(&mut object, std::slice::from_ref(operation))
                .map_err(|error| refusal(index, &error.kind))?;
            let grows = !matches!(operation, PatchOperation::Test(_));
            if grows && (is_deeper(&object, DEPTH) || is_too_long(&object)) {
                let reason = "makes the object too large";
                return Err(AppError::invalid(format!("/{index}"), reason));
            }
        }
        Ok(Patched(object))
    }

    fn check_places(&self, editable: &[&str]) -> Result<(), AppError> {
        let is_editable = |place: &str| {
            let is_below = |top: &&str| {
                let rest = place.strip_prefix(*top);
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            };
            editable.iter().any(is_below)
        };
        let mut faults = Faults::default();
        for (index, operation) in self.0.iter().enumerate() {
            for (member, place) in changed_places(operation) {
                if !is_editable(place) {
                    let reason = format!("must be at or below one of: {}", editable.join(", "));
                    faults.add(format!("/{index}/{member}"), reason);
                }
            }
        }
        faults.check()
    }
}

/// The places that an operation changes, with the member that names each.
fn changed_places(operation: &PatchOperation) -> Vec<(&'static str, &str)> {
    match operation {
        PatchOperation::Add(add) => vec![("path", add.path.as_str())],
        PatchOperation::Remove(remove) => vec![("path", remove.path.as_str())],
        PatchOperation::Replace(replace) => vec![("path", replace.path.as_str())],
        PatchOperation::Move(moved) => {
            vec![("from", moved.from.as_str()), ("path", moved.path.as_str())]
        }
        PatchOperation::Copy(copy) => vec![("path", copy.path.as_str())],
        PatchOperation::Test(_) => Vec::new(),
    }
}

fn refusal(index: usize, kind: &PatchErrorKind) -> AppError {
    match kind {
        PatchErrorKind::TestFailed => AppError::Conflict {
            reason: format!("the test of operation {index} failed; nothing was changed"),
        },
        PatchErrorKind::InvalidFromPointer => {
            AppError::invalid(format!("/{index}/from"), "must name a place that exists")
        }
        PatchErrorKind::CannotMoveInsideItself => {
            AppError::invalid(format!("/{index}/path"), "must not be inside of `from`")
        }
        // The library may learn to fail in other ways; all of them are about the place.
        _ => AppError::invalid(format!("/{index}/path"), "must name a place that exists"),
    }
}

/// Reads one operation, naming every member that is not acceptable.
fn operation_of(index: usize, operation: Value, faults: &mut Faults) -> Option<PatchOperation> {
    let at = |member: &str| format!("/{index}/{member}");
    let Ok(members) = serde_json::from_value::<OperationIn>(operation) else {
        faults.add(format!("/{index}"), "must be an object");
        return None;
    };
    let OperationIn {
        op,
        path,
        from,
        value,
    } = members;
    let op = faults.require(&at("op"), op)?;
    let Some(op) = op.as_str().filter(|op| OPS.contains(op)) else {
        let reason = format!("must be one of the following values: {}", OPS.join(", "));
        faults.add(at("op"), reason);
        return None;
    };
    let path = faults.require(&at("path"), path);
    let path = path.and_then(|path| faults.take(&at("path"), pointer(path)));
    let mut whole = serde_json::Map::new();
    whole.insert("op".to_owned(), op.into());
    whole.insert("path".to_owned(), path?.into());
    if let "move" | "copy" = op {
        let from = faults.require(&at("from"), from);
        let from = from.and_then(|from| faults.take(&at("from"), pointer(from)));
        whole.insert("from".to_owned(), from?.into());
    }
    if let "add" | "replace" | "test" = op {
        whole.insert("value".to_owned(), faults.require(&at("value"), value)?);
    }
    let read = serde_json::from_value(Value::Object(whole));
    faults.take(&format!("/{index}"), read.map_err(|_| "is no operation"))
}

/// A JSON pointer: empty, or parts that each begin with `/`, with `~0` and `~1` as escapes.
fn pointer(value: Value) -> Result<String, &'static str> {
    const REASON: &str = "must be a JSON pointer such as /name";
    let Value::String(text) = value else {
        return Err(REASON);
    };
    let mut rest = text.split('~').skip(1);
    let escapes = rest.all(|after| after.starts_with('0') || after.starts_with('1'));
    if escapes && (text.is_empty() || text.starts_with('/')) {
        Ok(text)
    } else {
        Err(REASON)
    }
}

fn is_deeper(value: &Value, levels: usize) -> bool {
    let Some(below) = levels.checked_sub(1) else {
        return value.is_array() || value.is_object();
    };
    match value {
        Value::Array(items) => items.iter().any(|item| is_deeper(item, below)),
        Value::Object(members) => members.values().any(|member| is_deeper(member, below)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

fn is_too_long(value: &Value) -> bool {
    serde_json::to_vec(value).map_or(true, |text| text.len() > Limits::BODY_BYTES)
}

/// An object after a patch.
pub(super) struct Patched(Value);

impl Patched {
    /// A member; null when it is gone.
    pub(super) fn value(&self, name: &str) -> &Value {
        self.0.get(name).unwrap_or(&Value::Null)
    }

    /// A text that has to be there.
    pub(super) fn text(&self, name: &str, faults: &mut Faults) -> Option<String> {
        let text = self.optional_text(name, faults);
        let missing = self.value(name).is_null();
        if missing {
            faults.add(format!("/{name}"), "is required");
        }
        text
    }

    /// A text that may be null or gone.
    pub(super) fn optional_text(&self, name: &str, faults: &mut Faults) -> Option<String> {
        match self.value(name) {
            Value::Null => None,
            Value::String(text) => Some(text.clone()),
            Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
                faults.add(format!("/{name}"), "must be a string");
                None
            }
        }
    }
}

#[cfg(test)]
mod tests;
