//! The operator's list of organizations, and the form that makes one.

use askama::Template;
use axum::Router;
use axum::extract::{Form, Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;
use carehook_app::{AppError, NewOrganization, SettingsChange};
use serde::Deserialize;

use crate::address;
use crate::failure::Failure;
use crate::forms::Faults;
use crate::moment::Moment;
use crate::page::{Page, Section, shown};
use crate::router::Console;
use crate::visitor::OperatorVisitor;

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/console/organizations", get(list).post(create))
}

#[derive(Template)]
#[template(path = "pages/organizations.html")]
struct Organizations {
    page: Page,
    rows: Vec<Row>,
    older: Option<String>,
    form: OrganizationForm,
    faults: Faults,
}

struct Row {
    id: String,
    name: String,
    url: String,
    created_at: Moment,
}

#[derive(Default, Deserialize)]
struct OrganizationForm {
    #[serde(default)]
    name: String,
    #[serde(default)]
    id: String,
}

#[derive(Default, Deserialize)]
struct Place {
    cursor: Option<String>,
}

async fn list(
    State(console): State<Console>,
    operator: OperatorVisitor,
    Query(place): Query<Place>,
) -> Result<Response, Failure> {
    let page = page_of(
        &console,
        &operator,
        place,
        OrganizationForm::default(),
        Faults::default(),
    )?;
    Ok(shown(&page))
}

async fn create(
    State(console): State<Console>,
    operator: OperatorVisitor,
    Form(form): Form<OrganizationForm>,
) -> Result<Response, Failure> {
    match created(&console, &operator, &form).await {
        Ok(id) => Ok(Redirect::to(&format!("/console/o/{}", address::part(&id))).into_response()),
        Err(error) => {
            let faults =
                Faults::of(error).map_err(|error| Failure::of(error, &operator.visitor))?;
            let page = page_of(&console, &operator, Place::default(), form, faults)?;
            Ok((http::StatusCode::UNPROCESSABLE_ENTITY, shown(&page)).into_response())
        }
    }
}

async fn created(
    console: &Console,
    operator: &OperatorVisitor,
    form: &OrganizationForm,
) -> Result<String, AppError> {
    let id = match form.id.trim() {
        "" => None,
        id => Some(
            id.parse()
                .map_err(|error| AppError::invalid("/id", error))?,
        ),
    };
    let new = NewOrganization {
        id,
        name: form.name.trim().to_owned(),
        settings: SettingsChange::default(),
    };
    let made = console
        .app()
        .create_organization(&operator.operator, new)
        .await?;
    Ok(made.id.to_string())
}

fn page_of(
    console: &Console,
    OperatorVisitor { visitor, operator }: &OperatorVisitor,
    Place { cursor }: Place,
    form: OrganizationForm,
    faults: Faults,
) -> Result<Organizations, Failure> {
    let part = carehook_app::Page {
        limit: None,
        cursor,
    };
    let list = console.app().list_organizations(operator, &part);
    let list = list.map_err(|error| Failure::of(error, visitor))?;
    let older = list
        .next_cursor
        .map(|cursor| format!("/console/organizations?cursor={}", address::part(&cursor)));
    let rows = list.items.iter().map(|one| Row {
        id: one.id.to_string(),
        name: one.name.clone(),
        url: format!("/console/o/{}", address::part(one.id.as_str())),
        created_at: Moment(one.created_at),
    });
    Ok(Organizations {
        page: Page::of(visitor, Section::Organizations, "Organizations"),
        rows: rows.collect(),
        older,
        form,
        faults,
    })
}
