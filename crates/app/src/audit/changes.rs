//! Which fields of an endpoint a change has touched; never what they hold.

use carehook_core::{Authentication, Endpoint, Pattern};

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
