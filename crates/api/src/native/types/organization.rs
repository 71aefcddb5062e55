//! Organizations on the wire.

use carehook_app::{AppError, Faults, NewOrganization, OrganizationChange};
use carehook_core::{Organization, OrganizationSettings, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::settings::{
    RateLimitsOut, RateLimitsPatch, RetentionOut, RetentionPatch, SettingsPatch,
};
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
    /// How long what is kept.
    #[serde(default)]
    #[schema(value_type = RetentionPatch, required = false)]
    retention: Patch<RetentionPatch>,
    /// What becomes of events that do not fit the schema of their type: `off`, `warn` or `reject`.
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    schema_check: Patch<String>,
    /// How much its keys may ask for.
    #[serde(default)]
    #[schema(value_type = RateLimitsPatch, required = false)]
    rate_limits: Patch<RateLimitsPatch>,
    /// Whether a new endpoint gets nothing before its owner has answered a challenge.
    #[serde(default)]
    #[schema(value_type = bool, required = false)]
    ownership_challenge: Patch<bool>,
}

impl TryFrom<OrganizationIn> for NewOrganization {
    type Error = AppError;

    fn try_from(body: OrganizationIn) -> Result<Self, AppError> {
        let OrganizationIn {
            id,
            name,
            retention,
            schema_check,
            rate_limits,
            ownership_challenge,
        } = body;
        let settings = SettingsPatch {
            retention,
            schema_check,
            rate_limits,
            ownership_challenge,
        };
        let mut faults = Faults::default();
        let id = faults.take_optional("/id", id.as_deref().map(str::parse));
        let name = faults.require("/name", name);
        let settings = settings.read(&mut faults);
        let name = faults.finish(name)?;
        Ok(Self { id, name, settings })
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
    /// How long what is kept.
    #[serde(default)]
    #[schema(value_type = RetentionPatch, required = false)]
    retention: Patch<RetentionPatch>,
    /// What becomes of events that do not fit the schema of their type: `off`, `warn` or `reject`.
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    schema_check: Patch<String>,
    /// How much its keys may ask for.
    #[serde(default)]
    #[schema(value_type = RateLimitsPatch, required = false)]
    rate_limits: Patch<RateLimitsPatch>,
    /// Whether a new endpoint gets nothing before its owner has answered a challenge.
    #[serde(default)]
    #[schema(value_type = bool, required = false)]
    ownership_challenge: Patch<bool>,
}

impl TryFrom<OrganizationPatch> for OrganizationChange {
    type Error = AppError;

    fn try_from(body: OrganizationPatch) -> Result<Self, AppError> {
        let OrganizationPatch {
            name,
            retention,
            schema_check,
            rate_limits,
            ownership_challenge,
        } = body;
        let settings = SettingsPatch {
            retention,
            schema_check,
            rate_limits,
            ownership_challenge,
        };
        let mut faults = Faults::default();
        let name = name.required("/name", &mut faults);
        let settings = settings.read(&mut faults);
        faults.check()?;
        Ok(Self { name, settings })
    }
}

/// A tenant: one clinic, practice or customer.
#[derive(Serialize, ToSchema)]
#[schema(as = Organization, example = json!({
    "id": "northside",
    "name": "Northside Clinic",
    "retention": {"payload_days": 30, "metadata_days": 365, "audit_years": 6},
    "schema_check": "off",
    "rate_limits": {"requests_per_hour": null, "events_per_second": null},
    "ownership_challenge": false,
    "created_at": "2026-03-16T10:20:00.000Z",
    "updated_at": "2026-03-16T10:20:00.000Z",
}))]
pub(crate) struct OrganizationOut {
    /// Its id.
    id: String,
    /// What people call it.
    name: String,
    /// How long what is kept.
    retention: RetentionOut,
    /// What becomes of events that do not fit the schema of their type.
    schema_check: &'static str,
    /// How much its keys may ask for.
    rate_limits: RateLimitsOut,
    /// Whether a new endpoint gets nothing before its owner has answered a challenge.
    ownership_challenge: bool,
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
            settings,
            created_at,
            updated_at,
        } = organization;
        let OrganizationSettings {
            retention,
            schema_check,
            rate_limits,
            ownership_challenge,
        } = *settings;
        Self {
            id: id.to_string(),
            name: name.clone(),
            retention: retention.into(),
            schema_check: schema_check.as_str(),
            rate_limits: rate_limits.into(),
            ownership_challenge,
            created_at: *created_at,
            updated_at: *updated_at,
        }
    }
}
