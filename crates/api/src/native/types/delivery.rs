//! Deliveries and attempts on the wire.

use carehook_app::{AppError, DeliveryFilter, Faults, Page};
use carehook_core::{
    Attempt, AttemptId, AttemptOutcome, Delivery, DeliveryId, DeliveryState, EndpointId, Reason,
    Timestamp, Trigger,
};
use serde::de::IntoDeserializer as _;
use serde::de::value::{Error, StrDeserializer};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::page::page;

/// One event owed to one endpoint.
#[derive(Serialize, ToSchema)]
#[schema(as = Delivery, example = json!({
    "id": "01991f1e-8e00-7000-8000-000000000002",
    "event_id": "evt_01991f1e8e0070008000000000000001",
    "event_type": "appointment.created",
    "endpoint_id": "01991f1e-8e00-7000-8000-000000000001",
    "state": "delivered",
    "reason": null,
    "attempt_count": 1,
    "sequence": 17,
    "next_attempt_at": null,
    "created_at": "2026-03-16T10:20:00.000Z",
    "completed_at": "2026-03-16T10:20:00.120Z",
    "arrived_at": "2026-03-16T10:20:00.120Z",
}))]
pub(crate) struct DeliveryOut {
    /// Its id.
    #[schema(value_type = String, format = "uuid")]
    id: DeliveryId,
    /// The event.
    event_id: String,
    /// The event's type.
    event_type: String,
    /// The receiver.
    #[schema(value_type = String, format = "uuid")]
    endpoint_id: EndpointId,
    /// `pending`, `delivered`, `failed` or `cancelled`, of the round that was begun last: one that
    /// was delivered and is sent again is `pending`, and has `arrived_at`.
    #[schema(value_type = String, pattern = "^(pending|delivered|failed|cancelled)$")]
    state: DeliveryState,
    /// Why it ended without success: `exhausted`, `endpoint_gone`, `endpoint_deleted`,
    /// `cancelled` or `unreadable`.
    #[schema(value_type = Option<String>, required = true)]
    reason: Option<Reason>,
    /// Attempts made so far.
    attempt_count: u32,
    /// Its place among the deliveries of its endpoint; without gaps, from 1.
    sequence: u64,
    /// When the next attempt is due, while it is pending.
    #[schema(value_type = Option<String>, required = true, format = DateTime)]
    next_attempt_at: Option<Timestamp>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it ended.
    #[schema(value_type = Option<String>, required = true, format = DateTime)]
    completed_at: Option<Timestamp>,
    /// When the receiver took it, the last time that it did. It stays while the delivery is sent
    /// again by a retry or a replay (`pending`), and when that fails.
    #[schema(value_type = Option<String>, required = true, format = DateTime)]
    arrived_at: Option<Timestamp>,
}

impl From<Delivery> for DeliveryOut {
    fn from(delivery: Delivery) -> Self {
        let Delivery {
            id,
            event_id,
            event_type,
            mode: _,
            endpoint_id,
            state,
            reason,
            attempt_count,
            round_start: _,
            sequence,
            next_attempt_at,
            created_at,
            completed_at,
            arrived_at,
        } = delivery;
        Self {
            id,
            event_id: event_id.to_string(),
            event_type: event_type.to_string(),
            endpoint_id,
            state,
            reason,
            attempt_count,
            sequence,
            next_attempt_at,
            created_at,
            completed_at,
            arrived_at,
        }
    }
}

/// A delivery with all of its attempts.
#[derive(Serialize, ToSchema)]
pub(crate) struct DeliveryWithAttempts {
    #[serde(flatten)]
    delivery: DeliveryOut,
    /// Its attempts, oldest first.
    attempts: Vec<AttemptOut>,
}

impl From<(Delivery, Vec<Attempt>)> for DeliveryWithAttempts {
    fn from((delivery, attempts): (Delivery, Vec<Attempt>)) -> Self {
        Self {
            delivery: delivery.into(),
            attempts: attempts.into_iter().map(AttemptOut::from).collect(),
        }
    }
}

