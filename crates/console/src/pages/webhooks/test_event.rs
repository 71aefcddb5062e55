//! Sending a test event, and what the receiver answers to it.

use std::collections::BTreeMap;

use askama::Template;
use axum::Router;
use axum::extract::{Form, Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;
use carehook_app::{AppError, Hold, Sample};
use carehook_core::{Attempt, DeliveryId, DeliveryState, Dialect, Endpoint, Scope, host_of};
use http::StatusCode;
use serde::Deserialize;

use super::{Head, Managed, Tab, Webhook};
use crate::address;
use crate::failure::Failure;
use crate::forms::Faults;
use crate::indented::indented;
use crate::moment::Moment;
use crate::page::{Page, Section, shown};
use crate::router::Console;
use crate::words::{Seen, Standing, standing, time_taken};

/// How long a page asks for the answer to a test by itself, in milliseconds.
const ASKED_FOR: i64 = 120_000;

pub(super) fn routes() -> Router<Console> {
    Router::new()
        .route("/console/o/{org}/webhooks/{id}/test", get(ask).post(send))
        .route("/console/o/{org}/webhooks/{id}/test/answer", get(answer))
}

#[derive(Template)]
#[template(path = "pages/webhook_test.html")]
struct TestPage {
    page: Page,
    head: Head,
    action: String,
    /// Whether the mode has to be a field of a form whose fields become the address.
    is_test_mode: bool,
    groups: Vec<Group>,
    chosen: Chosen,
    is_served: bool,
    faults: Faults,
    outcome: Option<Outcome>,
}

/// A category with the samples of its event types.
struct Group {
    name: String,
    samples: Vec<Choice>,
}

struct Choice {
    /// Event type and version, as the field says it.
    value: String,
    word: String,
    is_chosen: bool,
}

/// The sample that would be sent.
#[derive(Default)]
struct Chosen {
    value: String,
    description: String,
    payload: String,
}

/// What became of a test; also the part of the page that is replaced until there is an answer.
#[derive(Template)]
#[template(path = "parts/webhook_answer.html")]
struct Outcome {
    event_type: String,
    state: Standing,
    /// Its page of the log.
    address: String,
    attempt: Option<Tried>,
    /// What holds it up before its first attempt.
    held: Option<Held>,
    /// The webhook's own page.
    overview: String,
    /// Where to look again, while there is no answer.
    again: Option<String>,
    /// Where the whole page is shown again.
    reload: String,
}

/// What holds a test up, besides others that go before it.
enum Held {
    Paused,
    SwitchedOff,
    Archived,
    Unproven,
    LeftAlone(Moment),
}

impl Held {
    fn of(hold: Hold, endpoint: &Endpoint) -> Self {
        match hold {
            Hold::LeftAlone(until) => Self::LeftAlone(Moment(until)),
            Hold::Inactive if endpoint.disabled_reason.is_some() => Self::SwitchedOff,
            Hold::Inactive if endpoint.archived => Self::Archived,
            Hold::Inactive if endpoint.awaits_challenge() => Self::Unproven,
            Hold::Inactive => Self::Paused,
        }
    }
}

/// What the receiver did.
struct Tried {
    short: String,
    took: String,
    words: String,
    answer: Answered,
}

/// The body of an answer.
enum Answered {
    Empty,
    Text(String),
    /// It may repeat what an event holds.
    Hidden,
}

#[derive(Default, Deserialize)]
struct Asked {
    #[serde(default)]
    sample: String,
    delivery: Option<String>,
}

async fn ask(
    State(console): State<Console>,
    webhook: Webhook,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    webhook.require_manage()?;
    let outcome = match &asked.delivery {
        Some(id) => Some(outcome_of(&console, &webhook, id).await?),
        None => None,
    };
    let page = page_of(&console, &webhook, &asked.sample, Faults::default());
    Ok(shown(&TestPage { outcome, ..page }))
}

#[derive(Deserialize)]
struct SendForm {
    sample: String,
}

async fn send(
    State(console): State<Console>,
    Managed(webhook): Managed,
    Form(SendForm { sample }): Form<SendForm>,
) -> Result<Response, Failure> {
    let (app, access) = (console.app(), &webhook.place.access);
    let (event_type, version) = match sample.split_once('|') {
        Some((event_type, version)) => (Some(event_type), Some(version)),
        None => (Some(&*sample).filter(|text| !text.is_empty()), None),
    };
    match app
        .send_sample(access, webhook.id(), event_type, version)
        .await
    {
        Ok(sent) => {
            let sample = address::part(&sample);
            let page = format!("/test?sample={sample}&delivery={}", sent.delivery_id);
            Ok(Redirect::to(&webhook.to(&page)).into_response())
        }
        Err(error) => {
            let faults = Faults::of(error).map_err(|error| webhook.failure(error))?;
            let page = page_of(&console, &webhook, &sample, faults);
            Ok((StatusCode::UNPROCESSABLE_ENTITY, shown(&page)).into_response())
        }
    }
}

/// The part of the page that is about the answer.
async fn answer(
    State(console): State<Console>,
    webhook: Webhook,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let id = asked.delivery.unwrap_or_default();
    Ok(shown(&outcome_of(&console, &webhook, &id).await?))
}

async fn outcome_of(console: &Console, webhook: &Webhook, id: &str) -> Result<Outcome, Failure> {
    let unknown = || webhook.failure(AppError::NotFound { kind: "delivery" });
    let id: DeliveryId = id.parse().map_err(|_| unknown())?;
    let (app, access) = (console.app(), &webhook.place.access);
    let found = app.delivery(access, id).await;
    let (delivery, attempts) = found.map_err(|error| webhook.failure(error))?;
    if delivery.endpoint_id != webhook.id() {
        return Err(unknown());
    }
    let attempt = attempts.last().map(|attempt| tried(webhook, attempt));
    let hold = app.hold_of(&webhook.endpoint);
    let held = hold.map(|hold| Held::of(hold, &webhook.endpoint));
    let waits = attempt.is_none() && app.now().0 - delivery.created_at.0 < ASKED_FOR;
    Ok(Outcome {
        event_type: delivery.event_type.to_string(),
        state: standing(&delivery),
        address: webhook.place.to(&format!("deliveries/{id}")),
        again: waits.then(|| webhook.to(&format!("/test/answer?delivery={id}"))),
        reload: webhook.to(&format!("/test?delivery={id}")),
        held: held.filter(|_| attempt.is_none() && delivery.state == DeliveryState::Pending),
        overview: webhook.to(""),
        attempt,
    })
}

fn tried(webhook: &Webhook, attempt: &Attempt) -> Tried {
    let host = host_of(&webhook.endpoint.url);
    let seen = Seen {
        outcome: attempt.outcome,
        status: attempt.status,
        error: attempt.error.as_deref(),
        duration: attempt.duration,
        host,
    };
    let answer = if !webhook.place.access.has(Scope::ReadPayload) {
        Answered::Hidden
    } else if attempt.answer.is_empty() {
        Answered::Empty
    } else {
        Answered::Text(String::from_utf8_lossy(&attempt.answer).into_owned())
    };
    Tried {
        short: seen.in_short(),
        took: time_taken(attempt.duration),
        words: seen.in_words(),
        answer,
    }
}

fn page_of(console: &Console, webhook: &Webhook, sample: &str, faults: Faults) -> TestPage {
    let caller = webhook.place.visitor.person.caller();
    let samples = console.app().test_samples(caller);
    let ping = ping_of(webhook.endpoint.dialect);
    let is_named = |one: &&Sample| value_of(one) == sample;
    let is_ping = |one: &&Sample| one.event_type.code.as_str() == ping;
    let named = samples.iter().find(is_named);
    let chosen = named.or_else(|| samples.iter().find(is_ping));
    let chosen = chosen.map(chosen_of).unwrap_or_default();
    let catalogue = console.app().catalogue(caller);
    let mut groups: BTreeMap<String, Vec<Choice>> = BTreeMap::new();
    for sample in &samples {
        let category = catalogue.category(&sample.event_type.category);
        let category = category.map_or("Others", |category| &category.name);
        let value = value_of(sample);
        groups.entry(category.to_owned()).or_default().push(Choice {
            word: format!("{} ({})", sample.event_type.code, sample.payload.version),
            is_chosen: value == chosen.value,
            value,
        });
    }
    let groups = groups.into_iter();
    TestPage {
        page: webhook.page(Tab::Test),
        head: webhook.head(Tab::Test),
        action: webhook.to("/test"),
        is_test_mode: webhook.place.mode == carehook_core::Mode::Test,
        groups: groups
            .map(|(name, samples)| Group { name, samples })
            .collect(),
        chosen,
        is_served: webhook.endpoint.is_served(),
        faults,
        outcome: None,
    }
}

fn value_of(sample: &Sample) -> String {
    format!("{}|{}", sample.event_type.code, sample.payload.version)
}

fn chosen_of(sample: &Sample) -> Chosen {
    let data = String::from_utf8_lossy(sample.payload.data.bytes());
    Chosen {
        value: value_of(sample),
        description: sample.event_type.description.clone(),
        payload: indented(&data),
    }
}

/// The event that says nothing but that it arrived.
fn ping_of(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Native | Dialect::Jump | Dialect::Decoda | Dialect::Ecg => "test.ping",
        Dialect::Mycure => "ping",
    }
}

/// A template of its own, which has escaped everything.
impl askama::filters::HtmlSafe for Outcome {}
