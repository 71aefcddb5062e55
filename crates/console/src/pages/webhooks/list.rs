//! All webhooks with their health at a glance; without any, the form that makes the first one.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use carehook_app::{Backlog, Bounded, EndpointHealth, LastEnded, Meaning};
use carehook_core::{Mode, Scope};

use super::form::WebhookForm;
use super::{create, name_of, state_of};
use crate::chart::Sparkline;
use crate::failure::Failure;
use crate::figures::{bounded, of_things, shortened, success_rate};
use crate::forms::Faults;
use crate::moment::Moment;
use crate::page::{Page, Section, shown};
use crate::router::Console;
use crate::visitor::Place;

pub(super) fn routes() -> Router<Console> {
    Router::new().route("/console/o/{org}/webhooks", get(list).post(create::make))
}

#[derive(Template)]
#[template(path = "pages/webhooks.html")]
struct Webhooks {
    page: Page,
    rows: Vec<Row>,
    may_manage: bool,
}

/// The list of an organization that has none.
#[derive(Template)]
#[template(path = "pages/webhooks_none.html")]
struct NoWebhooks {
    page: Page,
    /// For those who may make one.
    form: Option<WebhookForm>,
    faults: Faults,
    curl: String,
}

struct Row {
    name: String,
    url: String,
    address: String,
    state: (&'static str, &'static str),
    rate: Option<String>,
    attempts: String,
    spark: Sparkline,
    last: Option<Last>,
    pending: String,
}

/// The last attempt of a webhook.
pub(super) struct Last {
    pub(super) state: (&'static str, &'static str),
    pub(super) at: Moment,
}

async fn list(State(console): State<Console>, place: Place) -> Result<Response, Failure> {
    let health = console.app().endpoint_health(&place.access, None).await;
    let health = health.map_err(|error| place.failure(error))?;
    let page = Page::at(&place, Section::Webhooks, "Webhooks");
    let may_manage = place.access.has(Scope::Manage);
    if health.is_empty() {
        let form = may_manage.then(|| WebhookForm::empty(&console, &place));
        return Ok(shown(&NoWebhooks {
            page,
            form,
            faults: Faults::default(),
            curl: curl(&console, &place),
        }));
    }
    Ok(shown(&Webhooks {
        page,
        rows: health.iter().map(|one| row(&place, one)).collect(),
        may_manage,
    }))
}

fn row(place: &Place, health: &EndpointHealth) -> Row {
    let EndpointHealth {
        endpoint,
        day,
        last,
        backlog,
    } = health;
    let Backlog { pending, .. } = *backlog;
    Row {
        name: name_of(endpoint),
        url: shortened(&endpoint.url, 80),
        address: place.to(&format!("webhooks/{}", endpoint.id)),
        state: state_of(endpoint),
        rate: success_rate(&day.total),
        attempts: of_things(day.total.attempts(), "attempt", "attempts"),
        spark: Sparkline::of(day),
        last: last.map(|last| last_of(last, pending)),
        pending: bounded(pending),
    }
}

/// The last attempt of a webhook for which so much waits.
pub(super) fn last_of(LastEnded { at, meaning }: LastEnded, pending: Bounded) -> Last {
    let state = match meaning {
        Meaning::Delivered => ("delivered", "delivered"),
        // It was called off since.
        Meaning::Retried if pending.number == 0 => ("failed", "failed, not retried any more"),
        // What waits may be others.
        Meaning::Retried => ("pending", "failed, not for good"),
        Meaning::Failed => ("failed", "failed for good"),
    };
    let at = Moment(at);
    Last { state, at }
}

/// The same as the form, for those who would rather type; it has the reader's own values.
fn curl(console: &Console, place: &Place) -> String {
    let server = console.app().public_url();
    let organization = crate::address::part(place.access.organization().as_str());
    let mode = match place.mode {
        Mode::Live => "",
        Mode::Test => r#", "mode": "test""#,
    };
    format!(
        "curl -X POST {server}/v1/organizations/{organization}/endpoints \\\n  \
         -H \"Authorization: Bearer $CAREHOOK_KEY\" \\\n  \
         -H \"Content-Type: application/json\" \\\n  \
         -d '{{\"url\": \"https://hooks.example.com/carehook\", \"events\": [\"*\"]{mode}}}'"
    )
}
