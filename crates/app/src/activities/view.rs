//! An activity as callers see it: the same fields whoever made it.

use std::sync::Arc;

use carehook_core::{
    Attempt, AttemptOutcome, Catalogue, Delivery, Endpoint, Event, EventType, EventTypeDefinition,
    JsonText, Message, PayloadLinks, PayloadMode, Timestamp,
};
use carehook_store::{Activity, ActivityId, ActivityOrigin, Report, ReportedOutcome};

use crate::OrganizationAccess;

/// What a receiver answered.
#[derive(Clone)]
pub enum Answered {
    /// The beginning of its answer, as we got it.
    Text(String),
    /// What the sender reported: any JSON value.
    Json(JsonText),
}

/// A try to bring an event to an endpoint.
#[derive(Clone)]
pub struct ActivityView {
    /// Its id.
    pub id: ActivityId,
    /// Whether another sender reported it.
    pub is_report: bool,
    /// When it was posted; `None` before.
    pub posted_at: Option<Timestamp>,
    /// The receiver's HTTP status.
    pub status: Option<u16>,
    /// What was posted; `None` when it can no longer be read.
    pub payload: Option<JsonText>,
    /// The sender's own record of it, when it was reported.
    pub raw_message: Option<JsonText>,
    /// The endpoint.
    pub endpoint: Arc<Endpoint>,
    /// The kind of event.
    pub event_type: EventType,
    /// The same in the catalogue, if it is still there.
    pub definition: Option<Arc<EventTypeDefinition>>,
    /// The version of the payload.
    pub version: Option<Box<str>>,
    /// The activity that it retries.
    pub retry_of: Option<ActivityId>,
    /// When the next try of the same delivery is due.
    pub next_retry_at: Option<Timestamp>,
    /// What the receiver answered.
    pub answered: Option<Answered>,
    /// What went wrong.
    pub error: Option<String>,
    /// Whether the receiver took it; `None` while that is not known.
    pub success: Option<bool>,
    /// When it began.
    pub created_at: Timestamp,
    /// Who reported it.
    pub created_by: Option<Box<str>>,
    /// When it was last added to.
    pub updated_at: Timestamp,
    /// Who reported its outcome.
    pub updated_by: Option<Box<str>>,
}

impl ActivityView {
    pub(super) fn of(
        activity: Activity,
        (endpoint, catalogue, links): (&Arc<Endpoint>, &Catalogue, &PayloadLinks),
    ) -> Self {
        let Activity {
            id,
            event_type,
            created_at,
            retry_of,
            origin,
        } = activity;
        let definition = catalogue.event_type(&event_type).cloned().map(Arc::new);
        let blank = Self {
            id,
            is_report: false,
            posted_at: None,
            status: None,
            payload: None,
            raw_message: None,
            endpoint: Arc::clone(endpoint),
            event_type,
            definition,
            version: None,
            retry_of,
            next_retry_at: None,
            answered: None,
            error: None,
            success: None,
            created_at,
            created_by: None,
            updated_at: created_at,
            updated_by: None,
        };
        match origin {
            ActivityOrigin::Attempt {
                delivery,
                attempt,
                event,
            } => {
                let payload = event.as_deref().map(|event| {
                    let made = attempt.as_ref().map(|attempt| attempt.number);
                    let number = made.unwrap_or_else(|| delivery.attempt_count.saturating_add(1));
                    let sent_at = endpoint.sent_at(event, (number, blank.created_at));
                    let place = (delivery.sequence, sent_at);
                    let link = links.of_attempt(endpoint, event, place);
                    let says = (endpoint.payload, link.as_deref());
                    rendered(endpoint, event, place, says)
                });
                let version = event.map(|event| event.version.clone());
                let blank = Self {
                    payload,
                    version,
                    ..blank
                };
                blank.with_attempt(&delivery, attempt.map(|attempt| *attempt))
            }
            ActivityOrigin::Report { report, outcome } => {
                blank.with_report(*report, outcome.map(|outcome| *outcome))
            }
        }
    }

    /// Without what is in it, for those who may not see payloads.
    pub(super) fn shown_to(mut self, access: &OrganizationAccess) -> Self {
        if !access.sees_payload_of(&self.event_type) {
            self.payload = None;
            self.raw_message = None;
            self.answered = None;
        }
        self
    }

    fn with_attempt(mut self, delivery: &Delivery, attempt: Option<Attempt>) -> Self {
        let Some(attempt) = attempt else {
            self.next_retry_at = delivery.next_attempt_at;
            return self;
        };
        let is_last = attempt.number == delivery.attempt_count;
        self.next_retry_at = delivery.next_attempt_at.filter(|_| is_last);
        self.posted_at = Some(attempt.started_at);
        self.status = attempt.status;
        self.success = Some(attempt.outcome == AttemptOutcome::Delivered);
        self.updated_at = attempt.started_at.plus(attempt.duration);
        self.error = attempt.error;
        // The beginning of an answer may end within a character.
        let text = String::from_utf8_lossy(&attempt.answer).into_owned();
        self.answered = (!text.is_empty()).then_some(Answered::Text(text));
        self
    }

    fn with_report(mut self, report: Report, outcome: Option<ReportedOutcome>) -> Self {
        let Report {
            endpoint: _,
            event_type: _,
            posted_at,
            payload,
            raw_message,
            reported_by,
            retry_of: _,
        } = report;
        self.is_report = true;
        self.posted_at = posted_at;
        self.payload = Some(payload);
        self.raw_message = Some(raw_message);
        self.updated_by = Some(reported_by.clone());
        self.created_by = Some(reported_by);
        if let Some(outcome) = outcome {
            let ReportedOutcome {
                success,
                status,
                error,
                answer,
                at,
                reported_by,
            } = outcome;
            self.success = Some(success);
            self.status = status;
            self.error = error.map(Into::into);
            self.answered = answer.map(Answered::Json);
            self.updated_at = at;
            self.updated_by = Some(reported_by);
        }
        self
    }
}

/// The body of an attempt with this sequence and this time in it, as it was sent.
pub(crate) fn rendered(
    endpoint: &Endpoint,
    event: &Event,
    (sequence, sent_at): (u64, Timestamp),
    (payload, link): (PayloadMode, Option<&str>),
) -> JsonText {
    let message = Message {
        event,
        name: &endpoint.wire_name(&event.event_type),
        sequence,
        sent_at,
        payload,
        link,
    };
    JsonText::from_stored(endpoint.dialect.render_body(&message))
}
