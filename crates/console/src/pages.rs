//! The pages, a file each: a route, what it shows, and what its forms do.

mod catalogue;
mod delivery;
mod find;
mod keys;
mod log;
mod operations;
mod organizations;
mod overview;
mod privacy;
mod sessions;
mod sign_in;
mod verify;
mod webhooks;

use axum::Router;

use crate::router::Console;

/// The routes of all pages.
pub(crate) fn routes() -> Router<Console> {
    Router::new()
        .merge(sign_in::routes())
        .merge(sessions::routes())
        .merge(organizations::routes())
        .merge(operations::routes())
        .merge(overview::routes())
        .merge(privacy::routes())
        .merge(keys::routes())
        .merge(catalogue::routes())
        .merge(verify::routes())
        .merge(webhooks::routes())
        .merge(log::routes())
        .merge(delivery::routes())
        .merge(find::routes())
}
