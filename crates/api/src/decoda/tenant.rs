//! Proof of permission out of the headers `TENANT` and `API-KEY`.

use std::ops::Deref;

use axum::extract::FromRequestParts;
use carehook_app::{App, AppError, OrganizationAccess};
use carehook_core::Dialect;
use http::request::Parts;

use super::errors::{FieldError, Refused};
use crate::extract::known_caller;

/// The caller may act for the tenant.
pub(super) struct Tenant(OrganizationAccess);

impl Deref for Tenant {
    type Target = OrganizationAccess;

    fn deref(&self) -> &OrganizationAccess {
        &self.0
    }
}

pub(super) const TENANT: &str = "TENANT";
pub(super) const API_KEY: &str = "API-KEY";

impl FromRequestParts<App> for Tenant {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refused> {
        let [tenant, key] = [TENANT, API_KEY].map(|name| parts.headers.get(name));
        let (Some(tenant), Some(key)) = (tenant, key) else {
            let missing = [(TENANT, tenant), (API_KEY, key)].into_iter();
            let missing = missing.filter(|(_, value)| value.is_none());
            let place = |name: &str| vec!["header".into(), name.into()];
            let errors = missing.map(|(name, _)| FieldError::missing(place(name)));
            return Err(Refused::fields(errors.collect()));
        };
        // The key first: without one nobody learns anything about tenants.
        let caller = known_caller(parts, app, key.to_str().ok()).await?;
        caller.require_key()?;
        match app.access(&caller, tenant.to_str().unwrap_or_default()) {
            Ok(access) => Ok(Self(access.through(Dialect::Decoda))),
            Err(AppError::NotFound { .. }) => Err(Refused::foreign_tenant()),
            Err(error) => Err(error.into()),
        }
    }
}
