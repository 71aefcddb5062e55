//! Verifies deliveries by Decoda's header.

use aws_lc_rs::hmac;
use http::HeaderMap;

/// Says whether a delivery is genuine; `body` is the bytes as they arrived.
pub fn verify(headers: &HeaderMap, body: &[u8], secrets: &[&str]) -> bool {
    let given = headers.get("decoda-signature");
    let Some(given) = given.and_then(|value| hex::decode(value).ok()) else {
        return false;
    };
    secrets.iter().any(|secret| {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        hmac::verify(&key, body, &given).is_ok()
    })
}
