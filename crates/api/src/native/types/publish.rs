//! Events on the wire, as they are published: parsed once, their payload left as it was spelled.

use std::borrow::Cow;
use std::fmt;

use carehook_app::{AppError, Faults, Publication, Published};
use carehook_core::{Limits, Mode, Timestamp};
use serde::de::{IgnoredAny, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::extract::{self, RequestError};
use crate::native::errors::{FieldProblem, Problem, ProblemBody};

/// A text that is borrowed from the request unless it has escapes.
#[derive(Deserialize)]
#[serde(transparent)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// An event to publish.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewEvent, example = json!({
    "type": "appointment.created",
    "data": {"id": "a-1", "patient_id": "patient-17"},
    "id": "booking-4711-created",
    "subject": "patient-17",
}))]
pub(crate) struct EventIn<'a> {
    /// An event type of the catalogue.
    #[serde(rename = "type", borrow)]
    #[schema(value_type = String, max_length = 128)]
    event_type: Option<Text<'a>>,
    /// The payload: a JSON object, delivered as it is spelled.
    #[serde(borrow)]
    #[schema(value_type = Object)]
    data: Option<&'a RawValue>,
    /// The changed fields as they were before.
    #[serde(borrow)]
    #[schema(value_type = Option<Object>)]
    previous: Option<&'a RawValue>,
    /// The publisher's own id; the same id within 24 hours is the same event.
    #[serde(borrow)]
    #[schema(value_type = Option<String>, max_length = 128)]
    id: Option<Text<'a>>,
    /// The version of the payload; the first one of the event type unless given.
    #[serde(borrow)]
    #[schema(value_type = Option<String>)]
    version: Option<Text<'a>>,
    /// `live` or `test`: that of the key unless given, and `live` for a key without one.
    #[schema(value_type = Option<String>, pattern = "^(live|test)$")]
    mode: Option<Mode>,
    /// The account that the event belongs to.
    #[serde(borrow)]
    #[schema(value_type = Option<String>, max_length = 64)]
    account: Option<Text<'a>>,
    /// Whom it is about, in the publisher's words.
    #[serde(borrow)]
    #[schema(value_type = Option<String>, max_length = 256)]
    subject: Option<Text<'a>>,
    /// Which events keep their order among themselves.
    #[serde(borrow)]
    #[schema(value_type = Option<String>, max_length = 256)]
    ordering_key: Option<Text<'a>>,
    /// When it happened.
    #[serde(borrow)]
    #[schema(value_type = Option<String>, format = DateTime)]
    occurred_at: Option<Text<'a>>,
}

impl<'a> EventIn<'a> {
    /// Reads the body of a publish.
    pub(crate) fn parse(body: &'a [u8]) -> Result<Publication<'a>, RequestError> {
        let event: Self = extract::parse(body)?;
        Ok(event.try_into()?)
    }
}

impl<'a> TryFrom<EventIn<'a>> for Publication<'a> {
    type Error = AppError;

    fn try_from(body: EventIn<'a>) -> Result<Self, AppError> {
        let EventIn {
            event_type,
            data,
            previous,
            id,
            version,
            mode,
            account,
            subject,
            ordering_key,
            occurred_at,
        } = body;
        let mut faults = Faults::default();
        let event_type = faults.require("/type", event_type);
        let data = faults.require("/data", data);
        let occurred_at: Option<Timestamp> =
            faults.take_optional("/occurred_at", occurred_at.map(|text| text.0.parse()));
        let (Text(event_type), data) = faults.finish(event_type.zip(data))?;
        let text = |Text(text): Text<'a>| text;
        Ok(Self {
            event_type,
            data,
            previous,
            id: id.map(text),
            version: version.map(text),
            mode,
            account: account.map(text),
            subject: subject.map(text),
            ordering_key: ordering_key.map(text),
            occurred_at,
        })
    }
}

/// Events to publish, each on its own.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewEvents)]
pub(crate) struct BatchIn<'a> {
    /// Up to 1,000 events.
    #[serde(borrow)]
    #[schema(value_type = Vec<EventIn<'_>>, max_items = 1000)]
    events: Option<Items<'a>>,
}

