//! Organizations on the wire.

use carehook_app::{AppError, Faults, NewOrganization};
use carehook_core::{Organization, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::extract::Patch;

/// An organization to make.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewOrganization, example = json!({"id": "northside", "name": "Northside Clinic"}))]
pub(crate) struct OrganizationIn {
    /// Its id: 1 to 64 letters, digits and `. _ : -`; made up when missing.
    #[schema(max_length = 64)]
    id: Option<String>,
    /// What people call it.
    #[schema(value_type = String, max_length = 200)]
    name: Option<String>,
}

impl TryFrom<OrganizationIn> for NewOrganization {
    type Error = AppError;

    fn try_from(body: OrganizationIn) -> Result<Self, AppError> {
        let OrganizationIn { id, name } = body;
        let mut faults = Faults::default();
        let id = faults.take_optional("/id", id.as_deref().map(str::parse));
        let name = faults.require("/name", name);
        let name = faults.finish(name)?;
        Ok(Self { id, name })
    }
}

/// A change of an organization.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Northside Clinic"}))]
pub(crate) struct OrganizationPatch {
    /// What people call it.
    #[serde(default)]
    #[schema(value_type = String, required = false, max_length = 200)]
    name: Patch<String>,
}

impl OrganizationPatch {
    /// The new name, if there is one.
    pub(crate) fn name(self) -> Result<Option<String>, AppError> {
        let mut faults = Faults::default();
        let name = self.name.required("/name", &mut faults);
        faults.check()?;
        Ok(name)
    }
}

/// A tenant: one clinic, practice or customer.
#[derive(Serialize, ToSchema)]
#[schema(as = Organization, example = json!({
    "id": "northside",
    "name": "Northside Clinic",
    "created_at": "2026-03-16T10:20:00.000Z",
    "updated_at": "2026-03-16T10:20:00.000Z",
}))]
pub(crate) struct OrganizationOut {
    /// Its id.
    id: String,
    /// What people call it.
    name: String,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it was last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

impl From<&Organization> for OrganizationOut {
    fn from(organization: &Organization) -> Self {
        let Organization {
            id,
            name,
            created_at,
            updated_at,
        } = organization;
        Self {
            id: id.to_string(),
            name: name.clone(),
            created_at: *created_at,
            updated_at: *updated_at,
        }
    }
}
