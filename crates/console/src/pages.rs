//! The pages, a file each: a route, what it shows, and what its forms do.

mod keys;
mod organizations;
mod sessions;
mod sign_in;
mod webhooks;

use axum::Router;

use crate::router::Console;

/// The routes of all pages.
pub(crate) fn routes() -> Router<Console> {
    Router::new()
        .merge(sign_in::routes())
        .merge(sessions::routes())
        .merge(organizations::routes())
        .merge(keys::routes())
        .merge(webhooks::routes())
}
