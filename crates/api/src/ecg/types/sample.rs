//! Sample webhook payloads on the wire.

use std::sync::Arc;

use carehook_app::{AppError, Faults, Sample};
use carehook_core::{
    CatalogueVersion, CategoryDefinition, EventTypeDefinition, JsonText, SampleEvent, SampleId,
    SamplePayload, Timestamp,
};
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};
use utoipa::{IntoParams, ToSchema};

use super::event_type::EventTypeOut;
use super::info::{ActiveInfo, ArchiveInfo, AuditInfo};
use crate::ecg::patch::Patch;

/// A sample payload to add.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CreateSampleWebhookPayload, example = json!({
    "payload": {"id": "r-1"}, "version": "v1",
}))]
pub(crate) struct SampleIn {
    /// The payload.
    #[schema(value_type = Object)]
    payload: Option<Box<RawValue>>,
    /// The version that it is a sample of; the newest unless given.
    #[schema(max_length = 32)]
    version: Option<String>,
}

impl SampleIn {
    /// The version, and the payload of it.
    pub(crate) fn of(
        self,
        event_type: &EventTypeDefinition,
    ) -> Result<(String, JsonText), AppError> {
        let Self { payload, version } = self;
        let mut faults = Faults::default();
        let payload = faults.require("/payload", payload);
        let payload = payload.and_then(|raw| faults.take("/payload", JsonText::object(&raw)));
        let payload = faults.finish(payload)?;
        let version = version.unwrap_or_else(|| event_type.newest_version().to_owned());
        Ok((version, payload))
    }
}

/// A sample payload of an event.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SampleWebhookPayload)]
pub(crate) struct SampleOut {
    /// Its id.
    #[schema(value_type = String, format = "uuid")]
    id: SampleId,
    /// The event that it belongs to.
    event: EventTypeOut,
    /// The payload.
    #[schema(value_type = Object)]
    payload: Arc<RawValue>,
    /// The version that it is a sample of.
    version: String,
    /// Who made and changed it.
    audit_info: AuditInfo,
}

impl SampleOut {
    /// A sample with the category of its event type.
    pub(crate) fn of(sample: &Sample, category: &CategoryDefinition) -> Result<Self, AppError> {
        let Sample {
            event_type,
            payload,
        } = sample;
        Self::new(event_type, payload, category)
    }

    fn new(
        event_type: &EventTypeDefinition,
        sample: &SamplePayload,
        category: &CategoryDefinition,
    ) -> Result<Self, AppError> {
        let SamplePayload {
            version,
            data,
            previous: _,
            thin: _,
            audit,
        } = sample;
        Ok(Self {
            id: sample.id(&event_type.code),
            event: (event_type, category).into(),
            payload: raw(data)?,
            version: version.clone(),
            audit_info: audit.into(),
        })
    }

    /// What a patch makes of a sample's payload.
    pub(crate) fn payload_by(
        patch: &Patch,
        (event_type, category): (&EventTypeDefinition, &CategoryDefinition),
        sample: &SamplePayload,
    ) -> Result<JsonText, AppError> {
        let shown = ShownSample::new(event_type, sample, category)?;
        let patched = patch.apply(&shown, &["/payload"])?;
        let raw =
            to_raw_value(patched.value("payload")).map_err(|e| AppError::Internal(e.into()))?;
        JsonText::object(&raw).map_err(|error| AppError::invalid("/payload", error))
    }
}

/// A sample payload as it is shown by itself.
///
/// The source says that this answer has the fields of the event, and in the same breath that it is
/// a sample payload: it has both.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ShownSampleWebhookPayload)]
pub(crate) struct ShownSample {
    #[serde(flatten)]
    sample: SampleOut,
    /// The name of the event.
    name: String,
    /// What has happened when the event is posted.
    #[schema(required = true)]
    description: Option<String>,
    /// The code of the event.
    code: String,
    /// Whether the event was put away.
    archive_info: ArchiveInfo,
    /// Whether the event is in use.
    active_info: ActiveInfo,
}

