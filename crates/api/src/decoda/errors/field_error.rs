//! One field that is not acceptable, in the words of Pydantic.

use std::borrow::Cow;
use std::fmt::Display;

use serde::Serialize;
use utoipa::ToSchema;

/// A field that is not acceptable.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ValidationError, example = json!({
    "loc": ["body", "url"],
    "msg": "Field required",
    "type": "missing",
}))]
pub(crate) struct FieldError {
    /// Where it is: `body`, `query` or `header`, then the way to it.
    #[schema(value_type = Vec<Place>)]
    loc: Vec<Place>,
    /// What is wrong with it; never repeats its value.
    #[schema(value_type = String)]
    msg: Cow<'static, str>,
    /// The kind of fault, as Pydantic names it.
    #[serde(rename = "type")]
    #[schema(value_type = String)]
    kind: &'static str,
    /// What there is to say besides.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    ctx: Option<Context>,
}

/// What there is to say about a fault besides.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ValidationContext)]
pub(crate) struct Context {
    /// What the parser found.
    error: String,
}

/// A step on the way to a field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum Place {
    /// A name.
    Name(String),
    /// A place in a list, or in a text.
    Index(usize),
}

impl From<&str> for Place {
    fn from(name: &str) -> Self {
        Self::Name(name.to_owned())
    }
}

impl FieldError {
    pub(crate) fn new(
        loc: Vec<Place>,
        kind: &'static str,
        msg: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            loc,
            msg: msg.into(),
            kind,
            ctx: None,
        }
    }

    /// A field that has to be there.
    pub(crate) fn missing(loc: Vec<Place>) -> Self {
        Self::new(loc, "missing", "Field required")
    }

    /// A field that nobody knows.
    pub(crate) fn extra(loc: Vec<Place>) -> Self {
        Self::new(loc, "extra_forbidden", "Extra inputs are not permitted")
    }

    /// A value that has the right type and is still not acceptable.
    pub(crate) fn value(loc: Vec<Place>, reason: impl Display) -> Self {
        Self::new(loc, "value_error", format!("Value error, {reason}"))
    }

    /// A body that is not JSON from this character on.
    pub(crate) fn json(position: usize, reason: String) -> Self {
        let loc = vec!["body".into(), Place::Index(position)];
        Self {
            ctx: Some(Context { error: reason }),
            ..Self::new(loc, "json_invalid", "JSON decode error")
        }
    }
}

impl FieldError {
    /// Whether it is about this field of the body, or something in it.
    pub(crate) fn is_below(&self, field: &str) -> bool {
        matches!(self.loc.get(1), Some(Place::Name(name)) if name == field)
    }
}
