//! The delivery log: what was sent to whom, the newest first, by everything that is known of it.

mod export;
mod filter;
mod live;
mod news;
mod rows;

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Form, Query, State};
use axum::response::{Redirect, Response};
use axum::routing::get;
use carehook_app::{Bounded, LogFilter};
use carehook_core::{Endpoint, EndpointId, Scope};

use crate::failure::Failure;
use crate::page::{Page, Section, shown};
use crate::router::Console;
use crate::visitor::Place;
use filter::{Choice, LogQuery};
use rows::Row;

/// Rows of a page.
const ROWS: usize = 50;

pub(crate) fn routes() -> Router<Console> {
    Router::new()
        .route("/console/o/{org}/log", get(log).post(look_for))
        .route("/console/o/{org}/log/live", get(live::live))
        .route("/console/o/{org}/log/export", get(export::export))
}

#[derive(Template)]
#[template(path = "pages/log.html")]
struct Log {
    page: Page,
    query: LogQuery,
    /// What of the query cannot be read.
    faults: Vec<String>,
    rows: Vec<Row>,
    /// How many match, in words.
    matches: String,
    older: Option<String>,
    /// The first page, where this is not it.
    newest: Option<String>,
    /// Where news of this page come from, where it can have any.
    live: Option<String>,
    exports: [Choice<String>; 2],
    webhooks: Vec<Choice<String>>,
    event_types: Vec<String>,
    may_retry: bool,
    /// What a first event is published with, for those who may.
    publishing: Option<String>,
}

async fn log(
    State(console): State<Console>,
    place: Place,
    Query(mut query): Query<LogQuery>,
) -> Result<Response, Failure> {
    query.settle(console.app(), &place.access);
    let endpoints = endpoints(&console, &place)?;
    let mut page = Log::new(&console, &place, query, &endpoints);
    match filter_of(&console, &place, &page.query).await? {
        Ok(filter) => page.find(&console, &place, &filter, &endpoints).await?,
        Err(faults) => page.faults = faults,
    }
    Ok(shown(&page))
}

/// Takes the filters by a form, since a subject is nothing for an address, and leads to one in which
/// it stands sealed.
async fn look_for(
    State(console): State<Console>,
    place: Place,
    Form(mut query): Form<LogQuery>,
) -> Redirect {
    query.settle(console.app(), &place.access);
    Redirect::to(&place.to(&query.address("log", &[])))
}

/// The webhooks of the organization in the mode of the page, by id.
fn endpoints(
    console: &Console,
    place: &Place,
) -> Result<HashMap<EndpointId, Arc<Endpoint>>, Failure> {
    let endpoints = console.app().endpoints(&place.access);
    let endpoints = endpoints.map_err(|error| place.failure(error))?;
    Ok(endpoints.into_iter().map(|one| (one.id, one)).collect())
}

/// What is looked for; the inner error says what of the query cannot be read.
async fn filter_of(
    console: &Console,
    place: &Place,
    query: &LogQuery,
) -> Result<Result<LogFilter, Vec<String>>, Failure> {
    let filter = match query.filter(place.mode, console.app().now()) {
        Ok(filter) => filter,
        Err(faults) => return Ok(Err(faults)),
    };
    let app = console.app();
    let filter = app.log_filter_of_text(&place.access, &query.q, filter);
    filter.await.map(Ok).map_err(|error| place.failure(error))
}

impl Log {
    fn new(
        console: &Console,
        place: &Place,
        query: LogQuery,
        endpoints: &HashMap<EndpointId, Arc<Endpoint>>,
    ) -> Self {
        let app = console.app();
        let export = |format| place.to(&query.address("log/export", &[("format", format)]));
        let mut webhooks: Vec<_> = (endpoints.values())
            .map(|one| (one.id.to_string(), rows::name_of(one).to_owned()))
            .collect();
        webhooks.sort_by(|(id, name), (other, others)| (name, id).cmp(&(others, other)));
        let catalogue = app.catalogue(place.visitor.person.caller());
        let types = catalogue.event_types();
        Self {
            page: Page::at(place, Section::Log, "Delivery log"),
            faults: Vec::new(),
            rows: Vec::new(),
            matches: String::new(),
            older: None,
            newest: (!query.cursor.is_empty()).then(|| place.to(&query.address("log", &[]))),
            live: None,
            exports: ["csv", "ndjson"].map(|format| (format.to_uppercase(), export(format))),
            webhooks,
            event_types: types.map(|one| one.code.as_str().to_owned()).collect(),
            may_retry: place.access.has(Scope::Manage),
            publishing: (place.access.has(Scope::Publish))
                .then(|| crate::example::publishing(console, place)),
            query,
        }
    }

    async fn find(
        &mut self,
        console: &Console,
        place: &Place,
        filter: &LogFilter,
        endpoints: &HashMap<EndpointId, Arc<Endpoint>>,
    ) -> Result<(), Failure> {
        let part = carehook_app::Page {
            limit: Some(ROWS),
            cursor: Some(self.query.cursor.clone()).filter(|cursor| !cursor.is_empty()),
        };
        let app = console.app();
        let found = app.find_deliveries(&place.access, filter, &part).await;
        let found = found.map_err(|error| place.failure(error))?;
        let counted = app.count_deliveries(&place.access, filter).await;
        self.matches = matches(counted.map_err(|error| place.failure(error))?);
        let back = &self.page.here;
        let row = |one| Row::of(one, endpoints, place, back, app);
        self.rows = found.items.iter().map(row).collect();
        // What comes after the end of a time, or before an older page, is no news for it.
        if self.query.cursor.is_empty() && filter.until.is_none() {
            let at = news::mark(&found.items);
            self.live = Some(place.to(&self.query.address("log/live", &[("at", &at)])));
        }
        let older = found.next_cursor;
        self.older = older.map(|cursor| older_than(&cursor, &self.query, place));
        Ok(())
    }
}

/// The page after this one.
fn older_than(cursor: &str, query: &LogQuery, place: &Place) -> String {
    place.to(&query.address("log", &[("cursor", cursor)]))
}

/// How many match, as far as they were counted.
fn matches(Bounded { number, more }: Bounded) -> String {
    let thousands = |number: u64| match number {
        0..1_000 => number.to_string(),
        _ => format!("{},{:03}", number / 1_000, number % 1_000),
    };
    match (number, more) {
        (1, false) => "1 delivery".to_owned(),
        (_, false) => format!("{} deliveries", thousands(number)),
        (0, true) => "still looking".to_owned(),
        (_, true) => format!("{}+ deliveries", thousands(number)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bounded_count_says_that_there_are_more() {
        for (number, more, expected) in [
            (0, false, "0 deliveries"),
            (1, false, "1 delivery"),
            (412, false, "412 deliveries"),
            (1_000, true, "1,000+ deliveries"),
            (1_007, false, "1,007 deliveries"),
            (1, true, "1+ deliveries"),
            (37, true, "37+ deliveries"),
            (0, true, "still looking"),
        ] {
            assert_eq!(matches(Bounded { number, more }), expected);
        }
    }
}
