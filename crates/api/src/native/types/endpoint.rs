//! Endpoints on the wire.

use std::collections::BTreeMap;

use carehook_app::{AppError, Faults, MASKED, NewCredentials, NewEndpoint};
use carehook_core::{
    Dialect, Endpoint, EndpointId, Mode, Ownership, PayloadMode, RetryPolicy, Secret, Timestamp,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::credentials::{AuthenticationIn, AuthenticationOut, TlsIn, TlsOut};
use super::header_map::HeaderMap;

/// An endpoint to make.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewEndpoint, example = json!({
    "url": "https://hooks.example.com/carehook",
    "events": ["appointment.*", "patient.created"],
    "name": "Booking site",
}))]
pub(crate) struct EndpointIn {
    /// What people call it.
    #[schema(max_length = 200)]
    name: Option<String>,
    /// Where deliveries go; https. A user name and password in it become an `Authorization` header.
    #[schema(value_type = String, format = "uri", max_length = 2048)]
    url: Option<String>,
    /// Event types, `resource.*` or `*`.
    #[schema(value_type = Vec<String>, min_items = 1, max_items = 256)]
    events: Option<Vec<String>>,
    /// The form of its deliveries; its event types may then be spelled in that dialect too.
    #[schema(value_type = Option<String>, default = "native",
        pattern = "^(native|jump|decoda|mycure|ecg)$")]
    dialect: Option<Dialect>,
    /// `live` or `test`: the mode of the events that it gets; that of the key unless given.
    #[schema(value_type = Option<String>, default = "live", pattern = "^(live|test)$")]
    mode: Option<Mode>,
    /// Limits it to events of this account.
    #[schema(max_length = 64)]
    account: Option<String>,
    /// Whether deliveries are attempted; while not, they are kept.
    #[schema(default = true)]
    active: Option<bool>,
    /// How much of an event its deliveries say; over plain http `id_only` or `empty`.
    #[schema(value_type = Option<String>, default = "full",
        pattern = "^(full|thin|id_only|empty)$")]
    payload: Option<PayloadMode>,
    /// Limits it to events with this payload version.
    version: Option<String>,
    /// Headers of every delivery; their values are not shown again.
    #[serde(default)]
    #[schema(value_type = Option<BTreeMap<String, String>>)]
    headers: Option<HeaderMap>,
    /// What the `Authorization` header of every delivery has.
    authentication: Option<AuthenticationIn>,
    /// Its own TLS settings.
    tls: Option<TlsIn>,
    /// Deadline of one attempt; 15,000 unless given.
    #[schema(minimum = 500, maximum = 30000)]
    timeout_ms: Option<u64>,
    /// Seconds to wait after the first, second, … failed attempt; the default of the server unless
    /// given.
    #[schema(max_items = 30)]
    retry_schedule: Option<Vec<u32>>,
    /// Who is told by mail when a delivery has failed for good.
    #[schema(format = "email", max_length = 254)]
    notification_email: Option<String>,
}

impl TryFrom<EndpointIn> for NewEndpoint {
    type Error = AppError;

    fn try_from(body: EndpointIn) -> Result<Self, AppError> {
        let EndpointIn {
            name,
            url,
            events,
            dialect,
            mode,
            account,
            active,
            payload,
            version,
            headers,
            authentication,
            tls,
            timeout_ms,
            retry_schedule,
            notification_email,
        } = body;
        let mut faults = Faults::default();
        let url = faults.require("/url", url);
        let events = faults.require("/events", events);
        let account = faults.take_optional("/account", account.as_deref().map(str::parse));
        let authentication = authentication.and_then(|given| given.read(&mut faults));
        let credentials = NewCredentials {
            authentication,
            tls: tls.map(Into::into),
        };
        let (url, events) = faults.finish(url.zip(events))?;
        let headers = headers.unwrap_or_default().0;
        let set = |(name, value): (String, Option<Secret>)| value.map(|value| (name, value));
        Ok(Self {
            name,
            url,
            events,
            dialect: dialect.unwrap_or_default(),
            mode,
            account,
            active: active.unwrap_or(true),
            payload: payload.unwrap_or_default(),
            version,
            headers: headers.into_iter().filter_map(set).collect(),
            credentials,
            timeout_ms,
            retry_schedule,
            notification_email,
        })
    }
}

