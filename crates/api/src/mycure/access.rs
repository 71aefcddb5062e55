//! Who calls, and for which organization: the body or the query names it, or it is the webhook's.

use std::ops::Deref;

use axum::extract::FromRequestParts;
use carehook_app::{App, AppError, OrganizationAccess};
use carehook_core::{Dialect, EndpointId};
use http::request::Parts;

use super::errors::FeathersError;
use super::{AnyCaller, Id};

/// Access to the webhook in the path and to its organization.
pub(super) struct ToWebhook {
    access: OrganizationAccess,
    pub(super) id: EndpointId,
}

impl Deref for ToWebhook {
    type Target = OrganizationAccess;

    fn deref(&self) -> &OrganizationAccess {
        &self.access
    }
}

impl ToWebhook {
    /// Access to a webhook that the body names.
    pub(super) fn of(app: &App, caller: &AnyCaller, id: EndpointId) -> Result<Self, AppError> {
        let access = app.access_to_endpoint(caller, id)?;
        let access = access.through(Dialect::Mycure);
        Ok(Self { access, id })
    }
}

impl FromRequestParts<App> for ToWebhook {
    type Rejection = FeathersError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, FeathersError> {
        let caller = AnyCaller::from_request_parts(parts, app).await?;
        let id = Id::<EndpointId>::from_request_parts(parts, app).await?;
        Ok(Self::of(app, &caller, id.0)?)
    }
}

/// Access to the organization that a request names, or to the caller's own.
pub(super) fn to_organization(
    app: &App,
    caller: &AnyCaller,
    organization: Option<&str>,
) -> Result<OrganizationAccess, AppError> {
    let access = app.named_or_own_access(caller, organization)?;
    Ok(access.through(Dialect::Mycure))
}
