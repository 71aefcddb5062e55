//! Delivery attempts on the wire: an event owed to a webhook, and what became of it.

use std::sync::Arc;

use carehook_app::{AppError, LastAttempt, Notify, StandingFilter, StandingView};
use carehook_core::{Delivery, DeliveryState, Timestamp};
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};

use super::event_name::EventName;
use crate::decoda::errors::Refused;
use crate::decoda::parameters::Parameters;

/// An event owed to a webhook, and what became of it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = DeliveryAttempt, example = json!({
    "id": "evt_01991f1e8e0070008000000000000001",
    "type": "APPOINTMENT_CANCELLED",
    "data": {"id": "a-1"},
    "createdDate": "2026-03-16T10:20:00.000Z",
    "alertId": null,
    "deliveredDate": null,
    "lastDeliveryAttemptDate": "2026-03-16T10:20:00.010Z",
    "lastDeliveryAttemptStatus": 500,
    "lastDeliveryAttemptError": "the receiver answered 500",
}))]
pub(crate) struct DeliveryAttemptOut {
    /// The event's id, as the delivery has it.
    id: String,
    /// The event's type, as the webhook subscribed to it.
    #[serde(rename = "type")]
    #[schema(value_type = EventName)]
    event_type: String,
    /// What the event says; null when that can no longer be read, and for keys that may not see
    /// payloads.
    #[schema(value_type = Option<Object>, required = true)]
    data: Option<Arc<RawValue>>,
    /// When the event was accepted.
    #[schema(value_type = String, format = DateTime)]
    created_date: Timestamp,
    /// Always null.
    #[schema(required = true)]
    alert_id: Option<String>,
    /// When the receiver took it.
    #[schema(value_type = Option<String>, required = true, format = DateTime)]
    delivered_date: Option<Timestamp>,
    /// When the last attempt started.
    #[schema(value_type = Option<String>, required = true, format = DateTime)]
    last_delivery_attempt_date: Option<Timestamp>,
    /// The receiver's status, if it answered.
    #[schema(required = true)]
    last_delivery_attempt_status: Option<u16>,
    /// What went wrong, in plain words.
    #[schema(required = true)]
    last_delivery_attempt_error: Option<String>,
}

impl TryFrom<StandingView> for DeliveryAttemptOut {
    type Error = AppError;

    fn try_from(standing: StandingView) -> Result<Self, AppError> {
        let StandingView {
            endpoint,
            delivery,
            accepted_at,
            data,
            last_attempt,
        } = standing;
        let Delivery {
            id: _,
            event_id,
            event_type,
            mode: _,
            endpoint_id: _,
            state,
            reason: _,
            attempt_count: _,
            round_start: _,
            sequence: _,
            next_attempt_at: _,
            created_at: _,
            completed_at,
            arrived_at: _,
        } = delivery;
        let data = data.map(|data| data.to_raw()).transpose();
        let (date, status, error) = match last_attempt {
            None => (None, None, None),
            Some(LastAttempt {
                started_at,
                status,
                error,
            }) => (Some(started_at), status, error),
        };
        Ok(Self {
            id: event_id.to_string(),
            event_type: endpoint.wire_name(&event_type).into_owned(),
            data: data.map_err(|error| AppError::Internal(error.into()))?,
            created_date: accepted_at,
            alert_id: None,
            delivered_date: completed_at.filter(|_| state == DeliveryState::Delivered),
            last_delivery_attempt_date: date,
            last_delivery_attempt_status: status,
            last_delivery_attempt_error: error,
        })
    }
}

/// Which delivery attempts are wanted.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct AttemptsQuery {
    /// Of events of this type.
    #[param(value_type = Option<EventName>)]
    event_type: Option<String>,
    /// Whether the receiver took it.
    is_delivered: Option<bool>,
    /// Of events accepted before this time; in UTC unless it has an offset.
    #[param(value_type = Option<String>, format = DateTime)]
    created_before: Option<Timestamp>,
    /// Of events accepted after this time; in UTC unless it has an offset.
    #[param(value_type = Option<String>, format = DateTime)]
    created_after: Option<Timestamp>,
    /// The receiver answered the last attempt with this status.
    last_delivery_attempt_status: Option<u16>,
    /// What went wrong with the last attempt has this text in it, in upper or lower case.
    last_delivery_attempt_error: Option<String>,
    /// Entries at most. A list also ends, after its first entry, once it has 8 MiB of payloads.
    #[param(minimum = 1, maximum = 1000, default = 1000)]
    limit: Option<usize>,
    /// Without the first so many: for the next part, as many as have come already.
    #[param(value_type = Option<u64>, default = 0)]
    offset: u64,
}

impl TryFrom<Parameters> for AttemptsQuery {
    type Error = Refused;

    fn try_from(mut parameters: Parameters) -> Result<Self, Refused> {
        let query = Self {
            event_type: parameters.text("event_type"),
            is_delivered: parameters.boolean("is_delivered"),
            created_before: parameters.time("created_before"),
            created_after: parameters.time("created_after"),
            last_delivery_attempt_status: parameters.integer("last_delivery_attempt_status"),
            last_delivery_attempt_error: parameters.text("last_delivery_attempt_error"),
            limit: parameters.integer("limit"),
            offset: parameters.integer("offset").unwrap_or_default(),
        };
        parameters.finish()?;
        Ok(query)
    }
}

impl From<AttemptsQuery> for StandingFilter {
    fn from(query: AttemptsQuery) -> Self {
        let AttemptsQuery {
            event_type,
            is_delivered,
            created_before,
            created_after,
            last_delivery_attempt_status,
            last_delivery_attempt_error,
            limit,
            offset,
        } = query;
        Self {
            event: event_type,
            delivered: is_delivered,
            after: created_after,
            before: created_before,
            last_status: last_delivery_attempt_status,
            last_error: last_delivery_attempt_error,
            skip: offset,
            take: limit,
        }
    }
}

/// How an event is sent again.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct SendQuery {
    /// Whether a mail goes to `notificationEmail` when this round of attempts fails too.
    #[param(value_type = Option<bool>, default = true)]
    notify_failure: bool,
}

impl TryFrom<Parameters> for SendQuery {
    type Error = Refused;

    fn try_from(mut parameters: Parameters) -> Result<Self, Refused> {
        let notify_failure = parameters.boolean("notify_failure").unwrap_or(true);
        parameters.finish()?;
        Ok(Self { notify_failure })
    }
}

impl From<SendQuery> for Notify {
    fn from(query: SendQuery) -> Self {
        let SendQuery { notify_failure } = query;
        if notify_failure {
            Self::OnFailure
        } else {
            Self::Never
        }
    }
}
