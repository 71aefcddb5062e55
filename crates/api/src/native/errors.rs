//! The native error body: a problem (RFC 9457) whose type is stable and whose errors name fields.

use std::borrow::Cow;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::response::{IntoResponse, Response};
use carehook_app::{AppError, Chain, FieldFault, Quota};
use carehook_core::Dialect;
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::Serialize;
use utoipa::ToSchema;

use super::rate_limit;
use crate::extract::{ErrorBody, RequestError, retry_seconds};

/// An error as the native API answers it.
#[derive(Debug)]
pub(crate) struct Problem(Box<ProblemBody>);

/// What is wrong with a request, or with the server.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem, example = json!({
    "type": "urn:carehook:problem:invalid-fields",
    "title": "Fields are not acceptable",
    "status": 422,
    "detail": "the request has fields that are not acceptable",
    "errors": [{"pointer": "/url", "detail": "only https targets are allowed"}],
}))]
pub(crate) struct ProblemBody {
    /// The kind of problem; it never changes its meaning.
    #[serde(rename = "type")]
    #[schema(format = "uri")]
    kind: String,
    /// The kind of problem in words.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// What is wrong this time.
    detail: Cow<'static, str>,
    /// The fields that are not acceptable.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    errors: Vec<FieldProblem>,
    /// Names this occurrence, which the server's log tells more about.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    instance: Option<String>,
    /// After how many seconds to try again.
    #[serde(skip)]
    wait: Option<u64>,
    /// The limit that was reached.
    #[serde(skip)]
    quota: Option<Quota>,
}

/// A field that is not acceptable.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FieldProblem {
    /// Where it is in the request (RFC 6901); a query parameter stands for itself.
    pointer: String,
    /// What is wrong with it.
    detail: String,
}

impl FieldProblem {
    /// Puts the pointer below a place in the request.
    pub(super) fn put_below(&mut self, place: &str) {
        self.pointer.insert_str(0, place);
    }
}

impl From<FieldFault> for FieldProblem {
    fn from(fault: FieldFault) -> Self {
        let FieldFault { pointer, reason } = fault;
        Self {
            pointer,
            detail: reason,
        }
    }
}

/// The kinds of problems: the last part of the type, the title, the status.
type Kind = (&'static str, &'static str, StatusCode);

const UNAUTHENTICATED: Kind = (
    "unauthenticated",
    "A valid key is required",
    StatusCode::UNAUTHORIZED,
);
const FORBIDDEN: Kind = (
    "forbidden",
    "The key does not give this right",
    StatusCode::FORBIDDEN,
);
const NOT_FOUND: Kind = ("not-found", "Not found", StatusCode::NOT_FOUND);
const GONE: Kind = ("gone", "It is no longer there", StatusCode::GONE);
const INVALID: Kind = (
    "invalid-fields",
    "Fields are not acceptable",
    StatusCode::UNPROCESSABLE_ENTITY,
);
const CONFLICT: Kind = ("conflict", "Conflict", StatusCode::CONFLICT);
const IN_PROGRESS: Kind = ("in-progress", "Still in progress", StatusCode::CONFLICT);
const TOO_LARGE: Kind = ("too-large", "Too large", StatusCode::PAYLOAD_TOO_LARGE);
const RATE_LIMITED: Kind = (
    "rate-limited",
    "The limit is reached",
    StatusCode::TOO_MANY_REQUESTS,
);
const UNAVAILABLE: Kind = (
    "unavailable",
    "Not available at the moment",
    StatusCode::SERVICE_UNAVAILABLE,
);
const OUTCOME_UNKNOWN: Kind = (
    "outcome-unknown",
    "The outcome is unknown",
    StatusCode::SERVICE_UNAVAILABLE,
);
const FULL: Kind = ("full", "No room is left", StatusCode::INSUFFICIENT_STORAGE);
const INTERNAL: Kind = (
    "internal",
    "A fault of the server",
    StatusCode::INTERNAL_SERVER_ERROR,
);
const MALFORMED: Kind = (
    "malformed-json",
    "The body is not JSON",
    StatusCode::BAD_REQUEST,
);
const BAD_HEADER: Kind = (
    "bad-header",
    "A header is not acceptable",
    StatusCode::BAD_REQUEST,
);
const MEDIA_TYPE: Kind = (
    "unsupported-media-type",
    "The body must have another media type",
    StatusCode::UNSUPPORTED_MEDIA_TYPE,
);
const INCOMPLETE: Kind = (
    "incomplete",
    "The body did not arrive",
    StatusCode::REQUEST_TIMEOUT,
);
const METHOD: Kind = (
    "method-not-allowed",
    "Method not allowed",
    StatusCode::METHOD_NOT_ALLOWED,
);

