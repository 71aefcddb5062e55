//! Deleting endpoints, once and again.

use std::sync::Arc;

use carehook_core::{AuditAction, Dialect, Endpoint, EndpointId, Scope};

use crate::audit;
use crate::{App, AppError, OrganizationAccess};

impl App {
    /// Deletes an endpoint and gives it as it was; what it is still owed fails in the same step.
    pub async fn delete_endpoint(
        &self,
        access: &OrganizationAccess,
        id: EndpointId,
    ) -> Result<Arc<Endpoint>, AppError> {
        access.require(Scope::Manage)?;
        let endpoint = self.known_endpoint(access, id)?;
        let organization = access.organization();
        let now = self.now();
        let store = self.noting(access, AuditAction::EndpointDeleted, audit::endpoint(id));
        store.delete_endpoint(organization, id, now).await?;
        tracing::info!(%organization, endpoint = %id, "endpoint deleted");
        Ok(endpoint)
    }

    /// Deletes an endpoint; when that was done before, nothing changes.
    ///
    /// # Errors
    /// [`AppError::NotFound`] when there never was one that the caller could have seen.
    pub async fn ensure_endpoint_deleted(
        &self,
        access: &OrganizationAccess,
        id: EndpointId,
    ) -> Result<(), AppError> {
        match self.delete_endpoint(access, id).await {
            Err(AppError::NotFound { .. }) if self.saw_endpoint(access, id) => Ok(()),
            deleted => deleted.map(drop),
        }
    }

    /// Whether an endpoint was deleted that the caller could see before.
    fn saw_endpoint(&self, access: &OrganizationAccess, id: EndpointId) -> bool {
        let deleted = self.store().deleted_endpoint(access.organization(), id);
        deleted.is_some_and(|was| {
            let face = access.face() == Dialect::Native || access.face() == was.dialect;
            face && access.sees_mode(was.mode)
        })
    }
}
