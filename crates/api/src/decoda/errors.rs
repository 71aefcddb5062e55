//! Decoda's error body: `{"detail"}`, a text or a list of fields, as `FastAPI` and Pydantic print it.

mod field_error;

use std::borrow::Cow;

use axum::response::{IntoResponse, Response};
use carehook_app::{AppError, FieldFault};
use carehook_core::Dialect;
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::Serialize;

use super::tenant::API_KEY;
use super::types::event_choice;
use crate::extract::{ErrorBody, RequestError, log_fault, retry_seconds};
use crate::reply::JSON;

pub(crate) use field_error::{FieldError, Place};

/// A refusal as the Decoda API answers it.
#[derive(Debug)]
pub(crate) struct Refused {
    status: StatusCode,
    detail: Detail,
    /// After how many seconds to try again.
    wait: Option<u64>,
}

/// What is wrong: in words, or field by field.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Detail {
    Text(Cow<'static, str>),
    Fields(Vec<FieldError>),
}

#[derive(Serialize)]
struct Body<'a> {
    detail: &'a Detail,
}

impl Refused {
    fn new(status: StatusCode, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status,
            detail: Detail::Text(detail.into()),
            wait: None,
        }
    }

    /// Fields that are not acceptable.
    pub(super) fn fields(errors: Vec<FieldError>) -> Self {
        Self {
            status: StatusCode::UNPROCESSABLE_ENTITY,
            detail: Detail::Fields(errors),
            wait: None,
        }
    }

    /// The key is valid, but has nothing to do with the tenant, whether that exists or not.
    pub(super) fn foreign_tenant() -> Self {
        let detail = "The API key does not give access to this tenant";
        Self::new(StatusCode::FORBIDDEN, detail)
    }
}

impl From<AppError> for Refused {
    fn from(error: AppError) -> Self {
        log_fault(&error);
        let text = error.to_string();
        let wait = retry_seconds(&error);
        let refused = match &error {
            AppError::Unauthenticated => Self::new(StatusCode::UNAUTHORIZED, "Invalid API key"),
            AppError::Forbidden { .. } => Self::new(StatusCode::FORBIDDEN, text),
            AppError::NotFound { kind } => Self::new(StatusCode::NOT_FOUND, unknown(kind)),
            AppError::Invalid(faults) => Self::fields(faults.iter().map(field_error).collect()),
            AppError::Conflict { .. } | AppError::InProgress => {
                Self::new(StatusCode::CONFLICT, text)
            }
            AppError::RateLimited(_) => Self::new(StatusCode::TOO_MANY_REQUESTS, text),
            AppError::Gone { .. } => Self::new(StatusCode::GONE, text),
            AppError::TooLarge { .. } => Self::new(StatusCode::PAYLOAD_TOO_LARGE, text),
            AppError::Unavailable { .. } => Self::new(StatusCode::SERVICE_UNAVAILABLE, text),
            AppError::OutcomeUnknown(_) => {
                // The text of the error speaks of idempotency keys, which do not exist here.
                let detail = "The outcome is unknown: it may have been stored or not";
                Self::new(StatusCode::SERVICE_UNAVAILABLE, detail)
            }
            AppError::Full => Self::new(StatusCode::INSUFFICIENT_STORAGE, text),
            AppError::Internal(_) => {
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
            }
        };
        Self { wait, ..refused }
    }
}

/// What was asked for, as this API calls it.
fn unknown(kind: &str) -> &'static str {
    match kind {
        "endpoint" => "Webhook not found",
        "event" | "delivery" => "Webhook event not found",
        "organization" => "Tenant not found",
        _ => "Not Found",
    }
}

/// A fault of a use case under the name that the field has here.
fn field_error(fault: &FieldFault) -> FieldError {
    let FieldFault { pointer, reason } = fault;
    let names: Vec<&str> = pointer.split('/').skip(1).collect();
    match *names.as_slice() {
        ["url"] => FieldError::value(vec!["body".into(), "url".into()], reason),
        ["events"] => FieldError::value(vec!["body".into(), "subscriptions".into()], reason),
        ["events", index] => {
            let index = index.parse().map_or_else(|_| index.into(), Place::Index);
            event_choice(vec!["body".into(), "subscriptions".into(), index])
        }
        ["notification_email"] => {
            FieldError::value(vec!["body".into(), "notificationEmail".into()], reason)
        }
        ["event_type"] => event_choice(vec!["query".into(), "event_type".into()]),
        ["limit"] => FieldError::value(vec!["query".into(), "limit".into()], reason),
        _ => {
            let names = names.into_iter().map(Place::from);
            let place = [Place::from("body")].into_iter().chain(names);
            FieldError::value(place.collect(), reason)
        }
    }
}

impl From<RequestError> for Refused {
    fn from(error: RequestError) -> Self {
        match error {
            RequestError::App(error) => error.into(),
            RequestError::MalformedJson(reason) => Self::fields(vec![FieldError::json(0, reason)]),
            RequestError::Header(detail) => Self::new(StatusCode::BAD_REQUEST, detail),
            RequestError::MediaType(expected) => {
                let detail = format!("The body needs the header `Content-Type: {expected}`");
                Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail)
            }
            RequestError::TooManyBytes(max) => {
                let detail = format!("The body has more than {max} bytes");
                Self::new(StatusCode::PAYLOAD_TOO_LARGE, detail)
            }
            RequestError::Incomplete => {
                let detail = "The body did not arrive completely within 30 seconds";
                Self::new(StatusCode::REQUEST_TIMEOUT, detail)
            }
            RequestError::UnknownPath => Self::new(StatusCode::NOT_FOUND, "Not Found"),
            RequestError::Method => Self::new(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed"),
        }
    }
}

impl ErrorBody for Refused {
    const DIALECT: Dialect = Dialect::Decoda;
    const MEDIA_TYPE: HeaderValue = JSON;
    // FastAPI's name for a key in a header of its own.
    const CHALLENGE: HeaderValue = HeaderValue::from_static("APIKey");

    fn credential(headers: &HeaderMap) -> Option<&str> {
        headers.get(API_KEY)?.to_str().ok()
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let Self {
            status,
            detail,
            wait,
        } = self;
        Self::answer(status, &Body { detail: &detail }, wait)
    }
}

#[cfg(test)]
mod tests;
