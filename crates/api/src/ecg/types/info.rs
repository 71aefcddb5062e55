//! The parts that all objects have: who made them, whether they are in use, whether they are put away.

use carehook_core::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// Who made something and who changed it last, and when.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AuditInfo {
    /// When it was made.
    #[schema(value_type = String, format = "date-time")]
    pub(crate) created_at: Timestamp,
    /// Who made it: the subject of a token, the id of a key, or `operator`.
    #[schema(required = true)]
    pub(crate) created_by: Option<String>,
    /// When it was last changed.
    #[schema(value_type = String, format = "date-time")]
    pub(crate) updated_at: Timestamp,
    /// Who last changed it.
    #[schema(required = true)]
    pub(crate) updated_by: Option<String>,
}

/// Whether something is in use.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ActiveInfo {
    /// Whether it is in use.
    pub(crate) active: bool,
    /// When that changed last.
    #[schema(value_type = Option<String>, format = "date-time", required = true)]
    pub(crate) active_status_changed_at: Option<Timestamp>,
}

/// Whether something was put away.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ArchiveInfo {
    /// Whether it was put away.
    pub(crate) archived: bool,
    /// When that changed last.
    #[schema(value_type = Option<String>, format = "date-time", required = true)]
    pub(crate) archived_status_changed_at: Option<Timestamp>,
}

/// Says that it was done, or whether it is so.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[schema(as = Value, example = json!({"value": true}))]
pub(crate) struct Done {
    /// Whether it was done.
    pub(crate) value: bool,
}

impl Done {
    /// It was done.
    pub(crate) const YES: Self = Self { value: true };
    /// It was not.
    pub(crate) const NO: Self = Self { value: false };
}
