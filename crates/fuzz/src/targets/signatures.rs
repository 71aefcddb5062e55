//! Received deliveries: headers in lines, an empty line, the body.

use carehook_core::{Dialect, Secret, Timestamp, verify_received};
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::Target;

pub(crate) const TARGET: Target = Target {
    name: "signatures",
    run,
    words: &[
        "webhook-id: ",
        "webhook-timestamp: ",
        "webhook-signature: ",
        "v1,",
        "v1a,",
        " ",
        "\n\n",
        "x-webhook-signature: ",
        "x-webhook-timestamp: ",
        "decoda-signature: ",
        "x-webhook-hash: ",
        "x-webhook-created-at: ",
        "1773656465",
        "-1",
        "9223372036854775807",
        "{\"a\":1e400}",
        "\\ud800",
        "==",
    ],
};

const NOW: Timestamp = Timestamp(1_773_656_465_000);

fn run(bytes: &[u8]) {
    let end = bytes.windows(2).position(|pair| pair == b"\n\n");
    let (head, body) = bytes.split_at(end.unwrap_or(bytes.len()));
    let body = body.get(2..).unwrap_or_default();
    let mut headers = HeaderMap::new();
    for line in head.split(|byte| *byte == b'\n') {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else {
            continue;
        };
        let (name, value) = line.split_at(colon);
        let name = HeaderName::from_bytes(name);
        let value = HeaderValue::from_bytes(value[1..].trim_ascii());
        if let (Ok(name), Ok(value)) = (name, value) {
            // More than a request may have would only be slow.
            if headers.len() < 100 {
                headers.append(name, value);
            }
        }
    }
    for dialect in Dialect::ALL {
        for secret in [
            "whsec_bm9ib2R5IGtub3dzIHRoaXMgc2VjcmV0",
            "0123456789abcdef",
            "",
        ] {
            let secret = Secret::new(secret);
            let verified = verify_received(dialect, &secret, &headers, body, NOW);
            assert!(verified.is_err(), "a signature was made without the secret");
        }
    }
}
