//! Sending again from here: an attempt of ours at once, what others reported as a new event.

use carehook_core::{
    AuditAction, Endpoint, EndpointId, Event, EventBody, EventTypeDefinition, JsonText, Scope,
    Trigger,
};
use carehook_store::NewEvent;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{ActivityId, ActivityView};
use crate::audit;
use crate::endpoints::not_served;
use crate::publish::known_type;
use crate::{App, AppError, OrganizationAccess};

/// A payload in the form in which it is delivered; what is in it may also be anything else.
#[derive(Deserialize)]
struct Delivered<'a> {
    version: Option<String>,
    #[serde(borrow)]
    data: &'a RawValue,
}

impl App {
    /// Sends the payload of an activity again; gives the activity that does it.
    ///
    /// The next attempt of the same delivery when it was ours, else the first one of a new event
    /// for this endpoint alone.
    pub async fn retry_activity(
        &self,
        access: &OrganizationAccess,
        endpoint: EndpointId,
        id: ActivityId,
    ) -> Result<ActivityView, AppError> {
        access.require(Scope::Manage)?;
        let original = self.found(access, endpoint, id).await?;
        if !original.endpoint.is_served() {
            return Err(not_served(&original.endpoint));
        }
        let retry = if original.is_report {
            let object = audit::endpoint(endpoint);
            let entry = access.entry(self, AuditAction::DeliveryRetried, object);
            self.audit(access, entry.with("report", id)).await?;
            self.resent(&original).await?
        } else {
            self.attempted_again(access, &original).await?
        };
        let organization = access.organization();
        tracing::info!(%organization, activity = %id, %retry, "retry asked for");
        self.shown(access, endpoint, retry).await
    }

    async fn attempted_again(
        &self,
        access: &OrganizationAccess,
        original: &ActivityView,
    ) -> Result<ActivityId, AppError> {
        if original.posted_at.is_none() {
            return Err(AppError::conflict("the activity has not been posted yet"));
        }
        let organization = access.organization();
        let object = format!("attempt/{}", original.id);
        let delivery = self
            .noting(access, AuditAction::DeliveryRetried, object)
            .retry_attempt(organization, original.id, self.now())
            .await?;
        let next = delivery.attempt_count.saturating_add(1);
        Ok(ActivityId::of_attempt(delivery.id, next))
    }

    async fn resent(&self, original: &ActivityView) -> Result<ActivityId, AppError> {
        let catalogue = self.store().catalogue();
        let definition = known_type(original.event_type.as_str(), &catalogue)
            .map_err(|reason| AppError::conflict(format!("its event type {reason}")))?;
        catalogue.check_open(definition)?;
        let payload = original.payload.as_ref().ok_or_else(unreadable)?;
        let content = content(payload, definition, &original.endpoint);
        let event = self.lone_event(&original.endpoint, definition, content);
        let endpoint = original.endpoint.id;
        self.sent_alone(endpoint, event, Some(original.id)).await
    }

    /// A new event that is meant for one endpoint alone.
    pub(crate) fn lone_event(
        &self,
        endpoint: &Endpoint,
        definition: &EventTypeDefinition,
        (version, data): (Box<str>, JsonText),
    ) -> Event {
        let now = self.now();
        Event {
            id: self.store().new_event_id(now),
            organization: endpoint.organization.clone(),
            event_type: definition.code.clone(),
            version,
            mode: endpoint.mode,
            account: endpoint.account.clone(),
            occurred_at: None,
            created_at: now,
            body: EventBody {
                data,
                previous: None,
                subject: None,
                ordering_key: None,
            },
        }
    }

    /// Sends an event to one endpoint alone; gives the activity of its first attempt.
    pub(crate) async fn sent_alone(
        &self,
        endpoint: EndpointId,
        event: Event,
        retry_of: Option<ActivityId>,
    ) -> Result<ActivityId, AppError> {
        let new = NewEvent {
            event,
            to: vec![endpoint],
            idempotency_key: None,
            trigger: Trigger::Manual,
            retry_of,
        };
        let accepted = self.store().accept(vec![new]).await.remove(0)?;
        // Deleted since it was looked up.
        let delivery = *accepted
            .deliveries
            .first()
            .ok_or(AppError::NotFound { kind: "endpoint" })?;
        Ok(ActivityId::of_attempt(delivery, 1))
    }
}

/// What is in a reported payload: its data, when it has the form of a delivery, else all of it.
fn content(
    payload: &JsonText,
    definition: &EventTypeDefinition,
    endpoint: &Endpoint,
) -> (Box<str>, JsonText) {
    let delivered: Option<Delivered<'_>> = serde_json::from_slice(payload.bytes()).ok();
    let (version, data) = match delivered {
        Some(Delivered { version, data }) => (version, JsonText::object(data).ok()),
        None => (None, None),
    };
    let version = version.filter(|version| definition.has_version(version));
    let version = version.map(String::into_boxed_str);
    let own = || endpoint.version.clone();
    let version = version.or_else(own);
    (
        version.unwrap_or_else(|| definition.default_version().into()),
        data.unwrap_or_else(|| payload.clone()),
    )
}

fn unreadable() -> AppError {
    AppError::conflict("its payload can no longer be read")
}
