//! Verifies deliveries by their Standard Webhooks headers.

use aws_lc_rs::hmac;
use base64::prelude::{BASE64_STANDARD, Engine as _};
use http::HeaderMap;

const TOLERANCE_SECONDS: u64 = 300;

/// Says whether a delivery is genuine and fresh; `body` is the bytes as they arrived.
pub fn verify(headers: &HeaderMap, body: &[u8], secrets: &[&str], now: i64) -> bool {
    let text = |name| headers.get(name)?.to_str().ok();
    let (Some(id), Some(timestamp), Some(given)) = (
        text("webhook-id"),
        text("webhook-timestamp"),
        text("webhook-signature"),
    ) else {
        return false;
    };
    let at: Result<i64, _> = timestamp.parse();
    if !at.is_ok_and(|at| now.abs_diff(at) <= TOLERANCE_SECONDS) {
        return false;
    }
    let signed = [format!("{id}.{timestamp}.").as_bytes(), body].concat();
    secrets
        .iter()
        .filter_map(|secret| key_of(secret))
        .any(|key| {
            given
                .split(' ')
                .filter_map(|signature| signature.strip_prefix("v1,"))
                .filter_map(|signature| BASE64_STANDARD.decode(signature).ok())
                .any(|signature| hmac::verify(&key, &signed, &signature).is_ok())
        })
}

/// The decoded part of `whsec_…`; the bytes of any other secret.
fn key_of(secret: &str) -> Option<hmac::Key> {
    let bytes = match secret.strip_prefix("whsec_") {
        Some(encoded) => BASE64_STANDARD.decode(encoded).ok()?,
        None => secret.as_bytes().to_vec(),
    };
    Some(hmac::Key::new(hmac::HMAC_SHA256, &bytes))
}
