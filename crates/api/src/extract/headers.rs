//! The `Idempotency-Key` header.

use std::marker::PhantomData;

use axum::extract::FromRequestParts;
use carehook_app::IdempotencyKey;
use http::HeaderMap;
use http::request::Parts;

use super::request_error::{ErrorBody, RequestError};

const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// Reads the key, if there is one.
pub(super) fn idempotency_key(headers: &HeaderMap) -> Result<Option<IdempotencyKey>, RequestError> {
    let mut values = headers.get_all(IDEMPOTENCY_KEY).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        let detail = "Idempotency-Key is there twice".to_owned();
        return Err(RequestError::Header(detail));
    }
    let key = IdempotencyKey::parse(value.to_str().unwrap_or_default());
    key.map(Some).map_err(RequestError::Header)
}

/// The idempotency key of a publish, which becomes part of what is stored.
pub(crate) struct PublishKey<E>(pub(crate) Option<IdempotencyKey>, PhantomData<E>);

impl<S, E> FromRequestParts<S> for PublishKey<E>
where
    S: Sync,
    E: ErrorBody,
{
    type Rejection = E;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, E> {
        let key = idempotency_key(&parts.headers)?;
        Ok(Self(key, PhantomData))
    }
}
