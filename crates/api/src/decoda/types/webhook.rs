//! Webhooks on the wire, as they are shown.

use carehook_core::{Endpoint, EndpointId, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

use super::event_name::EventName;

/// A receiver of events.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Webhook, example = json!({
    "createdDate": "2026-03-16T10:20:00.000Z",
    "id": "01991f1e-8e00-7000-8000-000000000001",
    "notificationEmail": "it@northside.example",
    "subscriptions": ["APPOINTMENT_CANCELLED", "CALL_RECIEVED"],
    "updatedDate": null,
    "url": "https://hooks.example.com/decoda",
}))]
pub(crate) struct WebhookOut {
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_date: Timestamp,
    /// Its id.
    #[schema(value_type = String, format = "uuid")]
    id: EndpointId,
    /// Who is told by mail when a delivery has failed for good.
    #[schema(required = true, format = "email")]
    notification_email: Option<String>,
    /// The events that it gets, spelled as they were asked for.
    #[schema(value_type = Vec<EventName>)]
    subscriptions: Vec<String>,
    /// When it was last changed; null until somebody has changed it.
    #[schema(value_type = Option<String>, required = true, format = DateTime)]
    updated_date: Option<Timestamp>,
    /// Where deliveries go.
    #[schema(format = "uri")]
    url: String,
}

impl From<&Endpoint> for WebhookOut {
    fn from(endpoint: &Endpoint) -> Self {
        let Endpoint {
            id,
            organization: _,
            name: _,
            url,
            subscriptions: _,
            dialect: _,
            mode: _,
            account: _,
            active: _,
            active_changed_at: _,
            archived: _,
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
            notification_email,
            secrets: _,
            created_at,
            created_by: _,
            updated_at,
            updated_by,
            // Also grows when the endpoint is asked for a challenge.
            revision: _,
        } = endpoint;
        let is_changed = updated_by.is_some() && updated_at > created_at;
        let names = endpoint.subscription_names();
        Self {
            created_date: *created_at,
            id: *id,
            notification_email: notification_email.clone(),
            subscriptions: names.into_iter().map(ToOwned::to_owned).collect(),
            updated_date: is_changed.then_some(*updated_at),
            url: url.clone(),
        }
    }
}

/// A webhook that was just made, with its secret.
#[derive(Serialize, ToSchema)]
#[schema(as = WebhookWithSecret)]
pub(crate) struct NewWebhookOut {
    #[serde(flatten)]
    webhook: WebhookOut,
    /// What its deliveries are signed with; it is not shown again.
    #[schema(
        pattern = "^[0-9a-f]{32}$",
        example = "9f86d081884c7d659a2feaa0c55ad015"
    )]
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
