//! What an endpoint's receiver asked for belongs to its host: it goes to no other one by itself.

use carehook_core::Endpoint;
use carehook_deliver::Target;

use super::change::{EndpointChange, HeadersChange};
use crate::{App, Change, Faults};

impl App {
    /// Refuses another origin while something would go there that was given for the former one
    /// and that nobody can be shown: whoever changes the URL need not be the one who knows it.
    pub(super) fn check_move(
        &self,
        (current, target): (&Endpoint, &Target),
        change: &EndpointChange,
        faults: &mut Faults,
    ) {
        let former = self.inner().deliverer.parse_target(&current.url);
        if former.is_ok_and(|former| former.same_origin(target)) {
            return;
        }
        let carried = carried(current, target, change);
        if carried.is_empty() {
            return;
        }
        let carried = carried.join(", ");
        let reason = format!(
            "is another host, and what was given for the former host would go there: {carried}; \
             give it again or remove it in the same request"
        );
        faults.add("/url", reason);
    }
}

/// What the change leaves as it is, by the names of its fields.
fn carried(current: &Endpoint, target: &Target, change: &EndpointChange) -> Vec<String> {
    let mut carried = Vec::new();
    for header in &current.headers {
        let name = header.name.as_str();
        let named = match &change.headers {
            HeadersChange::Keep => false,
            HeadersChange::Clear => true,
            HeadersChange::Merge(changes) => changes
                .iter()
                .any(|(own, _)| own.eq_ignore_ascii_case(name)),
        };
        let in_url = name == "authorization" && target.authorization().is_some();
        if !named && !in_url {
            carried.push(format!("the header `{name}`"));
        }
    }
    let kept = matches!(change.credentials.authentication, Change::Keep);
    if kept && current.authentication.is_some() {
        carried.push("`authentication`".to_owned());
    }
    let kept = matches!(change.credentials.tls, Change::Keep);
    let client = current.tls.as_ref().and_then(|tls| tls.client.as_ref());
    if kept && client.is_some() {
        carried.push("the client key of `tls`".to_owned());
    }
    carried
}
