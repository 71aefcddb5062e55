//! Bodies of requests of all dialects; the first byte says of which.

use http::Method;

use super::world::World;
use crate::Target;

pub(crate) const TARGET: Target = Target {
    name: "bodies",
    run,
    words: &[
        "\"url\"",
        "\"events\"",
        "\"*\"",
        "\"data\"",
        "\"type\"",
        "\"patient.created\"",
        "null",
        "\"op\":\"replace\"",
        "\"path\":\"/postUri\"",
        "\\ud800",
        "1e999",
        "[[[[[[",
        "{\"a\":",
        "\"headers\"",
        "\"retry_schedule\"",
        "\"https://example.com/\"",
        "\"schema\"",
        "\u{feff}",
    ],
};

const ROUTES: [(Method, &str); 16] = [
    (Method::POST, "/v1/organizations/northside/events"),
    (Method::POST, "/v1/organizations/northside/events/batch"),
    (Method::POST, "/v1/organizations/northside/endpoints"),
    (Method::POST, "/v1/organizations/northside/api-keys"),
    (Method::PATCH, "/v1/organizations/northside"),
    (Method::POST, "/v1/organizations"),
    (Method::POST, "/v1/event-types"),
    (Method::PATCH, "/v1/event-types/patient.created"),
    (Method::POST, "/v1/event-categories"),
    (Method::POST, "/api-v1/webhooks"),
    (Method::POST, "/v1/webhook/create"),
    (Method::POST, "/webhook-events"),
    (
        Method::POST,
        "/api/organizations/northside/webhook-subscriptions",
    ),
    (Method::POST, "/api/webhook-categories"),
    (
        Method::PATCH,
        "/api/webhook-categories/3157ab15-8686-5f53-9653-3403d768fce2",
    ),
    (
        Method::PATCH,
        "/api/webhook-categories/3157ab15-8686-5f53-9653-3403d768fce2/webhook-events/e160ce49-d856-5a4e-b4a4-78ddf7bb6947",
    ),
];

fn run(bytes: &[u8]) {
    let Some((first, body)) = bytes.split_first() else {
        return;
    };
    let (method, path) = &ROUTES[usize::from(*first) % ROUTES.len()];
    let status = World::get().ask(method, path, body);
    assert!(!status.is_server_error(), "{status} {method} {path}");
}
