//! What is done with keys, whoever's they are: listed, made, shown once, and revoked.

use std::future::Future;

use axum::Extension;
use axum::extract::{Form, FromRequestParts, Path, Query, State};
use axum::response::{IntoResponse as _, Response};
use carehook_app::{App, AppError, PageOf};
use carehook_core::{Secret, Timestamp};
use http::StatusCode;
use serde::Deserialize;

use super::choices::Choices;
use super::form::{KeyForm, Pairs};
use super::rows::KeyRow;
use super::{KeyList, MadeKey, NewKey, Owner, RevokeKey, curl, next_part};
use crate::done::Done;
use crate::failure::Failure;
use crate::forms::Faults;
use crate::moment::Moment;
use crate::once::Made;
use crate::page::{Page, shown};
use crate::router::Console;
use crate::visitor::Visitor;

/// Somebody with the right to handle the keys of an owner.
pub(super) trait Handling:
    FromRequestParts<Console, Rejection = Failure> + Send + Sync
{
    /// Whose keys they are.
    const OWNER: Owner;

    fn visitor(&self) -> &Visitor;

    fn page(&self, title: &str) -> Page;

    /// The address of the list, or of what comes after it: `""`, `"/new"`.
    fn at(&self, rest: &str) -> String;

    /// What the person can give to a key.
    fn choices(&self, form: &KeyForm) -> Choices;

    /// The path of a request that shows that a key works.
    fn example(&self, key: Option<&NewlyMade>) -> String;

    fn list(&self, app: &App, part: &carehook_app::Page) -> Result<PageOf<KeyRow>, AppError>;

    fn find(&self, app: &App, id: &str) -> Result<KeyRow, AppError>;

    fn make(
        &self,
        app: &App,
        form: &KeyForm,
    ) -> impl Future<Output = Result<NewlyMade, AppError>> + Send;

    fn revoke(&self, app: &App, id: &str) -> impl Future<Output = Result<(), AppError>> + Send;

    fn failure(&self, error: AppError) -> Failure {
        Failure::of(error, self.visitor())
    }

    /// Where a key is revoked.
    fn revoked_at(&self, id: &str) -> String {
        self.at(&format!("/{id}/revoke"))
    }
}

/// A key that was just made.
pub(super) struct NewlyMade {
    pub(super) name: String,
    pub(super) text: Secret,
    pub(super) expires_at: Option<Timestamp>,
    /// Whether it may see webhooks.
    pub(super) reads: bool,
}

#[derive(Deserialize)]
pub(super) struct Part {
    cursor: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct KeyPath {
    id: String,
}

pub(super) async fn list<H: Handling>(
    State(console): State<Console>,
    at: H,
    Query(Part { cursor }): Query<Part>,
) -> Result<Response, Failure> {
    let app = console.app();
    let part = carehook_app::Page {
        limit: None,
        cursor,
    };
    let keys = at.list(app, &part).map_err(|error| at.failure(error))?;
    let PageOf { items, next_cursor } = keys;
    Ok(shown(&KeyList {
        page: at.page(H::OWNER.title()),
        owner: H::OWNER,
        new: at.at("/new"),
        keys: items,
        more: next_part(&at.at(""), next_cursor.as_deref()),
        curl: curl(app.public_url(), &at.example(None), H::OWNER.placeholder()),
    }))
}

pub(super) async fn ask<H: Handling>(at: H) -> Response {
    shown(&form_page(&at, KeyForm::empty(), Faults::default()))
}

pub(super) async fn create<H: Handling>(
    State(console): State<Console>,
    at: H,
    Form(pairs): Form<Pairs>,
) -> Result<Response, Failure> {
    let form = KeyForm::entered(pairs);
    match at.make(console.app(), &form).await {
        Ok(made) => {
            let page = made_page(&at, console.app(), &made);
            Ok((Extension(Made::Key), shown(&page)).into_response())
        }
        Err(error) => {
            let faults = Faults::of(error).map_err(|error| at.failure(error))?;
            let page = form_page(&at, form, faults);
            Ok((StatusCode::UNPROCESSABLE_ENTITY, shown(&page)).into_response())
        }
    }
}

fn form_page<H: Handling>(at: &H, form: KeyForm, faults: Faults) -> NewKey {
    NewKey {
        page: at.page(&format!("New {}", H::OWNER.one())),
        owner: H::OWNER,
        list: at.at(""),
        choices: at.choices(&form),
        form,
        faults,
    }
}

fn made_page<H: Handling>(at: &H, app: &App, made: &NewlyMade) -> MadeKey {
    let NewlyMade {
        name,
        text,
        expires_at,
        reads: _,
    } = made;
    MadeKey {
        page: at.page(&format!("Your new {}", H::OWNER.one())),
        owner: H::OWNER,
        list: at.at(""),
        name: name.clone(),
        text: text.expose().to_owned(),
        expires_at: expires_at.map(Moment),
        curl: curl(app.public_url(), &at.example(Some(made)), text.expose()),
    }
}

pub(super) async fn confirm<H: Handling>(
    State(console): State<Console>,
    at: H,
    Path(KeyPath { id }): Path<KeyPath>,
) -> Result<Response, Failure> {
    let key = at.find(console.app(), &id);
    let key = key.map_err(|error| at.failure(error))?;
    Ok(shown(&RevokeKey {
        page: at.page(&format!("Revoke {}", H::OWNER.one_of_them())),
        owner: H::OWNER,
        list: at.at(""),
        key,
    }))
}

pub(super) async fn revoke<H: Handling>(
    State(console): State<Console>,
    at: H,
    Path(KeyPath { id }): Path<KeyPath>,
) -> Result<Response, Failure> {
    let revoked = at.revoke(console.app(), &id).await;
    revoked.map_err(|error| at.failure(error))?;
    Ok(Done::KeyRevoked.then(&at.at("")))
}

/// An id that is none names no key.
pub(super) fn known<I: std::str::FromStr>(id: &str) -> Result<I, AppError> {
    id.parse().map_err(|_| AppError::NotFound { kind: "key" })
}
