//! Event categories on the wire.

use carehook_app::{AppError, CategoryChange, Faults};
use carehook_core::{Audit, CategoryDefinition, EntryStatus, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::extract::Patch;

/// A category to make.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewEventCategory, example = json!({"code": "labs", "name": "Laboratory"}))]
pub(crate) struct CategoryIn {
    /// Its code: `a-z`, `0-9`, `.`, `_`, `-`.
    #[schema(value_type = String, max_length = 128)]
    code: Option<String>,
    /// Its name for people.
    #[schema(value_type = String, max_length = 200)]
    name: Option<String>,
    /// What belongs to it.
    #[schema(max_length = 1000)]
    description: Option<String>,
}

impl TryFrom<CategoryIn> for CategoryDefinition {
    type Error = AppError;

    fn try_from(body: CategoryIn) -> Result<Self, AppError> {
        let CategoryIn {
            code,
            name,
            description,
        } = body;
        let mut faults = Faults::default();
        let code = faults.require("/code", code);
        let code = code.and_then(|text| faults.take("/code", text.parse()));
        let name = faults.require("/name", name);
        let (code, name) = faults.finish(code.zip(name))?;
        Ok(Self {
            code,
            name,
            description: description.unwrap_or_default(),
            status: EntryStatus::default(),
            built_in: false,
        })
    }
}

/// A change of a category.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = EventCategoryPatch, example = json!({"name": "Laboratory"}))]
pub(crate) struct CategoryPatch {
    /// Its name for people.
    #[serde(default)]
    #[schema(value_type = String, required = false, max_length = 200)]
    name: Patch<String>,
    /// What belongs to it.
    #[serde(default)]
    #[schema(value_type = Option<String>, required = false, max_length = 1000)]
    description: Patch<String>,
    /// Whether its event types may be published and newly subscribed.
    #[serde(default)]
    #[schema(value_type = bool, required = false)]
    active: Patch<bool>,
    /// Whether it is put away: out of use, and hidden where only what is current is listed.
    #[serde(default)]
    #[schema(value_type = bool, required = false)]
    archived: Patch<bool>,
}

impl TryFrom<CategoryPatch> for CategoryChange {
    type Error = AppError;

    fn try_from(body: CategoryPatch) -> Result<Self, AppError> {
        let CategoryPatch {
            name,
            description,
            active,
            archived,
        } = body;
        let mut faults = Faults::default();
        let change = Self {
            name: name.required("/name", &mut faults),
            description: description.or_empty(),
            active: active.required("/active", &mut faults),
            archived: archived.required("/archived", &mut faults),
        };
        faults.finish(Some(change))
    }
}

/// A group of event types.
#[derive(Serialize, ToSchema)]
#[schema(as = EventCategory, example = json!({
    "code": "appointments",
    "name": "Appointments",
    "description": "Bookings and what becomes of them.",
    "built_in": true,
    "active": true,
    "archived": false,
    "created_at": "2026-01-01T00:00:00.000Z",
    "created_by": "carehook",
    "updated_at": "2026-01-01T00:00:00.000Z",
    "updated_by": "carehook",
}))]
pub(crate) struct CategoryOut {
    /// Its code.
    code: String,
    /// Its name for people.
    name: String,
    /// What belongs to it.
    description: String,
    /// Whether it comes with the program and cannot be removed.
    built_in: bool,
    #[serde(flatten)]
    status: StatusOut,
}

/// Whether an entry of the catalogue is in use, and who made and changed it.
#[derive(Serialize, ToSchema)]
pub(crate) struct StatusOut {
    /// Whether it may be published and newly subscribed.
    active: bool,
    /// Whether it is put away: out of use, and hidden where only what is current is listed.
    archived: bool,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// Who made it; `carehook` when it comes with the program.
    created_by: String,
    /// When it was last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
    /// Who last changed it.
    updated_by: String,
}

impl From<EntryStatus> for StatusOut {
    fn from(status: EntryStatus) -> Self {
        let EntryStatus {
            active,
            active_changed_at: _,
            archived,
            archived_changed_at: _,
            audit,
        } = status;
        let Audit {
            created_at,
            created_by,
            updated_at,
            updated_by,
        } = audit;
        Self {
            active,
            archived,
            created_at,
            created_by: created_by.into(),
            updated_at,
            updated_by: updated_by.into(),
        }
    }
}

impl From<CategoryDefinition> for CategoryOut {
    fn from(category: CategoryDefinition) -> Self {
        let CategoryDefinition {
            code,
            name,
            description,
            status,
            built_in,
        } = category;
        Self {
            code: code.into(),
            name,
            description,
            built_in,
            status: status.into(),
        }
    }
}
