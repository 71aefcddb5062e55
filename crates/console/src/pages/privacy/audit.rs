//! The audit trail: who did what, and who received what about whom.

use askama::Template;
use axum::Router;
use axum::extract::{Form, Query, State};
use axum::response::Response;
use axum::routing::get;

use super::entries::{Choice, Narrowing, Row, choices, row};
use crate::failure::Failure;
use crate::page::{Page, Section, shown};
use crate::router::Console;
use crate::visitor::Place;

pub(super) fn routes() -> Router<Console> {
    Router::new().route("/console/o/{org}/audit", get(list).post(ask))
}

#[derive(Template)]
#[template(path = "pages/privacy/audit.html")]
struct Audit {
    page: Page,
    narrowing: Narrowing,
    choices: Vec<Choice>,
    rows: Vec<Row>,
    /// The address of what is older, where no subject is asked about.
    older: Option<String>,
    /// The cursor of what is older, where one is.
    older_about: Option<String>,
    export: String,
    public_key: String,
}

async fn list(
    State(console): State<Console>,
    place: Place,
    Query(mut narrowing): Query<Narrowing>,
) -> Result<Response, Failure> {
    narrowing.subject.clear();
    page_of(&console, &place, narrowing).await
}

/// The same, about somebody: by a form, so that no address says whom.
async fn ask(
    State(console): State<Console>,
    place: Place,
    Form(narrowing): Form<Narrowing>,
) -> Result<Response, Failure> {
    page_of(&console, &place, narrowing).await
}

async fn page_of(
    console: &Console,
    place: &Place,
    narrowing: Narrowing,
) -> Result<Response, Failure> {
    let filter = narrowing.filter().map_err(|error| place.failure(error))?;
    let part = carehook_app::Page {
        limit: None,
        cursor: narrowing.cursor.clone(),
    };
    let list = console
        .app()
        .list_audit(&place.access, &filter, &part)
        .await;
    let list = list.map_err(|error| place.failure(error))?;
    let key = console.app().audit_public_key(&place.access);
    let key = key.map_err(|error| place.failure(error))?;
    let is_about_somebody = filter.subject.is_some();
    let next = list.next_cursor;
    let older = next.as_deref().filter(|_| !is_about_somebody);
    let older = older.map(|cursor| place.to(&format!("audit?{}", narrowing.query(Some(cursor)))));
    Ok(shown(&Audit {
        page: Page::at(place, Section::Audit, "Audit"),
        choices: choices(&narrowing.action),
        rows: list.items.iter().map(|record| row(place, record)).collect(),
        older,
        older_about: next.filter(|_| is_about_somebody),
        export: place.to("audit/export"),
        public_key: key.to_string(),
        narrowing,
    }))
}
