//! What other senders report: a try of their own, and later how it came out.

use carehook_core::{
    Catalogue, EndpointId, EventTypeDefinition, EventTypeId, JsonText, Scope, Timestamp,
};
use carehook_store::{Report, ReportedOutcome};
use serde_json::value::RawValue;

use super::{ActivityId, ActivityView};
use crate::publish::known_type;
use crate::{App, AppError, Faults, OrganizationAccess};

/// A try that another sender reports.
#[derive(Clone, Copy)]
pub struct NewReport<'a> {
    /// The kind of event: the code of an event type, or its id.
    pub event: &'a str,
    /// What was posted.
    pub payload: &'a RawValue,
    /// The sender's own record of it.
    pub raw_message: &'a RawValue,
    /// The activity that it retries.
    pub retry_of: Option<&'a str>,
    /// When it was posted, if it was already.
    pub posted_at: Option<Timestamp>,
}

/// How a reported try came out.
#[derive(Clone, Copy)]
pub struct NewOutcome<'a> {
    /// The activity that was tried first; the reported one, or one that it retries.
    pub original: Option<&'a str>,
    /// Whether the receiver took it.
    pub success: bool,
    /// The receiver's HTTP status.
    pub status: Option<u16>,
    /// What went wrong.
    pub error: Option<&'a str>,
    /// What the receiver answered: any JSON value.
    pub answer: Option<&'a RawValue>,
}

const ERROR_CHARS: usize = 4_096;

impl App {
    /// Stores a try that another sender reports; nothing is sent.
    pub async fn report_activity(
        &self,
        access: &OrganizationAccess,
        endpoint: EndpointId,
        new: NewReport<'_>,
    ) -> Result<ActivityView, AppError> {
        access.require(Scope::Manage)?;
        let endpoint = self.endpoint(access, endpoint)?.id;
        let NewReport {
            event,
            payload,
            raw_message,
            retry_of,
            posted_at,
        } = new;
        let catalogue = self.store().catalogue();
        let mut faults = Faults::default();
        let definition = faults.take("/event_id", known_event(event, &catalogue));
        let payload = faults.take("/payload", JsonText::object(payload));
        let raw_message = faults.take("/raw_message", JsonText::object(raw_message));
        let retry_of = self.original(access, endpoint, ("/retry_of", retry_of), &mut faults);
        let retry_of = retry_of.await?;
        let parts = definition.zip(payload).zip(raw_message);
        let ((definition, payload), raw_message) = faults.finish(parts)?;
        let report = Report {
            endpoint,
            event_type: definition.code.clone(),
            posted_at,
            payload,
            raw_message,
            reported_by: (*access.name()).into(),
            retry_of,
        };
        let organization = access.organization();
        let id = self.store().report(organization, report).await?;
        Ok(self.found(access, endpoint, id).await?.shown_to(access))
    }

    /// Says how a reported try came out; only once.
    pub async fn complete_activity(
        &self,
        access: &OrganizationAccess,
        (endpoint, id): (EndpointId, ActivityId),
        new: NewOutcome<'_>,
    ) -> Result<ActivityView, AppError> {
        access.require(Scope::Manage)?;
        self.found(access, endpoint, id).await?;
        let NewOutcome {
            original,
            success,
            status,
            error,
            answer,
        } = new;
        let mut faults = Faults::default();
        let original = ("/original_activity_id", original);
        self.original(access, endpoint, original, &mut faults)
            .await?;
        if status.is_some_and(|status| !(100..=599).contains(&status)) {
            faults.add("/http_status_code", "must be an HTTP status: 100 to 599");
        }
        if error.is_some_and(|error| error.chars().count() > ERROR_CHARS) {
            let reason = format!("must have at most {ERROR_CHARS} characters");
            faults.add("/error", reason);
        }
        faults.check()?;
        let outcome = ReportedOutcome {
            success,
            status,
            // A sender without an error says so by an empty text.
            error: error.filter(|error| !error.is_empty()).map(Into::into),
            answer: answer.map(as_text),
            at: self.now(),
            reported_by: (*access.name()).into(),
        };
        let organization = access.organization();
        self.store()
            .complete_report(organization, endpoint, id, outcome)
            .await?;
        self.shown(access, endpoint, id).await
    }

    /// Looks up the activity that another one refers to.
    pub(crate) async fn original(
        &self,
        access: &OrganizationAccess,
        endpoint: EndpointId,
        (pointer, text): (&str, Option<&str>),
        faults: &mut Faults,
    ) -> Result<Option<ActivityId>, AppError> {
        let Some(text) = text else { return Ok(None) };
        let found = match text.parse() {
            Ok(id) => {
                let organization = access.organization();
                let found = self.store().activity(organization, endpoint, id).await?;
                found.map(|activity| activity.id)
            }
            Err(_) => None,
        };
        if found.is_none() {
            faults.add(pointer, "is not an activity of this endpoint");
        }
        Ok(found)
    }
}

/// The event type with this code or id.
pub(crate) fn known_event<'a>(
    text: &str,
    catalogue: &'a Catalogue,
) -> Result<&'a EventTypeDefinition, String> {
    let by_id = text.parse::<EventTypeId>().ok();
    let by_id = by_id.and_then(|id| catalogue.event_type_by_id(id));
    by_id.map_or_else(|| known_type(text, catalogue), Ok)
}

/// A JSON value of any kind, as it was spelled.
fn as_text(raw: &RawValue) -> JsonText {
    JsonText::object(raw).unwrap_or_else(|_| JsonText::from_stored(raw.get().to_owned().into()))
}
