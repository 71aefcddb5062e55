//! What callers say about activities: reports, outcomes, and which of them they want to see.

use carehook_app::{ActivityFilter, ActivityStatus, AppError, Faults, NewOutcome, NewReport};
use serde::Deserialize;
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};

use super::ActivityPart;
use super::lenient::{Truth, Whole, time};
use crate::ecg::lists::Paging;

/// A try of another sender, to be noted.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(as = CreateWebhookActivity, example = json!({
    "type": 1,
    "payload": {},
    "rawMessage": {},
    "eventId": "7b05a9be-1c08-415e-b9ef-2f41bc38b115",
    "postedAt": "2022-08-18T10:03:03.750Z",
}))]
pub(crate) struct ActivityIn {
    /// 1: this server notes its own tries by itself.
    #[serde(rename = "type")]
    #[schema(value_type = u8)]
    kind: Option<Box<RawValue>>,
    /// What was posted.
    #[schema(value_type = Object)]
    payload: Option<Box<RawValue>>,
    /// The sender's own record of it.
    #[schema(value_type = Object)]
    raw_message: Option<Box<RawValue>>,
    /// The id or the code of the event.
    #[schema(value_type = String)]
    event_id: Option<String>,
    /// The activity that it retries.
    #[schema(format = "uuid")]
    retrying_from_post_id: Option<String>,
    /// When it was posted, if it was already.
    #[schema(format = "date-time")]
    posted_at: Option<String>,
}

impl ActivityIn {
    /// The report in the words of the use case.
    pub(crate) fn report(&self) -> Result<NewReport<'_>, AppError> {
        let Self {
            kind,
            payload,
            raw_message,
            event_id,
            retrying_from_post_id,
            posted_at,
        } = self;
        let mut faults = Faults::default();
        match faults.require("/activity_type", kind.as_deref().map(RawValue::get)) {
            None | Some("1" | "\"1\"") => {}
            Some(_) => faults.add(
                "/activity_type",
                "must be 1: what this server sends it notes by itself",
            ),
        }
        let payload = faults.require("/payload", payload.as_deref());
        let raw_message = faults.require("/raw_message", raw_message.as_deref());
        let event = faults.require("/event_id", event_id.as_deref());
        let posted_at = posted_at.as_deref().and_then(time);
        let posted_at = faults.take_optional("/postedAt", posted_at);
        let parts = payload.zip(raw_message).zip(event);
        let ((payload, raw_message), event) = faults.finish(parts)?;
        Ok(NewReport {
            event,
            payload,
            raw_message,
            retry_of: retrying_from_post_id.as_deref(),
            posted_at,
        })
    }
}

/// How a reported try came out.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(as = WebhookActivityOutcome, example = json!({
    "originalActivityId": "1eea45e8-3b23-4a23-9b91-323d095c2dd9",
    "success": true,
    "httpStatusCode": 200,
    "error": "",
    "rawResponse": {"vitals": 100},
}))]
pub(crate) struct OutcomeIn {
    /// The activity that was tried first.
    #[schema(value_type = String, format = "uuid")]
    original_activity_id: Option<String>,
    /// Whether the receiver took it; also as text.
    #[schema(value_type = bool)]
    success: Option<Truth>,
    /// The receiver's HTTP status; also as text.
    #[schema(value_type = u16)]
    http_status_code: Option<Whole>,
    /// What went wrong; empty for nothing, and then null is taken as well.
    #[schema(value_type = Option<String>)]
    error: Option<String>,
    /// What the receiver answered: any JSON value.
    #[schema(value_type = serde_json::Value, required = true)]
    raw_response: Option<Box<RawValue>>,
}

impl OutcomeIn {
    /// The outcome in the words of the use case.
    pub(crate) fn outcome(&self) -> Result<NewOutcome<'_>, AppError> {
        let Self {
            original_activity_id,
            success,
            http_status_code,
            error,
            raw_response,
        } = self;
        let mut faults = Faults::default();
        let original = original_activity_id.as_deref();
        let original = faults.require("/original_activity_id", original);
        let success = faults.require("/success", *success);
        let status = faults.require("/http_status_code", *http_status_code);
        let status = status.map(|Whole(status)| u16::try_from(status).unwrap_or(0));
        // What went well has no error, and some senders say so by null.
        let error = match success {
            Some(Truth(true)) => error.as_deref().or(Some("")),
            Some(Truth(false)) | None => faults.require("/error", error.as_deref()),
        };
        let answer = faults.require("/rawResponse", raw_response.as_deref());
        let Truth(success) = faults.finish(success)?;
        Ok(NewOutcome {
            original,
            success,
            status,
            error,
            answer,
        })
    }
}

