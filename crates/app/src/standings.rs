//! Standings: how the deliveries of an endpoint stand, and events sent again to those who were
//! owed them.

mod resend;

use std::sync::Arc;

use carehook_core::{
    Delivery, Endpoint, EndpointId, EventType, JsonText, Limits, Scope, Timestamp,
};
use carehook_store::{DeliveryStanding, LastAttempt, StandingQuery};

use crate::audit::{self, Shown};
use crate::{App, AppError, Faults, OrganizationAccess};

/// Which deliveries of an endpoint are wanted.
#[derive(Clone, Debug, Default)]
pub struct StandingFilter {
    /// Of events that the dialect of the access calls so.
    pub event: Option<String>,
    /// Whether the receiver took it.
    pub delivered: Option<bool>,
    /// Of events accepted after this time.
    pub after: Option<Timestamp>,
    /// Of events accepted before this time.
    pub before: Option<Timestamp>,
    /// The receiver answered the last attempt with this status.
    pub last_status: Option<u16>,
    /// What went wrong with the last attempt has this text in it; ASCII letters count alike in
    /// both cases.
    pub last_error: Option<String>,
    /// Without the first so many.
    pub skip: u64,
    /// At most so many; [`StandingFilter::MOST`] unless given.
    pub take: Option<usize>,
}

impl StandingFilter {
    /// The most entries of one list.
    pub const MOST: usize = 1_000;

    /// A list ends after so many bytes of payloads: 32 payloads of the largest size.
    const PAYLOAD_BYTES: usize = 32 * Limits::BODY_BYTES;
}

/// A delivery with what it brings and what happened last.
#[derive(Clone)]
pub struct StandingView {
    /// The receiver.
    pub endpoint: Arc<Endpoint>,
    /// The delivery.
    pub delivery: Delivery,
    /// When its event was accepted.
    pub accepted_at: Timestamp,
    /// What the event says; `None` when it can no longer be read or the caller may not see it.
    pub data: Option<JsonText>,
    /// The attempt that was made last.
    pub last_attempt: Option<LastAttempt>,
}

impl StandingView {
    fn of(
        standing: DeliveryStanding,
        endpoint: &Arc<Endpoint>,
        access: &OrganizationAccess,
    ) -> Self {
        let DeliveryStanding {
            delivery,
            event,
            last_attempt,
        } = standing;
        let accepted_at = event.as_ref().map(|event| event.created_at);
        let seen = event.filter(|event| access.sees_payload_of(&event.event_type));
        Self {
            endpoint: Arc::clone(endpoint),
            accepted_at: accepted_at.unwrap_or(delivery.created_at),
            delivery,
            data: seen.map(|event| event.body.data.clone()),
            last_attempt,
        }
    }
}

impl App {
    /// How the deliveries of an endpoint stand, newest first.
    ///
    /// A list ends early, but not before its first entry, when the payloads in it get large.
    pub async fn list_standings(
        &self,
        access: &OrganizationAccess,
        id: EndpointId,
        filter: StandingFilter,
    ) -> Result<Vec<StandingView>, AppError> {
        access.require(Scope::Read)?;
        let endpoint = self.endpoint(access, id)?;
        let query = self.standing_query(access, filter)?;
        let organization = access.organization();
        let found = self
            .store()
            .list_standings(organization, id, &query)
            .await?;
        self.audit_standings(access, &endpoint, &found).await?;
        let view = |standing| StandingView::of(standing, &endpoint, access);
        Ok(found.into_iter().map(view).collect())
    }

    /// Leaves entries about the payloads that are in standings.
    async fn audit_standings(
        &self,
        access: &OrganizationAccess,
        endpoint: &Endpoint,
        standings: &[DeliveryStanding],
    ) -> Result<(), AppError> {
        let events = standings.iter().filter_map(|one| one.event.as_deref());
        let seen = events.filter(|event| access.sees_payload_of(&event.event_type));
        let shown = seen.filter(|event| !event.body.is_gone()).map(Shown::event);
        let object = audit::endpoint(endpoint.id);
        self.audit_views(access, object, shown).await
    }

    fn standing_query(
        &self,
        access: &OrganizationAccess,
        filter: StandingFilter,
    ) -> Result<StandingQuery, AppError> {
        let StandingFilter {
            event,
            delivered,
            after,
            before,
            last_status,
            last_error,
            skip,
            take,
        } = filter;
        let mut faults = Faults::default();
        let named = event.map(|name| self.types_named(access, &name));
        let event_types = faults.take_optional("/event_type", named);
        let take = take.unwrap_or(StandingFilter::MOST);
        if !(1..=StandingFilter::MOST).contains(&take) {
            faults.add("/limit", format!("must be 1 to {}", StandingFilter::MOST));
        }
        faults.check()?;
        Ok(StandingQuery {
            event_types: event_types.unwrap_or_default(),
            delivered,
            // Times have whole milliseconds.
            since: after.map(|time| Timestamp(time.0.saturating_add(1))),
            until: before,
            last_status,
            last_error,
            skip,
            take,
            payload_bytes: StandingFilter::PAYLOAD_BYTES,
        })
    }

    /// The event types that the dialect of the access calls so.
    fn types_named(
        &self,
        access: &OrganizationAccess,
        name: &str,
    ) -> Result<Vec<EventType>, &'static str> {
        let catalogue = self.store().catalogue();
        let patterns = access.face().subscriptions(name, &catalogue);
        let patterns = patterns.ok_or("is not an event that can be subscribed to")?;
        let matching = patterns
            .iter()
            .flat_map(|named| catalogue.matching(&named.pattern));
        Ok(matching.map(|definition| definition.code.clone()).collect())
    }
}
