//! Webhooks on the wire, as they are asked for.

use carehook_app::{
    Change, CredentialsChange, EndpointChange, HeadersChange, NewCredentials, NewEndpoint,
};
use carehook_core::{Dialect, Limits, PayloadMode};
use utoipa::ToSchema;

use super::event_name::{EventName, event_choice};
use crate::decoda::errors::Refused;
use crate::decoda::fields::Fields;

const EMAIL: &str = "notificationEmail";
const SUBSCRIPTIONS: &str = "subscriptions";
const URL: &str = "url";

/// A webhook to make.
#[derive(ToSchema)]
#[schema(as = NewWebhook, rename_all = "camelCase", example = json!({
    "notificationEmail": "it@northside.example",
    "subscriptions": ["APPOINTMENT_CANCELLED", "CALL_RECIEVED"],
    "url": "https://hooks.example.com/decoda",
}))]
pub(crate) struct WebhookIn {
    /// Who is told by mail when a delivery has failed for good.
    #[schema(format = "email", max_length = 254)]
    notification_email: Option<String>,
    /// The events that it shall get.
    #[schema(value_type = Vec<EventName>, min_items = 1, max_items = 256)]
    subscriptions: Vec<String>,
    /// Where deliveries go; https.
    #[schema(format = "uri", max_length = 2048)]
    url: String,
}

impl TryFrom<Fields> for WebhookIn {
    type Error = Refused;

    fn try_from(mut fields: Fields) -> Result<Self, Refused> {
        let email = fields.clearable_text(EMAIL);
        let subscriptions = subscriptions(&mut fields);
        let subscriptions = fields.require(SUBSCRIPTIONS, subscriptions);
        let url = fields.text(URL);
        let url = fields.require(URL, url);
        fields.finish()?;
        Ok(Self {
            notification_email: match email {
                Change::Keep | Change::Clear => None,
                Change::Set(address) => Some(address),
            },
            subscriptions: subscriptions.expect("what is missing was noted"),
            url: url.expect("what is missing was noted"),
        })
    }
}

impl From<WebhookIn> for NewEndpoint {
    fn from(body: WebhookIn) -> Self {
        let WebhookIn {
            notification_email,
            subscriptions,
            url,
        } = body;
        Self {
            name: None,
            url,
            events: subscriptions,
            dialect: Dialect::Decoda,
            mode: None,
            account: None,
            active: true,
            version: None,
            payload: PayloadMode::Full,
            headers: Vec::new(),
            credentials: NewCredentials::default(),
            timeout_ms: None,
            retry_schedule: None,
            notification_email,
        }
    }
}

/// A change of a webhook: what is left out stays.
#[derive(ToSchema)]
#[schema(as = WebhookPatch, rename_all = "camelCase",
    example = json!({"notificationEmail": null, "subscriptions": ["PATIENT_CREATED"]}))]
pub(crate) struct WebhookPatch {
    /// Who is told by mail when a delivery has failed for good; null for nobody.
    #[schema(value_type = Option<String>, format = "email", max_length = 254)]
    notification_email: Change<String>,
    /// The events that it shall get.
    #[schema(value_type = Vec<EventName>, required = false, min_items = 1, max_items = 256)]
    subscriptions: Option<Vec<String>>,
    /// Where deliveries go; https.
    #[schema(value_type = String, required = false, format = "uri", max_length = 2048)]
    url: Option<String>,
}

impl TryFrom<Fields> for WebhookPatch {
    type Error = Refused;

    fn try_from(mut fields: Fields) -> Result<Self, Refused> {
        let patch = Self {
            notification_email: fields.clearable_text(EMAIL),
            subscriptions: subscriptions(&mut fields),
            url: fields.text(URL),
        };
        fields.finish()?;
        Ok(patch)
    }
}

impl From<WebhookPatch> for EndpointChange {
    fn from(body: WebhookPatch) -> Self {
        let WebhookPatch {
            notification_email,
            subscriptions,
            url,
        } = body;
        Self {
            name: Change::Keep,
            url,
            events: subscriptions,
            dialect: None,
            mode: None,
            account: Change::Keep,
            active: None,
            payload: None,
            version: Change::Keep,
            headers: HeadersChange::Keep,
            credentials: CredentialsChange::default(),
            timeout_ms: Change::Keep,
            retry_schedule: Change::Keep,
            notification_email,
        }
    }
}

fn subscriptions(fields: &mut Fields) -> Option<Vec<String>> {
    fields.texts(SUBSCRIPTIONS, Limits::SUBSCRIPTIONS, event_choice)
}