/// Which activities are wanted, and with what.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ActivitiesQuery {
    /// `subscription`, `event`, or both.
    #[param(value_type = Option<Vec<String>>)]
    include: Option<String>,
    /// `all`, `succeeded` or `failed`.
    #[param(pattern = "^(all|succeeded|failed)$", default = "all")]
    status: Option<String>,
    /// `ASC` or `DESC`, by creation.
    #[param(pattern = "^(ASC|DESC)$", default = "ASC")]
    order_by: Option<String>,
    /// Leaves out the first so many.
    #[param(value_type = Option<u64>, default = 0)]
    skip: Option<String>,
    /// At most so many.
    #[param(value_type = Option<u8>, minimum = 1, maximum = 100, default = 10)]
    take: Option<String>,
    /// Those of this event: its id or its code.
    #[serde(rename = "eventId")]
    #[param(rename = "eventId")]
    event_id: Option<String>,
}

impl ActivitiesQuery {
    /// The filter, and what the entries are shown with.
    pub(crate) fn read(self) -> Result<(ActivityFilter, Vec<ActivityPart>), AppError> {
        let Self {
            include,
            status,
            order_by,
            skip,
            take,
            event_id,
        } = self;
        let mut faults = Faults::default();
        let parts = faults.take_optional("/include", include.as_deref().map(included));
        let texts = [order_by, skip, take, status];
        // A client that shows its default sends it as a word.
        let event = event_id.filter(|id| id != "null" && !id.is_empty());
        let filter = filter(texts, event, &mut faults);
        faults.check()?;
        Ok((filter, parts.unwrap_or_default()))
    }
}

/// Which activations are wanted.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ActivationsQuery {
    /// `ASC` or `DESC`, by creation.
    #[param(pattern = "^(ASC|DESC)$", default = "ASC")]
    order_by: Option<String>,
    /// Leaves out the first so many.
    #[param(value_type = Option<u64>, default = 0)]
    skip: Option<String>,
    /// At most so many.
    #[param(value_type = Option<u8>, minimum = 1, maximum = 100, default = 10)]
    take: Option<String>,
    /// `all`, `succeeded` or `failed`.
    #[param(pattern = "^(all|succeeded|failed)$", default = "all")]
    status: Option<String>,
}

impl TryFrom<ActivationsQuery> for ActivityFilter {
    type Error = AppError;

    fn try_from(query: ActivationsQuery) -> Result<Self, AppError> {
        let ActivationsQuery {
            order_by,
            skip,
            take,
            status,
        } = query;
        let mut faults = Faults::default();
        let filter = filter([order_by, skip, take, status], None, &mut faults);
        faults.check()?;
        Ok(filter)
    }
}

fn filter(
    [order_by, skip, take, status]: [Option<String>; 4],
    event: Option<String>,
    faults: &mut Faults,
) -> ActivityFilter {
    let paging = Paging::read(
        order_by.as_deref(),
        skip.as_deref(),
        take.as_deref(),
        faults,
    );
    let status = faults.take_optional("/status", status.as_deref().map(status_of));
    let Paging { order, skip, take } = paging;
    ActivityFilter {
        status: status.unwrap_or_default(),
        event,
        order,
        skip,
        take,
    }
}

fn status_of(text: &str) -> Result<ActivityStatus, &'static str> {
    match text {
        "all" => Ok(ActivityStatus::All),
        "succeeded" => Ok(ActivityStatus::Succeeded),
        "failed" => Ok(ActivityStatus::Failed),
        _ => Err("must be one of the following values: all, succeeded, failed"),
    }
}

fn included(text: &str) -> Result<Vec<ActivityPart>, &'static str> {
    let parts = text.split(',').filter(|part| !part.is_empty());
    let parts = parts.map(|part| match part {
        "subscription" => Ok(ActivityPart::Subscription),
        "event" => Ok(ActivityPart::Event),
        _ => Err("must be of the following values: subscription, event"),
    });
    parts.collect()
}
