//! MYCURE's error body, which is that of Feathers: `{"name", "message", "code", "className",
//! "errors"}`.
//!
//! Names, codes and classes are those of `@feathersjs/errors`, so that its clients make the same
//! error of it again. It has none for 413 and 415; those are named in the same manner.

use std::collections::BTreeMap;

use axum::response::{IntoResponse, Response};
use carehook_app::{AppError, FieldFault};
use carehook_core::Dialect;
use http::{HeaderValue, StatusCode};
use serde::Serialize;
use utoipa::ToSchema;

use crate::extract::{ErrorBody, RequestError, field_name, log_fault, retry_seconds, told};
use crate::reply::JSON;

/// What is wrong with a request, or with the server.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Error, example = json!({
    "name": "BadRequest",
    "message": "url: only https targets are allowed",
    "code": 400,
    "className": "bad-request",
    "errors": {"url": "only https targets are allowed"},
}))]
#[serde(rename_all = "camelCase")]
pub(crate) struct FeathersError {
    /// The kind of error.
    name: &'static str,
    /// What is wrong this time; names the field.
    message: String,
    /// The HTTP status.
    code: u16,
    /// The kind of error, in lower case.
    class_name: &'static str,
    /// What is wrong with each field.
    errors: BTreeMap<String, String>,
    /// After how many seconds to try again.
    #[serde(skip)]
    wait: Option<u64>,
}

/// A kind of error: its name, its class, its status.
type Kind = (&'static str, &'static str, StatusCode);

const BAD_REQUEST: Kind = ("BadRequest", "bad-request", StatusCode::BAD_REQUEST);
const NOT_AUTHENTICATED: Kind = (
    "NotAuthenticated",
    "not-authenticated",
    StatusCode::UNAUTHORIZED,
);
const FORBIDDEN: Kind = ("Forbidden", "forbidden", StatusCode::FORBIDDEN);
const NOT_FOUND: Kind = ("NotFound", "not-found", StatusCode::NOT_FOUND);
const METHOD_NOT_ALLOWED: Kind = (
    "MethodNotAllowed",
    "method-not-allowed",
    StatusCode::METHOD_NOT_ALLOWED,
);
const TIMEOUT: Kind = ("Timeout", "timeout", StatusCode::REQUEST_TIMEOUT);
const CONFLICT: Kind = ("Conflict", "conflict", StatusCode::CONFLICT);
const TOO_LARGE: Kind = (
    "PayloadTooLarge",
    "payload-too-large",
    StatusCode::PAYLOAD_TOO_LARGE,
);
const MEDIA_TYPE: Kind = (
    "UnsupportedMediaType",
    "unsupported-media-type",
    StatusCode::UNSUPPORTED_MEDIA_TYPE,
);
const TOO_MANY_REQUESTS: Kind = (
    "TooManyRequests",
    "too-many-requests",
    StatusCode::TOO_MANY_REQUESTS,
);
const GENERAL_ERROR: Kind = (
    "GeneralError",
    "general-error",
    StatusCode::INTERNAL_SERVER_ERROR,
);
const UNAVAILABLE: Kind = (
    "Unavailable",
    "unavailable",
    StatusCode::SERVICE_UNAVAILABLE,
);

impl FeathersError {
    fn new((name, class_name, status): Kind, message: impl Into<String>) -> Self {
        Self {
            name,
            message: message.into(),
            code: status.as_u16(),
            class_name,
            errors: BTreeMap::new(),
            wait: None,
        }
    }

    /// Says for each field of the request what is wrong with it.
    fn invalid(faults: &[FieldFault]) -> Self {
        let mut errors: BTreeMap<String, String> = BTreeMap::new();
        for FieldFault { pointer, reason } in faults {
            let place = field_name(pointer);
            let (field, within) = match place.find('[') {
                Some(start) => place.split_at(start),
                None => (place.as_str(), ""),
            };
            let told = if within.is_empty() {
                reason.clone()
            } else {
                format!("{within}: {reason}")
            };
            errors
                .entry(field.to_owned())
                .and_modify(|before| *before = format!("{before}; {told}"))
                .or_insert(told);
        }
        // What concerns the body as a whole has no field.
        errors.remove("");
        Self {
            errors,
            ..Self::new(BAD_REQUEST, told(faults))
        }
    }
}

impl From<AppError> for FeathersError {
    fn from(error: AppError) -> Self {
        log_fault(&error);
        let message = error.to_string();
        let wait = retry_seconds(&error);
        let error = match &error {
            AppError::Unauthenticated => Self::new(NOT_AUTHENTICATED, message),
            AppError::Forbidden { .. } => Self::new(FORBIDDEN, message),
            AppError::NotFound { .. } | AppError::Gone { .. } => Self::new(NOT_FOUND, message),
            AppError::Invalid(faults) => Self::invalid(faults),
            AppError::Conflict { .. } | AppError::InProgress => Self::new(CONFLICT, message),
            AppError::TooLarge { .. } => Self::new(TOO_LARGE, message),
            AppError::Unavailable { .. } | AppError::Full | AppError::OutcomeUnknown(_) => {
                Self::new(UNAVAILABLE, message)
            }
            AppError::RateLimited(_) => Self::new(TOO_MANY_REQUESTS, message),
            AppError::Internal(_) => Self::new(GENERAL_ERROR, message),
        };
        Self { wait, ..error }
    }
}

impl From<RequestError> for FeathersError {
    fn from(error: RequestError) -> Self {
        let message = error.to_string();
        match error {
            RequestError::App(error) => error.into(),
            RequestError::MalformedJson(_) | RequestError::Header(_) => {
                Self::new(BAD_REQUEST, message)
            }
            RequestError::MediaType(_) => Self::new(MEDIA_TYPE, message),
            RequestError::TooManyBytes(_) => Self::new(TOO_LARGE, message),
            RequestError::Incomplete => Self::new(TIMEOUT, message),
            RequestError::UnknownPath => Self::new(NOT_FOUND, message),
            RequestError::Method => Self::new(METHOD_NOT_ALLOWED, message),
        }
    }
}

impl ErrorBody for FeathersError {
    const DIALECT: Dialect = Dialect::Mycure;
    const MEDIA_TYPE: HeaderValue = JSON;
}

impl IntoResponse for FeathersError {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.code).expect("every kind has a status");
        Self::answer(status, &self, self.wait)
    }
}

#[cfg(test)]
mod tests;
