//! Deliveries: looked up with their attempts, listed, retried and called off.

use carehook_core::{Attempt, Delivery, DeliveryId};
use carehook_store::DeliveryFilter;

use crate::cursor::{List, Page, PageOf};
use crate::{App, AppError, OrganizationAccess};

impl App {
    /// One delivery with its attempts, oldest first.
    pub async fn delivery(
        &self,
        access: &OrganizationAccess,
        id: DeliveryId,
    ) -> Result<(Delivery, Vec<Attempt>), AppError> {
        let found = self.store().delivery(access.organization(), id).await?;
        found.ok_or(AppError::NotFound { kind: "delivery" })
    }

    /// The deliveries of an organization, newest first.
    pub async fn list_deliveries(
        &self,
        access: &OrganizationAccess,
        filter: &DeliveryFilter,
        page: &Page,
    ) -> Result<PageOf<Delivery>, AppError> {
        let organization = access.organization();
        let list = List {
            kind: "deliveries",
            owner: organization.as_str(),
        };
        let request = list.request(page)?;
        let found = self
            .store()
            .list_deliveries(organization, filter, request)
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
        let organization = access.organization();
        let delivery = self
            .store()
            .retry_delivery(organization, id, self.now())
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
        let organization = access.organization();
        let delivery = self
            .store()
            .cancel_delivery(organization, id, self.now())
            .await?;
        tracing::info!(%organization, delivery = %id, "delivery cancelled");
        Ok(delivery)
    }
}
