//! What a person sees when a page cannot be shown: what happened, and what to do.

use askama::Template;
use axum::response::{IntoResponse, Redirect, Response};
use carehook_app::AppError;
use http::{HeaderValue, Method, StatusCode, header};

use crate::address;
use crate::page::{Page, Section, shown};
use crate::visitor::Visitor;

/// Why a page cannot be shown.
pub(crate) enum Failure {
    /// Nobody is signed in; afterwards it goes on at this page.
    SignInFirst { here: String },
    /// The use case did not do it.
    Refused(Box<RefusedPage>),
}

/// The page that says why.
#[derive(Template)]
#[template(path = "pages/refused.html")]
pub(crate) struct RefusedPage {
    page: Page,
    status: StatusCode,
    retry_after: Option<u64>,
    /// What happened, in one sentence.
    what: String,
    /// What to do, in one sentence.
    next: &'static str,
}

impl Failure {
    /// A failed use case, as a page.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "what failed ends here; callers map it"
    )]
    pub(crate) fn of(error: AppError, visitor: &Visitor) -> Self {
        if error.is_ours() {
            tracing::error!(error = %carehook_app::Chain(&error), "a page could not be shown");
        }
        let (status, title, next) = words(&error);
        let retry_after = match &error {
            AppError::RateLimited(quota) => Some(quota.reset_seconds),
            _ => None,
        };
        let what = match &error {
            AppError::Invalid(faults) => {
                let mut faults = faults.iter().map(|fault| {
                    let field = fault.pointer.trim_start_matches('/').replace('/', " ");
                    format!("{field} {}", fault.reason)
                });
                faults.next().unwrap_or_else(|| error.to_string())
            }
            AppError::InProgress => "this was sent already and has not ended yet".to_owned(),
            _ => error.to_string(),
        };
        Self::Refused(Box::new(RefusedPage {
            page: Page::of(visitor, Section::Organizations, title),
            status,
            retry_after,
            what: capitalized(&what),
            next,
        }))
    }

    /// An address, or a form, that cannot be read at all.
    pub(crate) fn unreadable(status: StatusCode, method: &Method, visitor: &Visitor) -> Self {
        let (what, next) = if method == Method::POST {
            (
                "What was sent is not what this form sends.",
                "Go back, reload the page and fill in the form again; nothing was stored.",
            )
        } else {
            (
                "This address is not complete, or something in it cannot be read.",
                "Check it, or go on from the start.",
            )
        };
        Self::Refused(Box::new(RefusedPage {
            page: Page::of(visitor, Section::Organizations, "Not readable"),
            status,
            retry_after: None,
            what: what.to_owned(),
            next,
        }))
    }

    /// An address that leads nowhere.
    pub(crate) fn no_such_page(visitor: &Visitor) -> Self {
        Self::of(AppError::NotFound { kind: "page" }, visitor)
    }
}

/// Status, title and advice for each error.
fn words(error: &AppError) -> (StatusCode, &'static str, &'static str) {
    match error {
        AppError::Unauthenticated => (
            StatusCode::UNAUTHORIZED,
            "Not signed in",
            "Sign in and open the page again.",
        ),
        AppError::Forbidden { .. } => (
            StatusCode::FORBIDDEN,
            "Not allowed",
            "Ask whoever gave you access for this right.",
        ),
        AppError::NotFound { .. } => (
            StatusCode::NOT_FOUND,
            "Nothing here",
            "It may have been deleted, or it belongs to another mode or organization.",
        ),
        AppError::Gone { .. } => (
            StatusCode::GONE,
            "No longer here",
            "It was there once; nothing can bring it back.",
        ),
        AppError::Invalid(_) => (
            StatusCode::BAD_REQUEST,
            "Not acceptable",
            "Go back, change what is named and try again; nothing was stored.",
        ),
        AppError::InProgress => (
            StatusCode::CONFLICT,
            "Sent already",
            "Look whether it is done before you do it again.",
        ),
        AppError::Conflict { .. } => (
            StatusCode::CONFLICT,
            "Not possible now",
            "Go back and reload the page to see the newest state; nothing was stored.",
        ),
        AppError::TooLarge { .. } => (
            StatusCode::PAYLOAD_TOO_LARGE,
            "Too large",
            "Send less; nothing was stored.",
        ),
        AppError::RateLimited(_) => (
            StatusCode::TOO_MANY_REQUESTS,
            "Too many requests",
            "Wait a little and try again.",
        ),
        AppError::Unavailable { .. } | AppError::Full => (
            StatusCode::SERVICE_UNAVAILABLE,
            "Not available",
            "Try again; if it stays so, the operator finds the reason in the server's log.",
        ),
        AppError::OutcomeUnknown(_) => (
            StatusCode::INTERNAL_SERVER_ERROR,
            "Outcome unknown",
            "Look whether it was done before you try again.",
        ),
        AppError::Internal(_) => (
            StatusCode::INTERNAL_SERVER_ERROR,
            "Something went wrong",
            "It is our fault; the operator finds the reason in the server's log.",
        ),
    }
}

/// A sentence of its own.
pub(crate) fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters
        .next()
        .map(|first| first.to_uppercase().collect::<String>());
    let mut sentence = first.unwrap_or_default() + letters.as_str();
    if !sentence.ends_with(['.', '!', '?']) {
        sentence.push('.');
    }
    sentence
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        match self {
            Self::SignInFirst { here } if here == "/console" => {
                Redirect::to("/console/sign-in").into_response()
            }
            Self::SignInFirst { here } => {
                let here = address::part(&here);
                Redirect::to(&format!("/console/sign-in?next={here}")).into_response()
            }
            Self::Refused(page) => {
                let mut response = shown(&*page);
                *response.status_mut() = page.status;
                if let Some(seconds) = page.retry_after {
                    let headers = response.headers_mut();
                    headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
                }
                response
            }
        }
    }
}
