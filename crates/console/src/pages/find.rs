//! The search box: whatever was typed leads to what it names, or to a page that says what was
//! looked for.

use askama::Template;
use axum::Router;
use axum::extract::{Form, Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;
use carehook_app::LogFilter;
use carehook_core::{Endpoint, Mode};
use serde::Deserialize;

use crate::address::in_organization;
use crate::failure::Failure;
use crate::page::{Page, Section, shown};
use crate::router::Console;
use crate::visitor::Place;

/// Webhooks that are offered, when several have what was typed in their name or URL.
const OFFERED: usize = 20;

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/console/o/{org}/find", get(find_again).post(find_typed))
}

#[derive(Deserialize)]
struct Typed {
    #[serde(default)]
    q: String,
    #[serde(default)]
    about: String,
}

#[derive(Template)]
#[template(path = "pages/find.html")]
struct Found {
    page: Page,
    text: String,
    webhooks: Vec<Offer>,
    /// The same search in the other mode.
    elsewhere: String,
    other_mode: &'static str,
}

/// A webhook that may be meant.
struct Offer {
    name: String,
    url: String,
    address: String,
}

/// Takes what was typed by a form: it may be a patient, who is nothing for an address.
async fn find_typed(
    State(console): State<Console>,
    place: Place,
    Form(Typed { q, .. }): Form<Typed>,
) -> Result<Response, Failure> {
    find(&console, &place, &q).await
}

/// The same with what is in the address: an id, or a text that was sealed for it.
async fn find_again(
    State(console): State<Console>,
    place: Place,
    Query(Typed { q, about }): Query<Typed>,
) -> Result<Response, Failure> {
    let sealed = console.app().uncover_text(&place.access, &about);
    find(&console, &place, &sealed.unwrap_or(q)).await
}

async fn find(console: &Console, place: &Place, typed: &str) -> Result<Response, Failure> {
    let text = typed.trim();
    if text.is_empty() {
        return Ok(Redirect::to(&place.to("log")).into_response());
    }
    let endpoints = console.app().endpoints(&place.access);
    let endpoints = endpoints.map_err(|error| place.failure(error))?;
    let named: Vec<&Endpoint> = (endpoints.iter().map(|one| &**one))
        .filter(|one| is_named(one, text))
        .collect();
    if let [one] = named[..] {
        return Ok(Redirect::to(&address_of(place, one)).into_response());
    }
    if let Some(address) = in_the_log(console, place, text).await? {
        return Ok(Redirect::to(&address).into_response());
    }
    let offered = endpoints.iter().filter(|one| is_like(one, text));
    let offered = offered.map(|one| &**one);
    Ok(shown(&nothing_else(console, place, text, offered)))
}

/// The page of the deliveries that have this id, are of this event or are about this subject.
async fn in_the_log(
    console: &Console,
    place: &Place,
    text: &str,
) -> Result<Option<String>, Failure> {
    let app = console.app();
    let everything = LogFilter {
        mode: Some(place.mode),
        ..LogFilter::default()
    };
    let filter = app.log_filter_of_text(&place.access, text, everything);
    let filter = filter.await.map_err(|error| place.failure(error))?;
    let counted = app.count_deliveries(&place.access, &filter).await;
    let counted = counted.map_err(|error| place.failure(error))?;
    if counted.number == 0 && !counted.more {
        return Ok(None);
    }
    let only = filter.only.as_deref().unwrap_or_default();
    Ok(Some(match only {
        [id] => place.to(&format!("deliveries/{id}")),
        _ => place.to(&format!(
            "log?about={}",
            app.cover_text(&place.access, text)
        )),
    }))
}

fn nothing_else<'a>(
    console: &Console,
    place: &Place,
    text: &str,
    offered: impl Iterator<Item = &'a Endpoint>,
) -> Found {
    let other = match place.mode {
        Mode::Live => Mode::Test,
        Mode::Test => Mode::Live,
    };
    let sealed = console.app().cover_text(&place.access, text);
    let again = format!("find?about={sealed}");
    Found {
        page: Page::at(place, Section::Log, "Search"),
        text: text.to_owned(),
        webhooks: offered
            .take(OFFERED)
            .map(|one| Offer {
                name: name_of(one).to_owned(),
                url: one.url.clone(),
                address: address_of(place, one),
            })
            .collect(),
        elsewhere: in_organization(place.access.organization(), other, &again),
        other_mode: other.as_str(),
    }
}

fn address_of(place: &Place, endpoint: &Endpoint) -> String {
    place.to(&format!("webhooks/{}", endpoint.id))
}

fn name_of(endpoint: &Endpoint) -> &str {
    endpoint.name.as_deref().unwrap_or(&endpoint.url)
}

/// Whether this is the id, the URL or the name of a webhook.
fn is_named(endpoint: &Endpoint, text: &str) -> bool {
    let same = |one: &str| one.to_lowercase() == text.to_lowercase();
    endpoint.id.to_string() == text
        || endpoint.url == text
        || endpoint.name.as_deref().is_some_and(same)
}

/// Whether its name or URL has this in it.
fn is_like(endpoint: &Endpoint, text: &str) -> bool {
    let text = text.to_lowercase();
    let has = |one: &str| one.to_lowercase().contains(&text);
    has(&endpoint.url) || endpoint.name.as_deref().is_some_and(has)
}
