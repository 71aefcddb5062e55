//! Why a request was refused, before a dialect puts it into its own words.

use axum::response::{IntoResponse, Response};
use carehook_app::{AppError, Chain, Quota};
use carehook_core::Dialect;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Serialize;

use super::access::bearer;

/// Why a request was refused; the texts are for the dialects that have none of their own.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RequestError {
    /// By a use case.
    #[error(transparent)]
    App(#[from] AppError),
    /// The body is not JSON; the text says where.
    #[error("the body is not JSON: {0}")]
    MalformedJson(String),
    /// A header that has a meaning here cannot be read.
    #[error("{0}")]
    Header(String),
    /// The body is not declared to be of this media type.
    #[error("the body needs the header `Content-Type: {0}`")]
    MediaType(&'static str),
    /// The body has more bytes than this.
    #[error("the body has more than {0} bytes")]
    TooManyBytes(usize),
    /// The body did not arrive in time or broke off.
    #[error("the body did not arrive completely within 30 seconds")]
    Incomplete,
    /// There is no such path.
    #[error("there is no such path")]
    UnknownPath,
    /// The path exists, but not with this method.
    #[error("the path does not have this method; see `Allow`")]
    Method,
}

/// How long a caller shall wait when only time helps, and nobody knows how much.
pub(crate) const RETRY_SECONDS: u64 = 1;

/// How long a caller shall wait before it repeats what was refused, in seconds, if that helps.
pub(crate) fn retry_seconds(error: &AppError) -> Option<u64> {
    match error {
        AppError::RateLimited(quota) => Some(quota.reset_seconds),
        AppError::InProgress => Some(RETRY_SECONDS),
        _ => None,
    }
}

/// How a dialect answers a refusal.
pub(crate) trait ErrorBody: From<RequestError> + IntoResponse {
    /// Whose words they are.
    const DIALECT: Dialect;

    /// The media type of such answers.
    const MEDIA_TYPE: HeaderValue;

    /// What a caller without a valid credential is asked for.
    const CHALLENGE: HeaderValue = HeaderValue::from_static("Bearer realm=\"carehook\"");

    /// The credential of a request: the bearer token, unless the dialect has it elsewhere.
    fn credential(headers: &HeaderMap) -> Option<&str> {
        bearer(headers)
    }

    /// The organization that a header names, in a dialect that has it there.
    fn organization(_headers: &HeaderMap) -> Option<&str> {
        None
    }

    /// Tells in the headers of an answer what is left of a limit, in a dialect that has such.
    fn tell_quota(_quota: &Quota, _headers: &mut HeaderMap) {}

    /// The answer with this status and body, and the headers that such a status needs; `wait` is
    /// told to callers for whom only time helps, in seconds.
    fn answer(status: StatusCode, body: &impl Serialize, wait: Option<u64>) -> Response {
        let body = serde_json::to_vec(body).expect("errors consist of texts and numbers");
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, Self::MEDIA_TYPE);
        let unavailable = status == StatusCode::SERVICE_UNAVAILABLE;
        if let Some(wait) = wait.or(unavailable.then_some(RETRY_SECONDS)) {
            headers.insert(header::RETRY_AFTER, wait.into());
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, Self::CHALLENGE);
        }
        response
    }
}

/// Tells the log of a refusal that is the server's fault.
pub(crate) fn log_fault(error: &AppError) {
    match error {
        // Under overload there are many of these; they are counted elsewhere.
        AppError::Unavailable { .. } => {
            tracing::debug!(error = %Chain(error), "a request was put off");
        }
        AppError::OutcomeUnknown(_) | AppError::Internal(_) => {
            tracing::error!(error = %Chain(error), "a request failed");
        }
        AppError::Unauthenticated
        | AppError::Forbidden { .. }
        | AppError::NotFound { .. }
        | AppError::Gone { .. }
        | AppError::Invalid(_)
        | AppError::Conflict { .. }
        | AppError::InProgress
        | AppError::TooLarge { .. }
        | AppError::RateLimited(_)
        | AppError::Full => {}
    }
}
