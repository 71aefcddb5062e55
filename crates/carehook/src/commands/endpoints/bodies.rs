//! What the endpoint commands send: flags that are the fields of a request.

use std::collections::BTreeMap;

use clap::{Args, ValueEnum};
use serde::Serialize;

use super::credentials::Credentials;

#[derive(Args, Serialize)]
pub(super) struct New {
    /// Where deliveries go, such as `https://clinic.example/webhooks`
    #[serde(rename = "url")]
    target: String,
    /// What it wants: event types, `resource.*` or `*`, separated by commas
    #[arg(long, value_name = "TYPES", value_delimiter = ',', required = true)]
    events: Vec<String>,
    /// `live` or `test`; it cannot be changed later
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    mode: Option<String>,
    #[command(flatten)]
    #[serde(flatten)]
    settings: Settings,
}

#[derive(Args, Serialize)]
pub(super) struct Change {
    /// Where deliveries go
    #[arg(long)]
    #[serde(rename = "url", skip_serializing_if = "Option::is_none")]
    target: Option<String>,
    /// What it wants: event types, `resource.*` or `*`, separated by commas
    #[arg(long, value_name = "TYPES", value_delimiter = ',')]
    #[serde(skip_serializing_if = "Option::is_none")]
    events: Option<Vec<String>>,
    #[command(flatten)]
    #[serde(flatten)]
    settings: Settings,
}

/// What can be set when an endpoint is made, and changed later.
#[derive(Args, Serialize)]
struct Settings {
    /// What people call it
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// Whether deliveries are attempted
    #[arg(long, value_name = "true|false")]
    #[serde(skip_serializing_if = "Option::is_none")]
    active: Option<bool>,
    /// Limits it to the events of one account
    #[arg(long)]
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<String>,
    /// How much of an event its deliveries say: `full`, `thin`, `id_only` or `empty`
    #[arg(long, value_name = "MODE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    payload: Option<String>,
    /// Limits it to one version of payloads, such as `v1`
    #[arg(long = "payload-version", value_name = "VERSION")]
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    /// A header of its own, such as `X-Clinic: north`; may be repeated
    #[arg(long = "header", value_name = "NAME: VALUE", value_parser = read_header)]
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "as_object")]
    headers: Vec<(String, String)>,
    #[command(flatten)]
    #[serde(flatten)]
    credentials: Credentials,
    /// How long one attempt may take, in milliseconds
    #[arg(long, value_name = "MS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    timeout_ms: Option<u64>,
    /// Seconds to wait after each failed attempt, such as 5,300,1800
    #[arg(long, value_name = "SECONDS", value_delimiter = ',')]
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_schedule: Option<Vec<u32>>,
}

#[derive(Args, Serialize)]
pub(super) struct TestEvent {
    /// The event type whose sample is sent [default: test.ping]
    #[arg(long = "type", value_name = "TYPE")]
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    event_type: Option<String>,
}

#[derive(Args, Serialize)]
pub(super) struct Rotation {
    /// How deliveries will be signed [default: as now]
    #[arg(long, value_name = "ALGORITHM")]
    #[serde(skip_serializing_if = "Option::is_none")]
    algorithm: Option<Algorithm>,
    /// How long the present secret goes on signing [default: 86400]
    #[arg(long, value_name = "SECONDS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    grace_seconds: Option<u64>,
}

#[derive(Clone, Copy, ValueEnum, Serialize)]
#[serde(rename_all = "kebab-case")]
#[value(rename_all = "kebab-case")]
enum Algorithm {
    /// Standard Webhooks `v1`: a shared secret
    HmacSha256,
    /// Standard Webhooks `v1a`: the receiver has a public key only
    Ed25519,
}

fn read_header(text: &str) -> Result<(String, String), &'static str> {
    let (name, value) = text
        .split_once(':')
        .ok_or("a header is written as `Name: value`")?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

fn as_object<S: serde::Serializer>(
    headers: &[(String, String)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let headers: BTreeMap<_, _> = headers.iter().map(|(name, value)| (name, value)).collect();
    headers.serialize(serializer)
}
