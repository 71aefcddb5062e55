//! Documentation for integrators: how to verify a delivery, with the values of one webhook.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Query, State};
use axum::response::Response;
use axum::routing::get;
use carehook_core::{Dialect, Endpoint, Scope};
use serde::Deserialize;

use crate::failure::Failure;
use crate::page::{Page, Section, shown};
use crate::router::Console;
use crate::verifying::{Framework, Language, Text, headers};
use crate::visitor::Place;

pub(crate) fn routes() -> Router<Console> {
    Router::new().route("/console/o/{org}/verify", get(show))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    language: String,
    endpoint: String,
}

#[derive(Template)]
#[template(path = "pages/verify.html")]
struct Verify {
    page: Page,
    languages: Vec<Choice>,
    webhooks: Vec<Choice>,
    /// The webhook whose values are filled in.
    chosen: Option<Chosen>,
    language: Language,
    code: &'static str,
    frameworks: Vec<Framework>,
    dialect: Dialect,
    signature: &'static str,
    time: &'static str,
    secret: &'static str,
    command: String,
}

/// Something to choose.
struct Choice {
    value: String,
    word: String,
    is_chosen: bool,
}

struct Chosen {
    name: String,
    url: String,
    page: String,
    /// Where the person may see its secret.
    secret: Option<String>,
    test: Option<String>,
    /// Whether it signs with a key pair, so that there is no secret to share.
    public_keys: Option<String>,
}

async fn show(
    State(console): State<Console>,
    place: Place,
    Query(Asked { language, endpoint }): Query<Asked>,
) -> Result<Response, Failure> {
    let all = console.app().endpoints(&place.access);
    let all = all.map_err(|error| place.failure(error))?;
    let named = all.iter().find(|one| one.id.to_string() == endpoint);
    let known = Language::ALL.into_iter();
    let known = known.clone().find(|one| one.word() == language);
    let language = known.unwrap_or_default();
    let dialect = named.map_or(Dialect::Native, |one| one.dialect);
    let (signature, time) = headers(dialect);
    let secret = placeholder(dialect);
    Ok(shown(&Verify {
        page: Page::at(&place, Section::Catalogue, "Verify deliveries"),
        languages: languages(language),
        webhooks: webhooks(&all, named),
        chosen: named.map(|one| chosen(&console, &place, one)),
        language,
        code: language.function(dialect),
        frameworks: language.frameworks(),
        dialect,
        signature,
        time,
        secret,
        command: format!(
            "carehook verify --secret {secret} --headers headers.txt --body body.json"
        ),
    }))
}

fn languages(chosen: Language) -> Vec<Choice> {
    let all = Language::ALL.into_iter();
    all.map(|language| Choice {
        value: language.word().to_owned(),
        word: language.name().to_owned(),
        is_chosen: language == chosen,
    })
    .collect()
}

fn webhooks(all: &[Arc<Endpoint>], chosen: Option<&Arc<Endpoint>>) -> Vec<Choice> {
    all.iter()
        .map(|one| Choice {
            value: one.id.to_string(),
            word: super::catalogue::name_of(one),
            is_chosen: chosen.is_some_and(|chosen| chosen.id == one.id),
        })
        .collect()
}

fn chosen(console: &Console, place: &Place, endpoint: &Endpoint) -> Chosen {
    let base = format!("webhooks/{}", endpoint.id);
    let manages = place.access.has(Scope::Manage);
    let at = |page: &str| place.to(&format!("{base}/{page}"));
    let organization = place.access.organization();
    let id = endpoint.id.to_string();
    let signs_with_pair = console
        .app()
        .public_keys(organization.as_str(), &id)
        .is_ok();
    let public_keys = signs_with_pair.then(|| {
        let organization = crate::address::part(organization.as_str());
        let base = console.app().public_url();
        format!("{base}/v1/organizations/{organization}/endpoints/{id}/public-keys")
    });
    Chosen {
        name: super::catalogue::name_of(endpoint),
        url: endpoint.url.clone(),
        page: place.to(&base),
        secret: manages.then(|| at("secret")),
        test: manages.then(|| at("test")),
        public_keys,
    }
}

/// What the secrets of a dialect look like.
fn placeholder(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Native | Dialect::Jump | Dialect::Mycure => "whsec_YOUR_SECRET",
        Dialect::Decoda | Dialect::Ecg => "YOUR_SECRET",
    }
}
