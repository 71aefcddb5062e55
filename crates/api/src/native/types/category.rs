//! Event categories on the wire.

use carehook_app::{AppError, CategoryChange, Faults};
use carehook_core::CategoryDefinition;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::patch::Patch;

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
}

impl TryFrom<CategoryPatch> for CategoryChange {
    type Error = AppError;

    fn try_from(body: CategoryPatch) -> Result<Self, AppError> {
        let CategoryPatch { name, description } = body;
        let mut faults = Faults::default();
        let name = name.required("/name", &mut faults);
        let description = description.or_empty();
        faults.finish(Some(Self { name, description }))
    }
}

/// A group of event types.
#[derive(Serialize, ToSchema)]
#[schema(as = EventCategory, example = json!({
    "code": "appointments",
    "name": "Appointments",
    "description": "Bookings and what becomes of them.",
    "built_in": true,
}))]
pub(crate) struct CategoryOut {
    /// Its code.
    code: String,
    /// Its name for people.
    name: String,
    /// What belongs to it.
    description: String,
    /// Whether it comes with the program and cannot be changed.
    built_in: bool,
}

impl From<CategoryDefinition> for CategoryOut {
    fn from(category: CategoryDefinition) -> Self {
        let CategoryDefinition {
            code,
            name,
            description,
            built_in,
        } = category;
        Self {
            code: code.into(),
            name,
            description,
            built_in,
        }
    }
}
