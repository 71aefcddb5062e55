//! Signing in with an identity provider: the way there, and the way back.

use askama::Template;
use axum::Router;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::{AppendHeaders, IntoResponse as _, Redirect, Response};
use axum::routing::get;
use carehook_app::{AppError, OIDC_RETURN_PATH, OidcAnswer, OidcError, OidcPerson, OidcReturn};
use http::{HeaderMap, StatusCode, header};
use serde::Deserialize;

use super::{SignIn, Stranger, begun, reason, status};
use crate::address::{page_to_return_to, part};
use crate::cookies;
use crate::failure::capitalized;
use crate::page::shown;
use crate::router::Console;
use crate::visitor::Theme;

/// Where the way begins.
const PATH: &str = "/console/sign-in/oidc";
/// Where who asked for no page goes.
const START: &str = "/console";

pub(super) fn routes() -> Router<Console> {
    Router::new()
        .route(PATH, get(begin))
        .route(OIDC_RETURN_PATH, get(come_back))
}

/// Where the way to a page begins.
pub(super) fn address(next: &str) -> String {
    format!("{PATH}?next={}", part(next))
}

/// Where the way begins for somebody else than whom the provider knows.
fn another(next: &str) -> String {
    match next {
        START => format!("{PATH}?another=1"),
        next => format!("{PATH}?another=1&next={}", part(next)),
    }
}

/// Where all ways begin.
fn again(next: &str) -> String {
    match next {
        START => "/console/sign-in".to_owned(),
        next => format!("/console/sign-in?next={}", part(next)),
    }
}

#[derive(Template)]
#[template(path = "pages/not_signed_in.html")]
struct NotSignedIn {
    theme: Theme,
    /// What happened, in one sentence.
    what: String,
    /// What the provider says: hostile text.
    said: Option<String>,
    /// What to do.
    advice: &'static str,
    /// Where to sign in, which leads to the page that was asked for.
    again: String,
    /// Where somebody else signs in.
    another: Option<String>,
}

#[derive(Deserialize)]
struct Begin {
    next: Option<String>,
    /// Set by who was not let in as the person that the provider knows.
    another: Option<String>,
}

/// A link and no form: `form-action` of the policy lets forms lead nowhere else.
async fn begin(
    State(console): State<Console>,
    Stranger { theme, .. }: Stranger,
    Query(Begin { next, another }): Query<Begin>,
    headers: HeaderMap,
) -> Response {
    let next = page_to_return_to(next.as_deref());
    let who = match another {
        Some(_) => OidcPerson::Another,
        None => OidcPerson::Known,
    };
    let kept = cookies::all_begun(&headers);
    match console.app().begin_oidc(next, who, &kept).await {
        Ok(begun) => {
            let needless = begun.needless.iter();
            let forget = needless.map(|name| cookies::no_longer_begun(name));
            let lines = forget.chain([cookies::begun(&begun.kept)]);
            let lines = AppendHeaders(lines.map(|line| (header::SET_COOKIE, line)));
            (lines, Redirect::to(begun.url.expose())).into_response()
        }
        // The page has the other way in.
        Err(error) => {
            let (status, advice) = advice(&error);
            let fault = Some(format!("{} {advice}", capitalized(&error.to_string())));
            let page = SignIn::new(&console, theme, next, fault);
            (status, shown(&page)).into_response()
        }
    }
}

#[derive(Default, Deserialize)]
struct AnswerIn {
    code: Option<String>,
    state: Option<String>,
    iss: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
}

async fn come_back(
    State(console): State<Console>,
    Stranger { theme, source }: Stranger,
    answer: Result<Query<AnswerIn>, QueryRejection>,
    headers: HeaderMap,
) -> Response {
    // What names something twice is no answer (RFC 6749, 3.1), and so is not to what was begun.
    let Query(answer) = answer.unwrap_or_default();
    let AnswerIn {
        code,
        state,
        iss,
        error,
        error_description,
    } = answer;
    let answer = OidcAnswer {
        code,
        state,
        issuer: iss,
        error,
        error_description,
    };
    let kept = cookies::all_begun(&headers);
    let back = console.app().finish_oidc(answer, &kept, source).await;
    let OidcReturn {
        outcome,
        next,
        ended,
    } = back;
    let next = page_to_return_to(next.as_deref());
    let response = match outcome {
        Ok(session) => begun(&console, &session, next),
        Err(error) => not_signed_in(theme, &error, next),
    };
    let forget = ended.map(|name| (header::SET_COOKIE, cookies::no_longer_begun(&name)));
    (AppendHeaders(forget), response).into_response()
}

fn not_signed_in(theme: Theme, error: &OidcError, next: &str) -> Response {
    let (status, advice) = advice(error);
    let said = match error {
        OidcError::Declined {
            code,
            description: Some(description),
        } => Some(format!("{code}: {description}")),
        OidcError::Declined { code, .. } => Some(code.clone()),
        OidcError::NotInvited {
            who,
            has_address: true,
        } => Some(format!("You are {who}.")),
        OidcError::NotInvited { who, .. } => Some(format!(
            "You are {who}. It has not confirmed an address of yours."
        )),
        _ => None,
    };
    let what = match error {
        OidcError::App(error) => reason(error),
        error => error.to_string(),
    };
    let page = NotSignedIn {
        theme,
        what: capitalized(&what),
        said,
        advice,
        again: again(next),
        another: matches!(error, OidcError::NotInvited { .. }).then(|| another(next)),
    };
    (status, shown(&page)).into_response()
}

/// The status for programs, and what a person can do.
fn advice(error: &OidcError) -> (StatusCode, &'static str) {
    match error {
        OidcError::NotBegunHere => (
            StatusCode::BAD_REQUEST,
            "Begin again, in this browser, and come back within 10 minutes. The browser has to keep \
             cookies for that long.",
        ),
        OidcError::Unreachable(_) => (
            StatusCode::SERVICE_UNAVAILABLE,
            "Try again in a minute. Whoever runs this server finds the reason in its log, and with \
             carehook doctor.",
        ),
        OidcError::Busy => (StatusCode::SERVICE_UNAVAILABLE, "Try again in a minute."),
        OidcError::Declined { .. } => (
            StatusCode::FORBIDDEN,
            "Try again; if it stays so, ask whoever runs the identity provider.",
        ),
        OidcError::Exchange { .. } => (
            StatusCode::BAD_GATEWAY,
            "Try again; if it stays so, whoever runs this server compares the id and the secret of \
             the client, and the redirect address, with what the identity provider has.",
        ),
        OidcError::Untrusted(_) => (
            StatusCode::BAD_GATEWAY,
            "Try again; if it stays so, whoever runs this server compares its settings with those \
             of the identity provider.",
        ),
        OidcError::NotInvited { .. } => (
            StatusCode::FORBIDDEN,
            "Ask whoever runs this server to add you, or sign in at the identity provider as \
             somebody else.",
        ),
        OidcError::App(AppError::NotFound { .. }) => (
            StatusCode::NOT_FOUND,
            "Sign in with the password of the operator.",
        ),
        OidcError::App(error) => (status(error), "Try again."),
        _ => (StatusCode::INTERNAL_SERVER_ERROR, "Try again."),
    }
}
