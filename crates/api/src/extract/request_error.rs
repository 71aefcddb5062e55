//! Why a request was refused, before a dialect puts it into its own words.

use axum::response::IntoResponse;
use carehook_app::AppError;
use http::{HeaderMap, HeaderValue};

use super::access::bearer;

/// Why a request was refused.
#[derive(Debug)]
pub(crate) enum RequestError {
    /// By a use case.
    App(AppError),
    /// The body is not JSON; the text says where.
    MalformedJson(String),
    /// A header that has a meaning here cannot be read.
    Header(String),
    /// The body is not declared to be JSON.
    MediaType,
    /// The body has more bytes than this.
    TooManyBytes(usize),
    /// The body did not arrive in time or broke off.
    Incomplete,
    /// There is no such path.
    UnknownPath,
    /// The path exists, but not with this method.
    Method,
}

impl From<AppError> for RequestError {
    fn from(error: AppError) -> Self {
        Self::App(error)
    }
}

/// How a dialect answers a refusal.
pub(crate) trait ErrorBody: From<RequestError> + IntoResponse {
    /// The media type of such answers.
    const MEDIA_TYPE: HeaderValue;

    /// The credential of a request: the bearer token, unless the dialect has it elsewhere.
    fn credential(headers: &HeaderMap) -> Option<&str> {
        bearer(headers)
    }

    /// The organization that a header names, in a dialect that has it there.
    fn organization(_headers: &HeaderMap) -> Option<&str> {
        None
    }
}
