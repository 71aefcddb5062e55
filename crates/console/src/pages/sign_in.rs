//! Signing in and out: with the operator's password, with the one-time link of the first visit,
//! with an identity provider, and with a portal link.

mod arriving;
mod portal;
mod provider;

use std::convert::Infallible;
use std::net::IpAddr;

use askama::Template;
use axum::Router;
use axum::extract::{Form, FromRequestParts, Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use carehook_app::AppError;
use carehook_core::Secret;
use http::request::Parts;
use http::{StatusCode, header};
use serde::Deserialize;

use crate::address::{self, page_to_return_to};
use crate::cookies;
use crate::failure::{Failure, capitalized};
use crate::forms::secret;
use crate::page::shown;
use crate::router::Console;
use crate::visitor::{Theme, Visitor, source_of};
use arriving::begun;

/// What to do when the link of the first visit is used up.
const AFTER_FIRST_VISIT: &str =
    "If a password was set, sign in with it. Else `carehook sign-in-link` makes a new link.";

pub(crate) fn routes() -> Router<Console> {
    Router::new()
        .route("/console", get(start))
        .route("/console/sign-in", get(ask).post(sign_in))
        .merge(provider::routes())
        .route("/console/welcome", get(welcome).post(set_password))
        .merge(portal::routes())
        .merge(arriving::routes())
        .route("/console/sign-out", post(sign_out))
        .route("/console/theme", post(choose_colours))
}

/// Someone who need not be signed in.
struct Stranger {
    theme: Theme,
    /// Where the request comes from.
    source: Option<IpAddr>,
}

impl FromRequestParts<Console> for Stranger {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &Console) -> Result<Self, Infallible> {
        Ok(Self {
            theme: Theme::of(parts),
            source: source_of(parts),
        })
    }
}

#[derive(Template)]
#[template(path = "pages/sign_in.html")]
struct SignIn {
    theme: Theme,
    /// The identity provider.
    door: Option<Door>,
    /// Whether a password is asked for.
    takes_password: bool,
    has_password: bool,
    next: String,
    fault: Option<String>,
}

/// A link that leads to the identity provider.
struct Door {
    name: String,
    address: String,
}

impl SignIn {
    /// The page that leads to `next` afterwards.
    fn new(console: &Console, theme: Theme, next: &str, fault: Option<String>) -> Self {
        let app = console.app();
        let door = app.oidc_door();
        Self {
            theme,
            takes_password: !app.is_password_off(),
            has_password: app.has_password(),
            door: door.map(|door| Door {
                name: door.name,
                address: provider::address(next),
            }),
            next: next.to_owned(),
            fault,
        }
    }
}

#[derive(Template)]
#[template(path = "pages/welcome.html")]
struct Welcome {
    theme: Theme,
    link: String,
    fault: Option<String>,
}

#[derive(Template)]
#[template(path = "pages/link_ended.html")]
struct LinkEnded {
    theme: Theme,
    what: String,
    next: &'static str,
}

#[derive(Template)]
#[template(path = "pages/signed_out.html")]
struct SignedOut {
    theme: Theme,
    return_url: Option<String>,
}

#[derive(Deserialize)]
struct Next {
    next: Option<String>,
}

/// Where each person begins.
async fn start(visitor: Visitor) -> Redirect {
    match visitor.person.organization() {
        Some(own) => Redirect::to(&format!("/console/o/{}", address::part(own.as_str()))),
        None => Redirect::to("/console/organizations"),
    }
}

async fn ask(
    State(console): State<Console>,
    Stranger { theme, .. }: Stranger,
    Query(Next { next }): Query<Next>,
) -> Response {
    let next = page_to_return_to(next.as_deref());
    shown(&SignIn::new(&console, theme, next, None))
}

#[derive(Deserialize)]
struct SignInForm {
    #[serde(deserialize_with = "secret")]
    password: Secret,
    next: Option<String>,
}

async fn sign_in(
    State(console): State<Console>,
    Stranger { theme, source }: Stranger,
    Form(SignInForm { password, next }): Form<SignInForm>,
) -> Response {
    let next = page_to_return_to(next.as_deref());
    match console.app().sign_in(password, source).await {
        Ok(session) => begun(&console, &session, next),
        Err(error) => {
            let fault = Some(capitalized(&reason(&error)));
            let page = SignIn::new(&console, theme, next, fault);
            (status(&error), shown(&page)).into_response()
        }
    }
}

#[derive(Deserialize)]
struct Link {
    link: String,
}

async fn welcome(
    State(console): State<Console>,
    Stranger { theme, .. }: Stranger,
    Query(Link { link }): Query<Link>,
) -> Response {
    if console.app().is_first_visit_link(&link) {
        shown(&Welcome {
            theme,
            link,
            fault: None,
        })
    } else {
        ended(theme, "the link is not valid any more", AFTER_FIRST_VISIT)
    }
}

#[derive(Deserialize)]
struct PasswordForm {
    link: String,
    #[serde(deserialize_with = "secret")]
    password: Secret,
    #[serde(deserialize_with = "secret")]
    again: Secret,
}

async fn set_password(
    State(console): State<Console>,
    Stranger { theme, source }: Stranger,
    Form(PasswordForm {
        link,
        password,
        again,
    }): Form<PasswordForm>,
) -> Response {
    if password != again {
        let fault = Some("The two passwords are not the same.".to_owned());
        let page = Welcome { theme, link, fault };
        return (StatusCode::UNPROCESSABLE_ENTITY, shown(&page)).into_response();
    }
    match console.app().set_password(&link, password, source).await {
        Ok(session) => begun(&console, &session, "/console"),
        Err(AppError::Gone { reason }) => ended(theme, reason, AFTER_FIRST_VISIT),
        Err(error) => {
            let fault = Some(capitalized(&reason(&error)));
            let page = Welcome { theme, link, fault };
            (status(&error), shown(&page)).into_response()
        }
    }
}

async fn sign_out(State(console): State<Console>, visitor: Visitor) -> Result<Response, Failure> {
    let ended = console.app().sign_out(&visitor.person).await;
    ended.map_err(|error| Failure::of(error, &visitor))?;
    let forget = [(header::SET_COOKIE, cookies::signed_out(console.embedding()))];
    // A link, not a redirection: `form-action` of the policy lets forms lead nowhere else.
    let page = SignedOut {
        theme: visitor.theme,
        return_url: visitor.return_url(),
    };
    Ok((forget, shown(&page)).into_response())
}

#[derive(Deserialize)]
struct ColoursForm {
    theme: Theme,
    here: Option<String>,
}

async fn choose_colours(
    State(console): State<Console>,
    Form(ColoursForm { theme, here }): Form<ColoursForm>,
) -> Response {
    let cookie = cookies::theme(theme.name(), console.embedding());
    let remember = [(header::SET_COOKIE, cookie)];
    (remember, Redirect::to(page_to_return_to(here.as_deref()))).into_response()
}

fn ended(theme: Theme, what: &str, next: &'static str) -> Response {
    let what = capitalized(what);
    (StatusCode::GONE, shown(&LinkEnded { theme, what, next })).into_response()
}

/// What went wrong, for a person who is not signed in.
fn reason(error: &AppError) -> String {
    match error {
        AppError::Invalid(faults) => faults.first().map_or_else(
            || error.to_string(),
            |fault| format!("the password {}", fault.reason),
        ),
        _ => error.to_string(),
    }
}

fn status(error: &AppError) -> StatusCode {
    match error {
        AppError::RateLimited(_) => StatusCode::TOO_MANY_REQUESTS,
        _ if error.is_ours() => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    }
}
