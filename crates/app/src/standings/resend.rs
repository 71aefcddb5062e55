//! One event as its receivers see it: how its delivery stands, and sending it again.

use std::sync::Arc;

use carehook_core::{Delivery, DeliveryState, Endpoint, EventId, Scope};
use carehook_store::{DeliveryFilter, DeliveryStanding, LastAttempt, Notify, PageRequest};

use super::StandingView;
use crate::{App, AppError, OrganizationAccess};

/// What an event is owed as: its deliveries, each with its receiver, newest first.
type Owed = Vec<(Arc<Endpoint>, Delivery)>;

const UNKNOWN: AppError = AppError::NotFound { kind: "event" };

/// Deliveries that are read in one piece.
const PAGE: usize = 100;

impl App {
    /// How the delivery of an event stands to an endpoint that the caller sees.
    ///
    /// `id` names the event, or one delivery of it. When several endpoints were owed the event,
    /// it is a delivery that did not succeed yet, else the newest.
    pub async fn standing(
        &self,
        access: &OrganizationAccess,
        id: &str,
    ) -> Result<StandingView, AppError> {
        access.require(Scope::Read)?;
        let owed = self.owed(access, id).await?;
        self.foremost(access, owed).await
    }

    /// Sends an event again to every endpoint that the caller sees and that was owed it: due at
    /// once, with a new round of the schedule. `id` as for [`App::standing`].
    ///
    /// # Errors
    /// [`AppError::Conflict`] when none of these endpoints is active.
    pub async fn resend(
        &self,
        access: &OrganizationAccess,
        id: &str,
        notify: Notify,
    ) -> Result<StandingView, AppError> {
        access.require(Scope::Manage)?;
        let owed = self.owed(access, id).await?;
        let (served, _): (Owed, Owed) = owed
            .into_iter()
            .partition(|(endpoint, _)| endpoint.is_served());
        if served.is_empty() {
            return Err(AppError::conflict("the endpoint is not active"));
        }
        let mut again = Owed::with_capacity(served.len());
        for (endpoint, delivery) in served {
            let due = self.resend_delivery(access, delivery.id, notify).await?;
            again.push((endpoint, due));
        }
        self.foremost(access, again).await
    }

    /// The deliveries of an event to endpoints that the caller sees, at least one.
    async fn owed(&self, access: &OrganizationAccess, id: &str) -> Result<Owed, AppError> {
        let mut owed = Owed::new();
        if let Ok(event) = id.parse::<EventId>() {
            owed = self.owed_of_event(access, event).await?;
        }
        if owed.is_empty()
            && let Ok(delivery) = id.parse()
        {
            let found = self
                .store()
                .delivery(access.organization(), delivery)
                .await?;
            owed.extend(found.and_then(|(delivery, _)| self.seen(access, delivery)));
        }
        if owed.is_empty() {
            return Err(UNKNOWN);
        }
        Ok(owed)
    }

    async fn owed_of_event(
        &self,
        access: &OrganizationAccess,
        event: EventId,
    ) -> Result<Owed, AppError> {
        let filter = DeliveryFilter {
            event: Some(event),
            ..DeliveryFilter::default()
        };
        let mut owed = Owed::new();
        let mut after = None;
        loop {
            let page = PageRequest { limit: PAGE, after };
            let organization = access.organization();
            let found = self
                .store()
                .list_deliveries(organization, &filter, page)
                .await?;
            let seen = found.items.into_iter();
            owed.extend(seen.filter_map(|delivery| self.seen(access, delivery)));
            after = found.next;
            if after.is_none() {
                return Ok(owed);
            }
        }
    }

    fn seen(
        &self,
        access: &OrganizationAccess,
        delivery: Delivery,
    ) -> Option<(Arc<Endpoint>, Delivery)> {
        let endpoint = self.known_endpoint(access, delivery.endpoint_id).ok()?;
        Some((endpoint, delivery))
    }

    /// How that delivery stands of which the caller most likely wants to know.
    async fn foremost(
        &self,
        access: &OrganizationAccess,
        mut owed: Owed,
    ) -> Result<StandingView, AppError> {
        let waiting = |(_, delivery): &(_, Delivery)| delivery.state != DeliveryState::Delivered;
        let place = owed.iter().position(waiting).unwrap_or_default();
        if owed.is_empty() {
            return Err(UNKNOWN);
        }
        let (endpoint, delivery) = owed.swap_remove(place);
        let (store, organization) = (self.store(), access.organization());
        let found = store.delivery(organization, delivery.id).await?;
        // Deleted since it was listed.
        let (delivery, attempts) = found.ok_or(UNKNOWN)?;
        let event = store.event(organization, &delivery.event_id).await?;
        let last_attempt = attempts.into_iter().next_back();
        let standing = DeliveryStanding {
            delivery,
            event: event.map(Arc::new),
            last_attempt: last_attempt.map(LastAttempt::from),
        };
        self.audit_standings(access, &endpoint, std::slice::from_ref(&standing))
            .await?;
        Ok(StandingView::of(standing, &endpoint, access))
    }
}
