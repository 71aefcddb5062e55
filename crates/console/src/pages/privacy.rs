//! Privacy: who did what, who received what about whom, and erasing what is kept about somebody.
//!
//! Subjects are patients. They never stand in an address, which browsers and proxies keep: whoever
//! asks about one sends a form, and only pages without a subject can be shared.

mod audit;
mod entries;
mod erasures;
mod export;

use axum::Router;

use crate::router::Console;

/// The routes of the pages.
pub(crate) fn routes() -> Router<Console> {
    Router::new()
        .merge(audit::routes())
        .merge(export::routes())
        .merge(erasures::routes())
}
