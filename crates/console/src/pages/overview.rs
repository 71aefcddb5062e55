//! An organization at a glance: whether it works, what went wrong, and what to do.

mod attention;
mod beginning;
mod lost;
mod sentence;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use carehook_app::{Ahead, Chart, EndpointHealth};
use carehook_core::Scope;

use attention::Need;
use beginning::Beginning;
use lost::Lost;
use sentence::{Sentence, called};

use crate::chart::{Asked, History, Range, Waits};
use crate::failure::Failure;
use crate::figures::{bounded, grouped, of_things, success_rate};
use crate::moment::Moment;
use crate::page::{Page, Section, shown};
use crate::router::Console;
use crate::visitor::Place;
use crate::words::time_taken;

/// Webhooks that are named, at most.
const NAMED: usize = 25;

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/console/o/{org}", get(show))
}

#[derive(Template)]
#[template(path = "pages/overview.html")]
struct Overview {
    page: Page,
    sentence: Sentence,
    /// What to do first, where nothing is there or nothing was sent yet.
    beginning: Option<Beginning>,
    glance: Option<Glance>,
}

/// What is shown of an organization that has webhooks.
struct Glance {
    range: Range,
    numbers: Numbers,
    attention: Vec<Row>,
    /// How many more need attention than are named.
    unnamed: usize,
    history: History,
    waits: Waits,
}

/// The four numbers.
struct Numbers {
    delivered: String,
    attempts: String,
    rate: Option<String>,
    waiting: String,
    oldest: Option<Moment>,
    p95: Option<String>,
}

/// A webhook that needs attention.
struct Row {
    name: String,
    address: String,
    state: (&'static str, &'static str),
    what: String,
    next: &'static str,
    /// Where the next step is done.
    link: (&'static str, String),
}

async fn show(
    State(console): State<Console>,
    place: Place,
    asked: Asked,
) -> Result<Response, Failure> {
    let (app, access) = (console.app(), &place.access);
    let health = app.endpoint_health(access, None).await;
    let health = health.map_err(|error| place.failure(error))?;
    let lost = Lost::of(app, &place, &health).await;
    let lost = lost.map_err(|error| place.failure(error))?;
    let needs: Vec<_> = health
        .iter()
        .filter_map(|one| Some((one, Need::of(one, &lost)?)))
        .collect();
    let is_silent = health.iter().all(|one| one.last.is_none());
    let range = asked.of_what_began(place.organization.created_at, app.now());
    let mut glance = None;
    if !health.is_empty() {
        let chart = app.organization_chart(access, None, range.span()).await;
        let chart = chart.map_err(|error| place.failure(error))?;
        let ahead = app.ahead(health.iter().map(|one| (&*one.endpoint, &one.backlog)));
        glance = Some(glance_of(&place, (&ahead, &needs), (&chart, range)));
    }
    Ok(shown(&Overview {
        page: Page::at(&place, Section::Overview, "Overview"),
        sentence: Sentence::of(&health, &needs),
        beginning: is_silent.then(|| Beginning::of(&console, &place, health.is_empty())),
        glance,
    }))
}

fn glance_of(
    place: &Place,
    (ahead, needs): (&Ahead, &[(&EndpointHealth, Need)]),
    (chart, range): (&Chart, Range),
) -> Glance {
    let backlog = &ahead.backlog;
    let named = needs.iter().take(NAMED);
    Glance {
        range,
        numbers: Numbers {
            delivered: grouped(chart.total.delivered),
            attempts: of_things(chart.total.attempts(), "attempt", "attempts"),
            rate: success_rate(&chart.total),
            waiting: bounded(backlog.pending),
            oldest: backlog.oldest.map(Moment),
            p95: chart.total.durations.percentile(95).map(time_taken),
        },
        attention: named.map(|(one, need)| row(place, one, need)).collect(),
        unnamed: needs.len().saturating_sub(NAMED),
        history: History::of(chart, range, |query| place.to(query)),
        waits: Waits::of(ahead),
    }
}

fn row(place: &Place, health: &EndpointHealth, need: &Need) -> Row {
    let id = health.endpoint.id;
    let (word, page) = need.link(place.access.has(Scope::Manage));
    let page = match page {
        "log" => format!("log?endpoint={id}&state=failed"),
        page => format!("webhooks/{id}{page}"),
    };
    Row {
        name: called(&health.endpoint),
        address: place.to(&format!("webhooks/{id}")),
        state: need.state(),
        what: need.what(),
        next: need.next(),
        link: (word, place.to(&page)),
    }
}
