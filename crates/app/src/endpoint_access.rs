//! Access for faces whose paths do not name an organization.

use carehook_core::EndpointId;

use crate::{App, AppError, Caller, OrganizationAccess};

impl App {
    /// Access to the organization that an endpoint belongs to.
    ///
    /// # Errors
    /// [`AppError::NotFound`] when there is no such endpoint, and in the same words when the
    /// caller has nothing to do with its organization.
    pub fn access_to_endpoint(
        &self,
        caller: &Caller,
        id: EndpointId,
    ) -> Result<OrganizationAccess, AppError> {
        let unknown = AppError::NotFound { kind: "endpoint" };
        let Some(endpoint) = self.store().any_endpoint(id) else {
            return Err(unknown);
        };
        match self.access(caller, endpoint.organization.as_str()) {
            Err(AppError::NotFound { .. }) => Err(unknown),
            access => access,
        }
    }

    /// Access to the organization that is named, else to the caller's own.
    ///
    /// # Errors
    /// [`AppError::Invalid`] when none is named and the caller belongs to none.
    pub fn named_or_own_access(
        &self,
        caller: &Caller,
        organization: Option<&str>,
    ) -> Result<OrganizationAccess, AppError> {
        if let Some(organization) = organization {
            return self.access(caller, organization);
        }
        match self.own_access(caller) {
            Err(AppError::Forbidden { .. }) => {
                Err(AppError::invalid("/organization", "is required"))
            }
            access => access,
        }
    }
}