impl ShownSample {
    /// A sample with the category of its event type.
    pub(crate) fn of(sample: &Sample, category: &CategoryDefinition) -> Result<Self, AppError> {
        let Sample {
            event_type,
            payload,
        } = sample;
        Self::new(event_type, payload, category)
    }

    fn new(
        event_type: &EventTypeDefinition,
        sample: &SamplePayload,
        category: &CategoryDefinition,
    ) -> Result<Self, AppError> {
        Ok(Self {
            sample: SampleOut::new(event_type, sample, category)?,
            name: event_type.name.clone(),
            description: super::category::text(&event_type.description),
            code: event_type.code.to_string(),
            archive_info: (&event_type.status).into(),
            active_info: (&event_type.status).into(),
        })
    }
}

/// Which version is meant.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct VersionQuery {
    /// The version that it is a sample of.
    #[param(value_type = String)]
    version: Option<String>,
}

impl VersionQuery {
    /// The version, which has to be named.
    pub(crate) fn named(self) -> Result<String, AppError> {
        let Self { version } = self;
        let mut faults = Faults::default();
        let version = version.filter(|version| !version.is_empty());
        let version = faults.require("/version", version);
        faults.finish(version)
    }
}

/// Which example is wanted.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ExampleQuery {
    /// `ack`, `nack`, `phone-log` or `vitals-observation`.
    #[serde(rename = "type")]
    #[param(
        rename = "type",
        pattern = "^(ack|nack|phone-log|vitals-observation)$",
        default = "ack"
    )]
    sample_type: Option<String>,
}

impl ExampleQuery {
    /// The example that `find` has by the name.
    pub(crate) fn found(
        self,
        find: impl Fn(&str) -> Option<&'static SampleEvent>,
    ) -> Result<ExampleOut, AppError> {
        let Self { sample_type } = self;
        let found = find(sample_type.as_deref().unwrap_or("ack"));
        let reason =
            "must be one of the following values: ack, nack, phone-log, vitals-observation";
        ExampleOut::try_from(found.ok_or_else(|| AppError::invalid("/sample_type", reason))?)
    }
}

/// An example of a payload: what can be added as a sample.
#[derive(Serialize, ToSchema)]
#[schema(as = SampleWebhookPayloadExample)]
pub(crate) struct ExampleOut {
    /// The payload.
    #[schema(value_type = Object)]
    payload: Arc<RawValue>,
    /// Its version.
    version: String,
}

impl TryFrom<&SampleEvent> for ExampleOut {
    type Error = AppError;

    fn try_from(example: &SampleEvent) -> Result<Self, AppError> {
        let SampleEvent {
            event_type: _,
            version,
            data,
            previous: _,
            thin: _,
        } = example;
        Ok(Self {
            payload: raw(data)?,
            version: version.clone(),
        })
    }
}

/// A payload to deliver: what `webhooks-payloads` takes.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = DeliverablePayload)]
pub(crate) struct DeliverableOut {
    /// The code of the event.
    event_type: String,
    /// The version of its payload.
    version: String,
    /// The payload.
    #[schema(value_type = Object)]
    data: Arc<RawValue>,
}

impl TryFrom<Sample> for DeliverableOut {
    type Error = AppError;

    fn try_from(sample: Sample) -> Result<Self, AppError> {
        let Sample {
            event_type,
            payload,
        } = sample;
        Ok(Self {
            event_type: event_type.code.to_string(),
            version: payload.version,
            data: raw(&payload.data)?,
        })
    }
}

/// A version of the built-in catalogue.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SeedDataVersion)]
pub(crate) struct SeedVersionOut {
    /// Its name.
    version: &'static str,
    /// When it came out.
    #[schema(value_type = String, format = "date-time")]
    released_at: Timestamp,
}

impl From<&'static CatalogueVersion> for SeedVersionOut {
    fn from(of: &'static CatalogueVersion) -> Self {
        let CatalogueVersion {
            version,
            released_at,
        } = of;
        Self {
            version,
            released_at: *released_at,
        }
    }
}

fn raw(text: &JsonText) -> Result<Arc<RawValue>, AppError> {
    text.to_raw().map_err(|e| AppError::Internal(e.into()))
}
