//! Settings of an organization on the wire.

use carehook_app::{Faults, SettingsChange};
use carehook_core::{RateLimits, Retention};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::extract::Patch;

/// What a body says of an organization's settings; what is not named stays, or has its default.
pub(super) struct SettingsPatch {
    pub(super) retention: Patch<RetentionPatch>,
    pub(super) schema_check: Patch<String>,
    pub(super) rate_limits: Patch<RateLimitsPatch>,
    pub(super) ownership_challenge: Patch<bool>,
}

impl SettingsPatch {
    pub(super) fn read(self, faults: &mut Faults) -> SettingsChange {
        let Self {
            retention,
            schema_check,
            rate_limits,
            ownership_challenge,
        } = self;
        let retention = retention.required("/retention", faults);
        let RetentionPatch {
            payload_days,
            metadata_days,
            audit_years,
        } = retention.unwrap_or_default();
        let rate_limits = rate_limits.required("/rate_limits", faults);
        let RateLimitsPatch {
            requests_per_hour,
            events_per_second,
        } = rate_limits.unwrap_or_default();
        let schema_check = schema_check.required("/schema_check", faults);
        SettingsChange {
            payload_days: payload_days.required("/retention/payload_days", faults),
            metadata_days: metadata_days.required("/retention/metadata_days", faults),
            audit_years: audit_years.required("/retention/audit_years", faults),
            schema_check: faults
                .take_optional("/schema_check", schema_check.as_deref().map(str::parse)),
            requests_per_hour: requests_per_hour.0,
            events_per_second: events_per_second.0,
            ownership_challenge: ownership_challenge.required("/ownership_challenge", faults),
        }
    }
}

/// How long things are kept; what is not named stays.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RetentionChange)]
pub(crate) struct RetentionPatch {
    /// Days of payloads and answers.
    #[serde(default)]
    #[schema(value_type = u32, required = false, minimum = 1, maximum = 3650)]
    payload_days: Patch<u32>,
    /// Days of events, deliveries and attempts without their payloads; not less than
    /// `payload_days`.
    #[serde(default)]
    #[schema(value_type = u32, required = false, minimum = 1, maximum = 3650)]
    metadata_days: Patch<u32>,
    /// Years of the audit trail.
    #[serde(default)]
    #[schema(value_type = u32, required = false, minimum = 1, maximum = 100)]
    audit_years: Patch<u32>,
}

/// How much the keys of an organization may ask for; what is not named stays, and null is without
/// a limit of its own.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RateLimitsChange)]
pub(crate) struct RateLimitsPatch {
    /// Requests an hour for each key that has no limit of its own; publishing does not count.
    #[serde(default)]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 100_000_000)]
    requests_per_hour: Patch<u32>,
    /// Events that the organization may publish in a second.
    #[serde(default)]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 100_000_000)]
    events_per_second: Patch<u32>,
}

/// How long things are kept.
#[derive(Serialize, ToSchema)]
#[schema(as = Retention)]
pub(crate) struct RetentionOut {
    /// Days of payloads and answers.
    payload_days: u32,
    /// Days of events, deliveries and attempts without their payloads.
    metadata_days: u32,
    /// Years of the audit trail.
    audit_years: u32,
}

impl From<Retention> for RetentionOut {
    fn from(retention: Retention) -> Self {
        let Retention {
            payload_days,
            metadata_days,
            audit_years,
        } = retention;
        Self {
            payload_days,
            metadata_days,
            audit_years,
        }
    }
}

/// How much the keys of an organization may ask for.
#[derive(Serialize, ToSchema)]
#[schema(as = RateLimits)]
pub(crate) struct RateLimitsOut {
    /// Requests an hour for each key that has no limit of its own; null is 1,000 in Jump's API and
    /// without a limit elsewhere.
    requests_per_hour: Option<u32>,
    /// Events that the organization may publish in a second; null is without a limit.
    events_per_second: Option<u32>,
}

impl From<RateLimits> for RateLimitsOut {
    fn from(limits: RateLimits) -> Self {
        let RateLimits {
            requests_per_hour,
            events_per_second,
        } = limits;
        Self {
            requests_per_hour,
            events_per_second,
        }
    }
}
