//! Making a webhook, and its secret: shown once, with what to do now.

use askama::Template;
use axum::extract::{Form, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::{Extension, Router};
use carehook_core::{Scope, Secret};
use http::StatusCode;

use super::fields::{Fields, Pairs};
use super::form::WebhookForm;
use super::{Snippet, name_of, reading, snippets};
use crate::failure::Failure;
use crate::forms::Faults;
use crate::once::Made;
use crate::page::{Page, Section, shown};
use crate::router::Console;
use crate::visitor::Place;

pub(super) fn routes() -> Router<Console> {
    Router::new().route("/console/o/{org}/webhooks/new", get(ask))
}

#[derive(Template)]
#[template(path = "pages/webhook_new.html")]
struct NewWebhook {
    page: Page,
    form: WebhookForm,
    faults: Faults,
}

#[derive(Template)]
#[template(path = "pages/webhook_made.html")]
struct MadeWebhook {
    page: Page,
    name: String,
    secret: Secret,
    snippets: Vec<Snippet>,
    /// What comes after the organization in the addresses of its pages.
    base: String,
    test: String,
    active: bool,
    awaits_challenge: bool,
}

async fn ask(State(console): State<Console>, place: Place) -> Result<Response, Failure> {
    require_manage(&place)?;
    Ok(shown(&NewWebhook {
        page: Page::at(&place, Section::Webhooks, "New webhook"),
        form: WebhookForm::empty(&console, &place),
        faults: Faults::default(),
    }))
}

/// Refuses whoever may make no webhooks before what they entered is judged.
fn require_manage(place: &Place) -> Result<(), Failure> {
    let allowed = place.access.require(Scope::Manage);
    allowed.map_err(|error| place.failure(error))
}

pub(super) async fn make(
    State(console): State<Console>,
    place: Place,
    Form(pairs): Form<Pairs>,
) -> Result<Response, Failure> {
    require_manage(&place)?;
    let entered = Fields::new(pairs);
    let app = console.app();
    let made = match reading::new_endpoint(&entered, place.mode) {
        Ok(new) => app.create_endpoint(&place.access, new).await,
        Err(error) => Err(error),
    };
    let endpoint = match made {
        Ok(endpoint) => endpoint,
        Err(error) => return refused(&console, &place, &entered, error),
    };
    let page = MadeWebhook {
        page: Page::at(&place, Section::Webhooks, "Webhook made"),
        name: name_of(&endpoint),
        secret: endpoint.secrets.current().clone(),
        snippets: snippets(&endpoint),
        base: format!("webhooks/{}", endpoint.id),
        test: format!("webhooks/{}/test", endpoint.id),
        active: endpoint.active,
        awaits_challenge: endpoint.ownership.is_pending(),
    };
    Ok((Extension(Made::Webhook), shown(&page)).into_response())
}

fn refused(
    console: &Console,
    place: &Place,
    entered: &Fields,
    error: carehook_app::AppError,
) -> Result<Response, Failure> {
    let error = reading::named(error, &reading::events(entered));
    let faults = Faults::of(error).map_err(|error| place.failure(error))?;
    let page = NewWebhook {
        page: Page::at(place, Section::Webhooks, "New webhook"),
        form: WebhookForm::empty(console, place).filled(console, place, entered),
        faults,
    };
    Ok((StatusCode::UNPROCESSABLE_ENTITY, shown(&page)).into_response())
}
