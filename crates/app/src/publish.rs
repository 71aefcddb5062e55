//! Publishing: an event is checked, its receivers are chosen, and all of it is stored in one step.
//!
//! This is the hot path: the payload stays the bytes that came in, nothing is looked up that is
//! not in memory, and the only wait is for the store's commit.

use std::borrow::Cow;
use std::sync::Arc;

use carehook_core::{
    AccountId, Catalogue, Event, EventBody, EventId, EventType, EventTypeDefinition, JsonText,
    Limits, Mode, Scope, Timestamp, Trigger,
};
use carehook_store::{Accepted, NewEvent};
use serde_json::value::RawValue;

use crate::{App, AppError, Faults, FieldFault, IdempotencyKey, OrganizationAccess};

/// An event as a publisher wrote it; texts without escapes are borrowed from the request.
#[derive(Clone)]
pub struct Publication<'a> {
    /// Its type.
    pub event_type: Cow<'a, str>,
    /// Its payload.
    pub data: &'a RawValue,
    /// The changed fields as they were before.
    pub previous: Option<&'a RawValue>,
    /// The publisher's id of it.
    pub id: Option<Cow<'a, str>>,
    /// The version of its payload's form.
    pub version: Option<Cow<'a, str>>,
    /// Live or test; the caller's own when nothing is said, and live for those who see both.
    pub mode: Option<Mode>,
    /// The part of the organization it belongs to.
    pub account: Option<Cow<'a, str>>,
    /// Whom it is about.
    pub subject: Option<Cow<'a, str>>,
    /// Which events must keep their order among themselves.
    pub ordering_key: Option<Cow<'a, str>>,
    /// When it happened.
    pub occurred_at: Option<Timestamp>,
}

/// An event that is on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// Its id.
    pub id: EventId,
    /// How many endpoints it is owed to.
    pub deliveries: usize,
    /// When it was accepted (the first time).
    pub created_at: Timestamp,
    /// Whether it had been accepted before; nothing was stored this time.
    pub duplicate: bool,
    /// What does not fit the schema of its type, when its organization wants to be warned.
    pub warnings: Vec<FieldFault>,
}

/// Most characters of a subject.
pub(crate) const SUBJECT_CHARS: usize = 256;
const ORDERING_KEY_CHARS: usize = 256;

impl App {
    /// Stores one event with its deliveries; `Ok` means that it is on disk.
    pub async fn publish(
        &self,
        access: &OrganizationAccess,
        publication: Publication<'_>,
        key: Option<&IdempotencyKey>,
    ) -> Result<Published, AppError> {
        access.require(Scope::Publish)?;
        self.count_events(access, 1)?;
        let catalogue = self.store().catalogue();
        let (mut new, warnings) = self.prepared(access, &publication, &catalogue, self.now())?;
        new.idempotency_key = key.map(|key| key.as_str().into());
        let published = self.accepted(vec![new]).await.remove(0)?;
        Ok(Published {
            warnings,
            ..published
        })
    }

    /// Stores events, each on its own: one that is not acceptable does not hinder the others.
    ///
    /// An event that could not even be read is passed as its error, which becomes its result.
    ///
    /// # Errors
    /// Too many events, more than the organization's limit allows now, or a fault of ours because of
    /// which none was stored.
    pub async fn publish_batch(
        &self,
        access: &OrganizationAccess,
        publications: Vec<Result<Publication<'_>, AppError>>,
        key: Option<&IdempotencyKey>,
    ) -> Result<Vec<Result<Published, AppError>>, AppError> {
        access.require(Scope::Publish)?;
        if publications.len() > Limits::BATCH_EVENTS {
            let reason = format!("a batch has at most {} events", Limits::BATCH_EVENTS);
            return Err(AppError::TooLarge { reason });
        }
        self.count_events(access, publications.len())?;
        let catalogue = self.store().catalogue();
        let now = self.now();
        let mut acceptable = Vec::with_capacity(publications.len());
        let mut results = Vec::with_capacity(publications.len());
        for (index, publication) in publications.into_iter().enumerate() {
            let prepared = publication
                .and_then(|publication| self.prepared(access, &publication, &catalogue, now));
            results.push(prepared.map(|(mut new, warnings)| {
                new.idempotency_key = key.map(|key| key.of_item(index));
                acceptable.push(new);
                warnings
            }));
        }
        let mut accepted = self.accepted(acceptable).await.into_iter();
        let mut next = || accepted.next().expect("accept answers for every event");
        let results = results.into_iter().map(|result| {
            let warnings = result?;
            let published = next()?;
            Ok(Published {
                warnings,
                ..published
            })
        });
        unless_ours(results.collect())
    }

    async fn accepted(&self, events: Vec<NewEvent>) -> Vec<Result<Published, AppError>> {
        if events.is_empty() {
            return Vec::new();
        }
        let results = self.store().accept(events).await;
        let published = results.into_iter().map(|result| match result {
            Ok(accepted) => Ok(accepted.into()),
            Err(error) => Err(error.into()),
        });
        published.collect()
    }

