//! Jump's error body: `{"data": null, "meta", "error": {"code", "message"}}`.
//!
//! The codes are those of its guide and no others; what it has no code for (a wrong method, a body
//! that is too large) gets the nearest one, with the status that HTTP has for it.

use axum::response::{IntoResponse, Response};
use carehook_app::AppError;
use carehook_core::Dialect;
use http::{HeaderValue, StatusCode};
use serde::Serialize;
use utoipa::ToSchema;

use super::types::Meta;
use crate::extract::{ErrorBody, RequestError, log_fault, retry_seconds, told};
use crate::reply::JSON;

/// An error as Jump's API answers it.
#[derive(Debug)]
pub(crate) struct Failure {
    status: StatusCode,
    body: FailureBody,
    /// After how many seconds to try again.
    wait: Option<u64>,
}

/// What is wrong with a request, or with the server.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Error, example = json!({
    "data": null,
    "meta": {"request_id": "req_0f8e2d7c5b1a4936a7c0d4e9b2f61835"},
    "error": {"code": "VALIDATION_ERROR", "message": "url: only https targets are allowed"},
}))]
pub(crate) struct FailureBody {
    /// Always null.
    #[schema(value_type = Option<Object>, required = true)]
    data: (),
    /// About the request.
    meta: Meta,
    /// What is wrong.
    error: Reason,
}

/// What is wrong.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Reason)]
pub(crate) struct Reason {
    /// The kind of error.
    code: Code,
    /// What is wrong this time; names the field.
    message: String,
}

/// The kinds of errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[schema(as = ErrorCode)]
pub(crate) enum Code {
    ValidationError,
    Unauthorized,
    Forbidden,
    NotFound,
    Conflict,
    RateLimited,
    InternalError,
    Unavailable,
}

impl Code {
    /// The status that the source gives it.
    fn status(self) -> StatusCode {
        match self {
            Self::ValidationError => StatusCode::BAD_REQUEST,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Conflict => StatusCode::CONFLICT,
            Self::RateLimited => StatusCode::TOO_MANY_REQUESTS,
            Self::InternalError => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

impl Failure {
    fn new(code: Code, message: impl Into<String>) -> Self {
        let message = message.into();
        let body = FailureBody {
            data: (),
            meta: Meta::default(),
            error: Reason { code, message },
        };
        let status = code.status();
        let wait = None;
        Self { status, body, wait }
    }

    /// With the status that HTTP has for it.
    fn with(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }
}

impl From<AppError> for Failure {
    fn from(error: AppError) -> Self {
        log_fault(&error);
        let message = error.to_string();
        let wait = retry_seconds(&error);
        let failure = match &error {
            AppError::Unauthenticated => Self::new(Code::Unauthorized, message),
            AppError::Forbidden { .. } => Self::new(Code::Forbidden, message),
            AppError::NotFound { .. } | AppError::Gone { .. } => Self::new(Code::NotFound, message),
            AppError::Invalid(faults) => Self::new(Code::ValidationError, told(faults)),
            AppError::Conflict { .. } | AppError::InProgress => Self::new(Code::Conflict, message),
            AppError::TooLarge { .. } => {
                Self::new(Code::ValidationError, message).with(StatusCode::PAYLOAD_TOO_LARGE)
            }
            AppError::RateLimited(_) => Self::new(Code::RateLimited, message),
            AppError::Unavailable { .. } | AppError::Full | AppError::OutcomeUnknown(_) => {
                Self::new(Code::Unavailable, message)
            }
            AppError::Internal(_) => Self::new(Code::InternalError, message),
        };
        Self { wait, ..failure }
    }
}

impl From<RequestError> for Failure {
    fn from(error: RequestError) -> Self {
        let message = error.to_string();
        let invalid = |status| Self::new(Code::ValidationError, &*message).with(status);
        match error {
            RequestError::App(error) => error.into(),
            RequestError::MalformedJson(_) | RequestError::Header(_) => {
                invalid(StatusCode::BAD_REQUEST)
            }
            RequestError::MediaType(_) => invalid(StatusCode::UNSUPPORTED_MEDIA_TYPE),
            RequestError::TooManyBytes(_) => invalid(StatusCode::PAYLOAD_TOO_LARGE),
            RequestError::Incomplete => invalid(StatusCode::REQUEST_TIMEOUT),
            RequestError::UnknownPath => Self::new(Code::NotFound, message),
            RequestError::Method => {
                Self::new(Code::NotFound, message).with(StatusCode::METHOD_NOT_ALLOWED)
            }
        }
    }
}

impl ErrorBody for Failure {
    const DIALECT: Dialect = Dialect::Jump;
    const MEDIA_TYPE: HeaderValue = JSON;
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        Self::answer(self.status, &self.body, self.wait)
    }
}

#[cfg(test)]
mod tests;
