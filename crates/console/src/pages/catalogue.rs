//! The event catalogue: what can happen, what it looks like, and which webhooks get it.

mod event_type;
mod last_day;
mod list;

use axum::Router;
use carehook_core::{Endpoint, EventType};

use crate::router::Console;

pub(crate) fn routes() -> Router<Console> {
    Router::new()
        .merge(list::routes())
        .merge(event_type::routes())
}

/// What people call a webhook; its URL, if they do not.
pub(super) fn name_of(endpoint: &Endpoint) -> String {
    const SHOWN: usize = 80;
    let name = endpoint.name.as_deref().unwrap_or(&endpoint.url);
    match name.char_indices().nth(SHOWN) {
        Some((at, _)) => format!("{}…", name.get(..at).unwrap_or_default()),
        None => name.to_owned(),
    }
}

/// Whether a webhook gets events of this type, at least of some accounts and versions.
fn gets(endpoint: &Endpoint, code: &EventType) -> bool {
    let mut subscriptions = endpoint.subscriptions.iter();
    !endpoint.archived && subscriptions.any(|one| one.pattern.matches(code))
}
