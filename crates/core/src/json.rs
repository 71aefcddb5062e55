//! JSON that is carried as text: validated, compact, never turned into a tree.

use std::sync::Arc;

use bytes::Bytes;

/// What is wrong with a JSON text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JsonTextError {
    /// Not an object.
    #[error("must be a JSON object")]
    NotObject,
    /// Nested deeper than [`JsonText::MAX_DEPTH`].
    #[error("is nested deeper than {} levels", JsonText::MAX_DEPTH)]
    TooDeep,
}

/// A JSON object as the publisher spelled it, without the white space between its tokens.
///
/// Key order, number spelling and escapes stay. It holds patients' data: no `Debug`, no `Display`.
#[derive(Clone, PartialEq, Eq)]
pub struct JsonText(Bytes);

impl JsonText {
    /// The deepest nesting, the same that `serde_json` allows for trees.
    pub const MAX_DEPTH: usize = 128;

    /// Takes a JSON value that a parser has already accepted.
    pub fn object(raw: &serde_json::value::RawValue) -> Result<Self, JsonTextError> {
        let text = raw.get();
        if !text.starts_with('{') {
            return Err(JsonTextError::NotObject);
        }
        compact(text).map(|compacted| Self(compacted.into()))
    }

    /// Takes any JSON value that a parser has already accepted.
    pub fn value(raw: &serde_json::value::RawValue) -> Result<Self, JsonTextError> {
        compact(raw.get()).map(|compacted| Self(compacted.into()))
    }

    /// The same in the one spelling that all parsers and printers of JavaScript agree on: see
    /// [`write_javascript_json`](crate::write_javascript_json).
    #[must_use]
    pub fn respelled(&self) -> Self {
        let mut out = Vec::new();
        crate::write_javascript_json(&self.0, &mut out);
        Self(out.into())
    }

    /// Takes bytes that [`Self::bytes`] gave.
    pub fn from_stored(bytes: Bytes) -> Self {
        Self(bytes)
    }

    /// The text.
    pub fn bytes(&self) -> &Bytes {
        &self.0
    }

    /// The text as a JSON value for `serde`.
    ///
    /// # Errors
    /// Only when the bytes given to [`Self::from_stored`] were not JSON.
    pub fn to_raw(&self) -> Result<Arc<serde_json::value::RawValue>, serde_json::Error> {
        serde_json::from_slice::<Box<serde_json::value::RawValue>>(&self.0).map(Arc::from)
    }
}

/// Copies `text` (valid JSON) without the white space outside strings.
fn compact(text: &str) -> Result<Vec<u8>, JsonTextError> {
    let mut out = Vec::with_capacity(text.len());
    let mut depth = 0usize;
    let mut in_string = false;
    let mut escaped = false;
    for &byte in text.as_bytes() {
        if in_string {
            if escaped {
                escaped = false;
            } else if byte == b'\\' {
                escaped = true;
            } else if byte == b'"' {
                in_string = false;
            }
            out.push(byte);
            continue;
        }
        match byte {
            b' ' | b'\n' | b'\r' | b'\t' => continue,
            b'"' => in_string = true,
            b'{' | b'[' => {
                depth += 1;
                if depth > JsonText::MAX_DEPTH {
                    return Err(JsonTextError::TooDeep);
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        out.push(byte);
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::value::RawValue;

    fn object(text: &str) -> Result<String, JsonTextError> {
        let raw: Box<RawValue> = serde_json::from_str(text).unwrap();
        JsonText::object(&raw).map(|json| String::from_utf8(json.bytes().to_vec()).unwrap())
    }

    #[test]
    fn only_white_space_between_tokens_goes() {
        let spaced = "{ \"a b\" : [ 1.10 , 1E5,\n\t\"\\\" x \\\\\" , {} ] }";
        assert_eq!(
            object(spaced),
            Ok("{\"a b\":[1.10,1E5,\"\\\" x \\\\\",{}]}".into())
        );
        assert_eq!(object("[]"), Err(JsonTextError::NotObject));
        assert_eq!(object("null"), Err(JsonTextError::NotObject));
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |n: usize| format!("{{\"a\":{}{}}}", "[".repeat(n), "]".repeat(n));
        assert!(object(&nested(JsonText::MAX_DEPTH - 1)).is_ok());
        assert_eq!(
            object(&nested(JsonText::MAX_DEPTH)),
            Err(JsonTextError::TooDeep)
        );
    }

    fn any_json() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            ".*".prop_map(serde_json::Value::String),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
                prop::collection::btree_map(".*", inner, 0..4)
                    .prop_map(|map| map.into_iter().collect::<serde_json::Map<_, _>>().into()),
            ]
        })
    }

    proptest! {
        #[test]
        fn compacting_is_what_serde_json_prints(value in any_json()) {
            let wrapped = serde_json::json!({ "value": value });
            let pretty = serde_json::to_string_pretty(&wrapped).unwrap();
            prop_assert_eq!(object(&pretty), Ok(wrapped.to_string()));
        }
    }
}
