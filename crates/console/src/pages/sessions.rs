//! Who is signed in, and how to end that.

use askama::Template;
use axum::Router;
use axum::extract::{Form, Path, Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use carehook_app::SessionView;
use carehook_core::{Secret, SessionId};
use serde::Deserialize;

use crate::address;
use crate::done::Done;
use crate::failure::Failure;
use crate::forms::{Faults, secret};
use crate::moment::Moment;
use crate::page::{Page, Section, shown};
use crate::router::Console;
use crate::visitor::{OperatorVisitor, Visitor};

pub(crate) fn routes() -> Router<Console> {
    Router::new()
        .route("/console/sessions", get(list))
        .route("/console/sessions/{id}/end", post(end))
        .route("/console/password", post(change_password))
}

#[derive(Template)]
#[template(path = "pages/sessions.html")]
struct Sessions {
    page: Page,
    rows: Vec<Row>,
    older: Option<String>,
    changed: bool,
    /// Whether there is a password that lets somebody in.
    has_password: bool,
    faults: Faults,
}

struct Row {
    id: SessionId,
    /// What the person is called, where it is known.
    person: Option<String>,
    /// Operator, or whose portal.
    place: String,
    rights: String,
    created_at: Moment,
    last_used_at: Option<Moment>,
    expires_at: Moment,
    is_own: bool,
}

#[derive(Default, Deserialize)]
struct Part {
    cursor: Option<String>,
    #[serde(default)]
    done: String,
}

async fn list(
    State(console): State<Console>,
    visitor: Visitor,
    Query(part): Query<Part>,
) -> Result<Response, Failure> {
    Ok(shown(&page_of(
        &console,
        &visitor,
        part,
        Faults::default(),
    )?))
}

async fn end(
    State(console): State<Console>,
    visitor: Visitor,
    Path(id): Path<SessionId>,
) -> Result<Response, Failure> {
    let ended = console.app().revoke_session(&visitor.person, id).await;
    ended.map_err(|error| Failure::of(error, &visitor))?;
    Ok(Done::SessionEnded.then("/console/sessions"))
}

#[derive(Deserialize)]
struct PasswordForm {
    #[serde(deserialize_with = "secret")]
    password: Secret,
    #[serde(deserialize_with = "secret")]
    new_password: Secret,
}

async fn change_password(
    State(console): State<Console>,
    OperatorVisitor { visitor, .. }: OperatorVisitor,
    Form(PasswordForm {
        password,
        new_password,
    }): Form<PasswordForm>,
) -> Result<Response, Failure> {
    let app = console.app();
    match app
        .change_password(&visitor.person, password, new_password)
        .await
    {
        Ok(()) => Ok(Redirect::to("/console/sessions?done=password").into_response()),
        Err(error) => {
            let faults = Faults::of(error).map_err(|error| Failure::of(error, &visitor))?;
            let page = page_of(&console, &visitor, Part::default(), faults)?;
            Ok((http::StatusCode::UNPROCESSABLE_ENTITY, shown(&page)).into_response())
        }
    }
}

fn page_of(
    console: &Console,
    visitor: &Visitor,
    Part { cursor, done }: Part,
    faults: Faults,
) -> Result<Sessions, Failure> {
    let part = carehook_app::Page {
        limit: None,
        cursor,
    };
    let app = console.app();
    let list = app.list_sessions(&visitor.person, &part);
    let list = list.map_err(|error| Failure::of(error, visitor))?;
    let cursor = list.next_cursor;
    Ok(Sessions {
        page: Page::of(visitor, Section::Sessions, "Sessions"),
        rows: list.items.into_iter().map(row).collect(),
        older: cursor.map(|cursor| format!("/console/sessions?cursor={}", address::part(&cursor))),
        changed: done == "password",
        has_password: visitor.is_operator() && app.has_password() && !app.is_password_off(),
        faults,
    })
}

impl Row {
    /// Who it is, for a button.
    fn who(&self) -> &str {
        self.person.as_deref().unwrap_or(&self.place)
    }
}

fn row(view: SessionView) -> Row {
    let SessionView {
        id,
        organization,
        person,
        rights,
        created_at,
        last_used_at,
        expires_at,
        is_own,
    } = view;
    let rights: Vec<_> = rights.iter().map(|scope| scope.as_str()).collect();
    Row {
        id,
        person: person.map(|name| name.to_string()),
        place: organization.map_or_else(
            || "Operator".to_owned(),
            |organization| format!("Portal of {organization}"),
        ),
        rights: rights.join(", "),
        created_at: Moment(created_at),
        last_used_at: last_used_at.map(Moment),
        expires_at: Moment(expires_at),
        is_own,
    }
}
