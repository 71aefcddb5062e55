//! Verifies deliveries by ECG's headers.

use aws_lc_rs::hmac;
use http::HeaderMap;

const TOLERANCE_MILLISECONDS: u64 = 300_000;

/// Says whether a delivery is genuine and fresh; `body` is the bytes as they arrived.
pub fn verify(headers: &HeaderMap, body: &[u8], secrets: &[&str], now: i64) -> bool {
    let text = |name| headers.get(name)?.to_str().ok();
    let (Some(created_at), Some(given)) = (text("x-webhook-created-at"), text("x-webhook-hash"))
    else {
        return false;
    };
    let at: Result<i64, _> = created_at.parse();
    if !at.is_ok_and(|at| (now * 1000).abs_diff(at) <= TOLERANCE_MILLISECONDS) {
        return false;
    }
    let Ok(given) = hex::decode(given) else {
        return false;
    };
    let signed = [created_at.as_bytes(), b".", body].concat();
    secrets.iter().any(|secret| {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        hmac::verify(&key, &signed, &given).is_ok()
    })
}