    fn prepared(
        &self,
        access: &OrganizationAccess,
        publication: &Publication<'_>,
        catalogue: &Arc<Catalogue>,
        now: Timestamp,
    ) -> Result<(NewEvent, Vec<FieldFault>), AppError> {
        let (definition, checked) = Checked::new(publication, catalogue, access)?;
        let organization = access.organization();
        let of = (definition, &*checked.version);
        let warnings =
            self.check_against_schema(organization, catalogue, of, &checked.body.data)?;
        let id = checked.id.unwrap_or_else(|| self.store().new_event_id(now));
        let event = Event {
            id,
            organization: organization.clone(),
            event_type: checked.event_type,
            version: checked.version,
            mode: checked.mode,
            account: checked.account,
            occurred_at: publication.occurred_at,
            created_at: now,
            body: checked.body,
        };
        let endpoints = self.store().endpoints(organization);
        let wanting = endpoints.iter().filter(|endpoint| endpoint.wants(&event));
        let new = NewEvent {
            to: wanting.map(|endpoint| endpoint.id).collect(),
            event,
            idempotency_key: None,
            trigger: Trigger::Schedule,
            retry_of: None,
        };
        Ok((new, warnings))
    }
}

/// When nothing was stored and we are to blame, the batch as a whole has failed: the caller shall
/// send it again.
fn unless_ours(
    mut results: Vec<Result<Published, AppError>>,
) -> Result<Vec<Result<Published, AppError>>, AppError> {
    let ours = results
        .iter()
        .position(|result| result.as_ref().is_err_and(AppError::is_ours));
    match ours {
        Some(index) if results.iter().all(Result::is_err) => Err(results
            .swap_remove(index)
            .expect_err("it was found as an error")),
        _ => Ok(results),
    }
}

impl From<Accepted> for Published {
    fn from(accepted: Accepted) -> Self {
        let Accepted {
            id,
            deliveries,
            created_at,
            duplicate,
        } = accepted;
        Self {
            id,
            deliveries: deliveries.len(),
            created_at,
            duplicate,
            warnings: Vec::new(),
        }
    }
}

/// The parts of a publication that have a form.
struct Checked {
    id: Option<EventId>,
    event_type: EventType,
    version: Box<str>,
    mode: Mode,
    account: Option<AccountId>,
    body: EventBody,
}

impl Checked {
    /// Checks a publication; gives its event type as well.
    fn new<'c>(
        given: &Publication<'_>,
        catalogue: &'c Catalogue,
        access: &OrganizationAccess,
    ) -> Result<(&'c EventTypeDefinition, Self), AppError> {
        let Publication {
            event_type,
            data,
            previous,
            id,
            version,
            mode,
            account,
            subject,
            ordering_key,
            occurred_at: _,
        } = given;
        let mut faults = Faults::default();
        let definition = faults.take("/type", known_type(event_type, catalogue));
        let version = definition.and_then(|definition| {
            faults.take("/version", checked_version(definition, version.as_deref()))
        });
        let id = faults.take_optional("/id", id.as_deref().map(given_id));
        let mode = faults.take("/mode", access.mode_for(*mode));
        let account = faults.take_optional("/account", account.as_deref().map(str::parse));
        let subject = subject.as_deref().map(|text| bounded(text, SUBJECT_CHARS));
        let subject = faults.take_optional("/subject", subject);
        let key = ordering_key
            .as_deref()
            .map(|text| bounded(text, ORDERING_KEY_CHARS));
        let ordering_key = faults.take_optional("/ordering_key", key);
        let previous = faults.take_optional("/previous", previous.map(JsonText::object));
        let data = faults.take("/data", JsonText::object(data));
        let parts = definition.zip(version).zip(mode).zip(data);
        let (((definition, version), mode), data) = faults.finish(parts)?;
        catalogue.check_open(definition)?;
        let checked = Self {
            id,
            event_type: definition.code.clone(),
            version,
            mode,
            account,
            body: EventBody {
                data,
                previous,
                subject,
                ordering_key,
            },
        };
        Ok((definition, checked))
    }
}

pub(crate) fn known_type<'a>(
    text: &str,
    catalogue: &'a Catalogue,
) -> Result<&'a EventTypeDefinition, String> {
    let code: EventType = text
        .parse()
        .map_err(|e: carehook_core::EventTypeError| e.to_string())?;
    let definition = catalogue.event_type(&code);
    definition.ok_or_else(|| "is not an event type of the catalogue".to_owned())
}

fn checked_version(
    definition: &EventTypeDefinition,
    version: Option<&str>,
) -> Result<Box<str>, &'static str> {
    let version = version.unwrap_or_else(|| definition.default_version());
    if definition.has_version(version) {
        return Ok(version.into());
    }
    Err("is not a version of this event type")
}

fn given_id(text: &str) -> Result<EventId, String> {
    match text.parse() {
        Ok(id @ EventId::Given(_)) => Ok(id),
        Ok(EventId::Made(_)) => Err("has the form of the ids that Carehook makes".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

pub(crate) fn bounded(text: &str, max_chars: usize) -> Result<Box<str>, String> {
    // Bytes are counted first: nearly every text is short enough even by them.
    if text.is_empty() || (text.len() > max_chars && text.chars().count() > max_chars) {
        return Err(format!("must have 1 to {max_chars} characters"));
    }
    if text.chars().any(char::is_control) {
        return Err("must not have control characters".to_owned());
    }
    Ok(text.into())
}
