//! Bodies that are forms (`application/x-www-form-urlencoded`).

use std::marker::PhantomData;

use axum::extract::{FromRequest, Request};
use serde::de::DeserializeOwned;

use super::body::{MaxBytes as _, Single, media_type, read};
use super::query::parse;
use super::request_error::{ErrorBody, RequestError};

const FORM: &str = "application/x-www-form-urlencoded";

/// A form, as a struct whose fields are texts that may be missing.
pub(crate) struct Form<T, E>(pub(crate) T, PhantomData<E>);

impl<S, T, E> FromRequest<S> for Form<T, E>
where
    S: Sync,
    T: DeserializeOwned,
    E: ErrorBody,
{
    type Rejection = E;

    async fn from_request(request: Request, _: &S) -> Result<Self, E> {
        if !media_type(request.headers()).eq_ignore_ascii_case(FORM) {
            return Err(RequestError::MediaType(FORM).into());
        }
        let body = read(request, Single::MAX_BYTES).await?;
        Ok(Self(parse(&body)?, PhantomData))
    }
}
