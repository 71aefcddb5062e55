//! One webhook at a glance: whether it works, what it gets, and its last deliveries.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use carehook_app::{App, EndpointHealth, Hold, LogFilter, LoggedDelivery};
use carehook_core::{Ownership, PayloadMode};

use super::list::{Last, last_of};
use super::{Head, Tab, Webhook, schedule};
use crate::chart::{Asked, History, Sparkline};
use crate::failure::Failure;
use crate::figures::{bounded, of_things, success_rate};
use crate::moment::Moment;
use crate::page::{Page, Section, shown};
use crate::router::Console;
use crate::words::{Next, Standing, standing, time_taken};

/// Deliveries that are shown.
const SHOWN: usize = 10;

pub(super) fn routes() -> Router<Console> {
    Router::new().route("/console/o/{org}/webhooks/{id}", get(show))
}

#[derive(Template)]
#[template(path = "pages/webhook.html")]
struct Overview {
    page: Page,
    head: Head,
    condition: Condition,
    health: Option<Health>,
    deliveries: Vec<Row>,
    history: History,
    facts: Facts,
}

/// What has to be said about its state.
struct Condition {
    gone_since: Option<Moment>,
    is_gone: bool,
    /// How many deliveries failed by that, and whether it is one.
    gone_failed: Option<(String, bool)>,
    is_paused: bool,
    /// Until when it is left alone after failures.
    left_alone: Option<Moment>,
    challenge: Option<Challenge>,
}

/// A challenge that is not answered yet.
struct Challenge {
    tries: u32,
    next_at: Option<Moment>,
    action: String,
}

struct Health {
    rate: Option<String>,
    attempts: String,
    spark: Sparkline,
    last: Option<Last>,
    pending: String,
    oldest: Option<Moment>,
}

/// A delivery.
struct Row {
    state: Standing,
    event_type: String,
    address: String,
    result: String,
    next: Next,
    made_at: Moment,
}

/// How it is set up.
struct Facts {
    url: String,
    events: Vec<String>,
    dialect: &'static str,
    payload: &'static str,
    account: Option<String>,
    version: Option<String>,
    timeout: String,
    schedule: Option<String>,
    notification_email: Option<String>,
    headers: Vec<String>,
    authentication: Option<&'static str>,
    id: String,
    created_at: Moment,
    created_by: Option<String>,
    updated_at: Moment,
}

async fn show(
    State(console): State<Console>,
    webhook: Webhook,
    asked: Asked,
) -> Result<Response, Failure> {
    let (app, access) = (console.app(), &webhook.place.access);
    let health = app.endpoint_health(access, None).await;
    let health = health.map_err(|error| webhook.failure(error))?;
    let health = health.iter().find(|one| one.endpoint.id == webhook.id());
    let range = asked.of_what_began(webhook.endpoint.created_at, app.now());
    let chart = app.endpoint_chart(access, webhook.id(), range.span()).await;
    let chart = chart.map_err(|error| webhook.failure(error))?;
    let filter = LogFilter {
        endpoint: Some(webhook.id()),
        ..LogFilter::default()
    };
    let part = carehook_app::Page {
        limit: Some(SHOWN),
        cursor: None,
    };
    let found = app.find_deliveries(access, &filter, &part).await;
    let found = found.map_err(|error| webhook.failure(error))?;
    Ok(shown(&Overview {
        page: webhook.page(Tab::Overview),
        head: webhook.head(Tab::Overview),
        condition: condition(&webhook, app).await?,
        health: health.map(health_of),
        deliveries: (found.items.iter())
            .map(|one| row(&webhook, one, app))
            .collect(),
        history: History::of(&chart, range, |query| webhook.to(query)),
        facts: facts(&webhook),
    }))
}

async fn condition(webhook: &Webhook, app: &App) -> Result<Condition, Failure> {
    let endpoint = &webhook.endpoint;
    let is_gone = endpoint.disabled_reason.is_some();
    let challenge = match endpoint.ownership {
        Ownership::Pending { tries, next_at } => Some(Challenge {
            tries,
            next_at: next_at.map(Moment),
            action: webhook.to("/challenge"),
        }),
        Ownership::NotAsked | Ownership::Proven(_) => None,
    };
    let gone_failed = if is_gone {
        let failed = app.failed_by_410(&webhook.place.access, webhook.id()).await;
        let failed = failed.map_err(|error| webhook.failure(error))?;
        let is_one = failed.number == 1 && !failed.more;
        (failed.number > 0).then(|| (bounded(failed), is_one))
    } else {
        None
    };
    Ok(Condition {
        gone_since: endpoint.active_changed_at.map(Moment),
        is_gone,
        gone_failed,
        is_paused: !is_gone && !endpoint.active,
        left_alone: match app.hold_of(endpoint) {
            Some(Hold::LeftAlone(until)) => Some(Moment(until)),
            Some(Hold::Inactive) | None => None,
        },
        challenge,
    })
}

fn health_of(health: &EndpointHealth) -> Health {
    let EndpointHealth {
        endpoint: _,
        day,
        last,
        backlog,
    } = health;
    Health {
        rate: success_rate(&day.total),
        attempts: of_things(day.total.attempts(), "attempt", "attempts"),
        spark: Sparkline::of(day),
        last: last.map(|last| last_of(last, backlog.pending)),
        pending: bounded(backlog.pending),
        oldest: backlog.oldest.map(Moment),
    }
}

fn row(webhook: &Webhook, logged: &LoggedDelivery, app: &App) -> Row {
    let LoggedDelivery { delivery, last } = logged;
    let seen = last.as_ref().map(|last| {
        let status = last.status.map(|status| status.to_string());
        let short = status.unwrap_or_else(|| last.error.clone().unwrap_or_default());
        format!("{short} · {}", time_taken(last.duration))
    });
    Row {
        state: standing(delivery),
        event_type: delivery.event_type.to_string(),
        address: webhook.place.to(&format!("deliveries/{}", delivery.id)),
        result: seen.unwrap_or_else(|| "no attempt yet".to_owned()),
        next: Next::of(delivery, app.hold_of(&webhook.endpoint), app.now()),
        made_at: Moment(delivery.created_at),
    }
}

fn facts(webhook: &Webhook) -> Facts {
    let endpoint = &*webhook.endpoint;
    let text = |text: &str| text.to_owned();
    let schedule = endpoint.retry_policy.as_ref();
    let authentication = endpoint.authentication.as_ref();
    Facts {
        url: endpoint.url.clone(),
        events: endpoint
            .subscription_names()
            .into_iter()
            .map(text)
            .collect(),
        dialect: endpoint.dialect.as_str(),
        payload: match endpoint.payload {
            PayloadMode::Full => "everything that happened",
            PayloadMode::Thin => "ids, the names of changed fields, and a link to the rest",
            PayloadMode::IdOnly => "the event's id and a link",
            PayloadMode::Empty => "only that something happened",
        },
        account: endpoint.account.as_ref().map(ToString::to_string),
        version: endpoint.version.as_deref().map(text),
        timeout: time_taken(endpoint.attempt_timeout()),
        schedule: schedule.map(|own| schedule::written(own.seconds())),
        notification_email: endpoint.notification_email.clone(),
        headers: endpoint
            .headers
            .iter()
            .map(|own| own.name.to_string())
            .collect(),
        authentication: authentication.map(|own| match own.kind() {
            "basic" => "user name and password",
            _ => "a token",
        }),
        id: endpoint.id.to_string(),
        created_at: Moment(endpoint.created_at),
        created_by: endpoint.created_by.as_deref().map(text),
        updated_at: Moment(endpoint.updated_at),
    }
}