impl Problem {
    fn new((kind, title, status): Kind, detail: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(ProblemBody {
            kind: format!("urn:carehook:problem:{kind}"),
            title,
            status: status.as_u16(),
            detail: detail.into(),
            errors: Vec::new(),
            instance: None,
            wait: None,
            quota: None,
        }))
    }

    /// Puts the pointers below a place in the request.
    pub(super) fn below(mut self, place: &str) -> Self {
        for error in &mut self.0.errors {
            error.put_below(place);
        }
        self
    }

    /// The problem as a part of another answer.
    pub(super) fn into_body(self) -> ProblemBody {
        *self.0
    }

    fn with_faults(mut self, faults: &[FieldFault]) -> Self {
        self.0.errors = faults.iter().cloned().map(FieldProblem::from).collect();
        self
    }

    /// Joins the answer to the log by a name.
    fn logged(mut self, error: &AppError) -> Self {
        static OCCURRENCES: AtomicU64 = AtomicU64::new(1);
        let number = OCCURRENCES.fetch_add(1, Ordering::Relaxed);
        let instance = format!("urn:carehook:fault:{}-{number}", std::process::id());
        tracing::error!(%instance, error = %Chain(error), "a request failed");
        self.0.instance = Some(instance);
        self
    }
}

impl From<AppError> for Problem {
    fn from(error: AppError) -> Self {
        let detail = error.to_string();
        let wait = retry_seconds(&error);
        let mut problem = match &error {
            AppError::Unauthenticated => Self::new(UNAUTHENTICATED, detail),
            AppError::Forbidden { .. } => Self::new(FORBIDDEN, detail),
            AppError::NotFound { .. } => Self::new(NOT_FOUND, detail),
            AppError::Gone { .. } => Self::new(GONE, detail),
            AppError::Invalid(faults) => Self::new(INVALID, detail).with_faults(faults),
            AppError::Conflict { .. } => Self::new(CONFLICT, detail),
            AppError::InProgress => Self::new(IN_PROGRESS, detail),
            AppError::TooLarge { .. } => Self::new(TOO_LARGE, detail),
            AppError::RateLimited(quota) => {
                let mut problem = Self::new(RATE_LIMITED, detail);
                problem.0.quota = Some(*quota);
                problem
            }
            AppError::Unavailable { .. } => {
                // Under overload there are many of these; they are counted elsewhere.
                tracing::debug!(error = %Chain(&error), "a request was put off");
                Self::new(UNAVAILABLE, detail)
            }
            AppError::OutcomeUnknown(_) => Self::new(OUTCOME_UNKNOWN, detail).logged(&error),
            AppError::Full => Self::new(FULL, detail),
            AppError::Internal(_) => Self::new(INTERNAL, detail).logged(&error),
        };
        problem.0.wait = wait;
        problem
    }
}

impl From<RequestError> for Problem {
    fn from(error: RequestError) -> Self {
        let text = error.to_string();
        match error {
            RequestError::App(error) => error.into(),
            RequestError::MalformedJson(detail) => Self::new(MALFORMED, detail),
            RequestError::Header(detail) => Self::new(BAD_HEADER, detail),
            RequestError::MediaType(_) => Self::new(MEDIA_TYPE, text),
            RequestError::TooManyBytes(_) => Self::new(TOO_LARGE, text),
            RequestError::Incomplete => Self::new(INCOMPLETE, text),
            RequestError::UnknownPath => Self::new(NOT_FOUND, text),
            RequestError::Method => Self::new(METHOD, text),
        }
    }
}

impl ErrorBody for Problem {
    const DIALECT: Dialect = Dialect::Native;
    const MEDIA_TYPE: HeaderValue = HeaderValue::from_static("application/problem+json");

    fn tell_quota(quota: &Quota, headers: &mut HeaderMap) {
        rate_limit::tell(quota, headers);
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.status).expect("every kind has a status");
        let mut response = Self::answer(status, &self.0, self.0.wait);
        if let Some(quota) = &self.0.quota {
            Self::tell_quota(quota, response.headers_mut());
        }
        response
    }
}

#[cfg(test)]
mod tests;
