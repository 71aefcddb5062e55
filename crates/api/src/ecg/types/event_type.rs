//! Webhook events on the wire: the event types of a category.

use std::collections::BTreeMap;

use carehook_app::{AppError, EventTypeChange, Faults};
use carehook_core::{
    CategoryCode, CategoryDefinition, EntryStatus, EventTypeDefinition, EventTypeId, WireNames,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::category::{CategoryOut, no_code, text};
use super::info::{ActiveInfo, ArchiveInfo, AuditInfo};
use crate::ecg::patch::Patch;

/// An event to make.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CreateWebhookEvent, example = json!({
    "name": "Result ready", "code": "labs.result.ready", "description": null, "version": "v1",
}))]
pub(crate) struct EventTypeIn {
    /// Its name for people.
    #[schema(value_type = String, max_length = 200)]
    name: Option<String>,
    /// Its code, unique among events.
    #[schema(value_type = String, pattern = "^[a-z0-9][a-z0-9._-]*$", max_length = 128)]
    code: Option<String>,
    /// What has happened when it is posted.
    #[schema(max_length = 1000)]
    description: Option<String>,
    /// The version of its payload.
    #[schema(value_type = String, max_length = 32)]
    version: Option<String>,
}

impl EventTypeIn {
    /// The event type to make in a category.
    pub(crate) fn in_category(
        self,
        category: CategoryCode,
    ) -> Result<EventTypeDefinition, AppError> {
        let Self {
            name,
            code,
            description,
            version,
        } = self;
        let mut faults = Faults::default();
        let name = faults.require("/name", name);
        let code = faults.require("/code", code);
        let code = code.and_then(|text| faults.take("/code", text.parse().map_err(|_| no_code())));
        let version = faults.require("/version", version);
        let ((name, code), version) = faults.finish(name.zip(code).zip(version))?;
        Ok(EventTypeDefinition {
            code,
            category,
            name,
            description: description.unwrap_or_default(),
            versions: vec![version],
            wire_names: WireNames::default(),
            samples: Vec::new(),
            schema: None,
            schemas: BTreeMap::new(),
            status: EntryStatus::default(),
            built_in: false,
        })
    }
}

/// A webhook event.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WebhookEvent)]
pub(crate) struct EventTypeOut {
    /// Its id.
    #[schema(value_type = String, format = "uuid")]
    id: EventTypeId,
    /// Its name for people.
    name: String,
    /// What has happened when it is posted.
    #[schema(required = true)]
    description: Option<String>,
    /// The newest version of its payload.
    version: String,
    /// Its code.
    code: String,
    /// Whether it was put away.
    archive_info: ArchiveInfo,
    /// Who made and changed it.
    audit_info: AuditInfo,
    /// Whether it is in use.
    active_info: ActiveInfo,
    /// The category that it belongs to.
    webhook_category: CategoryOut,
}

impl From<(&EventTypeDefinition, &CategoryDefinition)> for EventTypeOut {
    fn from((event_type, category): (&EventTypeDefinition, &CategoryDefinition)) -> Self {
        let EventTypeDefinition {
            code,
            category: _,
            name,
            description,
            versions: _,
            wire_names: _,
            samples: _,
            schema: _,
            schemas: _,
            status,
            built_in: _,
        } = event_type;
        Self {
            id: event_type.id(),
            name: name.clone(),
            description: text(description),
            version: event_type.newest_version().to_owned(),
            code: code.to_string(),
            archive_info: status.into(),
            audit_info: (&status.audit).into(),
            active_info: status.into(),
            webhook_category: category.into(),
        }
    }
}

impl EventTypeOut {
    /// What a patch makes of an event type.
    pub(crate) fn change_by(
        patch: &Patch,
        event_type: &EventTypeDefinition,
        category: &CategoryDefinition,
    ) -> Result<EventTypeChange, AppError> {
        let shown = Self::from((event_type, category));
        let patched = patch.apply(&shown, &["/name", "/description", "/version"])?;
        let mut faults = Faults::default();
        let name = patched.text("name", &mut faults);
        let description = patched.optional_text("description", &mut faults);
        let version = patched.text("version", &mut faults);
        faults.finish(Some(EventTypeChange {
            name,
            description: Some(description.unwrap_or_default()),
            newest_version: version,
            ..EventTypeChange::default()
        }))
    }
}
