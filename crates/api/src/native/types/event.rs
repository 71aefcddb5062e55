//! Events on the wire, as they are read.

use std::sync::Arc;

use carehook_app::{AppError, EventFilter, Faults, Page};
use carehook_core::{Event, EventBody, JsonText, Mode, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};

use super::page::page;

/// One thing that happened.
#[derive(Serialize, ToSchema)]
#[schema(as = Event, example = json!({
    "id": "evt_01991f1e8e0070008000000000000001",
    "type": "appointment.created",
    "version": "v1",
    "mode": "live",
    "account": null,
    "subject": "patient-17",
    "ordering_key": null,
    "occurred_at": null,
    "created_at": "2026-03-16T10:20:00.000Z",
    "data": {"id": "a-1", "patient_id": "patient-17"},
    "previous": null,
}))]
pub(crate) struct EventOut {
    /// Its id.
    id: String,
    /// Its type.
    #[serde(rename = "type")]
    event_type: String,
    /// The version of its payload.
    version: String,
    /// `live` or `test`.
    mode: &'static str,
    /// The account it belongs to.
    #[schema(required = true)]
    account: Option<String>,
    /// Whom it is about.
    #[schema(required = true)]
    subject: Option<String>,
    /// Which events keep their order among themselves.
    #[schema(required = true)]
    ordering_key: Option<String>,
    /// When it happened.
    #[schema(value_type = Option<String>, required = true, format = DateTime)]
    occurred_at: Option<Timestamp>,
    /// When it was accepted.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// Its payload, as it was spelled; null when its retention is over or it was erased.
    #[schema(value_type = Option<Object>, required = true)]
    data: Arc<RawValue>,
    /// The changed fields as they were before.
    #[schema(value_type = Option<Object>, required = true)]
    previous: Option<Arc<RawValue>>,
}

impl TryFrom<Event> for EventOut {
    type Error = AppError;

    fn try_from(event: Event) -> Result<Self, AppError> {
        let Event {
            id,
            organization: _,
            event_type,
            version,
            mode,
            account,
            occurred_at,
            created_at,
            body,
        } = event;
        let EventBody {
            data,
            previous,
            subject,
            ordering_key,
        } = body;
        Ok(Self {
            id: id.to_string(),
            event_type: event_type.to_string(),
            version: version.into(),
            mode: mode.as_str(),
            account: account.map(|account| account.to_string()),
            subject: subject.map(Into::into),
            ordering_key: ordering_key.map(Into::into),
            occurred_at,
            created_at,
            data: raw(&data)?,
            previous: previous.as_ref().map(raw).transpose()?,
        })
    }
}

/// A payload as a part of an answer.
pub(super) fn raw(text: &JsonText) -> Result<Arc<RawValue>, AppError> {
    text.to_raw()
        .map_err(|error| AppError::Internal(error.into()))
}

/// Which events are wanted.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct EventsQuery {
    /// Of this type.
    #[serde(rename = "type")]
    event_type: Option<String>,
    /// Of this mode: `live` or `test`.
    mode: Option<String>,
    /// Accepted at this time or later.
    #[param(format = DateTime)]
    since: Option<String>,
    /// Accepted before this time.
    #[param(format = DateTime)]
    until: Option<String>,
    /// Entries at most.
    #[param(value_type = Option<u8>, minimum = 1, maximum = 100, default = 20)]
    limit: Option<String>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
}

impl TryFrom<EventsQuery> for (EventFilter, Page) {
    type Error = AppError;

    fn try_from(query: EventsQuery) -> Result<Self, AppError> {
        let EventsQuery {
            event_type,
            mode,
            since,
            until,
            limit,
            cursor,
        } = query;
        let mut faults = Faults::default();
        let event_type = event_type.as_deref().map(str::parse);
        let filter = EventFilter {
            event_type: faults.take_optional("/type", event_type),
            mode: faults.take_optional("/mode", mode.as_deref().map(mode_of)),
            since: faults.take_optional("/since", since.as_deref().map(str::parse)),
            until: faults.take_optional("/until", until.as_deref().map(str::parse)),
        };
        let page = page(limit.as_deref(), cursor, &mut faults);
        faults.finish(Some((filter, page)))
    }
}

fn mode_of(text: &str) -> Result<Mode, &'static str> {
    [Mode::Live, Mode::Test]
        .into_iter()
        .find(|mode| mode.as_str() == text)
        .ok_or("must be `live` or `test`")
}
