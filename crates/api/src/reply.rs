//! Answers that every dialect gives: a status and a JSON body.

use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde::Serialize;

pub(crate) const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// Answers hold secrets and patients' data: no cache between us and the caller keeps them.
const HEADERS: [(HeaderName, HeaderValue); 2] = [
    (header::CONTENT_TYPE, JSON),
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
];

/// A JSON answer with a fixed status.
pub(crate) struct Reply<T, const STATUS: u16 = 200>(pub(crate) T);

impl<T: Serialize, const STATUS: u16> IntoResponse for Reply<T, STATUS> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.0) {
            Ok(body) => (status::<STATUS>(), HEADERS, body).into_response(),
            Err(error) => {
                // Only a stored payload that is no JSON any more can do this.
                tracing::error!(%error, "an answer could not be written");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    }
}

/// A JSON answer of which a repetition of the request must not get everything.
pub(crate) struct ShownOnce<T, const STATUS: u16 = 200> {
    /// The answer.
    pub(crate) once: T,
    /// What a repetition gets.
    pub(crate) again: T,
}

/// The body that is kept of an answer for repetitions of its request, instead of its own.
#[derive(Clone)]
pub(crate) struct Kept(pub(crate) Bytes);

impl<T: Serialize, const STATUS: u16> IntoResponse for ShownOnce<T, STATUS> {
    fn into_response(self) -> Response {
        let Self { once, again } = self;
        let kept = serde_json::to_vec(&again).unwrap_or_default();
        let mut response = Reply::<T, STATUS>(once).into_response();
        response.extensions_mut().insert(Kept(kept.into()));
        response
    }
}

/// A JSON answer that is at hand as text.
pub(crate) struct JsonText(pub(crate) Bytes);

impl IntoResponse for JsonText {
    fn into_response(self) -> Response {
        ([(header::CONTENT_TYPE, JSON)], self.0).into_response()
    }
}

/// The body of a delivery, which is JSON already.
pub(crate) struct SentBody(pub(crate) Bytes);

impl IntoResponse for SentBody {
    fn into_response(self) -> Response {
        (HEADERS, self.0).into_response()
    }
}

/// An answer without a body.
pub(crate) struct Nothing;

impl IntoResponse for Nothing {
    fn into_response(self) -> Response {
        StatusCode::NO_CONTENT.into_response()
    }
}

fn status<const STATUS: u16>() -> StatusCode {
    const { assert!(STATUS >= 100 && STATUS < 600, "not an HTTP status") };
    StatusCode::from_u16(STATUS).unwrap_or(StatusCode::OK)
}
