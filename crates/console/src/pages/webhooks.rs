//! The webhooks of an organization: how they are, what they get, and everything that is done to one.

mod create;
mod fields;
mod form;
mod list;
mod overview;
mod picker;
mod reading;
mod replay;
mod schedule;
mod secret;
mod settings;
mod test_event;

use std::sync::Arc;

use axum::extract::{FromRequestParts, Path};
use axum::{RequestPartsExt as _, Router};
use carehook_app::AppError;
use carehook_core::{Endpoint, EndpointId, Scope};
use http::request::Parts;
use serde::Deserialize;

use crate::failure::Failure;
use crate::figures::shortened;
use crate::page::{Page, Section};
use crate::router::Console;
use crate::verifying::Language;
use crate::visitor::Place;

pub(crate) fn routes() -> Router<Console> {
    Router::new()
        .merge(list::routes())
        .merge(create::routes())
        .merge(overview::routes())
        .merge(settings::routes())
        .merge(secret::routes())
        .merge(test_event::routes())
        .merge(replay::routes())
}

/// One webhook that the person at the page may see.
struct Webhook {
    place: Place,
    endpoint: Arc<Endpoint>,
}

#[derive(Deserialize)]
struct WebhookPath {
    id: String,
}

impl FromRequestParts<Console> for Webhook {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, console: &Console) -> Result<Self, Failure> {
        let place = Place::from_request_parts(parts, console).await?;
        let named = parts.extract::<Path<WebhookPath>>().await.ok();
        let id = named.and_then(|Path(WebhookPath { id })| id.parse::<EndpointId>().ok());
        let unknown = AppError::NotFound { kind: "webhook" };
        let found = id.ok_or(unknown);
        let found = found.and_then(|id| console.app().endpoint(&place.access, id));
        let endpoint = found.map_err(|error| place.failure(error))?;
        Ok(Self { place, endpoint })
    }
}

/// A webhook that the person at the page may change, which is asked before a form is read.
struct Managed(Webhook);

impl FromRequestParts<Console> for Managed {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, console: &Console) -> Result<Self, Failure> {
        let webhook = Webhook::from_request_parts(parts, console).await?;
        webhook.require_manage()?;
        Ok(Self(webhook))
    }
}

impl Webhook {
    fn id(&self) -> EndpointId {
        self.endpoint.id
    }

    /// The address of a page of this webhook; `page` begins with a slash, or is empty.
    fn to(&self, page: &str) -> String {
        self.place.to(&format!("webhooks/{}{page}", self.id()))
    }

    fn failure(&self, error: AppError) -> Failure {
        self.place.failure(error)
    }

    /// Refuses whoever may only look.
    fn require_manage(&self) -> Result<(), Failure> {
        let allowed = self.place.access.require(Scope::Manage);
        allowed.map_err(|error| self.failure(error))
    }

    fn head(&self, tab: Tab) -> Head {
        let may_manage = self.place.access.has(Scope::Manage);
        Head {
            name: name_of(&self.endpoint),
            state: state_of(&self.endpoint),
            may_manage,
            may_pause: may_manage && self.endpoint.active,
            base: format!("webhooks/{}", self.id()),
            log: format!("log?endpoint={}", self.id()),
            tab,
        }
    }

    fn page(&self, tab: Tab) -> Page {
        let title = format!("{} · {}", name_of(&self.endpoint), tab.word());
        Page::at(&self.place, Section::Webhooks, title)
    }
}

/// The pages of one webhook.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tab {
    Overview,
    Settings,
    Secret,
    Test,
    Replay,
}

impl Tab {
    fn word(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Settings => "Settings",
            Self::Secret => "Secret",
            Self::Test => "Send test",
            Self::Replay => "Replay",
        }
    }
}

/// What stands above every page of one webhook.
struct Head {
    name: String,
    state: (&'static str, &'static str),
    may_manage: bool,
    may_pause: bool,
    /// What comes after the organization in its addresses.
    base: String,
    /// Its part of the delivery log.
    log: String,
    tab: Tab,
}

impl Head {
    /// Another page of the webhook.
    fn address(&self, page: &Page, name: &str) -> String {
        page.to(&format!("{}/{name}", self.base))
    }
}

/// A function that verifies deliveries.
struct Snippet {
    language: Language,
    code: &'static str,
    /// What comes after the organization in the address of the page about it.
    page: String,
}

/// The functions for a webhook, in every language.
fn snippets(endpoint: &Endpoint) -> Vec<Snippet> {
    let snippet = |language: Language| Snippet {
        code: language.function(endpoint.dialect),
        page: format!(
            "verify?endpoint={}&language={}",
            endpoint.id,
            language.word()
        ),
        language,
    };
    Language::ALL.into_iter().map(snippet).collect()
}

/// What people call it; what it is called by, if they do not.
fn name_of(endpoint: &Endpoint) -> String {
    let name = endpoint.name.as_deref().unwrap_or(&endpoint.url);
    shortened(name, 80)
}

/// Class and word of a state.
fn state_of(endpoint: &Endpoint) -> (&'static str, &'static str) {
    if endpoint.disabled_reason.is_some() {
        ("failed", "switched off: the receiver answered 410 Gone")
    } else if endpoint.archived {
        ("paused", "archived")
    } else if !endpoint.active {
        ("paused", "paused")
    } else if endpoint.ownership.is_pending() {
        ("pending", "waiting for the ownership challenge")
    } else {
        ("active", "active")
    }
}
