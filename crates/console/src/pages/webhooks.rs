//! The webhooks of an organization.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use carehook_core::{Endpoint, Scope};

use crate::failure::Failure;
use crate::page::{Page, Section, shown};
use crate::router::Console;
use crate::visitor::Place;

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/console/o/{org}/webhooks", get(list))
}

#[derive(Template)]
#[template(path = "pages/webhooks.html")]
struct Webhooks {
    page: Page,
    webhooks: Vec<Row>,
    may_manage: bool,
}

struct Row {
    name: String,
    url: String,
    address: String,
    events: usize,
    state: Standing,
}

/// Class and word of a state.
type Standing = (&'static str, &'static str);

async fn list(State(console): State<Console>, place: Place) -> Result<Response, Failure> {
    let endpoints = console.app().endpoints(&place.access);
    let endpoints = endpoints.map_err(|error| place.failure(error))?;
    Ok(shown(&Webhooks {
        page: Page::at(&place, Section::Webhooks, "Webhooks"),
        webhooks: endpoints
            .iter()
            .map(|endpoint| row(&place, endpoint))
            .collect(),
        may_manage: place.access.has(Scope::Manage),
    }))
}

fn row(place: &Place, endpoint: &Endpoint) -> Row {
    Row {
        name: endpoint
            .name
            .clone()
            .unwrap_or_else(|| endpoint.url.clone()),
        url: endpoint.url.clone(),
        address: place.to(&format!("webhooks/{}", endpoint.id)),
        events: endpoint.subscriptions.len(),
        state: standing(endpoint),
    }
}

fn standing(endpoint: &Endpoint) -> Standing {
    match (endpoint.disabled_reason, endpoint.active) {
        (Some(_), _) => ("failed", "switched off: the receiver answered 410 Gone"),
        (None, true) => ("active", "active"),
        (None, false) => ("paused", "paused"),
    }
}