impl<'a> BatchIn<'a> {
    /// Reads the body of a batch; an event that cannot be read hinders no other.
    pub(crate) fn parse(
        body: &'a [u8],
    ) -> Result<Vec<Result<Publication<'a>, AppError>>, RequestError> {
        let Self { events } = extract::parse(body)?;
        let mut faults = Faults::default();
        let events = faults.require("/events", events);
        let Items(events) = faults.finish(events)?;
        Ok(events.into_iter().map(item).collect())
    }
}

fn item(raw: &RawValue) -> Result<Publication<'_>, AppError> {
    let text = raw.get();
    if text.len() > Limits::BODY_BYTES {
        let reason = format!("the event has more than {} bytes", Limits::BODY_BYTES);
        return Err(AppError::TooLarge { reason });
    }
    match EventIn::parse(text.as_bytes()) {
        Ok(publication) => Ok(publication),
        Err(RequestError::App(error)) => Err(error),
        Err(_) => Err(AppError::invalid("", "cannot be read as an event")),
    }
}

/// The events of a batch: never many more than are accepted, however many were sent.
struct Items<'a>(Vec<&'a RawValue>);

impl<'de: 'a, 'a> Deserialize<'de> for Items<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(ItemsVisitor)
    }
}

struct ItemsVisitor;

impl<'de> Visitor<'de> for ItemsVisitor {
    type Value = Items<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of events")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Items<'de>, A::Error> {
        let mut kept = Vec::new();
        // One more than is accepted shows that there are too many.
        while kept.len() <= Limits::BATCH_EVENTS {
            match items.next_element()? {
                Some(item) => kept.push(item),
                None => return Ok(Items(kept)),
            }
        }
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Items(kept))
    }
}

/// An event that is on disk.
#[derive(Serialize, ToSchema)]
#[schema(as = Published, example = json!({
    "id": "evt_01991f1e8e0070008000000000000001",
    "deliveries": 2,
    "created_at": "2026-03-16T10:20:00.000Z",
}))]
pub(crate) struct PublishedOut {
    /// Its id; the same on every attempt of every delivery.
    id: String,
    /// How many endpoints it is owed to.
    deliveries: usize,
    /// When it was accepted (the first time).
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// In a batch: true when it had been accepted before; then nothing was stored this time.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    duplicate: bool,
    /// What of the data does not fit the schema of its type, when the organization wants to be
    /// warned.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    warnings: Vec<FieldProblem>,
}

impl From<Published> for PublishedOut {
    fn from(published: Published) -> Self {
        let Published {
            id,
            deliveries,
            created_at,
            duplicate,
            warnings,
        } = published;
        Self {
            id: id.to_string(),
            deliveries,
            created_at,
            duplicate,
            warnings: warnings.into_iter().map(FieldProblem::from).collect(),
        }
    }
}

/// What became of the events of a batch.
#[derive(Serialize, ToSchema)]
#[schema(as = PublishedEvents)]
pub(crate) struct BatchOut {
    /// One result for each event, in their order.
    results: Vec<BatchResult>,
}

/// What became of one event of a batch.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
enum BatchResult {
    /// It is on disk.
    Published(PublishedOut),
    /// It was refused.
    Refused {
        /// Why; pointers lead into the body of the batch.
        error: ProblemBody,
    },
}

/// The result of an event of a batch; its pointers lead into the body of the batch.
fn item_out(index: usize, published: Published) -> PublishedOut {
    let mut out = PublishedOut::from(published);
    for warning in &mut out.warnings {
        warning.put_below(&format!("/events/{index}"));
    }
    out
}

impl From<Vec<Result<Published, AppError>>> for BatchOut {
    fn from(results: Vec<Result<Published, AppError>>) -> Self {
        let results = results
            .into_iter()
            .enumerate()
            .map(|(index, result)| match result {
                Ok(published) => BatchResult::Published(item_out(index, published)),
                Err(error) => BatchResult::Refused {
                    error: Problem::from(error)
                        .below(&format!("/events/{index}"))
                        .into_body(),
                },
            });
        Self {
            results: results.collect(),
        }
    }
}
