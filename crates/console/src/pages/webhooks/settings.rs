//! Changing a webhook, pausing it, asking it for its challenge again, and deleting it.

use askama::Template;
use axum::Router;
use axum::extract::{Form, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use carehook_app::{AppError, Bounded, EndpointChange};
use http::StatusCode;
use serde::Deserialize;

use super::fields::{Fields, Pairs};
use super::form::WebhookForm;
use super::{Head, Managed, Tab, Webhook, name_of, reading};
use crate::done::Done;
use crate::failure::Failure;
use crate::figures::bounded;
use crate::forms::Faults;
use crate::page::{Page, Section, shown};
use crate::router::Console;

pub(super) fn routes() -> Router<Console> {
    Router::new()
        .route(
            "/console/o/{org}/webhooks/{id}/settings",
            get(show).post(change),
        )
        .route("/console/o/{org}/webhooks/{id}/active", post(activate))
        .route("/console/o/{org}/webhooks/{id}/challenge", post(challenge))
        .route("/console/o/{org}/webhooks/{id}/delete", post(delete))
}

#[derive(Template)]
#[template(path = "pages/webhook_settings.html")]
struct Settings {
    page: Page,
    head: Head,
    form: WebhookForm,
    faults: Faults,
    deletion: Deletion,
}

/// What deleting needs and does.
struct Deletion {
    action: String,
    /// What has to be typed.
    name: String,
    /// What deleting fails, such as `38 waiting deliveries`.
    waiting: Option<String>,
    is_wrong: bool,
}

async fn show(
    State(console): State<Console>,
    Managed(webhook): Managed,
) -> Result<Response, Failure> {
    let form = WebhookForm::of(&console, &webhook);
    let page = page_of(&console, &webhook, form, Faults::default()).await?;
    Ok(shown(&page))
}

async fn change(
    State(console): State<Console>,
    Managed(webhook): Managed,
    Form(pairs): Form<Pairs>,
) -> Result<Response, Failure> {
    let entered = Fields::new(pairs);
    let app = console.app();
    let changed = match reading::change(&entered, &webhook.endpoint) {
        Ok(change) => {
            let access = &webhook.place.access;
            app.change_endpoint(access, webhook.id(), change).await
        }
        Err(error) => Err(error),
    };
    let Err(error) = changed else {
        return Ok(Done::WebhookSaved.then(&webhook.to("/settings")));
    };
    let error = reading::named(error, &reading::events(&entered));
    let faults = Faults::of(error).map_err(|error| webhook.failure(error))?;
    let form = WebhookForm::of(&console, &webhook).filled(&console, &webhook.place, &entered);
    let page = page_of(&console, &webhook, form, faults).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, shown(&page)).into_response())
}

async fn page_of(
    console: &Console,
    webhook: &Webhook,
    form: WebhookForm,
    faults: Faults,
) -> Result<Settings, Failure> {
    let access = &webhook.place.access;
    let waiting = console.app().endpoint_backlog(access, webhook.id()).await;
    let waiting = waiting.map_err(|error| webhook.failure(error))?;
    Ok(Settings {
        page: webhook.page(Tab::Settings),
        head: webhook.head(Tab::Settings),
        form,
        faults,
        deletion: Deletion {
            action: webhook.to("/delete"),
            name: name_of(&webhook.endpoint).trim().to_owned(),
            waiting: (waiting.pending.number > 0).then(|| waiting_words(waiting.pending)),
            is_wrong: false,
        },
    })
}

fn waiting_words(pending: Bounded) -> String {
    let word = match pending.number {
        1 if !pending.more => "waiting delivery",
        _ => "waiting deliveries",
    };
    format!("{} {word}", bounded(pending))
}

#[derive(Deserialize)]
struct Activation {
    active: bool,
}

async fn activate(
    State(console): State<Console>,
    Managed(webhook): Managed,
    Form(Activation { active }): Form<Activation>,
) -> Result<Response, Failure> {
    let change = EndpointChange {
        active: Some(active),
        ..EndpointChange::default()
    };
    let (app, access) = (console.app(), &webhook.place.access);
    let changed = app.change_endpoint(access, webhook.id(), change).await;
    changed.map_err(|error| webhook.failure(error))?;
    let done = if active {
        Done::WebhookActivated
    } else {
        Done::WebhookPaused
    };
    Ok(done.then(&webhook.to("")))
}

async fn challenge(
    State(console): State<Console>,
    Managed(webhook): Managed,
) -> Result<Response, Failure> {
    let (app, access) = (console.app(), &webhook.place.access);
    match app.challenge_endpoint(access, webhook.id()).await {
        Ok(_) => Ok(Done::ChallengeSent.then(&webhook.to(""))),
        // Answered in the meantime: the page shows it.
        Err(AppError::Conflict { .. }) => Ok(Redirect::to(&webhook.to("")).into_response()),
        Err(error) => Err(webhook.failure(error)),
    }
}

#[derive(Deserialize)]
struct TypedName {
    #[serde(default)]
    name: String,
}

async fn delete(
    State(console): State<Console>,
    Managed(webhook): Managed,
    Form(TypedName { name }): Form<TypedName>,
) -> Result<Response, Failure> {
    // Scripts keep the button from being pressed before; this is for where there are none.
    if name.trim() != name_of(&webhook.endpoint).trim() {
        let form = WebhookForm::of(&console, &webhook);
        let mut page = page_of(&console, &webhook, form, Faults::default()).await?;
        page.deletion.is_wrong = true;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, shown(&page)).into_response());
    }
    let (app, access) = (console.app(), &webhook.place.access);
    let deleted = app.delete_endpoint(access, webhook.id()).await;
    deleted.map_err(|error| webhook.failure(error))?;
    Ok(Done::WebhookDeleted.then(&webhook.place.to("webhooks")))
}
