//! Flags for the settings of an organization; what is not given stays, or has its default.

use clap::{Args, ValueEnum};
use serde::{Serialize, Serializer};

/// What holds for all of an organization.
#[derive(Args, Serialize)]
pub(super) struct Settings {
    #[command(flatten)]
    #[serde(skip_serializing_if = "Retention::is_unsaid")]
    retention: Retention,
    /// What becomes of events that do not fit the schema of their type
    #[arg(long, value_name = "WHAT")]
    #[serde(skip_serializing_if = "Option::is_none")]
    schema_check: Option<SchemaCheck>,
    #[command(flatten)]
    #[serde(skip_serializing_if = "RateLimits::is_unsaid")]
    rate_limits: RateLimits,
    /// Whether a new endpoint gets nothing before its owner has answered a challenge
    #[arg(long, value_name = "WHETHER")]
    #[serde(skip_serializing_if = "Option::is_none")]
    ownership_challenge: Option<Switch>,
}

#[derive(Args, Serialize)]
struct Retention {
    /// Days that payloads and answers are kept
    #[arg(long, value_name = "DAYS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    payload_days: Option<u32>,
    /// Days that events and deliveries are kept without them; not less than --payload-days
    #[arg(long, value_name = "DAYS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata_days: Option<u32>,
    /// Years that the audit trail is kept
    #[arg(long, value_name = "YEARS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    audit_years: Option<u32>,
}

impl Retention {
    fn is_unsaid(&self) -> bool {
        let Self {
            payload_days,
            metadata_days,
            audit_years,
        } = self;
        [payload_days, metadata_days, audit_years]
            .iter()
            .all(|said| said.is_none())
    }
}

#[derive(Args, Serialize)]
struct RateLimits {
    /// Requests an hour for each key that has no limit of its own, or `none`; publishing does not
    /// count
    #[arg(long, value_name = "REQUESTS", value_parser = read_limit)]
    #[serde(skip_serializing_if = "Option::is_none")]
    requests_per_hour: Option<Limit>,
    /// Events that it may publish in a second, or `none`
    #[arg(long, value_name = "EVENTS", value_parser = read_limit)]
    #[serde(skip_serializing_if = "Option::is_none")]
    events_per_second: Option<Limit>,
}

impl RateLimits {
    fn is_unsaid(&self) -> bool {
        self.requests_per_hour.is_none() && self.events_per_second.is_none()
    }
}

/// A number, or null for no limit.
#[derive(Clone, Copy, Serialize)]
#[serde(transparent)]
struct Limit(Option<u32>);

fn read_limit(text: &str) -> Result<Limit, &'static str> {
    if text == "none" {
        return Ok(Limit(None));
    }
    let number = text.parse().map_err(|_| "a limit is a number, or `none`")?;
    Ok(Limit(Some(number)))
}

// The values are told on one line: with descriptions of their own the whole help would be long.
#[derive(Clone, Copy, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
enum SchemaCheck {
    Off,
    Warn,
    Reject,
}

#[derive(Clone, Copy, ValueEnum)]
enum Switch {
    On,
    Off,
}

impl Serialize for Switch {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bool(matches!(self, Self::On))
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use serde_json::{Value, json};

    use super::*;

    #[derive(Parser)]
    struct Command {
        #[command(flatten)]
        settings: Settings,
    }

    fn sent(flags: &[&str]) -> Result<Value, clap::Error> {
        let all = [&["test"], flags].concat();
        let Command { settings } = Command::try_parse_from(all)?;
        Ok(serde_json::to_value(&settings).unwrap())
    }

    #[test]
    fn only_what_was_given_is_sent() {
        assert_eq!(sent(&[]).unwrap(), json!({}));
        let retention = sent(&["--payload-days", "7", "--audit-years", "10"]).unwrap();
        let expected = json!({"retention": {"payload_days": 7, "audit_years": 10}});
        assert_eq!(retention, expected);
        let switched = sent(&["--ownership-challenge", "on", "--schema-check", "warn"]).unwrap();
        let expected = json!({"ownership_challenge": true, "schema_check": "warn"});
        assert_eq!(switched, expected);
    }

    #[test]
    fn a_limit_is_taken_away_with_null() {
        let limits = sent(&["--requests-per-hour", "none", "--events-per-second", "20"]).unwrap();
        let expected = json!({"requests_per_hour": null, "events_per_second": 20});
        assert_eq!(limits, json!({ "rate_limits": expected }));
    }

    #[test]
    fn what_is_no_value_of_a_setting_is_refused() {
        for flags in [
            ["--payload-days", "soon"],
            ["--schema-check", "maybe"],
            ["--requests-per-hour", "-1"],
            ["--events-per-second", "many"],
            ["--ownership-challenge", "1"],
        ] {
            assert!(sent(&flags).is_err(), "{flags:?}");
        }
    }
}
