//! The ownership challenge: who is asked, and asking again.

use std::sync::Arc;

use carehook_core::{AuditAction, Endpoint, EndpointId, OrganizationId, Ownership, Scope};
use carehook_deliver::Target;

use crate::{App, AppError, OrganizationAccess};

/// Why nothing is sent to an endpoint that is not served.
pub(crate) fn not_served(endpoint: &Endpoint) -> AppError {
    AppError::conflict(if endpoint.awaits_challenge() {
        "the endpoint has not answered its ownership challenge"
    } else {
        "the endpoint is not active"
    })
}

impl App {
    /// Asks an endpoint that has not answered its challenge again, at once and with a new schedule.
    ///
    /// # Errors
    /// [`AppError::Conflict`] when the endpoint has no challenge to answer.
    pub async fn challenge_endpoint(
        &self,
        access: &OrganizationAccess,
        id: EndpointId,
    ) -> Result<Arc<Endpoint>, AppError> {
        access.require(Scope::Manage)?;
        let now = self.now();
        let asked = |current: &Endpoint| match current.ownership {
            Ownership::Pending { .. } => Ok(Endpoint {
                ownership: Ownership::asked(now),
                ..current.clone()
            }),
            Ownership::NotAsked => Err(AppError::conflict("the endpoint has no challenge")),
            Ownership::Proven(_) => Err(AppError::conflict("the challenge is passed already")),
        };
        let endpoint = self
            .replace_endpoint(access, (id, AuditAction::EndpointChanged), asked)
            .await?;
        let organization = access.organization();
        tracing::info!(%organization, endpoint = %id, "ownership challenge asked for");
        Ok(endpoint)
    }

    /// The state in which an endpoint of the organization begins at a host that is new to it.
    pub(super) fn ownership_at_new_host(&self, of: &OrganizationId) -> Ownership {
        let organization = self.store().organization(of);
        if organization.is_some_and(|of| of.settings.ownership_challenge) {
            Ownership::asked(self.now())
        } else {
            Ownership::NotAsked
        }
    }

    /// Another host has to answer for itself; another path on the same one has not.
    pub(super) fn set_ownership(&self, endpoint: &mut Endpoint, (before, now): (&str, &Target)) {
        let before = self.inner().deliverer.parse_target(before);
        let same_host = before.is_ok_and(|before| before.host() == now.host());
        if !same_host {
            endpoint.ownership = self.ownership_at_new_host(&endpoint.organization);
        }
    }
}
