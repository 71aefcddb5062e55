//! Webhook endpoints on the wire.

use carehook_app::{AppError, EndpointChange, Faults, NewCredentials, NewEndpoint};
use carehook_core::{Dialect, Endpoint, EndpointId, PayloadMode, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::extract::Patch;

/// A webhook endpoint to make.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewWebhook, example = json!({
    "url": "https://example.com/webhooks/jump",
    "events": ["appointment.created"],
    "name": "Booking Sync",
}))]
pub(crate) struct WebhookIn {
    /// Where deliveries go; https.
    #[schema(value_type = String, format = "uri", max_length = 2048)]
    url: Option<String>,
    /// Event types that the key may read; `resource.*` and `*` are understood too.
    #[schema(value_type = Vec<String>, min_items = 1, max_items = 256)]
    events: Option<Vec<String>>,
    /// What people call it.
    #[schema(max_length = 200)]
    name: Option<String>,
}

impl TryFrom<WebhookIn> for NewEndpoint {
    type Error = AppError;

    fn try_from(body: WebhookIn) -> Result<Self, AppError> {
        let WebhookIn { url, events, name } = body;
        let mut faults = Faults::default();
        let url = faults.require("/url", url);
        let events = faults.require("/events", events);
        let (url, events) = faults.finish(url.zip(events))?;
        Ok(Self {
            name,
            url,
            events,
            dialect: Dialect::Jump,
            mode: None,
            account: None,
            active: true,
            version: None,
            payload: PayloadMode::Full,
            headers: Vec::new(),
            credentials: NewCredentials::default(),
            timeout_ms: None,
            retry_schedule: None,
            notification_email: None,
        })
    }
}

/// A change of a webhook endpoint: what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = WebhookChange, example = json!({"is_active": false}))]
pub(crate) struct WebhookPatch {
    /// What people call it; null takes the name away.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 200)]
    name: Patch<String>,
    /// Where deliveries go; https.
    #[serde(default)]
    #[schema(value_type = String, required = false, format = "uri", max_length = 2048)]
    url: Patch<String>,
    /// Event types; they replace the whole list.
    #[serde(default)]
    #[schema(value_type = Vec<String>, required = false, min_items = 1, max_items = 256)]
    events: Patch<Vec<String>>,
    /// Whether deliveries are attempted; while not, they are kept.
    #[serde(default)]
    #[schema(value_type = bool, required = false)]
    is_active: Patch<bool>,
}

impl TryFrom<WebhookPatch> for EndpointChange {
    type Error = AppError;

    fn try_from(body: WebhookPatch) -> Result<Self, AppError> {
        let WebhookPatch {
            name,
            url,
            events,
            is_active,
        } = body;
        let mut faults = Faults::default();
        let change = Self {
            name: name.0,
            url: url.required("/url", &mut faults),
            events: events.required("/events", &mut faults),
            active: is_active.required("/is_active", &mut faults),
            ..Self::default()
        };
        faults.finish(Some(change))
    }
}

/// A webhook endpoint.
#[derive(Serialize, ToSchema)]
#[schema(as = Webhook, example = json!({
    "id": "01991f1e-8e00-7000-8000-000000000001",
    "name": "My Integration",
    "url": "https://example.com/webhooks/jump",
    "events": ["appointment.created", "appointment.cancelled"],
    "is_active": true,
    "created_at": "2026-03-16T10:20:00.000Z",
    "updated_at": "2026-03-16T10:20:00.000Z",
}))]
pub(crate) struct WebhookOut {
    /// Its id.
    #[schema(value_type = String, format = "uuid")]
    id: EndpointId,
    /// What people call it.
    #[schema(required = true)]
    name: Option<String>,
    /// Where deliveries go.
    #[schema(format = "uri")]
    url: String,
    /// What it wants.
    events: Vec<String>,
    /// Whether deliveries are attempted.
    is_active: bool,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it was last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

impl From<&Endpoint> for WebhookOut {
    fn from(endpoint: &Endpoint) -> Self {
        let Endpoint {
            id,
            organization: _,
            name,
            url,
            subscriptions: _,
            dialect: _,
            mode: _,
            account: _,
            active,
            active_changed_at: _,
            archived,
            archived_changed_at: _,
            ownership: _,
            disabled_reason: _,
            // Set through the native API.
            payload: _,
            version: _,
            headers: _,
            authentication: _,
            tls: _,
            timeout: _,
            retry_policy: _,
            notification_email: _,
            secrets: _,
            created_at,
            created_by: _,
            updated_at,
            updated_by: _,
            revision: _,
        } = endpoint;
        let names = endpoint.subscription_names().into_iter();
        Self {
            id: *id,
            name: name.clone(),
            url: url.clone(),
            events: names.map(ToOwned::to_owned).collect(),
            is_active: *active && !archived,
            created_at: *created_at,
            updated_at: *updated_at,
        }
    }
}

/// A webhook endpoint that was just made, with its secret.
#[derive(Serialize, ToSchema)]
#[schema(as = WebhookWithSecret)]
pub(crate) struct NewWebhookOut {
    #[serde(flatten)]
    webhook: WebhookOut,
    /// What its deliveries are signed with; this is the only time that it is shown.
    #[schema(example = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    secret: String,
}

impl From<&Endpoint> for NewWebhookOut {
    fn from(endpoint: &Endpoint) -> Self {
        Self {
            webhook: endpoint.into(),
            secret: endpoint.secrets.current().expose().to_owned(),
        }
    }
}
