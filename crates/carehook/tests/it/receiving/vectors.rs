//! The test vectors: made by the code that signs deliveries, judged by the code that verifies them.

mod deliveries;
mod variants;

use std::collections::BTreeMap;

use carehook_core::{Dialect, Secret, Timestamp, verify_received};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde::Serialize;

use super::compare;

const ABOUT: &str = "Requests as a receiver gets them. `headers` are by lower-case name; `body` is the \
    text whose UTF-8 bytes arrived; `secrets` are what the receiver knows; `now` is its clock in seconds \
    since 1970; `valid` is what verifying must give by the headers that the dialect's page tells to check, \
    with a window of 300 s. No value belongs to a person, and no secret to an endpoint.";

/// A request, what its receiver knows, and what it must find.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Vector {
    pub(crate) name: String,
    pub(crate) dialect: &'static str,
    pub(crate) secrets: Vec<String>,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
    pub(crate) now: i64,
    pub(crate) valid: bool,
    pub(crate) reason: &'static str,
}

#[derive(Serialize)]
struct File {
    about: &'static str,
    vectors: Vec<Vector>,
}

/// The vectors of one dialect; the first is a delivery as it comes.
pub(crate) fn of(dialect: Dialect) -> Vec<Vector> {
    variants::all(dialect)
}

pub(super) fn header_map(headers: &BTreeMap<String, String>) -> HeaderMap {
    let header = |(name, value): (&String, &String)| {
        let name: HeaderName = name.parse().unwrap();
        (name, HeaderValue::from_bytes(value.as_bytes()).unwrap())
    };
    headers.iter().map(header).collect()
}

#[test]
fn the_file_of_vectors_is_what_the_code_signs() {
    let file = File {
        about: ABOUT,
        vectors: Dialect::ALL.into_iter().flat_map(of).collect(),
    };
    let text = serde_json::to_string_pretty(&file).unwrap();
    compare("vectors.json", &(text + "\n"));
}

#[test]
fn the_vectors_are_what_they_say() {
    for dialect in Dialect::ALL {
        let vectors = of(dialect);
        assert!(vectors[0].valid, "{dialect:?}");
        assert!(vectors.iter().filter(|vector| !vector.valid).count() > 5);
        for vector in &vectors {
            let headers = header_map(&vector.headers);
            let now = Timestamp(vector.now * 1_000);
            let verified = vector.secrets.iter().any(|secret| {
                let secret = Secret::new(secret.as_str());
                verify_received(dialect, &secret, &headers, vector.body.as_bytes(), now).is_ok()
            });
            assert_eq!(verified, vector.valid, "{}", vector.name);
        }
    }
}
