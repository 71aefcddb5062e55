//! Forms that were sent from elsewhere, which are refused: what happened and what to do, on a page.

use askama::Template;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http::request::Parts;
use http::{HeaderMap, HeaderName, StatusCode, header};
use tower_http::csrf::{ProtectionError, ProtectionErrorKind};

use crate::page::shown;
use crate::visitor::Theme;

/// Most characters of an address that anybody can have written.
const MAX_CHARS: usize = 200;

#[derive(Template)]
#[template(path = "pages/foreign.html")]
struct Foreign {
    theme: Theme,
    /// What the page calls itself that has sent it; missing where the browser does not say.
    origin: Option<String>,
    /// What this server was called, where that is not what the browser said.
    asked_as: Option<String>,
}

/// Makes a page of a refusal, which is empty otherwise.
pub(crate) async fn explained(request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let page = page_for(&parts);
    let response = next.run(Request::from_parts(parts, body)).await;
    let Some(refusal) = response.extensions().get::<ProtectionError>() else {
        return response;
    };
    let page = match refusal.kind() {
        // The browser itself has compared the addresses.
        ProtectionErrorKind::CrossOriginRequest => Foreign {
            asked_as: None,
            ..page
        },
        _ => page,
    };
    (StatusCode::FORBIDDEN, shown(&page)).into_response()
}

fn page_for(parts: &Parts) -> Foreign {
    let asked_as = text(&parts.headers, &header::HOST);
    Foreign {
        theme: Theme::of(parts),
        origin: text(&parts.headers, &header::ORIGIN).filter(|origin| origin != "null"),
        asked_as: asked_as.or_else(|| parts.uri.authority().map(ToString::to_string)),
    }
}

fn text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let value = headers.get(name)?.to_str().ok()?;
    Some(value.chars().take(MAX_CHARS).collect())
}
