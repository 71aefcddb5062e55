//! The moment after a sign-in: whether the browser has kept the cookie.

use askama::Template;
use axum::Router;
use axum::extract::Query;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;
use carehook_app::SignedIn;
use http::{StatusCode, header};

use super::{Next, Stranger};
use crate::address::{self, page_to_return_to};
use crate::cookies;
use crate::failure::Failure;
use crate::page::shown;
use crate::router::Console;
use crate::visitor::{Theme, Visitor};

pub(super) fn routes() -> Router<Console> {
    Router::new().route("/console/arrived", get(arrived))
}

/// Leads to `next`, by way of [`arrived`].
pub(super) fn begun(console: &Console, session: &SignedIn, next: &str) -> Response {
    let cookie = cookies::signed_in(session.cookie.expose(), console.embedding());
    let next = format!("/console/arrived?next={}", address::part(next));
    ([(header::SET_COOKIE, cookie)], Redirect::to(&next)).into_response()
}

#[derive(Template)]
#[template(path = "pages/cookie_lost.html")]
struct CookieLost {
    theme: Theme,
    /// As part of an address.
    next: String,
}

/// Where somebody comes who has just signed in: without the cookie, all that follows would ask to
/// sign in again, and not say why.
async fn arrived(
    Stranger { theme, .. }: Stranger,
    Query(Next { next }): Query<Next>,
    visitor: Result<Visitor, Failure>,
) -> Response {
    let next = page_to_return_to(next.as_deref());
    if visitor.is_ok() {
        return Redirect::to(next).into_response();
    }
    let next = address::part(next);
    (StatusCode::FORBIDDEN, shown(&CookieLost { theme, next })).into_response()
}
