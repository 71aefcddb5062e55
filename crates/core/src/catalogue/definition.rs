//! The entries of the catalogue, and their stored form.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::identity::{CategoryCode, CategoryId, EventTypeId, SampleId};
use super::json_field;
use super::status::{Audit, EntryStatus};
use crate::{EventType, JsonText};

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
    /// Whether it is in use, and who made and changed it.
    #[serde(default)]
    pub status: EntryStatus,
    /// Whether it comes with the program; never stored.
    #[serde(skip)]
    pub built_in: bool,
}

impl CategoryDefinition {
    /// Its id, which follows from its code.
    pub fn id(&self) -> CategoryId {
        CategoryId::of(&self.code)
    }
}

/// A kind of event.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventTypeDefinition {
    /// Its canonical code, unique among event types.
    pub code: EventType,
    /// The category that it belongs to.
    pub category: CategoryCode,
    /// Its name for people; made from the code when it has none of its own.
    #[serde(default)]
    pub name: String,
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
    /// The JSON Schema of the payload of every version that has none of its own.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "json_field::optional"
    )]
    pub schema: Option<JsonText>,
    /// The JSON Schemas of versions that differ.
    #[serde(
        default,
        skip_serializing_if = "BTreeMap::is_empty",
        with = "json_field::by_name"
    )]
    pub schemas: BTreeMap<String, JsonText>,
    /// Whether it is in use, and who made and changed it.
    #[serde(default)]
    pub status: EntryStatus,
    /// Whether it comes with the program; never stored.
    #[serde(skip)]
    pub built_in: bool,
}

impl EventTypeDefinition {
    /// The version of an event type whose definition names none.
    pub const FIRST_VERSION: &str = "v1";

    /// Its id, which follows from its code.
    pub fn id(&self) -> EventTypeId {
        EventTypeId::of(&self.code)
    }

    /// The name of an event type whose definition has none: the words of its code.
    pub fn default_name(code: &EventType) -> String {
        let mut words = code.as_str().replace(['.', '_', '-'], " ");
        if let Some(first) = words.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        words
    }

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

    /// The version that was added last.
    pub fn newest_version(&self) -> &str {
        self.versions
            .last()
            .map_or(Self::FIRST_VERSION, String::as_str)
    }

    /// The JSON Schema of the payload of one version.
    pub fn schema_of(&self, version: &str) -> Option<&JsonText> {
        self.schemas.get(version).or(self.schema.as_ref())
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
    /// Who made and changed it.
    #[serde(default)]
    pub audit: Audit,
}

impl SamplePayload {
    /// The id of the sample that belongs to this event type; follows from code and version.
    pub fn id(&self, of: &EventType) -> SampleId {
        SampleId::of(of, &self.version)
    }

    /// Whether another sample shows the same, whoever made it.
    pub fn shows_the_same_as(&self, other: &Self) -> bool {
        let Self {
            version,
            data,
            previous,
            thin,
            audit: _,
        } = self;
        *version == other.version
            && *data == other.data
            && *previous == other.previous
            && *thin == other.thin
    }
}

impl fmt::Debug for SamplePayload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SamplePayload")
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}
