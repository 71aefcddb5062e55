//! Deliveries: looked up with their attempts, listed, retried and called off.

use bytes::Bytes;
use carehook_core::{Attempt, AuditAction, Delivery, DeliveryId, DeliveryState, Dialect, Scope};
use carehook_store::{Bounded, DeliveryFilter, Notify};

use crate::audit::Shown;
use crate::cursor::{List, Page, PageOf};
use crate::{App, AppError, OrganizationAccess};

/// Deliveries that go before another one are counted up to this.
const COUNTED: usize = 1_000;

impl App {
    /// One delivery with its attempts, oldest first; what receivers answered is left out for those
    /// who may not see payloads.
    pub async fn delivery(
        &self,
        access: &OrganizationAccess,
        id: DeliveryId,
    ) -> Result<(Delivery, Vec<Attempt>), AppError> {
        access.require(Scope::Read)?;
        let (delivery, mut attempts) = self.known_delivery(access, id).await?;
        if access.sees_payload_of(&delivery.event_type) {
            if attempts.iter().any(|attempt| !attempt.answer.is_empty()) {
                self.audit_answers(access, &delivery).await?;
            }
        } else {
            for attempt in &mut attempts {
                attempt.answer = Bytes::new();
            }
        }
        Ok((delivery, attempts))
    }

    /// Whether the receiver has a delivery, whatever became of sending it again.
    pub async fn has_arrived(
        &self,
        access: &OrganizationAccess,
        id: DeliveryId,
    ) -> Result<bool, AppError> {
        access.require(Scope::Read)?;
        let (delivery, _) = self.known_delivery(access, id).await?;
        Ok(delivery.state == DeliveryState::Delivered || delivery.arrived_at.is_some())
    }

    /// Leaves an entry about the answers to a delivery, which may repeat what its event says.
    async fn audit_answers(
        &self,
        access: &OrganizationAccess,
        delivery: &Delivery,
    ) -> Result<(), AppError> {
        let event = self
            .store()
            .event(access.organization(), &delivery.event_id);
        let shown = event.await?.map(|event| Shown::event(&event));
        let object = format!("delivery/{}", delivery.id);
        self.audit_views(access, object, shown).await
    }

    /// One delivery, for what needs another right than to see it.
    pub(crate) async fn known_delivery(
        &self,
        access: &OrganizationAccess,
        id: DeliveryId,
    ) -> Result<(Delivery, Vec<Attempt>), AppError> {
        let found = self.store().delivery(access.organization(), id).await?;
        let seen = found.filter(|(delivery, _)| self.sees_delivery(access, delivery));
        seen.ok_or(AppError::NotFound { kind: "delivery" })
    }

    /// A dialect's API knows the deliveries of its own endpoints only.
    fn sees_delivery(&self, access: &OrganizationAccess, delivery: &Delivery) -> bool {
        let endpoint = || self.known_endpoint(access, delivery.endpoint_id);
        let face = access.face() == Dialect::Native || endpoint().is_ok();
        face && access.sees_mode(delivery.mode)
    }

    /// How many deliveries of its endpoint go before one that is due, as far as that is quickly
    /// told; none when it is not due.
    pub async fn deliveries_ahead(
        &self,
        access: &OrganizationAccess,
        delivery: &Delivery,
    ) -> Result<Bounded, AppError> {
        access.require(Scope::Read)?;
        let now = self.now();
        let Some(due) = delivery.next_attempt_at.filter(|due| *due <= now) else {
            return Ok(Bounded::default());
        };
        let (organization, endpoint) = (access.organization(), delivery.endpoint_id);
        let counted = self
            .store()
            .count_ahead(organization, endpoint, (due, COUNTED));
        Ok(counted.await?)
    }

    /// The deliveries of an organization, newest first.
    pub async fn list_deliveries(
        &self,
        access: &OrganizationAccess,
        filter: &DeliveryFilter,
        page: &Page,
    ) -> Result<PageOf<Delivery>, AppError> {
        access.require(Scope::Read)?;
        let filter = DeliveryFilter {
            mode: access.only_mode(filter.mode)?,
            ..filter.clone()
        };
        let organization = access.organization();
        let list = List {
            kind: "deliveries",
            owner: organization.as_str(),
        };
        let request = list.request(page)?;
        let found = self
            .store()
            .list_deliveries(organization, &filter, request)
            .await?;
        Ok(PageOf {
            items: found.items,
            next_cursor: found.next.map(|place| list.cursor(&place)),
        })
    }

    /// Makes a delivery due at once, with a new round of its schedule; also one that has ended.
    pub async fn retry_delivery(
        &self,
        access: &OrganizationAccess,
        id: DeliveryId,
    ) -> Result<Delivery, AppError> {
        self.resend_delivery(access, id, Notify::OnFailure).await
    }

    /// The same, and says whether a mail is owed when the new round fails too.
    pub async fn resend_delivery(
        &self,
        access: &OrganizationAccess,
        id: DeliveryId,
        notify: Notify,
    ) -> Result<Delivery, AppError> {
        access.require(Scope::Manage)?;
        self.known_delivery(access, id).await?;
        let organization = access.organization();
        let object = format!("delivery/{id}");
        let delivery = self
            .noting(access, AuditAction::DeliveryRetried, object)
            .retry_delivery(organization, id, notify, self.now())
            .await?;
        tracing::info!(%organization, delivery = %id, "retry asked for");
        Ok(delivery)
    }

    /// Calls off a delivery that has not ended.
    pub async fn cancel_delivery(
        &self,
        access: &OrganizationAccess,
        id: DeliveryId,
    ) -> Result<Delivery, AppError> {
        access.require(Scope::Manage)?;
        self.known_delivery(access, id).await?;
        let organization = access.organization();
        let object = format!("delivery/{id}");
        let delivery = self
            .noting(access, AuditAction::DeliveryCancelled, object)
            .cancel_delivery(organization, id, self.now())
            .await?;
        tracing::info!(%organization, delivery = %id, "delivery cancelled");
        Ok(delivery)
    }
}
