//! What to do first, with the reader's own values.

use carehook_core::Scope;

use crate::example::publishing;
use crate::router::Console;
use crate::visitor::Place;

/// The steps to a first delivery.
pub(super) struct Beginning {
    /// Where the first webhook is made; `None` when there is one, or the reader may not.
    pub(super) make: Option<String>,
    pub(super) has_webhooks: bool,
    /// Where keys are made, for those who may.
    pub(super) keys: Option<String>,
    /// Publishes an event; for those who may publish.
    pub(super) curl: Option<String>,
}

impl Beginning {
    pub(super) fn of(console: &Console, place: &Place, is_empty: bool) -> Self {
        let may = |scope| place.access.has(scope);
        Self {
            make: (is_empty && may(Scope::Manage)).then(|| place.to("webhooks")),
            has_webhooks: !is_empty,
            keys: may(Scope::Keys).then(|| place.to("api-keys")),
            curl: may(Scope::Publish).then(|| publishing(console, place)),
        }
    }
}
