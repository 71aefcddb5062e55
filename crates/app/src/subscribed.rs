//! What endpoints are subscribed to, event type by event type; and who is subscribed to one.

use std::sync::Arc;

use carehook_core::{
    AuditAction, Dialect, Endpoint, EndpointId, EventType, EventTypeDefinition, EventTypeId,
    Pattern, Scope, Secret, Timestamp,
};

use crate::activities::known_event;
use crate::audit::{self, Notice};
use crate::{App, AppError, Caller, OrganizationAccess};

/// An endpoint with the event types that it is subscribed to.
#[derive(Clone)]
pub struct EventTypesOf {
    /// The endpoint.
    pub endpoint: Arc<Endpoint>,
    /// Each event type once, with its entry in the catalogue if it is still there.
    pub event_types: Vec<(EventType, Option<EventTypeDefinition>)>,
    /// Whether the caller may see the secret that signs for it.
    pub shows_secret: bool,
}

impl EventTypesOf {
    /// The same for the caller who has just made the endpoint: its secret is shown whatever else
    /// they may see.
    #[must_use]
    pub fn to_its_maker(self) -> Self {
        Self {
            shows_secret: true,
            ..self
        }
    }
}

/// Which endpoints are wanted.
#[derive(Clone, Copy, Debug, Default)]
pub struct EndpointFilter<'a> {
    /// Those that want only this payload version.
    pub version: Option<&'a str>,
    /// Those that want this event type: its code or its id.
    pub event: Option<&'a str>,
}

impl App {
    /// Looks up what an endpoint is subscribed to, and whether this caller may see its secret.
    pub fn with_event_types(
        &self,
        access: &OrganizationAccess,
        endpoint: Arc<Endpoint>,
    ) -> EventTypesOf {
        let shows_secret = self.shows_secret(access, &endpoint);
        let catalogue = self.store().catalogue();
        let mut event_types: Vec<(EventType, Option<EventTypeDefinition>)> = Vec::new();
        for subscription in &endpoint.subscriptions {
            let matching = catalogue.matching(&subscription.pattern);
            let mut found: Vec<_> = matching
                .map(|definition| (definition.code.clone(), Some(definition.clone())))
                .collect();
            if let (Pattern::Exactly(code), true) = (&subscription.pattern, found.is_empty()) {
                found.push((code.clone(), None));
            }
            found.retain(|(code, _)| event_types.iter().all(|(known, _)| known != code));
            event_types.extend(found);
        }
        EventTypesOf {
            endpoint,
            event_types,
            shows_secret,
        }
    }

    /// Whether the secret of an endpoint is shown to the caller, which is noted.
    fn shows_secret(&self, access: &OrganizationAccess, endpoint: &Endpoint) -> bool {
        let catalogue = self.store().catalogue();
        let shows = access.sees_payloads() && access.reads_all_of(endpoint, &catalogue);
        if shows {
            self.inner().notices.note(&Notice {
                organization: Some(access.organization()),
                actor: access.acting(),
                source: access.source(),
                action: AuditAction::SecretViewed,
                object: &audit::endpoint(endpoint.id),
                reason: None,
            });
        }
        shows
    }

    /// The endpoints that the caller may see and that are not put away, oldest first.
    pub fn filtered_endpoints(
        &self,
        access: &OrganizationAccess,
        filter: EndpointFilter<'_>,
    ) -> Result<Vec<Arc<Endpoint>>, AppError> {
        let EndpointFilter { version, event } = filter;
        let catalogue = self.store().catalogue();
        let wanted = event.map(|event| known_event(event, &catalogue));
        let wanted = wanted
            .transpose()
            .map_err(|reason| AppError::invalid("/event_id", reason))?;
        let mut found = self.endpoints(access)?;
        found.retain(|endpoint| {
            !endpoint.archived
                && version.is_none_or(|version| endpoint.version.as_deref() == Some(version))
                && wanted.is_none_or(|definition| is_subscribed(endpoint, &definition.code))
        });
        Ok(found)
    }

    /// The endpoints that are subscribed to an event type, of all organizations that the caller
    /// reaches; by organization, oldest first. What is shown of each follows from the caller's
    /// rights in its organization.
    pub fn subscribers(
        &self,
        caller: &Caller,
        face: Dialect,
        event: &str,
    ) -> Result<Vec<EventTypesOf>, AppError> {
        let catalogue = self.store().catalogue();
        let unknown = |_| AppError::NotFound { kind: "event type" };
        let code = &known_event(event, &catalogue).map_err(unknown)?.code;
        let mut found = Vec::new();
        for access in self.reached(caller)? {
            let access = access.through(face);
            let endpoints = self.filtered_endpoints(&access, EndpointFilter::default())?;
            let subscribed = endpoints.into_iter().filter(|e| is_subscribed(e, code));
            found.extend(subscribed.map(|endpoint| self.with_event_types(&access, endpoint)));
        }
        Ok(found)
    }

