//! Jump's error body: `{"data": null, "meta", "error": {"code", "message"}}`.
//!
//! The codes are those of its guide and no others; what it has no code for (a wrong method, a body
//! that is too large) gets the nearest one, with the status that HTTP has for it.

use axum::response::{IntoResponse, Response};
use carehook_app::{AppError, Chain};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use utoipa::ToSchema;

use super::types::Meta;
use crate::extract::{ErrorBody, RequestError, told};
use crate::reply::JSON;

/// An error as Jump's API answers it.
#[derive(Debug)]
pub(crate) struct Failure {
    status: StatusCode,
    body: FailureBody,
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
    #[expect(
        dead_code,
        reason = "no requests are counted yet; clients shall know the code before they are"
    )]
    RateLimited,
    InternalError,
    Unavailable,
}

/// How long a caller shall wait when only time helps.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("1");
const CHALLENGE: HeaderValue = HeaderValue::from_static("Bearer realm=\"carehook\"");

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
        Self { status, body }
    }

    /// With the status that HTTP has for it.
    fn with(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }
}

impl From<AppError> for Failure {
    fn from(error: AppError) -> Self {
        let message = error.to_string();
        match &error {
            AppError::Unauthenticated => Self::new(Code::Unauthorized, message),
            AppError::Forbidden { .. } => Self::new(Code::Forbidden, message),
            AppError::NotFound { .. } => Self::new(Code::NotFound, message),
            AppError::Invalid(faults) => Self::new(Code::ValidationError, told(faults)),
            AppError::Conflict { .. } | AppError::InProgress => Self::new(Code::Conflict, message),
            AppError::TooLarge { .. } => {
                Self::new(Code::ValidationError, message).with(StatusCode::PAYLOAD_TOO_LARGE)
            }
            AppError::Unavailable { .. } => {
                // Under overload there are many of these; they are counted elsewhere.
                tracing::debug!(error = %Chain(&error), "a request was put off");
                Self::new(Code::Unavailable, message)
            }
            AppError::Full => Self::new(Code::Unavailable, message),
            AppError::OutcomeUnknown(_) => {
                tracing::error!(error = %Chain(&error), "a request failed");
                Self::new(Code::Unavailable, message)
            }
            AppError::Internal(_) => {
                tracing::error!(error = %Chain(&error), "a request failed");
                Self::new(Code::InternalError, message)
            }
        }
    }
}

impl From<RequestError> for Failure {
    fn from(error: RequestError) -> Self {
        match error {
            RequestError::App(error) => error.into(),
            RequestError::MalformedJson(detail) => Self::new(
                Code::ValidationError,
                format!("the body is not JSON: {detail}"),
            ),
            RequestError::Header(detail) => Self::new(Code::ValidationError, detail),
            RequestError::MediaType => Self::new(
                Code::ValidationError,
                "the body needs the header `Content-Type: application/json`",
            )
            .with(StatusCode::UNSUPPORTED_MEDIA_TYPE),
            RequestError::TooManyBytes(max) => {
                let message = format!("the body has more than {max} bytes");
                Self::new(Code::ValidationError, message).with(StatusCode::PAYLOAD_TOO_LARGE)
            }
            RequestError::Incomplete => Self::new(
                Code::ValidationError,
                "the body did not arrive completely within 30 seconds",
            )
            .with(StatusCode::REQUEST_TIMEOUT),
            RequestError::UnknownPath => Self::new(Code::NotFound, "there is no such path"),
            RequestError::Method => Self::new(
                Code::NotFound,
                "the path does not have this method; see `Allow`",
            )
            .with(StatusCode::METHOD_NOT_ALLOWED),
        }
    }
}

impl ErrorBody for Failure {
    const MEDIA_TYPE: HeaderValue = JSON;
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let Self { status, body } = self;
        let body = serde_json::to_vec(&body).expect("a failure consists of texts");
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, Self::MEDIA_TYPE);
        if status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, RETRY_AFTER);
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, CHALLENGE);
        }
        response
    }
}

#[cfg(test)]
mod tests;
