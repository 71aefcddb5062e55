//! Requests that no page answers: an address that takes forms only, a slash too many, and what
//! cannot be read. Each is led to a page, or told what is wrong, in words.

use axum::extract::{FromRequestParts as _, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Redirect, Response};
use http::{HeaderValue, Method, Uri, header};

use crate::failure::Failure;
use crate::router::Console;
use crate::visitor::Visitor;

/// What the list of sessions has forms for, at addresses of other shapes than elsewhere.
const SESSIONS: &str = "/console/sessions";

/// An address that leads nowhere; without the slash at its end it may lead somewhere.
pub(crate) async fn no_such_page(uri: Uri, visitor: Result<Visitor, Failure>) -> Response {
    let path = uri.path().trim_end_matches('/');
    if path != uri.path() {
        return Redirect::to(&with_query(path, &uri)).into_response();
    }
    match visitor {
        Ok(visitor) => Failure::no_such_page(&visitor).into_response(),
        Err(failure) => failure.into_response(),
    }
}

/// An address that answers to another method. It stands in the bar of the browser after a form was
/// answered by a page, so whoever opens it wants the page that the form belongs to.
pub(crate) async fn other_method(
    method: Method,
    uri: Uri,
    visitor: Result<Visitor, Failure>,
) -> Response {
    if matches!(method, Method::GET | Method::HEAD) {
        return Redirect::to(&with_query(page_of(uri.path()), &uri)).into_response();
    }
    match visitor {
        Ok(visitor) => Failure::no_such_page(&visitor).into_response(),
        Err(failure) => failure.into_response(),
    }
}

/// The page that a form belongs to which is sent to `path`: the one above it.
fn page_of(path: &str) -> &str {
    if path == "/console/password" || path.starts_with(SESSIONS) {
        return SESSIONS;
    }
    path.rsplit_once('/').map_or(path, |(above, _)| above)
}

fn with_query(path: &str, uri: &Uri) -> String {
    match uri.query() {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    }
}

/// Makes a page of what the framework says when it cannot read an address or a form: those texts
/// are for developers.
pub(crate) async fn readable(
    State(console): State<Console>,
    request: Request,
    next: Next,
) -> Response {
    let (parts, body) = request.into_parts();
    let mut asked = parts.clone();
    let response = next.run(Request::from_parts(parts, body)).await;
    if !is_raw(&response) {
        return response;
    }
    let failure = match Visitor::from_request_parts(&mut asked, &console).await {
        Ok(visitor) => Failure::unreadable(response.status(), &asked.method, &visitor),
        Err(failure) => failure,
    };
    failure.into_response()
}

/// Pages and files of the console are of other types.
fn is_raw(response: &Response) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE);
    let kind = kind.map(HeaderValue::as_bytes).unwrap_or_default();
    response.status().is_client_error() && kind.starts_with(b"text/plain")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_belongs_to_the_page_above_it() {
        for (form, page) in [
            (
                "/console/o/a/deliveries/1/payload",
                "/console/o/a/deliveries/1",
            ),
            (
                "/console/o/a/webhooks/1/secret/show",
                "/console/o/a/webhooks/1/secret",
            ),
            ("/console/o/a/webhooks/1/active", "/console/o/a/webhooks/1"),
            ("/console/sessions/1/end", "/console/sessions"),
            ("/console/password", "/console/sessions"),
            ("/console/sign-out", "/console"),
        ] {
            assert_eq!(page_of(form), page, "{form}");
        }
    }
}
