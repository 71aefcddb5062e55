//! Who calls ECG's API: a token or a key in `Authorization: Bearer …`, and the names in the path.

use std::ops::Deref;

use axum::extract::FromRequestParts;
use carehook_app::{ActivityId, App, AppError, OrganizationAccess};
use carehook_core::{Dialect, EndpointId};
use http::request::Parts;

use super::AnyCaller;
use super::errors::NestError;
use crate::extract::Names;

/// The caller may act for the organization in the path.
pub(super) struct Access(OrganizationAccess);

impl Deref for Access {
    type Target = OrganizationAccess;

    fn deref(&self) -> &OrganizationAccess {
        &self.0
    }
}

impl FromRequestParts<App> for Access {
    type Rejection = NestError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, NestError> {
        let caller = AnyCaller::from_request_parts(parts, app).await?;
        let names = Names::of(parts).await;
        let organization = names.get("organizationId").unwrap_or_default();
        let access = app.access(&caller, organization)?;
        Ok(Self(access.through(Dialect::Ecg)))
    }
}

/// The subscription in the path.
pub(super) struct Subscription(pub(super) EndpointId);

impl<S: Sync> FromRequestParts<S> for Subscription {
    type Rejection = NestError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, NestError> {
        let names = Names::of(parts).await;
        let id = names.get("subscriptionId").and_then(|id| id.parse().ok());
        let unknown = AppError::NotFound { kind: "endpoint" };
        Ok(Self(id.ok_or(unknown)?))
    }
}

/// The activity in the path, with its subscription.
pub(super) struct Activity(pub(super) EndpointId, pub(super) ActivityId);

impl<S: Sync> FromRequestParts<S> for Activity {
    type Rejection = NestError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, NestError> {
        let Subscription(endpoint) = Subscription::from_request_parts(parts, state).await?;
        let names = Names::of(parts).await;
        // The same thing under both of its names.
        let name = names.get("activityId").or(names.get("activationId"));
        let unknown = AppError::NotFound { kind: "activity" };
        let id = name.and_then(|id| id.parse().ok()).ok_or(unknown)?;
        Ok(Self(endpoint, id))
    }
}

/// The event in the path: its code or its id.
pub(super) struct Event(pub(super) String);

impl<S: Sync> FromRequestParts<S> for Event {
    type Rejection = NestError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, NestError> {
        let names = Names::of(parts).await;
        let name = names.get("eventId").or(names.get("eventCode"));
        let unknown = AppError::NotFound { kind: "event type" };
        Ok(Self(name.ok_or(unknown)?.to_owned()))
    }
}
