//! All event types, by category.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Query, State};
use axum::response::Response;
use axum::routing::get;
use carehook_core::{Catalogue, CategoryDefinition, Endpoint, EventTypeDefinition};
use serde::Deserialize;

use super::gets;
use crate::failure::Failure;
use crate::page::{Page, Section, shown};
use crate::router::Console;
use crate::visitor::Place;

pub(super) fn routes() -> Router<Console> {
    Router::new().route("/console/o/{org}/event-types", get(list))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Wanted {
    q: String,
}

#[derive(Template)]
#[template(path = "pages/catalogue/list.html")]
struct List {
    page: Page,
    q: String,
    count: usize,
    groups: Vec<Group>,
}

struct Group {
    name: String,
    description: String,
    rows: Vec<Row>,
}

struct Row {
    address: String,
    code: String,
    name: String,
    description: String,
    versions: String,
    /// Why it is not in use.
    closed: bool,
    /// The webhooks that get it.
    webhooks: usize,
}

async fn list(
    State(console): State<Console>,
    place: Place,
    Query(Wanted { q }): Query<Wanted>,
) -> Result<Response, Failure> {
    let app = console.app();
    let endpoints = app.endpoints(&place.access);
    let endpoints = endpoints.map_err(|error| place.failure(error))?;
    let catalogue = app.catalogue(place.visitor.person.caller());
    let wanted = q.trim().to_lowercase();
    let groups = groups(&place, &catalogue, &endpoints, &wanted);
    Ok(shown(&List {
        page: Page::at(&place, Section::Catalogue, "Event catalogue"),
        q,
        count: groups.iter().map(|group| group.rows.len()).sum(),
        groups,
    }))
}

fn groups(
    place: &Place,
    catalogue: &Catalogue,
    endpoints: &[Arc<Endpoint>],
    wanted: &str,
) -> Vec<Group> {
    let categories = catalogue.categories();
    let categories = categories.filter(|category| !category.status.archived);
    let groups = categories.map(|category| {
        let types = catalogue.event_types_in(&category.code);
        let types = types
            .filter(|one| !one.status.archived)
            .filter(|one| is_wanted(one, category, wanted));
        let row = |one: &EventTypeDefinition| Row {
            address: place.to(&format!(
                "event-types/{}",
                crate::address::part(one.code.as_str())
            )),
            code: one.code.to_string(),
            name: one.name.clone(),
            description: one.description.clone(),
            versions: one.versions.join(", "),
            closed: catalogue.check_open(one).is_err(),
            webhooks: endpoints.iter().filter(|e| gets(e, &one.code)).count(),
        };
        Group {
            name: category.name.clone(),
            description: category.description.clone(),
            rows: types.map(row).collect(),
        }
    });
    groups.filter(|group| !group.rows.is_empty()).collect()
}

/// Whether what was typed stands in something that people know the event type by.
fn is_wanted(one: &EventTypeDefinition, of: &CategoryDefinition, wanted: &str) -> bool {
    let names = &one.wire_names;
    let names = [&names.jump, &names.decoda, &names.mycure, &names.ecg];
    let names = names.into_iter().flatten().map(String::as_str);
    let mut texts = [
        one.code.as_str(),
        &one.name,
        &one.description,
        of.code.as_str(),
        &of.name,
    ]
    .into_iter()
    .chain(names);
    texts.any(|text| text.to_lowercase().contains(wanted))
}
