//! Webhook categories on the wire.

use carehook_app::{AppError, CategoryChange, Faults};
use carehook_core::{Audit, CategoryDefinition, CategoryId, EntryStatus};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::info::{ActiveInfo, ArchiveInfo, AuditInfo};
use crate::ecg::lists::Paging;
use crate::ecg::patch::Patch;

/// What a code looks like.
pub(super) const CODE: &str = "^[a-z0-9][a-z0-9._-]*$";

/// A category to make.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CreateWebhookCategory, example = json!({
    "name": "Laboratory", "code": "labs", "description": null,
}))]
pub(crate) struct CategoryIn {
    /// Its name for people.
    #[schema(value_type = String, max_length = 200)]
    name: Option<String>,
    /// Its code, unique among categories.
    #[schema(value_type = String, pattern = "^[a-z0-9][a-z0-9._-]*$", max_length = 128)]
    code: Option<String>,
    /// What belongs to it.
    #[schema(max_length = 1000)]
    description: Option<String>,
}

impl TryFrom<CategoryIn> for CategoryDefinition {
    type Error = AppError;

    fn try_from(body: CategoryIn) -> Result<Self, AppError> {
        let CategoryIn {
            name,
            code,
            description,
        } = body;
        let mut faults = Faults::default();
        let name = faults.require("/name", name);
        let code = faults.require("/code", code);
        let code = code.and_then(|text| faults.take("/code", text.parse().map_err(|_| no_code())));
        let (name, code) = faults.finish(name.zip(code))?;
        Ok(Self {
            code,
            name,
            description: description.unwrap_or_default(),
            status: EntryStatus::default(),
            built_in: false,
        })
    }
}

/// Why a code is refused.
pub(super) fn no_code() -> String {
    format!("must match {CODE} and have at most 128 characters")
}

/// A webhook category.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WebhookCategory)]
pub(crate) struct CategoryOut {
    /// Its id.
    #[schema(value_type = String, format = "uuid")]
    id: CategoryId,
    /// Its name for people.
    name: String,
    /// What belongs to it.
    #[schema(required = true)]
    description: Option<String>,
    /// Its code.
    code: String,
    /// Whether it was put away.
    archive_info: ArchiveInfo,
    /// Who made and changed it.
    audit_info: AuditInfo,
    /// Whether it is in use.
    active_info: ActiveInfo,
}

impl From<&CategoryDefinition> for CategoryOut {
    fn from(category: &CategoryDefinition) -> Self {
        let CategoryDefinition {
            code,
            name,
            description,
            status,
            built_in: _,
        } = category;
        Self {
            id: category.id(),
            name: name.clone(),
            description: text(description),
            code: code.to_string(),
            archive_info: status.into(),
            audit_info: (&status.audit).into(),
            active_info: status.into(),
        }
    }
}

impl From<&Audit> for AuditInfo {
    fn from(audit: &Audit) -> Self {
        let Audit {
            created_at,
            created_by,
            updated_at,
            updated_by,
        } = audit;
        Self {
            created_at: *created_at,
            created_by: Some(created_by.to_string()),
            updated_at: *updated_at,
            updated_by: Some(updated_by.to_string()),
        }
    }
}

impl From<&EntryStatus> for ActiveInfo {
    fn from(status: &EntryStatus) -> Self {
        Self {
            active: status.active,
            active_status_changed_at: status.active_changed_at,
        }
    }
}

impl From<&EntryStatus> for ArchiveInfo {
    fn from(status: &EntryStatus) -> Self {
        Self {
            archived: status.archived,
            archived_status_changed_at: status.archived_changed_at,
        }
    }
}

/// An empty text is none.
pub(super) fn text(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

impl CategoryOut {
    /// What a patch makes of a category.
    pub(crate) fn change_by(
        patch: &Patch,
        category: &CategoryDefinition,
    ) -> Result<CategoryChange, AppError> {
        let patched = patch.apply(&Self::from(category), &["/name", "/description"])?;
        let mut faults = Faults::default();
        let name = patched.text("name", &mut faults);
        let description = patched.optional_text("description", &mut faults);
        faults.finish(Some(CategoryChange {
            name,
            description: Some(description.unwrap_or_default()),
            active: None,
            archived: None,
        }))
    }
}

/// Which part of a list is wanted.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PartQuery {
    /// `ASC` or `DESC`, by creation.
    #[param(pattern = "^(ASC|DESC)$", default = "ASC")]
    order_by: Option<String>,
    /// Leaves out the first so many.
    #[param(value_type = Option<u64>, default = 0)]
    skip: Option<String>,
    /// At most so many.
    #[param(value_type = Option<u8>, minimum = 1, maximum = 100, default = 10)]
    take: Option<String>,
}

impl TryFrom<PartQuery> for Paging {
    type Error = AppError;

    fn try_from(query: PartQuery) -> Result<Self, AppError> {
        let PartQuery {
            order_by,
            skip,
            take,
        } = query;
        let mut faults = Faults::default();
        let paging = Self::read(
            order_by.as_deref(),
            skip.as_deref(),
            take.as_deref(),
            &mut faults,
        );
        faults.finish(Some(paging))
    }
}