/// A receiver of events.
#[derive(Serialize, ToSchema)]
#[schema(as = Endpoint, example = json!({
    "id": "01991f1e-8e00-7000-8000-000000000001",
    "name": "Booking site",
    "url": "https://hooks.example.com/carehook",
    "events": ["appointment.*", "patient.created"],
    "dialect": "native",
    "mode": "live",
    "account": null,
    "active": true,
    "challenge": null,
    "verified_at": null,
    "disabled_reason": null,
    "payload": "full",
    "version": null,
    "headers": {"x-tenant": "********"},
    "authentication": {"type": "bearer"},
    "tls": null,
    "timeout_ms": null,
    "retry_schedule": null,
    "notification_email": null,
    "created_at": "2026-03-16T10:20:00.000Z",
    "updated_at": "2026-03-16T10:20:00.000Z",
}))]
pub(crate) struct EndpointOut {
    /// Its id.
    #[schema(value_type = String, format = "uuid")]
    id: EndpointId,
    /// What people call it.
    #[schema(required = true)]
    name: Option<String>,
    /// Where deliveries go. Of a query only the names are shown to who has not the scope `manage`:
    /// its values are `********`.
    #[schema(format = "uri")]
    url: String,
    /// What it wants.
    events: Vec<String>,
    /// The form of its deliveries.
    dialect: &'static str,
    /// The mode of the events that it gets.
    mode: &'static str,
    /// The account that it is limited to.
    #[schema(required = true)]
    account: Option<String>,
    /// Whether deliveries are attempted; while not, they are kept.
    active: bool,
    /// `pending` until its owner has answered the ownership challenge, then `passed`; null when the
    /// organization did not ask for one. While it is pending, deliveries wait.
    #[schema(required = true)]
    challenge: Option<&'static str>,
    /// When the challenge was passed.
    #[schema(value_type = Option<String>, required = true, format = DateTime)]
    verified_at: Option<Timestamp>,
    /// Why Carehook switched it off: `gone` after a 410.
    #[schema(required = true)]
    disabled_reason: Option<&'static str>,
    /// How much of an event its deliveries say: `full`, `thin`, `id_only` or `empty`.
    payload: &'static str,
    /// The payload version that it is limited to.
    #[schema(required = true)]
    version: Option<String>,
    /// The names of its own headers, with masks in place of their values.
    headers: BTreeMap<String, &'static str>,
    /// Which credentials the `Authorization` header of its deliveries has.
    #[schema(required = true)]
    authentication: Option<AuthenticationOut>,
    /// Its own TLS settings.
    #[schema(required = true)]
    tls: Option<TlsOut>,
    /// Its own deadline of one attempt.
    #[schema(required = true)]
    timeout_ms: Option<u64>,
    /// Its own retry schedule, in seconds.
    #[schema(required = true)]
    retry_schedule: Option<Vec<u32>>,
    /// Who is told by mail when a delivery has failed for good.
    #[schema(required = true, format = "email")]
    notification_email: Option<String>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it was last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

impl From<&Endpoint> for EndpointOut {
    fn from(endpoint: &Endpoint) -> Self {
        let Endpoint {
            id,
            organization: _,
            name,
            url,
            subscriptions: _,
            dialect,
            mode,
            account,
            active,
            active_changed_at: _,
            // Put away by an ECG client: here that is an endpoint that is not active.
            archived,
            archived_changed_at: _,
            ownership,
            disabled_reason,
            payload,
            version,
            headers,
            authentication,
            tls,
            timeout,
            retry_policy,
            notification_email,
            secrets: _,
            created_at,
            created_by: _,
            updated_at,
            updated_by: _,
            revision: _,
        } = endpoint;
        let masked = headers
            .iter()
            .map(|header| (header.name.to_string(), MASKED));
        let names = endpoint.subscription_names();
        let millis = |timeout: std::time::Duration| timeout.as_millis().try_into().ok();
        let seconds = |policy: &RetryPolicy| policy.seconds().to_vec();
        Self {
            id: *id,
            name: name.clone(),
            url: url.clone(),
            events: names.into_iter().map(ToOwned::to_owned).collect(),
            dialect: dialect.as_str(),
            mode: mode.as_str(),
            account: account.as_ref().map(ToString::to_string),
            active: *active && !archived,
            challenge: match ownership {
                Ownership::NotAsked => None,
                Ownership::Pending { .. } => Some("pending"),
                Ownership::Proven(_) => Some("passed"),
            },
            verified_at: ownership.proven_at(),
            disabled_reason: disabled_reason.map(carehook_core::DisabledReason::as_str),
            payload: payload.as_str(),
            version: version.as_deref().map(Into::into),
            headers: masked.collect(),
            authentication: authentication.as_ref().map(Into::into),
            tls: tls.as_ref().map(Into::into),
            timeout_ms: timeout.and_then(millis),
            retry_schedule: retry_policy.as_ref().map(seconds),
            notification_email: notification_email.clone(),
            created_at: *created_at,
            updated_at: *updated_at,
        }
    }
}

/// An endpoint that was just made, with its secret.
#[derive(Serialize, ToSchema)]
#[schema(as = EndpointWithSecret)]
pub(crate) struct NewEndpointOut {
    #[serde(flatten)]
    endpoint: EndpointOut,
    /// What its deliveries are signed with (Standard Webhooks); `…/secret` shows it again.
    #[schema(example = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    secret: String,
}

impl From<&Endpoint> for NewEndpointOut {
    fn from(endpoint: &Endpoint) -> Self {
        Self {
            endpoint: endpoint.into(),
            secret: endpoint.secrets.current().expose().to_owned(),
        }
    }
}
