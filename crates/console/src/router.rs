//! All addresses of the console, and what is put around every page.

use std::sync::Arc;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::Redirect;
use axum::routing::get;
use carehook_app::App;
use http::HeaderValue;
use http::header::InvalidHeaderValue;
use tower_http::compression::CompressionLayer;
use tower_http::csrf::CsrfLayer;

use crate::cookies::Embedding;
use crate::{assets, done, foreign, once, pages, policy, reach, strays};

/// What the operator decides about the console.
#[derive(Clone, Debug, Default)]
pub struct ConsoleConfig {
    /// Origins whose pages may show the portal in a frame, such as `https://app.example.com`.
    pub frame_ancestors: Vec<String>,
    /// The settings of the server as the operator may see them: nothing in them is secret.
    pub configuration: Vec<ConfigurationRow>,
}

/// One setting of the server, in words.
#[derive(Clone, Debug)]
pub struct ConfigurationRow {
    /// What it is called.
    pub name: String,
    /// Its value; of a secret only that it is set.
    pub value: String,
    /// Where the value comes from.
    pub origin: String,
}

/// What handlers share.
#[derive(Clone)]
pub(crate) struct Console(Arc<Shared>);

struct Shared {
    app: App,
    policy: HeaderValue,
    embedding: Embedding,
    configuration: Vec<ConfigurationRow>,
}

impl Console {
    pub(crate) fn app(&self) -> &App {
        &self.0.app
    }

    pub(crate) fn policy(&self) -> &HeaderValue {
        &self.0.policy
    }

    pub(crate) fn embedding(&self) -> Embedding {
        self.0.embedding
    }

    pub(crate) fn configuration(&self) -> &[ConfigurationRow] {
        &self.0.configuration
    }
}

/// All pages over `app`, below `/console`.
///
/// # Errors
/// When an origin of `frame_ancestors` holds what no header may hold.
pub fn router(app: App, config: &ConsoleConfig) -> Result<Router, InvalidHeaderValue> {
    let ConsoleConfig {
        frame_ancestors,
        configuration,
    } = config;
    let embedding = if frame_ancestors.is_empty() {
        Embedding::Alone
    } else {
        Embedding::InFrames
    };
    let policy = policy::policy(frame_ancestors)?;
    let console = Console(Arc::new(Shared {
        app,
        policy,
        embedding,
        configuration: configuration.clone(),
    }));
    let router = Router::new()
        .merge(pages::routes())
        .route("/console/", get(strays::no_such_page))
        .route("/console/{*rest}", get(strays::no_such_page))
        .merge(assets::routes())
        .method_not_allowed_fallback(strays::other_method)
        .layer(from_fn_with_state(
            console.clone(),
            reach::where_cookies_are_kept,
        ))
        .layer(from_fn_with_state(console.clone(), strays::readable))
        .layer(from_fn_with_state(console.clone(), done::told))
        .layer(from_fn_with_state(console.clone(), once::once))
        .layer(CsrfLayer::new())
        .layer(from_fn(foreign::explained))
        .layer(from_fn_with_state(console.clone(), policy::guarded))
        .layer(CompressionLayer::new())
        .route("/", get(async || Redirect::to("/console")));
    Ok(router.with_state(console))
}
