//! Sending a test event, and what the receiver answers to it.

mod outcome;

use std::collections::BTreeMap;

use askama::Template;
use axum::Router;
use axum::extract::{Form, Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;
use carehook_app::Sample;
use carehook_core::Dialect;
use http::StatusCode;
use serde::Deserialize;

use super::{Head, Managed, Tab, Webhook};
use crate::address;
use crate::failure::Failure;
use crate::forms::Faults;
use crate::indented::indented;
use crate::page::{Page, Section, shown};
use crate::router::Console;
use outcome::{Outcome, outcome_of};

pub(super) fn routes() -> Router<Console> {
    Router::new()
        .route("/console/o/{org}/webhooks/{id}/test", get(ask).post(send))
        .route(
            "/console/o/{org}/webhooks/{id}/test/answer",
            get(outcome::answer),
        )
}

#[derive(Template)]
#[template(path = "pages/webhook_test.html")]
struct TestPage {
    page: Page,
    head: Head,
    sending: Sending,
    /// Whether the mode has to be a field of a form whose fields become the address.
    is_test_mode: bool,
    groups: Vec<Group>,
    chosen: Chosen,
    faults: Faults,
    outcome: Option<Outcome>,
}

/// The form that sends the chosen sample.
struct Sending {
    action: String,
    sample: String,
    /// Whether the webhook gets anything; else there is no form.
    is_served: bool,
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

#[derive(Default, Deserialize)]
struct Asked {
    #[serde(default)]
    sample: String,
    delivery: Option<String>,
    /// Whether the page that asks shows the webhook as one that gets something.
    served: Option<bool>,
}

async fn ask(
    State(console): State<Console>,
    webhook: Webhook,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    webhook.require_manage()?;
    let outcome = match &asked.delivery {
        Some(id) => Some(outcome_of(&console, &webhook, (id, &asked.sample)).await?),
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
        sending: Sending {
            action: webhook.to("/test"),
            sample: chosen.value.clone(),
            is_served: webhook.endpoint.is_served(),
        },
        is_test_mode: webhook.place.mode == carehook_core::Mode::Test,
        groups: groups
            .map(|(name, samples)| Group { name, samples })
            .collect(),
        chosen,
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
