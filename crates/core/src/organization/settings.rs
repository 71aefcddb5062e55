//! What holds for everything of an organization: how long it is kept, how it is checked and limited.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The settings of an organization.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OrganizationSettings {
    /// How long what is kept.
    pub retention: Retention,
    /// What becomes of events that do not fit the schema of their type.
    pub schema_check: SchemaCheck,
    /// How much its keys may ask for.
    pub rate_limits: RateLimits,
    /// Whether a new endpoint has to prove that its owner wants deliveries before it gets any.
    pub ownership_challenge: bool,
}

/// A setting out of its range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a whole number from {min} to {max}")]
pub struct SettingError {
    min: u32,
    max: u32,
}

/// How long things are kept, in UTC days or years.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Retention {
    /// Payloads and answers; after that an event is its id, type and times.
    pub payload_days: u32,
    /// Events, deliveries and attempts without their payloads.
    pub metadata_days: u32,
    /// The audit trail.
    pub audit_years: u32,
}

impl Default for Retention {
    /// 30 days, a year, and the six years that HIPAA asks of documentation (45 CFR 164.316(b)(2)(i)).
    fn default() -> Self {
        Self {
            payload_days: 30,
            metadata_days: 365,
            audit_years: 6,
        }
    }
}

impl Retention {
    /// The longest time in days: ten years.
    pub const DAYS_MAX: u32 = 3_650;
    /// The longest time in years.
    pub const AUDIT_YEARS_MAX: u32 = 100;

    /// Checks a number of days.
    pub fn days(days: u32) -> Result<u32, SettingError> {
        within(days, Self::DAYS_MAX)
    }

    /// Checks a number of years.
    pub fn years(years: u32) -> Result<u32, SettingError> {
        within(years, Self::AUDIT_YEARS_MAX)
    }
}

/// What becomes of an event whose data does not fit the schema of its type and version.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SchemaCheck {
    /// Nobody looks.
    #[default]
    Off,
    /// It is accepted, and the answer tells what does not fit.
    Warn,
    /// It is refused.
    Reject,
}

/// A word that is no [`SchemaCheck`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be one of off, warn, reject")]
pub struct SchemaCheckError;

impl SchemaCheck {
    /// The word used in bodies.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Warn => "warn",
            Self::Reject => "reject",
        }
    }
}

impl FromStr for SchemaCheck {
    type Err = SchemaCheckError;

    fn from_str(text: &str) -> Result<Self, SchemaCheckError> {
        let all = [Self::Off, Self::Warn, Self::Reject];
        let mut named = all.into_iter().filter(|check| check.as_str() == text);
        named.next().ok_or(SchemaCheckError)
    }
}

/// How much the keys of an organization may ask for. Deliveries never count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RateLimits {
    /// Requests an hour for each key that has no limit of its own, publishing left out; without it
    /// 1,000 in Jump's API (seed 001) and no limit elsewhere.
    pub requests_per_hour: Option<u32>,
    /// Events that the organization may publish in a second; without it there is no limit.
    pub events_per_second: Option<u32>,
}

impl RateLimits {
    /// The largest limit.
    pub const MAX: u32 = 100_000_000;

    /// Checks a limit.
    pub fn limit(count: u32) -> Result<u32, SettingError> {
        within(count, Self::MAX)
    }
}

fn within(value: u32, max: u32) -> Result<u32, SettingError> {
    if (1..=max).contains(&value) {
        return Ok(value);
    }
    Err(SettingError { min: 1, max })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_stored_has_its_default() {
        let settings: OrganizationSettings = serde_json::from_str("{}").unwrap();
        assert_eq!(settings, OrganizationSettings::default());
        assert_eq!(settings.retention.audit_years, 6);
        let text = r#"{"retention":{"payload_days":7},"schema_check":"warn"}"#;
        let settings: OrganizationSettings = serde_json::from_str(text).unwrap();
        assert_eq!(settings.retention.payload_days, 7);
        assert_eq!(settings.retention.metadata_days, 365);
        assert_eq!(settings.schema_check, SchemaCheck::Warn);
        let stored = serde_json::to_string(&settings).unwrap();
        assert_eq!(
            serde_json::from_str::<OrganizationSettings>(&stored).unwrap(),
            settings
        );
    }

    #[test]
    fn a_setting_has_a_range() {
        assert_eq!(Retention::days(3_650), Ok(3_650));
        for refused in [
            Retention::days(0),
            Retention::days(3_651),
            Retention::years(101),
        ] {
            assert!(refused.is_err());
        }
        let told = RateLimits::limit(0).unwrap_err().to_string();
        assert_eq!(told, "must be a whole number from 1 to 100000000");
        assert_eq!("reject".parse(), Ok(SchemaCheck::Reject));
        assert!("Reject".parse::<SchemaCheck>().is_err());
    }
}
