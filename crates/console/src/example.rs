//! Commands that are shown as examples, with the reader's own values.

use carehook_core::Mode;

use crate::address;
use crate::router::Console;
use crate::visitor::Place;

/// Publishes an event. It names whom the event is about, so that it is found and erased with them.
pub(crate) fn publishing(console: &Console, place: &Place) -> String {
    let server = console.app().public_url().trim_end_matches('/');
    let organization = address::part(place.access.organization().as_str());
    let mode = match place.mode {
        Mode::Live => "",
        Mode::Test => r#" "mode": "test","#,
    };
    format!(
        "curl --fail-with-body \"{server}/v1/organizations/{organization}/events\" \\\n  \
         --header \"Authorization: Bearer $CAREHOOK_KEY\" \\\n  \
         --json '{{\"type\": \"appointment.created\",{mode} \"subject\": \"patient/7\", \
         \"data\": {{\"id\": \"apt_1\", \"patient_id\": \"7\"}}}}'"
    )
}
