//! Settings > Developers > API keys: the keys of an organization in the mode of the address.

use axum::Router;
use axum::extract::FromRequestParts;
use axum::routing::get;
use carehook_app::{App, AppError, MadeApiKey, PageOf};
use carehook_core::{Mode, Scope};
use http::request::Parts;

use super::Owner;
use super::choices::{Choices, ModeChoice};
use super::form::KeyForm;
use super::handling::{self, Handling, NewlyMade, known};
use super::rows::KeyRow;
use crate::address;
use crate::failure::Failure;
use crate::page::{Page, Section};
use crate::router::Console;
use crate::visitor::{Place, Visitor};

pub(super) fn routes() -> Router<Console> {
    type At = AtApiKeys;
    Router::new()
        .route("/console/o/{org}/api-keys", get(handling::list::<At>))
        .route(
            "/console/o/{org}/api-keys/new",
            get(handling::ask::<At>).post(handling::create::<At>),
        )
        .route(
            "/console/o/{org}/api-keys/{id}/revoke",
            get(handling::confirm::<At>).post(handling::revoke::<At>),
        )
}

/// A place of somebody who may handle the organization's keys; asked before a form is read.
struct AtApiKeys(Place);

impl FromRequestParts<Console> for AtApiKeys {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, console: &Console) -> Result<Self, Failure> {
        let place = Place::from_request_parts(parts, console).await?;
        let allowed = place.access.require(Scope::Keys);
        allowed.map_err(|error| place.failure(error))?;
        Ok(Self(place))
    }
}

impl Handling for AtApiKeys {
    const OWNER: Owner = Owner::Organization;

    fn visitor(&self) -> &Visitor {
        &self.0.visitor
    }

    fn page(&self, title: &str) -> Page {
        Page::at(&self.0, Section::ApiKeys, title)
    }

    fn at(&self, rest: &str) -> String {
        self.0.to(&format!("api-keys{rest}"))
    }

    fn choices(&self, form: &KeyForm) -> Choices {
        let Self(place) = self;
        let other = match place.mode {
            Mode::Live => Mode::Test,
            Mode::Test => Mode::Live,
        };
        let organization = place.access.organization();
        let other = address::in_organization(organization, other, "api-keys/new");
        let mut choices = Choices::of(&place.access, form);
        choices.mode = Some(ModeChoice {
            mode: place.mode,
            other,
        });
        choices
    }

    /// The webhooks, or for a key that may not read the catalogue.
    fn example(&self, key: Option<&NewlyMade>) -> String {
        let organization = address::part(self.0.access.organization().as_str());
        if key.is_none_or(|key| key.reads) {
            format!("/v1/organizations/{organization}/endpoints")
        } else {
            "/v1/event-types".to_owned()
        }
    }

    fn list(&self, app: &App, part: &carehook_app::Page) -> Result<PageOf<KeyRow>, AppError> {
        let PageOf { items, next_cursor } = app.list_api_keys(&self.0.access, part)?;
        let rows = items.iter();
        let rows = rows.map(|key| KeyRow::of(key, app.now(), |id| self.revoked_at(id)));
        Ok(PageOf {
            items: rows.collect(),
            next_cursor,
        })
    }

    fn find(&self, app: &App, id: &str) -> Result<KeyRow, AppError> {
        let key = app.api_key(&self.0.access, known(id)?)?;
        Ok(KeyRow::of(&key, app.now(), |id| self.revoked_at(id)))
    }

    async fn make(&self, app: &App, form: &KeyForm) -> Result<NewlyMade, AppError> {
        let Self(place) = self;
        let new = form.for_organization(place.mode)?;
        let MadeApiKey { key, text } = app.create_api_key(&place.access, new).await?;
        Ok(NewlyMade {
            name: key.name.clone(),
            text,
            expires_at: key.expires_at,
            reads: key.has(Scope::Read),
        })
    }

    async fn revoke(&self, app: &App, id: &str) -> Result<(), AppError> {
        let revoked = app.revoke_api_key(&self.0.access, known(id)?);
        revoked.await.map(drop)
    }
}
