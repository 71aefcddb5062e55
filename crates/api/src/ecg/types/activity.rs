//! Webhook activities on the wire: single ones with subscription and event, entries of lists with
//! what the caller wants to have in them.

use carehook_app::{ActivityId, ActivityView, Answered, EventTypesOf};
use carehook_core::{JsonText, Timestamp};
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::info::AuditInfo;
use super::subscription::{EventRef, SubscriptionOut, audit};

/// A webhook activity.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WebhookActivity)]
pub(crate) struct ActivityOut {
    /// Its id.
    #[schema(value_type = String, format = "uuid")]
    pub(super) id: ActivityId,
    /// 0: posted by this server; 1: reported by another sender.
    #[serde(rename = "type")]
    pub(super) kind: u8,
    /// When it was posted; null before.
    #[schema(value_type = Option<String>, format = "date-time", required = true)]
    pub(super) posted_at: Option<Timestamp>,
    /// The receiver's HTTP status.
    #[schema(required = true)]
    pub(super) http_status_code: Option<u16>,
    /// What was posted; null for those who may not see payloads.
    #[schema(value_type = Option<Object>, required = true)]
    pub(super) payload: Option<Box<RawValue>>,
    /// The sender's own record of it; empty when this server is the sender.
    #[schema(value_type = Object)]
    pub(super) raw_message: Box<RawValue>,
    /// The subscription.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub(super) subscription: Option<SubscriptionOut>,
    /// The event.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub(super) event: Option<EventRef>,
    /// The activity that it retries.
    #[schema(value_type = Option<String>, format = "uuid", required = true)]
    pub(super) retrying_from_post_id: Option<ActivityId>,
    /// When the next try is due.
    #[schema(value_type = Option<String>, format = "date-time", required = true)]
    pub(super) next_retry_at: Option<Timestamp>,
    /// What the receiver answered: the beginning as text, or what the sender reported.
    #[schema(value_type = serde_json::Value, required = true)]
    pub(super) raw_response: Option<Box<RawValue>>,
    /// What went wrong.
    #[schema(required = true)]
    pub(super) error: Option<String>,
    /// Whether the receiver took it; null while that is not known.
    #[schema(required = true)]
    pub(super) success: Option<bool>,
    /// Who reported it.
    pub(super) audit_info: AuditInfo,
}

/// What an activity is shown with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ActivityPart {
    /// Its subscription.
    Subscription,
    /// Its event.
    Event,
}

impl ActivityPart {
    /// Both of them, as single activities have it.
    pub(crate) const ALL: [Self; 2] = [Self::Subscription, Self::Event];
}

impl ActivityOut {
    /// Translates an activity; `subscription` describes its endpoint.
    pub(crate) fn of(
        view: ActivityView,
        subscription: &EventTypesOf,
        parts: &[ActivityPart],
    ) -> Self {
        let ActivityView {
            id,
            is_report,
            posted_at,
            status,
            payload,
            raw_message,
            endpoint: _,
            event_type,
            definition,
            version,
            retry_of,
            next_retry_at,
            answered,
            error,
            success,
            created_at,
            created_by,
            updated_at,
            updated_by,
        } = view;
        let with = |part: ActivityPart| parts.contains(&part);
        let event = EventRef::of(&event_type, definition.as_deref(), version.as_deref());
        Self {
            id,
            kind: u8::from(is_report),
            posted_at,
            http_status_code: status,
            payload: payload.as_ref().and_then(raw),
            raw_message: raw_message.as_ref().and_then(raw).unwrap_or_else(empty),
            subscription: with(ActivityPart::Subscription)
                .then(|| SubscriptionOut::within(subscription)),
            event: with(ActivityPart::Event).then_some(event),
            retrying_from_post_id: retry_of,
            next_retry_at,
            raw_response: answered.as_ref().and_then(response),
            error,
            success,
            audit_info: audit(
                (created_at, created_by.as_deref()),
                (updated_at, updated_by.as_deref()),
            ),
        }
    }
}

fn response(answered: &Answered) -> Option<Box<RawValue>> {
    match answered {
        Answered::Json(json) => raw(json),
        Answered::Text(text) => serde_json::value::to_raw_value(text).ok(),
    }
}

/// Stored JSON as it was spelled; `None` only when it is damaged.
pub(super) fn raw(json: &JsonText) -> Option<Box<RawValue>> {
    serde_json::from_slice(json.bytes()).ok()
}

fn empty() -> Box<RawValue> {
    RawValue::from_string("{}".to_owned()).expect("an empty object is JSON")
}
