//! What the one path makes: a webhook, or a ping of a webhook.

use carehook_app::{AppError, Faults, NewCredentials, NewEndpoint};
use carehook_core::{Dialect, EndpointId, PayloadMode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::event_names::{self, EventNames};
use super::{NewWebhookOut, PingOut};

/// A webhook to make (`organization`, `url`, `events`), or a ping to send (`webhook`, `event`).
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Creation, example = json!({
    "organization": "northside",
    "active": true,
    "url": "https://example.com/webhook",
    "events": "appointments.created",
}))]
pub(crate) struct CreationIn {
    /// Whose events a new webhook gets.
    #[schema(max_length = 64)]
    organization: Option<String>,
    /// Limits a new webhook to events of this account.
    #[schema(max_length = 64)]
    account: Option<String>,
    /// Whether deliveries of a new webhook are attempted.
    #[schema(default = true)]
    active: Option<bool>,
    /// Where deliveries of a new webhook go; https.
    #[schema(format = "uri", max_length = 2048)]
    url: Option<String>,
    /// What a new webhook wants: `ping`, `<service>`, `<service>.<method>`, `*`; one or a list.
    #[schema(schema_with = event_names::schema, required = false)]
    events: Option<EventNames>,
    /// The webhook to ping.
    #[schema(format = "uuid")]
    webhook: Option<String>,
    /// `ping`.
    event: Option<String>,
}

/// A body that makes sense.
pub(crate) enum Wish {
    /// Make a webhook of this organization.
    Webhook(String, Box<NewEndpoint>),
    /// Ping this webhook.
    Ping(EndpointId),
}

impl TryFrom<CreationIn> for Wish {
    type Error = AppError;

    fn try_from(body: CreationIn) -> Result<Self, AppError> {
        let pings = body.webhook.is_some() || body.event.is_some();
        if pings { ping(body) } else { webhook(body) }
    }
}

fn ping(body: CreationIn) -> Result<Wish, AppError> {
    let CreationIn {
        organization,
        account,
        active,
        url,
        events,
        webhook,
        event,
    } = body;
    let mut faults = Faults::default();
    for (pointer, is_there) in [
        ("/organization", organization.is_some()),
        ("/account", account.is_some()),
        ("/active", active.is_some()),
        ("/url", url.is_some()),
        ("/events", events.is_some()),
    ] {
        if is_there {
            faults.add(pointer, "does not go with `webhook` and `event`");
        }
    }
    let webhook = faults.require("/webhook", webhook);
    let event = faults.require("/event", event);
    if event.as_deref().is_some_and(|event| event != "ping") {
        faults.add("/event", "can only be `ping`");
    }
    let webhook = faults.finish(webhook.filter(|_| event.is_some()))?;
    // What cannot be the id of anything is unknown, not malformed.
    let unknown = |_| AppError::NotFound { kind: "endpoint" };
    Ok(Wish::Ping(webhook.parse().map_err(unknown)?))
}

fn webhook(body: CreationIn) -> Result<Wish, AppError> {
    let CreationIn {
        organization,
        account,
        active,
        url,
        events,
        webhook: _,
        event: _,
    } = body;
    let mut faults = Faults::default();
    let organization = faults.require("/organization", organization);
    let url = faults.require("/url", url);
    let events = faults.require("/events", events);
    let account = faults.take_optional("/account", account.as_deref().map(str::parse));
    let all = organization.zip(url).zip(events);
    let ((organization, url), EventNames(events)) = faults.finish(all)?;
    let new = NewEndpoint {
        name: None,
        url,
        events,
        dialect: Dialect::Mycure,
        mode: None,
        account,
        active: active.unwrap_or(true),
        version: None,
        payload: PayloadMode::Full,
        headers: Vec::new(),
        credentials: NewCredentials::default(),
        timeout_ms: None,
        retry_schedule: None,
        notification_email: None,
    };
    Ok(Wish::Webhook(organization, Box::new(new)))
}

/// What was made.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = Created)]
pub(crate) enum Created {
    /// A webhook.
    Webhook(NewWebhookOut),
    /// A ping.
    Ping(PingOut),
}

#[cfg(test)]
mod tests;
