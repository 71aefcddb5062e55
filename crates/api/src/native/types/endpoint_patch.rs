//! Changes of an endpoint on the wire.

use carehook_app::{AppError, Change, CredentialsChange, EndpointChange, Faults, HeadersChange};
use carehook_core::{Dialect, Mode, PayloadMode};
use serde::Deserialize;
use utoipa::ToSchema;

use super::credentials::{AuthenticationIn, TlsIn};
use super::header_map::HeaderMap;
use crate::extract::Patch;

/// A change of an endpoint: what is left out stays, null clears.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"active": false, "name": null}))]
pub(crate) struct EndpointPatch {
    /// What people call it.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 200)]
    name: Patch<String>,
    /// Where deliveries go.
    #[serde(default)]
    #[schema(value_type = String, required = false, format = "uri", max_length = 2048)]
    url: Patch<String>,
    /// Event types, `resource.*` or `*`.
    #[serde(default)]
    #[schema(value_type = Vec<String>, required = false, min_items = 1, max_items = 256)]
    events: Patch<Vec<String>>,
    /// Cannot be changed; the present one may be repeated.
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    dialect: Patch<Dialect>,
    /// Cannot be changed; the present one may be repeated.
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    mode: Patch<Mode>,
    /// Limits it to events of this account.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 64)]
    account: Patch<String>,
    /// Whether deliveries are attempted; true also clears `disabled_reason`.
    #[serde(default)]
    #[schema(value_type = bool, required = false)]
    active: Patch<bool>,
    /// How much of an event its deliveries say: `full`, `thin`, `id_only` or `empty`.
    #[serde(default)]
    #[schema(value_type = String, required = false)]
    payload: Patch<PayloadMode>,
    /// Limits it to events with this payload version.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    version: Patch<String>,
    /// Headers to set; null takes one away, those left out stay (RFC 7396).
    #[serde(default)]
    #[schema(value_type = Option<BTreeMap<String, Option<String>>>)]
    headers: Patch<HeaderMap>,
    /// What the `Authorization` header of every delivery has; it is replaced as a whole.
    #[serde(default)]
    #[schema(value_type = Option<AuthenticationIn>)]
    authentication: Patch<AuthenticationIn>,
    /// Its own TLS settings; they are replaced as a whole.
    #[serde(default)]
    #[schema(value_type = Option<TlsIn>)]
    tls: Patch<TlsIn>,
    /// Deadline of one attempt.
    #[serde(default)]
    #[schema(value_type = Option<u64>, minimum = 500, maximum = 30000)]
    timeout_ms: Patch<u64>,
    /// Seconds to wait after the first, second, … failed attempt.
    #[serde(default)]
    #[schema(value_type = Option<Vec<u32>>, max_items = 30)]
    retry_schedule: Patch<Vec<u32>>,
    /// Who is told by mail when a delivery has failed for good.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = "email", max_length = 254)]
    notification_email: Patch<String>,
}

impl TryFrom<EndpointPatch> for EndpointChange {
    type Error = AppError;

    fn try_from(body: EndpointPatch) -> Result<Self, AppError> {
        let EndpointPatch {
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
        let events = events.required("/events", &mut faults);
        let account = account.read("/account", &mut faults, |text| text.parse());
        let change = Self {
            name: name.0,
            url: url.required("/url", &mut faults),
            events,
            dialect: dialect.required("/dialect", &mut faults),
            mode: mode.required("/mode", &mut faults),
            account,
            active: active.required("/active", &mut faults),
            payload: payload.required("/payload", &mut faults),
            version: version.0,
            headers: match headers.0 {
                Change::Keep => HeadersChange::Keep,
                Change::Clear => HeadersChange::Clear,
                Change::Set(HeaderMap(changes)) => HeadersChange::Merge(changes),
            },
            credentials: CredentialsChange {
                authentication: match authentication.0 {
                    Change::Keep => Change::Keep,
                    Change::Clear => Change::Clear,
                    Change::Set(given) => match given.read(&mut faults) {
                        Some(given) => Change::Set(given),
                        None => Change::Keep,
                    },
                },
                tls: match tls.0 {
                    Change::Keep => Change::Keep,
                    Change::Clear => Change::Clear,
                    Change::Set(given) => Change::Set(given.into()),
                },
            },
            timeout_ms: timeout_ms.0,
            retry_schedule: retry_schedule.0,
            notification_email: notification_email.0,
        };
        faults.finish(Some(change))
    }
}
