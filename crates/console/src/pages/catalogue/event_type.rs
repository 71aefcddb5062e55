//! One event type: what it means, its versions with schema and sample, and who subscribes.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use carehook_app::AppError;
use carehook_core::{
    Dialect, Endpoint, EventType, EventTypeDefinition, JsonText, SamplePayload, Scope,
};
use serde::Deserialize;

use super::last_day::LastDay;
use super::{gets, name_of};
use crate::address;
use crate::failure::Failure;
use crate::indented::indented;
use crate::page::{Page, Section, shown};
use crate::router::Console;
use crate::visitor::Place;

pub(super) fn routes() -> Router<Console> {
    Router::new().route("/console/o/{org}/event-types/{code}", get(show))
}

#[derive(Template)]
#[template(path = "pages/catalogue/event_type.html")]
struct Shown {
    page: Page,
    code: String,
    description: String,
    category: String,
    /// Why none can be published now.
    closed: Option<String>,
    names: Vec<(&'static str, String)>,
    versions: Vec<Version>,
    webhooks: Vec<Webhook>,
    may_manage: bool,
    log: String,
    last_day: Option<LastDay>,
}

struct Version {
    name: String,
    is_default: bool,
    schema: Option<String>,
    sample: Option<Sample>,
}

struct Sample {
    data: String,
    previous: Option<String>,
    thin: Option<String>,
}

struct Webhook {
    address: String,
    name: String,
    url: String,
    verify: String,
    dialect: Dialect,
    /// What narrows what it gets: one version, one account.
    only: String,
    state: (&'static str, &'static str),
}

#[derive(Deserialize)]
struct EventTypePath {
    code: String,
}

async fn show(
    State(console): State<Console>,
    place: Place,
    Path(EventTypePath { code }): Path<EventTypePath>,
) -> Result<Response, Failure> {
    let page = page(&console, &place, &code).await;
    let page = page.map_err(|error| place.failure(error))?;
    Ok(shown(&page))
}

async fn page(console: &Console, place: &Place, code: &str) -> Result<Shown, AppError> {
    let unknown = AppError::NotFound { kind: "event type" };
    let code: EventType = code.parse().map_err(|_| unknown)?;
    let app = console.app();
    let catalogue = app.catalogue(place.visitor.person.caller());
    let definition = app.event_type(place.visitor.person.caller(), &code)?;
    let endpoints = app.endpoints(&place.access)?;
    let category = catalogue.category(&definition.category);
    let category = category.map_or(definition.category.as_str(), |one| &one.name);
    let receivers = endpoints.iter().filter(|one| gets(one, &code));
    let in_address = address::part(code.as_str());
    Ok(Shown {
        page: Page::at(place, Section::Catalogue, &definition.name),
        description: definition.description.clone(),
        category: category.to_owned(),
        closed: catalogue
            .check_open(&definition)
            .err()
            .map(|error| crate::failure::capitalized(&error.to_string())),
        names: names(&definition),
        versions: versions(&definition),
        webhooks: receivers.map(|one| webhook(place, one)).collect(),
        may_manage: place.access.has(Scope::Manage),
        log: place.to(&format!("log?type={in_address}")),
        last_day: LastDay::of(app, place, &code).await?,
        code: code.to_string(),
    })
}

/// What the dialects with names of their own call it.
fn names(definition: &EventTypeDefinition) -> Vec<(&'static str, String)> {
    let names = &definition.wire_names;
    [
        ("Jump", &names.jump),
        ("Decoda", &names.decoda),
        ("MYCURE", &names.mycure),
        ("ECG", &names.ecg),
    ]
    .into_iter()
    .filter(|(_, names)| !names.is_empty())
    .map(|(dialect, names)| (dialect, names.join(", ")))
    .collect()
}

/// The newest first.
fn versions(definition: &EventTypeDefinition) -> Vec<Version> {
    let newest_first = definition.versions.iter().rev();
    newest_first
        .map(|version| Version {
            name: version.clone(),
            is_default: version == definition.default_version(),
            schema: definition.schema_of(version).map(text),
            sample: definition.sample(version).map(sample),
        })
        .collect()
}

fn sample(sample: &SamplePayload) -> Sample {
    let SamplePayload {
        version: _,
        data,
        previous,
        thin,
        audit: _,
    } = sample;
    Sample {
        data: text(data),
        previous: previous.as_ref().map(text),
        thin: thin.as_ref().map(text),
    }
}

fn text(json: &JsonText) -> String {
    indented(&String::from_utf8_lossy(json.bytes()))
}

fn webhook(place: &Place, endpoint: &Arc<Endpoint>) -> Webhook {
    let version = endpoint.version.as_deref();
    let version = version.map(|version| format!("version {version}"));
    let account = endpoint.account.as_ref();
    let account = account.map(|account| format!("account {account}"));
    let only: Vec<String> = version.into_iter().chain(account).collect();
    Webhook {
        address: place.to(&format!("webhooks/{}", endpoint.id)),
        verify: place.to(&format!("verify?endpoint={}", endpoint.id)),
        name: name_of(endpoint),
        url: endpoint.url.clone(),
        dialect: endpoint.dialect,
        only: only.join(", "),
        state: if endpoint.is_served() {
            ("active", "active")
        } else {
            ("paused", "not served now")
        },
    }
}
