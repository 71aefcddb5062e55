//! Proofs of permission out of the `Authorization` header.

use std::marker::PhantomData;
use std::net::IpAddr;
use std::ops::Deref;

use axum::extract::{FromRequestParts, MatchedPath};
use carehook_app::{
    App, AppError, Caller, CatalogueEditor, ClientAddress, KeyOperator, Operator,
    OrganizationAccess,
};
use http::header::AUTHORIZATION;
use http::request::Parts;
use http::{Extensions, HeaderMap, Method};

use super::path::Names;
use super::request_error::{ErrorBody, RequestError};

/// Left by the layer that counts where a credential is worth nothing: looking at it again would note
/// its use again.
#[derive(Clone, Copy)]
pub(super) struct NoCaller;

/// The caller may act for the organization in the path.
pub(crate) struct Access<E>(OrganizationAccess, PhantomData<E>);

/// The caller has the operator's rights.
pub(crate) struct AsOperator<E>(Operator, PhantomData<E>);

/// The caller may handle the keys of all organizations and of the operator.
pub(crate) struct AsKeyOperator<E>(KeyOperator, PhantomData<E>);

/// The caller may change the catalogue.
pub(crate) struct AsCatalogueEditor<E>(CatalogueEditor, PhantomData<E>);

/// The caller has a valid key.
pub(crate) struct AnyCaller<E>(Caller, PhantomData<E>);

macro_rules! deref_to {
    ($($wrapper:ident => $proof:ty;)*) => {$(
        impl<E> Deref for $wrapper<E> {
            type Target = $proof;

            fn deref(&self) -> &$proof {
                &self.0
            }
        }
    )*};
}

deref_to! {
    Access => OrganizationAccess;
    AsOperator => Operator;
    AsKeyOperator => KeyOperator;
    AsCatalogueEditor => CatalogueEditor;
    AnyCaller => Caller;
}

impl<E: ErrorBody> FromRequestParts<App> for Access<E> {
    type Rejection = E;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, E> {
        let names = Names::of(parts).await;
        let organization = names.get("org").unwrap_or_default();
        let caller = caller(parts, app).await.map_err(RequestError::App)?;
        match app.access(&caller, organization) {
            Ok(access) => Ok(Self(access, PhantomData)),
            Err(error) => Err(RequestError::App(error).into()),
        }
    }
}

impl<E: ErrorBody> FromRequestParts<App> for AsOperator<E> {
    type Rejection = E;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, E> {
        let caller = caller(parts, app).await.map_err(RequestError::App)?;
        match app.operator(&caller) {
            Ok(operator) => Ok(Self(operator, PhantomData)),
            Err(error) => Err(RequestError::App(error).into()),
        }
    }
}

impl<E: ErrorBody> FromRequestParts<App> for AsKeyOperator<E> {
    type Rejection = E;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, E> {
        let caller = caller(parts, app).await.map_err(RequestError::App)?;
        match app.key_operator(&caller) {
            Ok(operator) => Ok(Self(operator, PhantomData)),
            Err(error) => Err(RequestError::App(error).into()),
        }
    }
}

impl<E: ErrorBody> FromRequestParts<App> for AsCatalogueEditor<E> {
    type Rejection = E;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, E> {
        let caller = caller(parts, app).await.map_err(RequestError::App)?;
        match app.catalogue_editor(&caller) {
            Ok(editor) => Ok(Self(editor, PhantomData)),
            Err(error) => Err(RequestError::App(error).into()),
        }
    }
}

impl<E: ErrorBody> FromRequestParts<App> for AnyCaller<E> {
    type Rejection = E;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, E> {
        let caller = caller(parts, app).await.map_err(RequestError::App)?;
        Ok(Self(caller, PhantomData))
    }
}

/// Who calls: as the layer that counts has found out, or by the credential.
async fn caller(parts: &Parts, app: &App) -> Result<Caller, AppError> {
    known_caller(parts, app, bearer(&parts.headers)).await
}

/// The same with a credential that was looked for elsewhere.
pub(crate) async fn known_caller(
    parts: &Parts,
    app: &App,
    credential: Option<&str>,
) -> Result<Caller, AppError> {
    match parts.extensions.get::<Caller>() {
        Some(known) => Ok(known.clone()),
        None if parts.extensions.get::<NoCaller>().is_some() => Err(AppError::Unauthenticated),
        None => {
            let caller = app.caller(credential, source(&parts.extensions)).await?;
            Ok(with_route(caller, &parts.method, &parts.extensions))
        }
    }
}

/// The caller with the route that is asked for, as far as the router has told.
pub(super) fn with_route(caller: Caller, method: &Method, extensions: &Extensions) -> Caller {
    match extensions.get::<MatchedPath>() {
        Some(path) => caller.asking(method.as_str(), path.as_str()),
        None => caller,
    }
}

/// The address that a request comes from.
pub(super) fn source(extensions: &Extensions) -> Option<IpAddr> {
    extensions.get().map(|ClientAddress(address)| *address)
}

/// The token of `Authorization: Bearer …` (RFC 6750, 2.1).
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| token.trim_matches(' '))
}
