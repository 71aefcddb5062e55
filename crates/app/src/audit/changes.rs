//! What a change has touched: the names of fields, and what harmless switches were and are; never
//! what anything else holds.

use std::collections::BTreeMap;

use carehook_core::{AuditEntry, Authentication, Catalogue, Endpoint, Organization, Pattern};
use serde::Serialize;
use serde_json::Value;

/// The names of the fields that differ, by name, separated by commas.
pub(crate) fn changed_fields(old: &Endpoint, new: &Endpoint) -> String {
    let subscribed = |endpoint: &Endpoint| -> Vec<(String, Pattern)> {
        let all = endpoint.subscriptions.iter();
        all.map(|one| (one.name.to_string(), one.pattern.clone()))
            .collect()
    };
    let headers = |endpoint: &Endpoint| -> Vec<(String, String)> {
        let all = endpoint.headers.iter();
        all.map(|one| (one.name.to_string(), one.value.expose().to_owned()))
            .collect()
    };
    let authentication =
        |endpoint: &Endpoint| endpoint.authentication.as_ref().map(Authentication::header);
    let differs = [
        ("account", old.account != new.account),
        ("active", old.active != new.active),
        ("archived", old.archived != new.archived),
        ("authentication", authentication(old) != authentication(new)),
        ("events", subscribed(old) != subscribed(new)),
        ("headers", headers(old) != headers(new)),
        ("name", old.name != new.name),
        (
            "notification_email",
            old.notification_email != new.notification_email,
        ),
        ("ownership", old.ownership != new.ownership),
        ("payload", old.payload != new.payload),
        ("retry_schedule", old.retry_policy != new.retry_policy),
        ("timeout_ms", old.timeout != new.timeout),
        ("tls", tls(old) != tls(new)),
        ("url", old.url != new.url),
        ("version", old.version != new.version),
    ];
    let changed = differs.into_iter().filter(|(_, differs)| *differs);
    let names: Vec<_> = changed.map(|(name, _)| name).collect();
    names.join(",")
}

/// A name, and what it was and is.
pub(crate) type Change = (&'static str, String, String);

/// Fields that say who gets what and hold no secret, as they were and are, where they differ.
pub(crate) fn switches(old: &Endpoint, new: &Endpoint) -> Vec<Change> {
    let events = |endpoint: &Endpoint| {
        let all = endpoint.subscriptions.iter();
        let names: Vec<_> = all.map(|one| one.name.to_string()).collect();
        names.join(" ")
    };
    let said = |endpoint: &Endpoint| {
        [
            ("active", endpoint.active.to_string()),
            ("events", events(endpoint)),
            ("payload", endpoint.payload.as_str().to_owned()),
        ]
    };
    let pairs = said(old).into_iter().zip(said(new));
    let pairs = pairs.filter(|(old, new)| old != new);
    pairs
        .map(|((name, was), (_, is))| (name, was, is))
        .collect()
}

/// The entry with each of the changes as `before -> after`.
pub(crate) fn with_changes(
    entry: AuditEntry,
    changes: impl IntoIterator<Item = (impl AsRef<str>, String, String)>,
) -> AuditEntry {
    let add = |entry: AuditEntry, (name, was, is): (_, String, String)| {
        let name: &str = AsRef::<str>::as_ref(&name);
        entry.with(name, format_args!("{was} -> {is}"))
    };
    changes.into_iter().fold(entry, add)
}

/// The entry with the settings that differ, and the word `name` in `fields` when that does.
pub(crate) fn with_organization_changes(
    entry: AuditEntry,
    old: &Organization,
    new: &Organization,
) -> AuditEntry {
    let (was, is) = (leaves(&old.settings), leaves(&new.settings));
    let is_set = |name: &&String| was.get(*name) != is.get(*name);
    let mut names: Vec<_> = was.keys().chain(is.keys()).filter(is_set).collect();
    names.sort();
    names.dedup();
    let of = |said: &BTreeMap<String, Value>, name| {
        said.get(name)
            .map_or_else(|| "null".to_owned(), Value::to_string)
    };
    let changes = names
        .iter()
        .map(|name| (name, of(&was, *name), of(&is, *name)));
    let entry = with_changes(entry, changes);
    if old.name == new.name {
        return entry;
    }
    entry.with("fields", "name")
}

/// What settings say, by the path of each.
fn leaves(settings: &impl Serialize) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    let whole = serde_json::to_value(settings).unwrap_or_default();
    let mut waiting = vec![(String::new(), whole)];
    while let Some((path, value)) = waiting.pop() {
        match value {
            Value::Object(fields) => waiting.extend(fields.into_iter().map(|(name, value)| {
                let dot = if path.is_empty() { "" } else { "." };
                (format!("{path}{dot}{name}"), value)
            })),
            value => {
                found.insert(path, value);
            }
        }
    }
    found
}

/// Which kinds of entries of the catalogue a change has touched.
pub(crate) fn changed_entries(old: &Catalogue, new: &Catalogue) -> String {
    let counts = |catalogue: &Catalogue| {
        (
            catalogue.event_types().count(),
            catalogue.categories().count(),
        )
    };
    let ((types_before, categories_before), (types, categories)) = (counts(old), counts(new));
    let of = |before: usize, after: usize, kind: &str| match before.cmp(&after) {
        std::cmp::Ordering::Less => Some(format!("{kind} added")),
        std::cmp::Ordering::Greater => Some(format!("{kind} removed")),
        std::cmp::Ordering::Equal => None,
    };
    let category = of(categories_before, categories, "category");
    let event_type = of(types_before, types, "event type");
    category
        .or(event_type)
        .unwrap_or_else(|| "entry changed".to_owned())
}

/// The texts of an endpoint's own TLS settings.
fn tls(endpoint: &Endpoint) -> [Option<&str>; 3] {
    let tls = endpoint.tls.as_ref();
    let client = tls.and_then(|tls| tls.client.as_ref());
    let authorities = tls.and_then(|tls| tls.authorities.as_ref());
    [
        client.map(|client| &*client.chain),
        client.map(|client| client.key.expose()),
        authorities.map(|authorities| &*authorities.certificates),
    ]
}
