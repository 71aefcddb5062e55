//! API keys: those of an organization's programs, and those of the operator.

mod choices;
mod form;
mod handling;
mod operator;
mod organization;
mod rows;

use askama::Template;
use axum::Router;

use crate::address;
use crate::forms::Faults;
use crate::moment::Moment;
use crate::page::{Page, Section};
use crate::router::Console;

use choices::Choices;
use form::KeyForm;
use rows::KeyRow;

pub(crate) fn routes() -> Router<Console> {
    Router::new()
        .merge(organization::routes())
        .merge(operator::routes())
}

/// Whose keys a page is about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Owner {
    Organization,
    Operator,
}

impl Owner {
    fn title(self) -> &'static str {
        match self {
            Self::Organization => "API keys",
            Self::Operator => "Operator keys",
        }
    }

    fn one(self) -> &'static str {
        match self {
            Self::Organization => "API key",
            Self::Operator => "operator key",
        }
    }

    fn one_of_them(self) -> &'static str {
        match self {
            Self::Organization => "an API key",
            Self::Operator => "an operator key",
        }
    }

    /// What stands for a key in an example.
    fn placeholder(self) -> &'static str {
        match self {
            Self::Organization => "YOUR_API_KEY",
            Self::Operator => "YOUR_OPERATOR_KEY",
        }
    }
}

#[derive(Template)]
#[template(path = "pages/keys/list.html")]
struct KeyList {
    page: Page,
    owner: Owner,
    /// What the page leads to: the form.
    new: String,
    keys: Vec<KeyRow>,
    more: Option<String>,
    /// A request to try a key with, for who has none yet.
    curl: String,
}

#[derive(Template)]
#[template(path = "pages/keys/new.html")]
struct NewKey {
    page: Page,
    owner: Owner,
    list: String,
    form: KeyForm,
    choices: Choices,
    faults: Faults,
}

#[derive(Template)]
#[template(path = "pages/keys/made.html")]
struct MadeKey {
    page: Page,
    owner: Owner,
    list: String,
    name: String,
    text: String,
    expires_at: Option<Moment>,
    curl: String,
}

#[derive(Template)]
#[template(path = "pages/keys/revoke.html")]
struct RevokeKey {
    page: Page,
    owner: Owner,
    list: String,
    key: KeyRow,
}

/// A request that every key may make, with the key or a place for it.
fn curl(base: &str, path: &str, key: &str) -> String {
    format!("curl {base}{path} -H 'Authorization: Bearer {key}'")
}

/// The next part of a list.
fn next_part(list: &str, cursor: Option<&str>) -> Option<String> {
    let sign = if list.contains('?') { '&' } else { '?' };
    cursor.map(|cursor| format!("{list}{sign}cursor={}", address::part(cursor)))
}
