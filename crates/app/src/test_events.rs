//! Test events: a sample of the catalogue for one endpoint alone.

use carehook_core::{
    Audit, AuditAction, DeliveryId, Dialect, Endpoint, EndpointId, Event, EventBody, EventId,
    EventTypeDefinition, JsonText, SamplePayload, Scope, Timestamp, Trigger,
};
use carehook_store::NewEvent;
use serde_json::value::RawValue;

use crate::audit;
use crate::endpoints::not_served;
use crate::publish::known_type;
use crate::{App, AppError, Caller, OrganizationAccess, Sample};

/// A test event that is on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestSent {
    /// The event.
    pub event_id: EventId,
    /// Its only delivery.
    pub delivery_id: DeliveryId,
    /// When it was accepted.
    pub created_at: Timestamp,
}

/// The events that can be tested with although they have nothing to tell.
const PINGS: [&str; 2] = [TEST_PING, PING];
const TEST_PING: &str = "test.ping";
const PING: &str = "ping";
const PING_DATA: &str = r#"{"message":"This is a test event from Carehook."}"#;

impl App {
    /// Sends a sample event to one endpoint, whatever it is subscribed to; a ping unless a type is
    /// named.
    pub async fn send_test(
        &self,
        access: &OrganizationAccess,
        id: EndpointId,
        event_type: Option<&str>,
    ) -> Result<TestSent, AppError> {
        self.send_sample(access, id, event_type, None).await
    }

    /// The same with the sample of a version; without one, with that of the version that the
    /// endpoint wants, else the first.
    ///
    /// # Errors
    /// [`AppError::Conflict`] when the endpoint is not active.
    pub async fn send_sample(
        &self,
        access: &OrganizationAccess,
        id: EndpointId,
        event_type: Option<&str>,
        version: Option<&str>,
    ) -> Result<TestSent, AppError> {
        access.require(Scope::Manage)?;
        let endpoint = self.known_endpoint(access, id)?;
        if !endpoint.is_served() {
            return Err(not_served(&endpoint));
        }
        let now = self.now();
        let event_type = event_type.unwrap_or_else(|| ping_of(endpoint.dialect));
        let event = NewEvent {
            event: self.test_event(&endpoint, (event_type, version), now)?,
            to: vec![id],
            idempotency_key: None,
            trigger: Trigger::Test,
            retry_of: None,
        };
        let accepted = self.store().accept(vec![event]).await.remove(0)?;
        let entry = access.entry(self, AuditAction::EndpointTested, audit::endpoint(id));
        self.audit(access, entry.with("event", &accepted.id))
            .await?;
        // Deleted since it was looked up.
        let delivery_id = *accepted
            .deliveries
            .first()
            .ok_or(AppError::NotFound { kind: "endpoint" })?;
        Ok(TestSent {
            event_id: accepted.id,
            delivery_id,
            created_at: accepted.created_at,
        })
    }

    /// What can be sent as a test: the samples of all event types that are in use, by code.
    pub fn test_samples(&self, caller: &Caller) -> Vec<Sample> {
        let catalogue = self.catalogue(caller);
        let open = catalogue
            .event_types()
            .filter(|definition| catalogue.check_open(definition).is_ok());
        let samples = open.flat_map(|definition| {
            samples_of(definition).map(|payload| Sample {
                event_type: definition.clone(),
                payload,
            })
        });
        samples.collect()
    }

    fn test_event(
        &self,
        endpoint: &Endpoint,
        (event_type, version): (&str, Option<&str>),
        now: Timestamp,
    ) -> Result<Event, AppError> {
        let catalogue = self.store().catalogue();
        let definition = known_type(event_type, &catalogue)
            .map_err(|reason| AppError::invalid("/type", reason))?;
        catalogue.check_open(definition)?;
        let sample = match version {
            Some(version) => {
                let sample = samples_of(definition).find(|sample| sample.version == version);
                let missing = "there is no sample payload of this version";
                sample.ok_or_else(|| AppError::invalid("/version", missing))?
            }
            None => sample_for(definition, endpoint.version.as_deref()).ok_or_else(|| {
                AppError::invalid("/type", "this event type has no sample payload")
            })?,
        };
        Ok(Event {
            id: self.store().new_event_id(now),
            organization: endpoint.organization.clone(),
            event_type: definition.code.clone(),
            version: sample.version.as_str().into(),
            mode: endpoint.mode,
            account: endpoint.account.clone(),
            occurred_at: None,
            created_at: now,
            body: EventBody {
                data: sample.data,
                previous: sample.previous,
                subject: None,
                ordering_key: None,
            },
        })
    }
}

/// The ping that receivers of a dialect know.
fn ping_of(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Native | Dialect::Jump | Dialect::Decoda | Dialect::Ecg => TEST_PING,
        Dialect::Mycure => PING,
    }
}

/// The sample of the version that the endpoint wants, else the first one.
fn sample_for(definition: &EventTypeDefinition, version: Option<&str>) -> Option<SamplePayload> {
    let wanted = |sample: &SamplePayload| version == Some(&*sample.version);
    let found = samples_of(definition).find(wanted);
    found.or_else(|| samples_of(definition).next())
}

/// What can be sent of an event type; a ping can be sent although it has no sample.
fn samples_of(definition: &EventTypeDefinition) -> impl Iterator<Item = SamplePayload> {
    let is_ping = PINGS.contains(&definition.code.as_str());
    let ping = (is_ping && definition.samples.is_empty()).then(|| ping(definition));
    definition.samples.iter().cloned().chain(ping)
}

fn ping(definition: &EventTypeDefinition) -> SamplePayload {
    let raw: &RawValue = serde_json::from_str(PING_DATA).expect("a constant JSON object");
    SamplePayload {
        version: definition.default_version().to_owned(),
        data: JsonText::object(raw).expect("a constant JSON object"),
        previous: None,
        thin: None,
        audit: Audit::default(),
    }
}
