//! Forms that are good once: a page that is reloaded, or a form that is sent again after going
//! back, does not repeat what was done.
//!
//! A form that has the field `once` is a request with an idempotency key
//! ([ADR 41](../../../docs/adr/0041-a-form-is-good-once.md)). Of an answer only is kept where it
//! led, or what was made: never a page, because pages may hold secrets.

use askama::Template;
use axum::body::{Body, Bytes};
use axum::extract::{FromRequestParts as _, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Redirect, Response};
use carehook_app::{Answer, AppError, Once};
use http::request::Parts;
use http::{Method, StatusCode, header};

use crate::failure::Failure;
use crate::page::{Page, Section, shown};
use crate::router::Console;
use crate::visitor::{Place, Visitor};

/// The field that tells one sending of a form from another.
const FIELD: &str = "once";
/// Bytes of a form that are read, which is also what `axum` takes.
const MAX_BYTES: usize = 2 * 1024 * 1024;

/// What a form made whose answer is a page: handlers leave it among the extensions of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Made {
    Key,
    Webhook,
    Secret,
}

impl Made {
    const ALL: [Self; 3] = [Self::Key, Self::Webhook, Self::Secret];

    fn word(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Webhook => "webhook",
            Self::Secret => "secret",
        }
    }

    fn named(word: &[u8]) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|made| made.word().as_bytes() == word)
    }

    /// Title, and a sentence or two.
    fn told(self) -> (&'static str, &'static str) {
        match self {
            Self::Key => (
                "Made already",
                "This key was made already. Its secret is shown once; make another key if you did \
                 not copy it.",
            ),
            Self::Webhook => (
                "Made already",
                "This webhook was made already, and no second one. Its secret can be seen on its \
                 page.",
            ),
            Self::Secret => (
                "Made already",
                "This new secret was made already, and no second one. It can be seen among the \
                 secrets of the webhook.",
            ),
        }
    }

    /// Where to go on from the address that the form was sent to: path and words.
    fn ways(self, path: &str) -> Vec<(String, &'static str)> {
        let parent = path.rsplit_once('/').map_or(path, |(parent, _)| parent);
        match self {
            Self::Key => vec![
                (parent.to_owned(), "See the keys"),
                (path.to_owned(), "Make another key"),
            ],
            Self::Webhook => vec![(path.to_owned(), "See the webhooks")],
            Self::Secret => vec![(parent.to_owned(), "See the secrets")],
        }
    }

    fn section(self, is_in_organization: bool) -> Section {
        match self {
            Self::Key if is_in_organization => Section::ApiKeys,
            Self::Key => Section::OperatorKeys,
            Self::Webhook | Self::Secret => Section::Webhooks,
        }
    }
}

/// Says that nothing was done this time.
#[derive(Template)]
#[template(path = "pages/made_already.html")]
struct MadeAlready {
    page: Page,
    what: &'static str,
    ways: Vec<(String, &'static str)>,
}

/// Does what a form asks for unless that was done; everything but forms passes through.
pub(crate) async fn once(State(console): State<Console>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let visitor = if is_form(&parts) {
        Visitor::from_request_parts(&mut parts, &console).await.ok()
    } else {
        None
    };
    // Who is not signed in is sent to where that is done.
    let Some(visitor) = visitor else {
        return next.run(Request::from_parts(parts, body)).await;
    };
    let Ok(body) = axum::body::to_bytes(body, MAX_BYTES).await else {
        let reason = "the form is too large".to_owned();
        return Failure::of(AppError::TooLarge { reason }, &visitor).into_response();
    };
    let Some(token) = token(&body) else {
        return next.run(Request::from_parts(parts, body.into())).await;
    };
    match done(&console, &visitor, (&mut parts, body), (&token, next)).await {
        Ok(response) => response,
        Err(error) => Failure::of(error, &visitor).into_response(),
    }
}

async fn done(
    console: &Console,
    visitor: &Visitor,
    (parts, body): (&mut Parts, Bytes),
    (token, next): (&str, Next),
) -> Result<Response, AppError> {
    let app = console.app();
    let request = app.form_request(&visitor.person, token, &visitor.here, &body)?;
    let again = Request::from_parts(parts.clone(), Body::from(body));
    let done = app.once(request, async move {
        let response = next.run(again).await;
        let answer = kept(&response);
        (response, answer)
    });
    match done.await.map_err(for_people)? {
        Once::Now(response) => Ok(response),
        Once::Before(answer) => Ok(repeated(console, parts, visitor, &answer).await),
    }
}

/// The same field with something else entered: the words of the API would say nothing here.
fn for_people(error: AppError) -> AppError {
    match error {
        AppError::Conflict { .. } => AppError::Conflict {
            reason: "this form was sent before with other entries, and what was done then stands"
                .to_owned(),
        },
        other => other,
    }
}

/// What is kept of an answer; of one that did nothing, or that may be given as often as it is asked
/// for, nothing is, which is what a status of no success says.
fn kept(response: &Response) -> Answer {
    let location = response.headers().get(header::LOCATION);
    let body = match (location, response.extensions().get::<Made>()) {
        (Some(location), _) if response.status() == StatusCode::SEE_OTHER => {
            Some(Bytes::copy_from_slice(location.as_bytes()))
        }
        (_, Some(made)) => Some(Bytes::from_static(made.word().as_bytes())),
        _ => None,
    };
    let status = match body {
        Some(_) => StatusCode::OK,
        None => StatusCode::CONFLICT,
    };
    Answer {
        status: status.as_u16(),
        body: body.unwrap_or_default(),
    }
}

async fn repeated(
    console: &Console,
    parts: &mut Parts,
    visitor: &Visitor,
    Answer { status: _, body }: &Answer,
) -> Response {
    let Some(made) = Made::named(body) else {
        let place = std::str::from_utf8(body).unwrap_or("/console");
        return Redirect::to(place).into_response();
    };
    let (title, what) = made.told();
    let place = Place::from_request_parts(parts, console).await.ok();
    let section = made.section(place.is_some());
    let page = match &place {
        Some(place) => Page::at(place, section, title),
        None => Page::of(visitor, section, title),
    };
    let query = parts.uri.query().map(|query| format!("?{query}"));
    let query = query.unwrap_or_default();
    let ways = made.ways(parts.uri.path()).into_iter();
    let ways = ways.map(|(path, word)| (format!("{path}{query}"), word));
    shown(&MadeAlready {
        page,
        what,
        ways: ways.collect(),
    })
}

fn is_form(parts: &Parts) -> bool {
    let kind = parts.headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    parts.method == Method::POST && kind.starts_with("application/x-www-form-urlencoded")
}

/// The value of the field; its characters stand in forms as they are.
fn token(body: &[u8]) -> Option<String> {
    let mut fields = body.split(|byte| *byte == b'&');
    let found = fields.find_map(|field| {
        let value = field.strip_prefix(FIELD.as_bytes())?;
        value.strip_prefix(b"=")
    })?;
    String::from_utf8(found.to_vec()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_field_is_found_among_others() {
        assert_eq!(token(b"name=a&once=x.y").as_deref(), Some("x.y"));
        assert_eq!(token(b"onceagain=x&name=once"), None);
        assert_eq!(token(b""), None);
    }

    #[test]
    fn every_word_is_read_back() {
        for made in Made::ALL {
            assert_eq!(Made::named(made.word().as_bytes()), Some(made));
        }
        assert_eq!(Made::named(b"/console"), None);
    }
}
