//! Settings > Developers > API keys: the keys of an organization in the mode of the address.

use axum::extract::{Form, Path, Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;
use axum::{Extension, Router};
use carehook_app::{AppError, MadeApiKey};
use carehook_core::{ApiKeyId, Mode, Scope};
use http::StatusCode;
use serde::Deserialize;

use super::choices::{Choices, ModeChoice};
use super::form::{KeyForm, Pairs};
use super::rows::KeyRow;
use super::{KeyList, MadeKey, NewKey, Owner, RevokeKey, curl, next_part};
use crate::address;
use crate::failure::Failure;
use crate::forms::Faults;
use crate::moment::Moment;
use crate::once::Made;
use crate::page::{Page, Section, shown};
use crate::router::Console;
use crate::visitor::Place;

pub(super) fn routes() -> Router<Console> {
    Router::new()
        .route("/console/o/{org}/api-keys", get(list))
        .route("/console/o/{org}/api-keys/new", get(ask).post(create))
        .route(
            "/console/o/{org}/api-keys/{id}/revoke",
            get(confirm).post(revoke),
        )
}

#[derive(Deserialize)]
struct Part {
    cursor: Option<String>,
}

#[derive(Deserialize)]
struct KeyPath {
    id: String,
}

fn page_at(place: &Place, title: &str) -> Page {
    Page::at(place, Section::ApiKeys, title)
}

/// Where a key is revoked.
fn revoked_at(place: &Place) -> impl Fn(&str) -> String {
    |id| place.to(&format!("api-keys/{id}/revoke"))
}

async fn list(
    State(console): State<Console>,
    place: Place,
    Query(Part { cursor }): Query<Part>,
) -> Result<Response, Failure> {
    let app = console.app();
    let part = carehook_app::Page {
        limit: None,
        cursor,
    };
    let keys = app.list_api_keys(&place.access, &part);
    let keys = keys.map_err(|error| place.failure(error))?;
    let now = app.now();
    let rows = keys.items.iter();
    let rows = rows.map(|key| KeyRow::of(key, now, revoked_at(&place)));
    Ok(shown(&KeyList {
        page: page_at(&place, Owner::Organization.title()),
        owner: Owner::Organization,
        new: place.to("api-keys/new"),
        keys: rows.collect(),
        more: next_part(&place.to("api-keys"), keys.next_cursor.as_deref()),
        curl: example(&console, &place, true, "YOUR_API_KEY"),
    }))
}

async fn ask(State(_): State<Console>, place: Place) -> Result<Response, Failure> {
    let allowed = place.access.require(Scope::Keys);
    allowed.map_err(|error| place.failure(error))?;
    Ok(shown(&form_page(
        &place,
        KeyForm::empty(),
        Faults::default(),
    )))
}

async fn create(
    State(console): State<Console>,
    place: Place,
    Form(pairs): Form<Pairs>,
) -> Result<Response, Failure> {
    let form = KeyForm::entered(pairs);
    match created(&console, &place, &form).await {
        Ok(made) => Ok((
            Extension(Made::Key),
            shown(&made_page(&console, &place, &made)),
        )
            .into_response()),
        Err(error) => {
            let faults = Faults::of(error).map_err(|error| place.failure(error))?;
            let page = form_page(&place, form, faults);
            Ok((StatusCode::UNPROCESSABLE_ENTITY, shown(&page)).into_response())
        }
    }
}

async fn created(console: &Console, place: &Place, form: &KeyForm) -> Result<MadeApiKey, AppError> {
    let new = form.for_organization(place.mode)?;
    console.app().create_api_key(&place.access, new).await
}

fn form_page(place: &Place, form: KeyForm, faults: Faults) -> NewKey {
    let other = match place.mode {
        Mode::Live => Mode::Test,
        Mode::Test => Mode::Live,
    };
    let other = address::in_organization(place.access.organization(), other, "api-keys/new");
    let mut choices = Choices::of(&place.access, &form);
    choices.mode = Some(ModeChoice {
        mode: place.mode,
        other,
    });
    NewKey {
        page: page_at(place, "New API key"),
        owner: Owner::Organization,
        list: place.to("api-keys"),
        form,
        choices,
        faults,
    }
}

fn made_page(console: &Console, place: &Place, made: &MadeApiKey) -> MadeKey {
    let MadeApiKey { key, text } = made;
    let reads = key.has(Scope::Read);
    MadeKey {
        page: page_at(place, "Your new API key"),
        owner: Owner::Organization,
        list: place.to("api-keys"),
        name: key.name.clone(),
        text: text.expose().to_owned(),
        expires_at: key.expires_at.map(Moment),
        curl: example(console, place, reads, text.expose()),
    }
}

/// A request that works with the key: the webhooks, or for a key that may not read the catalogue.
fn example(console: &Console, place: &Place, reads: bool, key: &str) -> String {
    let organization = address::part(place.access.organization().as_str());
    let path = if reads {
        format!("/v1/organizations/{organization}/endpoints")
    } else {
        "/v1/event-types".to_owned()
    };
    curl(console.app().public_url(), &path, key)
}

async fn confirm(
    State(console): State<Console>,
    place: Place,
    Path(KeyPath { id }): Path<KeyPath>,
) -> Result<Response, Failure> {
    let app = console.app();
    let key = known(&id).and_then(|id| app.api_key(&place.access, id));
    let key = key.map_err(|error| place.failure(error))?;
    Ok(shown(&RevokeKey {
        page: page_at(&place, "Revoke an API key"),
        owner: Owner::Organization,
        list: place.to("api-keys"),
        key: KeyRow::of(&key, app.now(), revoked_at(&place)),
    }))
}

async fn revoke(
    State(console): State<Console>,
    place: Place,
    Path(KeyPath { id }): Path<KeyPath>,
) -> Result<Redirect, Failure> {
    let id = known(&id).map_err(|error| place.failure(error))?;
    let revoked = console.app().revoke_api_key(&place.access, id).await;
    revoked.map_err(|error| place.failure(error))?;
    Ok(Redirect::to(&place.to("api-keys")))
}

fn known(id: &str) -> Result<ApiKeyId, AppError> {
    id.parse().map_err(|_| AppError::NotFound { kind: "key" })
}
