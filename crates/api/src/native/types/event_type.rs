//! Event types on the wire, with versions, samples and schemas.

use std::collections::BTreeMap;
use std::sync::Arc;

use carehook_app::{AppError, EventTypeChange, Faults, Page};
use carehook_core::{
    Audit, CategoryCode, EntryStatus, EventTypeDefinition, JsonText, SamplePayload, WireNames,
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};

use super::category::StatusOut;
use super::event::raw;
use super::page::page;
use crate::extract::Object;
use crate::extract::Patch;

/// An event type to make.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewEventType, example = json!({
    "code": "lab_result.created",
    "category": "labs",
    "description": "A result came in.",
    "versions": ["v1"],
    "samples": [{"version": "v1", "data": {"id": "r-1"}}],
}))]
pub(crate) struct EventTypeIn {
    /// Its code: `a-z`, `0-9`, `.`, `_`, `-`.
    #[schema(value_type = String, max_length = 128)]
    code: Option<String>,
    /// The category that it belongs to.
    #[schema(value_type = String)]
    category: Option<String>,
    /// Its name for people; the words of its code unless given.
    #[schema(max_length = 200)]
    name: Option<String>,
    /// What has happened when such an event is published.
    #[schema(max_length = 1000)]
    description: Option<String>,
    /// The versions of its payload, oldest first; `v1` unless given.
    #[schema(min_items = 1, max_items = 32)]
    versions: Option<Vec<String>>,
    /// Payloads to look at and to test with, at most one of each version.
    #[schema(value_type = Option<Vec<SampleIn>>)]
    samples: Option<Vec<Object<SampleIn>>>,
    /// The JSON Schema of the payload of every version without one of its own; whole in itself,
    /// up to 64 KiB.
    #[schema(value_type = Option<Object>)]
    schema: Option<Box<RawValue>>,
    /// The JSON Schemas of single versions, by version.
    #[schema(value_type = Option<HashMap<String, Object>>)]
    schemas: Option<BTreeMap<String, Box<RawValue>>>,
}

impl TryFrom<EventTypeIn> for EventTypeDefinition {
    type Error = AppError;

    fn try_from(body: EventTypeIn) -> Result<Self, AppError> {
        let EventTypeIn {
            code,
            category,
            name,
            description,
            versions,
            samples,
            schema,
            schemas,
        } = body;
        let mut faults = Faults::default();
        let code = faults.require("/code", code);
        let code = code.and_then(|text| faults.take("/code", text.parse()));
        let category = faults.require("/category", category);
        let category = category.and_then(|text| faults.take("/category", text.parse()));
        let samples = read_samples(samples.unwrap_or_default(), &mut faults);
        let schema = faults.take_optional("/schema", schema.as_deref().map(JsonText::object));
        let schemas = read_schemas(schemas.unwrap_or_default(), &mut faults);
        let (code, category) = faults.finish(code.zip(category))?;
        let first = || vec![Self::FIRST_VERSION.to_owned()];
        let name = name.unwrap_or_else(|| Self::default_name(&code));
        Ok(Self {
            code,
            category,
            name,
            description: description.unwrap_or_default(),
            versions: versions.unwrap_or_else(first),
            wire_names: WireNames::default(),
            samples,
            schema,
            schemas,
            status: EntryStatus::default(),
            built_in: false,
        })
    }
}

/// A payload to look at and to test with.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewSample)]
pub(crate) struct SampleIn {
    /// The version that it is a sample of; `v1` unless given.
    version: Option<String>,
    /// The full payload.
    #[schema(value_type = Object)]
    data: Option<Box<RawValue>>,
    /// The changed fields as they were before.
    #[schema(value_type = Option<Object>)]
    previous: Option<Box<RawValue>>,
    /// The payload reduced to ids and the names of changed fields.
    #[schema(value_type = Option<Object>)]
    thin: Option<Box<RawValue>>,
}

fn read_schemas(
    schemas: BTreeMap<String, Box<RawValue>>,
    faults: &mut Faults,
) -> BTreeMap<String, JsonText> {
    let read = |(version, raw): (String, Box<RawValue>)| {
        let pointer = format!("/schemas/{version}");
        let schema = faults.take(&pointer, JsonText::object(&raw))?;
        Some((version, schema))
    };
    schemas.into_iter().filter_map(read).collect()
}

