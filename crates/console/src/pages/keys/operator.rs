//! The operator's own keys, which reach all organizations.

use axum::extract::{Form, FromRequestParts, Path, Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;
use axum::{Extension, Router};
use carehook_app::{AppError, KeyOperator, MadeOperatorKey, PageOf};
use carehook_core::{OperatorKey, OperatorKeyId};
use http::StatusCode;
use http::request::Parts;
use serde::Deserialize;

use super::choices::Choices;
use super::form::{KeyForm, Pairs};
use super::rows::KeyRow;
use super::{KeyList, MadeKey, NewKey, Owner, RevokeKey, curl, next_part};
use crate::failure::Failure;
use crate::forms::Faults;
use crate::moment::Moment;
use crate::once::Made;
use crate::page::{Page, Section, shown};
use crate::router::Console;
use crate::visitor::{OperatorVisitor, Visitor};

const LIST: &str = "/console/operator-keys";

pub(super) fn routes() -> Router<Console> {
    Router::new()
        .route(LIST, get(list))
        .route("/console/operator-keys/new", get(ask).post(create))
        .route(
            "/console/operator-keys/{id}/revoke",
            get(confirm).post(revoke),
        )
}

/// The operator, with the right to handle the operator's keys.
struct AtKeys {
    visitor: Visitor,
    operator: KeyOperator,
}

impl FromRequestParts<Console> for AtKeys {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, console: &Console) -> Result<Self, Failure> {
        let found = OperatorVisitor::from_request_parts(parts, console).await?;
        let visitor = found.visitor;
        let operator = console.app().key_operator(visitor.person.caller());
        let operator = operator.map_err(|error| Failure::of(error, &visitor))?;
        Ok(Self { visitor, operator })
    }
}

impl AtKeys {
    fn page(&self, title: &str) -> Page {
        Page::of(&self.visitor, Section::OperatorKeys, title)
    }

    fn failure(&self, error: AppError) -> Failure {
        Failure::of(error, &self.visitor)
    }
}

fn revoked_at(id: &str) -> String {
    format!("{LIST}/{id}/revoke")
}

#[derive(Deserialize)]
struct Part {
    cursor: Option<String>,
}

async fn list(
    State(console): State<Console>,
    at: AtKeys,
    Query(Part { cursor }): Query<Part>,
) -> Result<Response, Failure> {
    let app = console.app();
    let part = carehook_app::Page {
        limit: None,
        cursor,
    };
    let keys = app.list_operator_keys(&at.operator, &part);
    let PageOf { items, next_cursor } = keys.map_err(|error| at.failure(error))?;
    let now = app.now();
    let rows = items.iter();
    let rows = rows.map(|key| KeyRow::of_operator(key, now, revoked_at));
    Ok(shown(&KeyList {
        page: at.page(Owner::Operator.title()),
        owner: Owner::Operator,
        new: format!("{LIST}/new"),
        keys: rows.collect(),
        more: next_part(LIST, next_cursor.as_deref()),
        curl: example(&console, "YOUR_OPERATOR_KEY"),
    }))
}

async fn ask(at: AtKeys) -> Response {
    shown(&form_page(&at, KeyForm::empty(), Faults::default()))
}

async fn create(
    State(console): State<Console>,
    at: AtKeys,
    Form(pairs): Form<Pairs>,
) -> Result<Response, Failure> {
    let form = KeyForm::entered(pairs);
    match created(&console, &at, &form).await {
        Ok(made) => Ok((
            Extension(Made::Key),
            shown(&made_page(&console, &at, &made)),
        )
            .into_response()),
        Err(error) => {
            let faults = Faults::of(error).map_err(|error| at.failure(error))?;
            let page = form_page(&at, form, faults);
            Ok((StatusCode::UNPROCESSABLE_ENTITY, shown(&page)).into_response())
        }
    }
}

async fn created(
    console: &Console,
    at: &AtKeys,
    form: &KeyForm,
) -> Result<MadeOperatorKey, AppError> {
    let new = form.for_operator()?;
    console.app().create_operator_key(&at.operator, new).await
}

fn form_page(at: &AtKeys, form: KeyForm, faults: Faults) -> NewKey {
    NewKey {
        page: at.page("New operator key"),
        owner: Owner::Operator,
        list: LIST.to_owned(),
        choices: Choices::of_operator(&form),
        form,
        faults,
    }
}

fn made_page(console: &Console, at: &AtKeys, made: &MadeOperatorKey) -> MadeKey {
    let MadeOperatorKey { key, text } = made;
    MadeKey {
        page: at.page("Your new operator key"),
        owner: Owner::Operator,
        list: LIST.to_owned(),
        name: key.name.clone(),
        text: text.expose().to_owned(),
        expires_at: key.expires_at.map(Moment),
        curl: example(console, text.expose()),
    }
}

/// The catalogue, which every key may read.
fn example(console: &Console, key: &str) -> String {
    curl(console.app().public_url(), "/v1/event-types", key)
}

async fn confirm(
    State(console): State<Console>,
    at: AtKeys,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let key = found(&console, &at, &id).map_err(|error| at.failure(error))?;
    Ok(shown(&RevokeKey {
        page: at.page("Revoke an operator key"),
        owner: Owner::Operator,
        list: LIST.to_owned(),
        key: KeyRow::of_operator(&key, console.app().now(), revoked_at),
    }))
}

fn found(
    console: &Console,
    at: &AtKeys,
    id: &str,
) -> Result<std::sync::Arc<OperatorKey>, AppError> {
    console.app().operator_key(&at.operator, known(id)?)
}

async fn revoke(
    State(console): State<Console>,
    at: AtKeys,
    Path(id): Path<String>,
) -> Result<Redirect, Failure> {
    let id = known(&id).map_err(|error| at.failure(error))?;
    let revoked = console.app().revoke_operator_key(&at.operator, id).await;
    revoked.map_err(|error| at.failure(error))?;
    Ok(Redirect::to(LIST))
}

fn known(id: &str) -> Result<OperatorKeyId, AppError> {
    id.parse().map_err(|_| AppError::NotFound { kind: "key" })
}
