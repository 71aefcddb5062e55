//! JSON patches of subscriptions: which fields they may change, and what follows from them.

use carehook_app::{AppError, Change, EndpointChange, EventTypesOf, Faults};
use serde_json::Value;

use super::subscription::SubscriptionOut;
use crate::ecg::patch::{Patch, Patched};

/// What a patch may change; the rest has routes of its own, or is fixed.
const EDITABLE: [&str; 3] = ["/postUri", "/events", "/version"];

/// The change that makes of a subscription what a patch makes of it.
pub(crate) fn patched(patch: &Patch, view: EventTypesOf) -> Result<EndpointChange, AppError> {
    let shown = SubscriptionOut::from(view);
    let patched = patch.apply(&shown, &EDITABLE)?;
    let mut faults = Faults::default();
    let url = patched.text("postUri", &mut faults);
    let version = patched.optional_text("version", &mut faults);
    let events = events(&patched, &mut faults);
    faults.check()?;
    let codes: Vec<&str> = shown.events.iter().map(|event| &*event.code).collect();
    let version = match version {
        same if same == shown.version => Change::Keep,
        Some(version) => Change::Set(version),
        None => Change::Clear,
    };
    Ok(EndpointChange {
        url: url.filter(|url| *url != shown.post_uri),
        events: events.filter(|events| *events != codes),
        version,
        ..EndpointChange::default()
    })
}

/// The events after a patch: codes and ids as texts, or objects that have one of them.
fn events(patched: &Patched, faults: &mut Faults) -> Option<Vec<String>> {
    let Value::Array(entries) = patched.value("events") else {
        faults.add("/events", "must be an array");
        return None;
    };
    let mut names = Vec::with_capacity(entries.len());
    for (index, entry) in entries.iter().enumerate() {
        let name = entry.get("code").or(entry.get("id")).unwrap_or(entry);
        match name.as_str() {
            Some(name) => names.push(name.to_owned()),
            None => faults.add(
                format!("/events/{index}"),
                "must be the code or the id of an event, or an object that has it",
            ),
        }
    }
    Some(names)
}
