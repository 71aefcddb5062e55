//! Who calls: the bearer of an organization's key.

use std::ops::Deref;

use axum::extract::FromRequestParts;
use carehook_app::{App, OrganizationAccess};
use carehook_core::Dialect;
use http::request::Parts;

use super::AnyCaller;
use super::errors::Failure;

/// Access to the organization of the key, through this API.
pub(super) struct Access(OrganizationAccess);

impl Deref for Access {
    type Target = OrganizationAccess;

    fn deref(&self) -> &OrganizationAccess {
        &self.0
    }
}

impl FromRequestParts<App> for Access {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        let caller = AnyCaller::from_request_parts(parts, app).await?;
        caller.require_key()?;
        let own = app.own_access(&caller)?;
        Ok(Self(own.through(Dialect::Jump)))
    }
}
