//! The secrets of a webhook: which are in force, seeing them, and a new one.

use askama::Template;
use axum::extract::{Form, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Extension, Router};
use carehook_app::{Rotation, SecretView};
use carehook_core::{Limits, Secret, Timestamp};
use http::StatusCode;
use serde::Deserialize;

use super::{Head, Managed, Snippet, Tab, Webhook, snippets};
use crate::failure::Failure;
use crate::forms::{Faults, secret};
use crate::moment::Moment;
use crate::once::Made;
use crate::page::{Page, Section, shown};
use crate::router::Console;

pub(super) fn routes() -> Router<Console> {
    Router::new()
        .route("/console/o/{org}/webhooks/{id}/secret", get(list))
        .route("/console/o/{org}/webhooks/{id}/secret/show", post(show))
        .route("/console/o/{org}/webhooks/{id}/secret/rotate", post(rotate))
}

#[derive(Template)]
#[template(path = "pages/webhook_secret.html")]
struct Secrets {
    page: Page,
    head: Head,
    rows: Vec<Row>,
    /// Whether the newest one was made just now.
    is_new: bool,
    /// Whether the secrets themselves can be seen on this page.
    are_shown: bool,
    snippets: Vec<Snippet>,
    faults: Faults,
    graces: [(u64, &'static str, bool); 5],
}

/// A secret in force.
struct Row {
    secret: Option<Secret>,
    public_key: Option<String>,
    since: Moment,
    until: Option<Moment>,
}

/// How long those in force go on signing: seconds, words, and whether that is the default.
const GRACES: [(u64, &str, bool); 5] = [
    (
        0,
        "not at all: receivers refuse until they know the new one",
        false,
    ),
    (3_600, "1 hour", false),
    (Limits::ROTATION_GRACE.as_secs(), "24 hours", true),
    (7 * 86_400, "7 days", false),
    (Limits::ROTATION_GRACE_MAX.as_secs(), "30 days", false),
];

async fn list(State(console): State<Console>, Managed(webhook): Managed) -> Response {
    let rows = rows_in_force(&webhook, console.app().now());
    shown(&page_of(&webhook, rows, Faults::default()))
}

async fn show(State(console): State<Console>, webhook: Webhook) -> Result<Response, Failure> {
    let (app, access) = (console.app(), &webhook.place.access);
    let views = app.secrets(access, webhook.id()).await;
    let views = views.map_err(|error| webhook.failure(error))?;
    let rows = views.into_iter().map(row).collect();
    let page = page_of(&webhook, rows, Faults::default());
    Ok(shown(&Secrets {
        are_shown: true,
        ..page
    }))
}

#[derive(Deserialize)]
struct RotationForm {
    grace_seconds: Option<u64>,
    #[serde(deserialize_with = "secret")]
    own: Secret,
}

async fn rotate(
    State(console): State<Console>,
    Managed(webhook): Managed,
    Form(RotationForm { grace_seconds, own }): Form<RotationForm>,
) -> Result<Response, Failure> {
    let rotation = Rotation {
        algorithm: None,
        grace_seconds,
        secret: (!own.expose().trim().is_empty()).then(|| Secret::new(own.expose().trim())),
    };
    let (app, access) = (console.app(), &webhook.place.access);
    match app.rotate_secret(access, webhook.id(), rotation).await {
        Ok(views) => {
            let rows = views.into_iter().map(row).collect();
            let page = page_of(&webhook, rows, Faults::default());
            let page = Secrets {
                is_new: true,
                are_shown: true,
                ..page
            };
            Ok((Extension(Made::Secret), shown(&page)).into_response())
        }
        Err(error) => {
            let faults = Faults::of(error).map_err(|error| webhook.failure(error))?;
            let rows = rows_in_force(&webhook, app.now());
            let page = page_of(&webhook, rows, faults);
            Ok((StatusCode::UNPROCESSABLE_ENTITY, shown(&page)).into_response())
        }
    }
}

fn page_of(webhook: &Webhook, rows: Vec<Row>, faults: Faults) -> Secrets {
    Secrets {
        page: webhook.page(Tab::Secret),
        head: webhook.head(Tab::Secret),
        rows,
        is_new: false,
        are_shown: false,
        snippets: snippets(&webhook.endpoint),
        faults,
        graces: GRACES,
    }
}

/// The times of the secrets in force, which anybody may know; they themselves are not in it.
fn rows_in_force(webhook: &Webhook, now: Timestamp) -> Vec<Row> {
    let in_force = webhook.endpoint.secrets.in_force(now);
    let rows = in_force.map(|dated| Row {
        secret: None,
        public_key: None,
        since: Moment(dated.created_at),
        until: dated.expires_at.map(Moment),
    });
    rows.collect()
}

fn row(view: SecretView) -> Row {
    let SecretView {
        secret,
        public_key,
        created_at,
        expires_at,
    } = view;
    Row {
        secret,
        public_key,
        since: Moment(created_at),
        until: expires_at.map(Moment),
    }
}