fn read_samples(samples: Vec<Object<SampleIn>>, faults: &mut Faults) -> Vec<SamplePayload> {
    let mut read = Vec::with_capacity(samples.len());
    for (index, Object(sample)) in samples.into_iter().enumerate() {
        let SampleIn {
            version,
            data,
            previous,
            thin,
        } = sample;
        let at = |field: &str| format!("/samples/{index}/{field}");
        let mut optional = |field, raw: Option<Box<RawValue>>| {
            faults.take_optional(&at(field), raw.as_deref().map(JsonText::object))
        };
        let previous = optional("previous", previous);
        let thin = optional("thin", thin);
        let data = faults.require(&at("data"), data);
        let data = data.and_then(|raw| faults.take(&at("data"), JsonText::object(&raw)));
        read.extend(data.map(|data| SamplePayload {
            version: version.unwrap_or_else(|| EventTypeDefinition::FIRST_VERSION.to_owned()),
            data,
            previous,
            thin,
            audit: Audit::default(),
        }));
    }
    read
}

/// A change of an event type: what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"versions": ["v1", "v2"]}))]
pub(crate) struct EventTypePatch {
    /// The category that it belongs to.
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    category: Patch<String>,
    /// Its name for people.
    #[serde(default)]
    #[schema(value_type = String, required = false, max_length = 200)]
    name: Patch<String>,
    /// What has happened when such an event is published.
    #[serde(default)]
    #[schema(value_type = Option<String>, required = false, max_length = 1000)]
    description: Patch<String>,
    /// The versions of its payload, oldest first.
    #[serde(default)]
    #[schema(value_type = Vec<String>, required = false, min_items = 1, max_items = 32)]
    versions: Patch<Vec<String>>,
    /// All of its sample payloads.
    #[serde(default)]
    #[schema(value_type = Option<Vec<SampleIn>>, required = false)]
    samples: Patch<Vec<Object<SampleIn>>>,
    /// The JSON Schema of the payload of every version without one of its own; whole in itself,
    /// up to 64 KiB.
    #[serde(default)]
    #[schema(value_type = Option<Object>, required = false)]
    schema: Patch<Box<RawValue>>,
    /// All JSON Schemas of single versions, by version.
    #[serde(default)]
    #[schema(value_type = Option<HashMap<String, Object>>, required = false)]
    schemas: Patch<BTreeMap<String, Box<RawValue>>>,
    /// Whether it may be published and newly subscribed.
    #[serde(default)]
    #[schema(value_type = bool, required = false)]
    active: Patch<bool>,
    /// Whether it is put away: out of use, and hidden where only what is current is listed.
    #[serde(default)]
    #[schema(value_type = bool, required = false)]
    archived: Patch<bool>,
}

impl TryFrom<EventTypePatch> for EventTypeChange {
    type Error = AppError;

    fn try_from(body: EventTypePatch) -> Result<Self, AppError> {
        let EventTypePatch {
            category,
            name,
            description,
            versions,
            samples,
            schema,
            schemas,
            active,
            archived,
        } = body;
        let mut faults = Faults::default();
        let category = category.required("/category", &mut faults);
        let category = category.and_then(|text| faults.take("/category", text.parse()));
        let samples = samples.or_empty();
        let schemas = schemas.or_empty();
        let schema = schema.read("/schema", &mut faults, |raw| JsonText::object(&raw));
        let change = Self {
            category,
            name: name.required("/name", &mut faults),
            description: description.or_empty(),
            versions: versions.required("/versions", &mut faults),
            newest_version: None,
            samples: samples.map(|samples| read_samples(samples, &mut faults)),
            schema,
            schemas: schemas.map(|schemas| read_schemas(schemas, &mut faults)),
            active: active.required("/active", &mut faults),
            archived: archived.required("/archived", &mut faults),
        };
        faults.finish(Some(change))
    }
}

