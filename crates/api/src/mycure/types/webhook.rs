//! Webhooks on the wire.

use carehook_app::{AppError, EndpointChange, Faults};
use carehook_core::{Endpoint, EndpointId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::event_names::{self, EventNames};
use crate::extract::Patch;

/// A change of a webhook: what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = WebhookChange, example = json!({"active": false}))]
pub(crate) struct WebhookPatch {
    /// Limits it to events of this account; null lifts the limit.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 64)]
    account: Patch<String>,
    /// Whether deliveries are attempted; while not, they are kept.
    #[serde(default)]
    #[schema(value_type = bool, required = false)]
    active: Patch<bool>,
    /// Where deliveries go; https.
    #[serde(default)]
    #[schema(value_type = String, required = false, format = "uri", max_length = 2048)]
    url: Patch<String>,
    /// What it wants: one or a list.
    #[serde(default)]
    #[schema(schema_with = event_names::schema, required = false)]
    events: Patch<EventNames>,
}

impl TryFrom<WebhookPatch> for EndpointChange {
    type Error = AppError;

    fn try_from(body: WebhookPatch) -> Result<Self, AppError> {
        let WebhookPatch {
            account,
            active,
            url,
            events,
        } = body;
        let mut faults = Faults::default();
        let events = events.required("/events", &mut faults);
        let change = Self {
            account: account.read("/account", &mut faults, |text| text.parse()),
            active: active.required("/active", &mut faults),
            url: url.required("/url", &mut faults),
            events: events.map(|EventNames(names)| names),
            ..Self::default()
        };
        faults.finish(Some(change))
    }
}

/// A webhook.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Webhook, example = json!({
    "id": "01991f1e-8e00-7000-8000-000000000001",
    "organization": "northside",
    "account": null,
    "active": true,
    "url": "https://example.com/webhook",
    "events": ["appointments.created"],
    "createdAt": 1_773_656_465_000_i64,
}))]
pub(crate) struct WebhookOut {
    /// Its id.
    #[schema(value_type = String, format = "uuid")]
    id: EndpointId,
    /// Whose events it gets.
    organization: String,
    /// The account that it is limited to.
    #[schema(required = true)]
    account: Option<String>,
    /// Whether deliveries are attempted.
    active: bool,
    /// Where deliveries go.
    #[schema(format = "uri")]
    url: String,
    /// What it wants: always a list, also when one event was sent as a text.
    events: Vec<String>,
    /// When it was made, in milliseconds since 1970.
    created_at: i64,
}

impl From<&Endpoint> for WebhookOut {
    fn from(endpoint: &Endpoint) -> Self {
        let Endpoint {
            id,
            organization,
            name: _,
            url,
            subscriptions: _,
            dialect: _,
            mode: _,
            account,
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
            updated_at: _,
            updated_by: _,
            revision: _,
        } = endpoint;
        let names = endpoint.subscription_names().into_iter();
        Self {
            id: *id,
            organization: organization.to_string(),
            account: account.as_ref().map(ToString::to_string),
            active: *active && !archived,
            url: url.clone(),
            events: names.map(ToOwned::to_owned).collect(),
            created_at: created_at.0,
        }
    }
}

/// A webhook that was just made, with its secret.
#[derive(Serialize, ToSchema)]
#[schema(as = WebhookWithSecret)]
pub(crate) struct NewWebhookOut {
    #[serde(flatten)]
    webhook: WebhookOut,
    /// What its deliveries are signed with (Standard Webhooks); it is not shown again.
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
