//! The body of a request: bounded in size and time, before anything is parsed.

use std::marker::PhantomData;
use std::time::Duration;

use axum::extract::{FromRequest, Request};
use bytes::Bytes;
use carehook_core::Limits;
use http::{HeaderMap, header};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use tokio::time::timeout;

use super::request_error::{ErrorBody, RequestError};

/// A body that takes longer is given up: slow senders must not hold connections for ever.
const BODY_TIME: Duration = Duration::from_secs(30);

/// How large a body may be.
pub(crate) trait MaxBytes {
    /// In bytes.
    const MAX_BYTES: usize;
}

/// The bound of everything that is not a batch.
pub(crate) struct Single;

impl MaxBytes for Single {
    const MAX_BYTES: usize = Limits::BODY_BYTES;
}

/// The bound of a batch of events.
pub(crate) struct Batch;

impl MaxBytes for Batch {
    const MAX_BYTES: usize = Limits::BATCH_BYTES;
}

/// A JSON body as bytes, not yet parsed.
pub(crate) struct Body<L, E>(pub(crate) Bytes, PhantomData<(L, E)>);

impl<S, L, E> FromRequest<S> for Body<L, E>
where
    S: Sync,
    L: MaxBytes,
    E: ErrorBody,
{
    type Rejection = E;

    async fn from_request(request: Request, _: &S) -> Result<Self, E> {
        check_media_type(request.headers())?;
        let bytes = read(request, L::MAX_BYTES).await?;
        Ok(Self(bytes, PhantomData))
    }
}

/// Reads a body completely, unless it is too large or too slow.
pub(super) async fn read(request: Request, max_bytes: usize) -> Result<Bytes, RequestError> {
    // What is announced as too large is refused before it is sent.
    let announced = request.headers().get(header::CONTENT_LENGTH);
    let announced = announced.and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > max_bytes) {
        return Err(RequestError::TooManyBytes(max_bytes));
    }
    let limited = Limited::new(request.into_body(), max_bytes);
    match timeout(BODY_TIME, limited.collect()).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            Err(RequestError::TooManyBytes(max_bytes))
        }
        Ok(Err(_)) | Err(_) => Err(RequestError::Incomplete),
    }
}

/// Reads a body of any kind to its end and forgets it.
pub(crate) async fn drain(request: Request) -> Result<(), RequestError> {
    read(request, Batch::MAX_BYTES).await.map(drop)
}

/// The media type of a body, without its parameters.
pub(super) fn media_type(headers: &HeaderMap) -> &str {
    let value = headers.get(header::CONTENT_TYPE);
    let text = value
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    text.split(';').next().unwrap_or_default().trim_ascii()
}

/// `application/json`, or another type that is JSON inside (RFC 6839, 3.1).
pub(super) fn check_media_type(headers: &HeaderMap) -> Result<(), RequestError> {
    let essence = media_type(headers);
    let is_json = essence.eq_ignore_ascii_case("application/json")
        || essence.to_ascii_lowercase().ends_with("+json");
    if is_json {
        Ok(())
    } else {
        Err(RequestError::MediaType("application/json"))
    }
}
