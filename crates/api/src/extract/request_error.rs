//! Why a request was refused, before a dialect puts it into its own words.

use axum::response::{IntoResponse, Response};
use carehook_app::{AppError, Chain};
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
    /// The body is not declared to be JSON.
    #[error("the body needs the header `Content-Type: application/json`")]
    MediaType,
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

/// How long a caller shall wait when only time helps.
pub(crate) const RETRY_AFTER: HeaderValue = HeaderValue::from_static("1");

/// How a dialect answers a refusal.
pub(crate) trait ErrorBody: From<RequestError> + IntoResponse {
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

    /// The answer with this status and body, and the headers that such a status needs.
    fn answer(status: StatusCode, body: &impl Serialize) -> Response {
        let body = serde_json::to_vec(body).expect("errors consist of texts and numbers");
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, Self::MEDIA_TYPE);
        if status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, RETRY_AFTER);
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
        | AppError::Invalid(_)
        | AppError::Conflict { .. }
        | AppError::InProgress
        | AppError::TooLarge { .. }
        | AppError::Full => {}
    }
}
        | AppError::Gone { .. }
