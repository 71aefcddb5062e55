//! The entries of the catalogue, and their stored form.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::json_field;
use crate::{EventType, JsonText};

/// What is wrong with a category's code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "a category's code has 1 to {} characters of a-z, 0-9, . _ and - and begins with a letter or digit",
    EventType::MAX_LEN
)]
pub struct CategoryCodeError;

/// The code of a category, such as `appointments`; spelled by the rules of an event type.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CategoryCode(Arc<str>);

impl CategoryCode {
    /// The code as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for CategoryCode {
    type Err = CategoryCodeError;

    fn from_str(text: &str) -> Result<Self, CategoryCodeError> {
        match text.parse::<EventType>() {
            Ok(_) => Ok(Self(text.into())),
            Err(_) => Err(CategoryCodeError),
        }
    }
}

impl TryFrom<String> for CategoryCode {
    type Error = CategoryCodeError;

    fn try_from(text: String) -> Result<Self, CategoryCodeError> {
        text.parse()
    }
}

impl From<CategoryCode> for String {
    fn from(code: CategoryCode) -> Self {
        code.as_str().to_owned()
    }
}

impl fmt::Display for CategoryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for CategoryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A group of event types.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CategoryDefinition {
    /// Its code, unique among categories.
    pub code: CategoryCode,
    /// Its name for people.
    pub name: String,
    /// What belongs to it; may be empty.
    #[serde(default)]
    pub description: String,
    /// Whether it comes with the program; never stored.
    #[serde(skip)]
    pub built_in: bool,
}

/// A kind of event.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventTypeDefinition {
    /// Its canonical code, unique among event types.
    pub code: EventType,
    /// The category that it belongs to.
    pub category: CategoryCode,
    /// What has happened when such an event is published; may be empty.
    #[serde(default)]
    pub description: String,
    /// The versions of its payload, oldest first; at least one.
    #[serde(default = "first_version")]
    pub versions: Vec<String>,
    /// What the dialects with names of their own call it.
    #[serde(default)]
    pub wire_names: WireNames,
    /// Payloads to look at and to test with, at most one of each version.
    #[serde(default)]
    pub samples: Vec<SamplePayload>,
    /// The JSON Schema of its payload.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "json_field::optional"
    )]
    pub schema: Option<JsonText>,
    /// Whether it comes with the program; never stored.
    #[serde(skip)]
    pub built_in: bool,
}

impl EventTypeDefinition {
    /// The version of an event type whose definition names none.
    pub const FIRST_VERSION: &str = "v1";

    /// Whether payloads of this version exist.
    pub fn has_version(&self, version: &str) -> bool {
        self.versions.iter().any(|known| known == version)
    }

    /// The version that is meant when a publisher names none: the first.
    pub fn default_version(&self) -> &str {
        self.versions
            .first()
            .map_or(Self::FIRST_VERSION, String::as_str)
    }

    /// The sample payload of one version.
    pub fn sample(&self, version: &str) -> Option<&SamplePayload> {
        self.samples.iter().find(|sample| sample.version == version)
    }
}

impl fmt::Debug for EventTypeDefinition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventTypeDefinition")
            .field("code", &self.code)
            .field("versions", &self.versions)
            .finish_non_exhaustive()
    }
}

fn first_version() -> Vec<String> {
    vec![EventTypeDefinition::FIRST_VERSION.to_owned()]
}

/// The names of one event type in the dialects that have names of their own.
///
/// Within a dialect the first name is the source's spelling and the others are accepted as well.
/// One name may belong to several event types (MYCURE's `billing-payments.created` is both
/// `payment.created` and the ledger's own event): a subscription by it gets all of them.
/// The native API, and ECG besides the names here, call every event type by its canonical code.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WireNames {
    /// Jump's names, which are the canonical codes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub jump: Vec<String>,
    /// Decoda's names, such as `PATIENT_CREATED`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub decoda: Vec<String>,
    /// MYCURE's names, `<service>.<method>`, and `ping`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mycure: Vec<String>,
    /// The codes that ECG's own documents use.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ecg: Vec<String>,
}

/// A payload to look at and to test with.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SamplePayload {
    /// The version that it is a sample of.
    pub version: String,
    /// The full payload.
    #[serde(with = "json_field")]
    pub data: JsonText,
    /// The changed fields as they were before, for events that tell a change.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "json_field::optional"
    )]
    pub previous: Option<JsonText>,
    /// The payload reduced to ids and the names of changed fields.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "json_field::optional"
    )]
    pub thin: Option<JsonText>,
}

impl fmt::Debug for SamplePayload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SamplePayload")
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}
