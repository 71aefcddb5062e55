//! Cursors of lists: made up, cut, or of another list.

use http::{Method, StatusCode};
use percent_encoding::{NON_ALPHANUMERIC, percent_encode};

use super::world::World;
use crate::Target;

pub(crate) const TARGET: Target = Target {
    name: "cursors",
    run,
    words: &[
        "AAAA",
        "_",
        "-",
        "=",
        "[",
        "\"",
        "{",
        "0",
        "null",
        "9999999999999999999",
        "\u{0}",
    ],
};

const LISTS: [&str; 5] = [
    "/v1/organizations",
    "/v1/organizations/northside/endpoints",
    "/v1/organizations/northside/events",
    "/v1/organizations/northside/deliveries",
    "/v1/event-types",
];

fn run(bytes: &[u8]) {
    // A line of a request is not longer.
    let bytes = &bytes[..bytes.len().min(2_000)];
    let cursor = percent_encode(bytes, NON_ALPHANUMERIC);
    for list in LISTS {
        let path = format!("{list}?limit=5&cursor={cursor}");
        let status = World::get().ask(&Method::GET, &path, b"");
        let known = [StatusCode::OK, StatusCode::UNPROCESSABLE_ENTITY].contains(&status);
        assert!(known, "{status} {path}");
    }
}
