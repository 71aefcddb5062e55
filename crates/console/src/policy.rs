//! What browsers are told about every page: where content may come from, and that nothing is kept.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::HeaderValue;
use http::header::{self, InvalidHeaderValue};

use crate::router::Console;

/// Puts the security headers (`security.md`, row "console") on an answer.
pub(crate) async fn guarded(
    State(console): State<Console>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, console.policy().clone());
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("same-origin"),
    );
    // What stands on a page is about patients' data: no copy of it on a disk.
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

/// The policy, with who may show pages in a frame: nobody, or those that the operator named.
///
/// # Errors
/// When a name holds what no header may hold.
pub(crate) fn policy(frame_ancestors: &[String]) -> Result<HeaderValue, InvalidHeaderValue> {
    let ancestors = if frame_ancestors.is_empty() {
        "'none'".to_owned()
    } else {
        frame_ancestors.join(" ")
    };
    HeaderValue::try_from(format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
         connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors {ancestors}"
    ))
}