/// One HTTP request made for a delivery.
#[derive(Serialize, ToSchema)]
#[schema(as = Attempt, example = json!({
    "id": "01991f1e-8e00-7000-8000-000000000003",
    "number": 1,
    "started_at": "2026-03-16T10:20:00.010Z",
    "duration_ms": 110,
    "outcome": "delivered",
    "status_code": 204,
    "error": null,
    "response_body": null,
    "trigger": "schedule",
}))]
pub(crate) struct AttemptOut {
    /// Its id.
    #[schema(value_type = String, format = "uuid")]
    id: AttemptId,
    /// 1 for the first attempt of the delivery.
    number: u32,
    /// When it started.
    #[schema(value_type = String, format = DateTime)]
    started_at: Timestamp,
    /// How long it took.
    duration_ms: u64,
    /// `delivered`, `rejected`, `timed_out`, `unreachable` or `blocked`.
    #[schema(value_type = String,
        pattern = "^(delivered|rejected|timed_out|unreachable|blocked)$")]
    outcome: AttemptOutcome,
    /// The receiver's status, if it answered.
    #[schema(required = true)]
    status_code: Option<u16>,
    /// What went wrong, in plain words.
    #[schema(required = true)]
    error: Option<String>,
    /// The beginning of the receiver's answer; hostile text.
    #[schema(required = true)]
    response_body: Option<String>,
    /// `schedule`, `manual`, `replay` or `test`.
    #[schema(value_type = String, pattern = "^(schedule|manual|replay|test)$")]
    trigger: Trigger,
}

impl From<Attempt> for AttemptOut {
    fn from(attempt: Attempt) -> Self {
        let Attempt {
            id,
            number,
            started_at,
            duration,
            outcome,
            status,
            error,
            answer,
            trigger,
        } = attempt;
        let text = || String::from_utf8_lossy(&answer).into_owned();
        Self {
            id,
            number,
            started_at,
            duration_ms: duration.as_millis().try_into().unwrap_or(u64::MAX),
            outcome,
            status_code: status,
            error,
            response_body: (!answer.is_empty()).then(text),
            trigger,
        }
    }
}

/// Which deliveries are wanted.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DeliveriesQuery {
    /// To this endpoint.
    endpoint_id: Option<String>,
    /// Of this event.
    event_id: Option<String>,
    /// Of events of this type.
    event_type: Option<String>,
    /// In this state: `pending`, `delivered`, `failed` or `cancelled`.
    state: Option<String>,
    /// Made at this time or later.
    #[param(format = DateTime)]
    since: Option<String>,
    /// Made before this time.
    #[param(format = DateTime)]
    until: Option<String>,
    /// Entries at most.
    #[param(value_type = Option<u8>, minimum = 1, maximum = 100, default = 20)]
    limit: Option<String>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
}

impl TryFrom<DeliveriesQuery> for (DeliveryFilter, Page) {
    type Error = AppError;

    fn try_from(query: DeliveriesQuery) -> Result<Self, AppError> {
        let DeliveriesQuery {
            endpoint_id,
            event_id,
            event_type,
            state,
            since,
            until,
            limit,
            cursor,
        } = query;
        let mut faults = Faults::default();
        let endpoint = endpoint_id.as_deref().map(str::parse);
        let event = event_id.as_deref().map(str::parse);
        let event_type = event_type.as_deref().map(str::parse);
        let filter = DeliveryFilter {
            endpoint: faults.take_optional("/endpoint_id", endpoint),
            event: faults.take_optional("/event_id", event),
            state: faults.take_optional("/state", state.as_deref().map(state_of)),
            event_type: faults.take_optional("/event_type", event_type),
            mode: None,
            since: faults.take_optional("/since", since.as_deref().map(str::parse)),
            until: faults.take_optional("/until", until.as_deref().map(str::parse)),
        };
        let page = page(limit.as_deref(), cursor, &mut faults);
        faults.finish(Some((filter, page)))
    }
}

fn state_of(text: &str) -> Result<DeliveryState, &'static str> {
    let text: StrDeserializer<'_, Error> = text.into_deserializer();
    let reason = "must be `pending`, `delivered`, `failed` or `cancelled`";
    DeliveryState::deserialize(text).map_err(|_| reason)
}
