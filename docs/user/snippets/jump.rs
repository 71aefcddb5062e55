//! Verifies deliveries by Jump's headers.

use aws_lc_rs::hmac;
use http::HeaderMap;

const TOLERANCE_SECONDS: u64 = 300;

/// Says whether a delivery is genuine and fresh; `body` is the bytes as they arrived.
pub fn verify(headers: &HeaderMap, body: &[u8], secrets: &[&str], now: i64) -> bool {
    let text = |name| headers.get(name)?.to_str().ok();
    let (Some(timestamp), Some(given)) = (text("x-webhook-timestamp"), text("x-webhook-signature"))
    else {
        return false;
    };
    let at: Result<i64, _> = timestamp.parse();
    if !at.is_ok_and(|at| now.abs_diff(at) <= TOLERANCE_SECONDS) {
        return false;
    }
    let signed = [timestamp.as_bytes(), b".", body].concat();
    secrets.iter().any(|secret| {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        given
            .split(' ')
            .filter_map(|signature| hex::decode(signature).ok())
            .any(|signature| hmac::verify(&key, &signed, &signature).is_ok())
    })
}
