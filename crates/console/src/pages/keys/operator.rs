//! The operator's own keys, which reach all organizations.

use axum::Router;
use axum::extract::FromRequestParts;
use axum::routing::get;
use carehook_app::{App, AppError, KeyOperator, MadeOperatorKey, PageOf};
use carehook_core::Scope;
use http::request::Parts;

use super::Owner;
use super::choices::Choices;
use super::form::KeyForm;
use super::handling::{self, Handling, NewlyMade, known};
use super::rows::KeyRow;
use crate::failure::Failure;
use crate::page::{Page, Section};
use crate::router::Console;
use crate::visitor::{OperatorVisitor, Visitor};

pub(super) fn routes() -> Router<Console> {
    type At = AtOperatorKeys;
    Router::new()
        .route("/console/operator-keys", get(handling::list::<At>))
        .route(
            "/console/operator-keys/new",
            get(handling::ask::<At>).post(handling::create::<At>),
        )
        .route(
            "/console/operator-keys/{id}/revoke",
            get(handling::confirm::<At>).post(handling::revoke::<At>),
        )
}

/// The operator, with the right to handle the operator's keys.
struct AtOperatorKeys {
    visitor: Visitor,
    operator: KeyOperator,
}

impl FromRequestParts<Console> for AtOperatorKeys {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, console: &Console) -> Result<Self, Failure> {
        let found = OperatorVisitor::from_request_parts(parts, console).await?;
        let visitor = found.visitor;
        let operator = console.app().key_operator(visitor.person.caller());
        let operator = operator.map_err(|error| Failure::of(error, &visitor))?;
        Ok(Self { visitor, operator })
    }
}

impl Handling for AtOperatorKeys {
    const OWNER: Owner = Owner::Operator;

    fn visitor(&self) -> &Visitor {
        &self.visitor
    }

    fn page(&self, title: &str) -> Page {
        Page::of(&self.visitor, Section::OperatorKeys, title)
    }

    fn at(&self, rest: &str) -> String {
        format!("/console/operator-keys{rest}")
    }

    fn choices(&self, form: &KeyForm) -> Choices {
        Choices::of_operator(form)
    }

    /// The catalogue, which every key may read.
    fn example(&self, _: Option<&NewlyMade>) -> String {
        "/v1/event-types".to_owned()
    }

    fn list(&self, app: &App, part: &carehook_app::Page) -> Result<PageOf<KeyRow>, AppError> {
        let PageOf { items, next_cursor } = app.list_operator_keys(&self.operator, part)?;
        let rows = items.iter();
        let rows = rows.map(|key| KeyRow::of_operator(key, app.now(), |id| self.revoked_at(id)));
        Ok(PageOf {
            items: rows.collect(),
            next_cursor,
        })
    }

    fn find(&self, app: &App, id: &str) -> Result<KeyRow, AppError> {
        let key = app.operator_key(&self.operator, known(id)?)?;
        Ok(KeyRow::of_operator(&key, app.now(), |id| {
            self.revoked_at(id)
        }))
    }

    async fn make(&self, app: &App, form: &KeyForm) -> Result<NewlyMade, AppError> {
        let new = form.for_operator()?;
        let MadeOperatorKey { key, text } = app.create_operator_key(&self.operator, new).await?;
        Ok(NewlyMade {
            name: key.name.clone(),
            text,
            expires_at: key.expires_at,
            reads: key.has(Scope::Read),
        })
    }

    async fn revoke(&self, app: &App, id: &str) -> Result<(), AppError> {
        let revoked = app.revoke_operator_key(&self.operator, known(id)?);
        revoked.await.map(drop)
    }
}
