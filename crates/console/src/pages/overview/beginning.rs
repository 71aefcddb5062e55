//! What to do first, with the reader's own values.

use carehook_core::{Mode, Scope};

use crate::address;
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

fn publishing(console: &Console, place: &Place) -> String {
    let server = console.app().public_url().trim_end_matches('/');
    let organization = address::part(place.access.organization().as_str());
    let mode = match place.mode {
        Mode::Live => "",
        Mode::Test => r#" "mode": "test","#,
    };
    format!(
        "curl --fail-with-body \"{server}/v1/organizations/{organization}/events\" \\\n  \
         --header \"Authorization: Bearer $CAREHOOK_KEY\" \\\n  \
         --json '{{\"type\": \"appointment.created\",{mode} \"data\": {{\"id\": \"apt_1\"}}}}'"
    )
}