    /// Access to every organization that the caller reaches.
    fn reached(&self, caller: &Caller) -> Result<Vec<OrganizationAccess>, AppError> {
        if let Ok(own) = self.own_access(caller) {
            return Ok(vec![own]);
        }
        let everything = carehook_store::PageRequest {
            limit: usize::MAX,
            after: None,
        };
        let all = self.store().list_organizations(&everything).items;
        all.iter()
            .map(|organization| self.access(caller, organization.id.as_str()))
            .collect()
    }

    /// Takes an event type out of what an endpoint is subscribed to, also one that has left the
    /// catalogue; when it is not in there, nothing changes.
    pub async fn unsubscribe(
        &self,
        access: &OrganizationAccess,
        id: EndpointId,
        event: &str,
    ) -> Result<(), AppError> {
        access.require(Scope::Manage)?;
        let catalogue = self.store().catalogue();
        let current = self.known_endpoint(access, id)?;
        let known = known_event(event, &catalogue).map(|definition| &definition.code);
        let known = known.ok().or_else(|| subscribed_by_name(&current, event));
        let code = known.ok_or(AppError::NotFound { kind: "event type" })?;
        if !is_subscribed(&current, code) {
            return Ok(());
        }
        let change = |current: &Endpoint| {
            let mut new = current.clone();
            new.subscriptions
                .retain(|s| s.pattern != Pattern::Exactly(code.clone()));
            if is_subscribed(&new, code) {
                let reason = "the event type is subscribed to by a pattern";
                return Err(AppError::conflict(reason));
            }
            new.updated_at = self.now();
            Ok(new)
        };
        self.replace_endpoint(access, (id, AuditAction::EndpointChanged), change)
            .await?;
        tracing::info!(organization = %access.organization(), endpoint = %id, "endpoint changed");
        Ok(())
    }

    /// Puts an endpoint away: it gets no new deliveries, and those it is owed wait.
    pub async fn archive_endpoint(
        &self,
        access: &OrganizationAccess,
        id: EndpointId,
    ) -> Result<Arc<Endpoint>, AppError> {
        self.set_archived(access, id, true).await
    }

    /// Takes an endpoint out again that was put away.
    pub async fn restore_endpoint(
        &self,
        access: &OrganizationAccess,
        id: EndpointId,
    ) -> Result<Arc<Endpoint>, AppError> {
        self.set_archived(access, id, false).await
    }

    async fn set_archived(
        &self,
        access: &OrganizationAccess,
        id: EndpointId,
        archived: bool,
    ) -> Result<Arc<Endpoint>, AppError> {
        access.require(Scope::Manage)?;
        let current = self.known_endpoint(access, id)?;
        if current.archived == archived {
            return Ok(current);
        }
        let change = |current: &Endpoint| {
            let now = self.now();
            let mut new = current.clone();
            new.archived = archived;
            new.archived_changed_at = Some(now);
            new.updated_at = now;
            Ok(new)
        };
        let endpoint = self
            .replace_endpoint(access, (id, AuditAction::EndpointChanged), change)
            .await?;
        tracing::info!(organization = %access.organization(), endpoint = %id, archived, "endpoint changed");
        Ok(endpoint)
    }

    /// The secret of an endpoint that was the newest at a time; that of now when none is named.
    pub async fn secret_at(
        &self,
        access: &OrganizationAccess,
        id: EndpointId,
        then: Option<Timestamp>,
    ) -> Result<Secret, AppError> {
        let endpoint = self.endpoint_with_secrets(access, id).await?;
        let secret = match then {
            None => Some(endpoint.secrets.current()),
            Some(then) => endpoint.secrets.current_at(then),
        };
        let secret = secret.cloned().ok_or(AppError::NotFound {
            kind: "secret of that time",
        })?;
        Ok(secret)
    }

    /// An endpoint of which all secrets that are kept may be shown to the caller.
    ///
    /// # Errors
    /// [`AppError::Forbidden`] for those who may not see what the secrets sign.
    pub async fn endpoint_with_secrets(
        &self,
        access: &OrganizationAccess,
        id: EndpointId,
    ) -> Result<Arc<Endpoint>, AppError> {
        access.require(Scope::Read)?;
        let endpoint = self.changeable_endpoint(access, id)?;
        if !access.sees_payloads() {
            access.require(Scope::ReadPayload)?;
        }
        let entry = access.entry(self, AuditAction::SecretViewed, audit::endpoint(id));
        self.audit(access, entry).await?;
        tracing::info!(organization = %access.organization(), endpoint = %id, "secret shown");
        Ok(endpoint)
    }
}

fn is_subscribed(endpoint: &Endpoint, code: &EventType) -> bool {
    let mut subscriptions = endpoint.subscriptions.iter();
    subscriptions.any(|subscription| subscription.pattern.matches(code))
}

/// The event type of this code or id that an endpoint has by itself, whatever the catalogue says.
fn subscribed_by_name<'a>(endpoint: &'a Endpoint, name: &str) -> Option<&'a EventType> {
    let id = name.parse::<EventTypeId>().ok();
    let codes =
        endpoint
            .subscriptions
            .iter()
            .filter_map(|subscription| match &subscription.pattern {
                Pattern::Exactly(code) => Some(code),
                _ => None,
            });
    let is_named = |code: &&EventType| code.as_str() == name || Some(EventTypeId::of(code)) == id;
    codes.into_iter().find(is_named)
}