/// A kind of event.
#[derive(Serialize, ToSchema)]
#[schema(as = EventType, example = json!({
    "code": "appointment.created",
    "category": "appointments",
    "name": "Appointment created",
    "description": "An appointment was booked.",
    "versions": ["v1"],
    "built_in": true,
    "active": true,
    "archived": false,
    "created_at": "2026-01-01T00:00:00.000Z",
    "created_by": "carehook",
    "updated_at": "2026-01-01T00:00:00.000Z",
    "updated_by": "carehook",
}))]
pub(crate) struct EventTypeOut {
    /// Its code.
    code: String,
    /// The category that it belongs to.
    category: String,
    /// Its name for people.
    name: String,
    /// What has happened when such an event is published.
    description: String,
    /// The versions of its payload, oldest first; the first is meant when a publisher names none.
    versions: Vec<String>,
    /// Whether it comes with the program: it cannot be removed, and its category and versions are
    /// fixed.
    built_in: bool,
    #[serde(flatten)]
    status: StatusOut,
}

impl From<EventTypeDefinition> for EventTypeOut {
    fn from(definition: EventTypeDefinition) -> Self {
        let EventTypeDefinition {
            code,
            category,
            name,
            description,
            versions,
            wire_names: _,
            samples: _,
            schema: _,
            schemas: _,
            status,
            built_in,
        } = definition;
        Self {
            code: code.to_string(),
            category: category.into(),
            name,
            description,
            versions,
            built_in,
            status: status.into(),
        }
    }
}

/// A version of an event type's payload.
#[derive(Serialize, ToSchema)]
#[schema(as = EventTypeVersion)]
pub(crate) struct VersionOut {
    /// Its name.
    version: String,
    /// Whether it is meant when a publisher names none.
    default: bool,
    /// Whether it has a sample payload.
    sample: bool,
}

impl VersionOut {
    /// All versions of an event type.
    pub(crate) fn all(definition: &EventTypeDefinition) -> Vec<Self> {
        let version = |version: &String| Self {
            default: version == definition.default_version(),
            sample: definition.sample(version).is_some(),
            version: version.clone(),
        };
        definition.versions.iter().map(version).collect()
    }
}

/// A payload to look at and to test with.
#[derive(Serialize, ToSchema)]
#[schema(as = Sample)]
pub(crate) struct SampleOut {
    /// The version that it is a sample of.
    version: String,
    /// The full payload.
    #[schema(value_type = Object)]
    data: Arc<RawValue>,
    /// The changed fields as they were before.
    #[schema(value_type = Option<Object>, required = true)]
    previous: Option<Arc<RawValue>>,
    /// The payload reduced to ids and the names of changed fields.
    #[schema(value_type = Option<Object>, required = true)]
    thin: Option<Arc<RawValue>>,
}

impl TryFrom<SamplePayload> for SampleOut {
    type Error = AppError;

    fn try_from(sample: SamplePayload) -> Result<Self, AppError> {
        let SamplePayload {
            version,
            data,
            previous,
            thin,
            audit: _,
        } = sample;
        Ok(Self {
            version,
            data: raw(&data)?,
            previous: previous.as_ref().map(raw).transpose()?,
            thin: thin.as_ref().map(raw).transpose()?,
        })
    }
}

/// Which schema is wanted.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SchemaQuery {
    /// The version; the one that is meant when a publisher names none unless given.
    pub(crate) version: Option<String>,
}

/// Which event types are wanted.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct EventTypesQuery {
    /// Of this category.
    category: Option<String>,
    /// Entries at most.
    #[param(value_type = Option<u8>, minimum = 1, maximum = 100, default = 20)]
    limit: Option<String>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
}

impl TryFrom<EventTypesQuery> for (Option<CategoryCode>, Page) {
    type Error = AppError;

    fn try_from(query: EventTypesQuery) -> Result<Self, AppError> {
        let EventTypesQuery {
            category,
            limit,
            cursor,
        } = query;
        let mut faults = Faults::default();
        let category = category.as_deref().map(str::parse);
        let category = faults.take_optional("/category", category);
        let page = page(limit.as_deref(), cursor, &mut faults);
        faults.finish(Some((category, page)))
    }
}
