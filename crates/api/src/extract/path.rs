//! Names in the path; one that cannot be the name of anything is unknown, not malformed.

use std::marker::PhantomData;
use std::str::FromStr;

use axum::extract::{FromRequestParts, RawPathParams};
use carehook_app::AppError;
use carehook_core::{
    ApiKeyId, CategoryCode, DeliveryId, EndpointId, ErasureId, EventId, EventType, OperatorKeyId,
    ReplayId,
};
use http::request::Parts;

use super::request_error::{ErrorBody, RequestError};

/// The names in the path of a request.
pub(crate) struct Names(Option<RawPathParams>);

impl Names {
    /// Reads them; without any when the path is not valid UTF-8.
    pub(crate) async fn of(parts: &mut Parts) -> Self {
        Self(RawPathParams::from_request_parts(parts, &()).await.ok())
    }

    /// One of them.
    pub(crate) fn get(&self, wanted: &str) -> Option<&str> {
        let mut names = self.0.iter().flatten();
        names
            .find(|(name, _)| *name == wanted)
            .map(|(_, value)| value)
    }
}

impl<S: Sync> FromRequestParts<S> for Names {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self::of(parts).await)
    }
}

/// What the last name of a path can stand for.
pub(crate) trait Named: FromStr + Send {
    /// The name of the path's part.
    const PART: &'static str;
    /// What it is called when it is unknown.
    const KIND: &'static str;
}

macro_rules! named {
    ($($name:ident $part:literal $kind:literal;)*) => {$(
        impl Named for $name {
            const PART: &'static str = $part;
            const KIND: &'static str = $kind;
        }
    )*};
}

named! {
    ApiKeyId "id" "key";
    OperatorKeyId "id" "operator key";
    ErasureId "id" "erasure";
    ReplayId "job" "replay";
    EndpointId "id" "endpoint";
    EventId "id" "event";
    DeliveryId "id" "delivery";
    EventType "type" "event type";
    CategoryCode "category" "category";
}

/// The thing that a path is about.
pub(crate) struct Id<T, E>(pub(crate) T, PhantomData<E>);

impl<S, T, E> FromRequestParts<S> for Id<T, E>
where
    S: Sync,
    T: Named,
    E: ErrorBody,
{
    type Rejection = E;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, E> {
        let names = Names::of(parts).await;
        let parsed = names.get(T::PART).and_then(|text| text.parse().ok());
        match parsed {
            Some(id) => Ok(Self(id, PhantomData)),
            None => Err(RequestError::App(AppError::NotFound { kind: T::KIND }).into()),
        }
    }
}
