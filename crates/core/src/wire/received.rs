//! Checks a received delivery as a receiver of each dialect does.

use http::HeaderMap;

use super::Dialect;
use crate::{
    Secret, SignatureError, TOLERANCE, Timestamp, Verifier, verify_text, write_python_json,
};

/// The headers that say when a delivery was signed, and the unit of their numbers in milliseconds.
const STANDARD_TIME: (&str, i64) = ("webhook-timestamp", 1_000);
const JUMP_TIME: (&str, i64) = ("x-webhook-timestamp", 1_000);
const ECG_TIME: (&str, i64) = ("x-webhook-created-at", 1);

/// Why a received delivery is not to be trusted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReceivedError {
    /// A header that the dialect's deliveries carry is not there, or not ASCII.
    #[error("the request has no {0}")]
    Missing(&'static str),
    /// A time that is not a whole number.
    #[error("{0} is not a number")]
    Time(&'static str),
    /// The request is older or newer than the tolerance.
    #[error("{name} is {seconds} s away from now; more than the tolerance of 300 s")]
    Stale {
        /// The header.
        name: &'static str,
        /// How far, in seconds.
        seconds: u64,
    },
    /// The dialect's own signature does not fit.
    #[error("{0} does not fit the body and the secret")]
    Mismatch(&'static str),
    /// The Standard Webhooks headers do not fit.
    #[error(transparent)]
    Standard(#[from] SignatureError),
}

/// Verifies a delivery by the signature that the vendor's documents tell receivers to check:
/// Standard Webhooks in native and MYCURE, the dialect's own header elsewhere.
///
/// Decoda's receivers print the parsed body again with Python's `json.dumps` before they compare;
/// so does this.
pub fn verify_received(
    dialect: Dialect,
    secret: &Secret,
    headers: &HeaderMap,
    body: &[u8],
    now: Timestamp,
) -> Result<(), ReceivedError> {
    match dialect {
        Dialect::Native | Dialect::Mycure => standard(secret, headers, body, now),
        Dialect::Jump => {
            let stamp = fresh(headers, JUMP_TIME, now)?;
            let name = "x-webhook-signature";
            let prefix = format!("{stamp}.");
            let mut signatures = text(headers, name)?.split(' ');
            let fits = signatures.any(|given| verify_text(secret, &prefix, body, given));
            fits.then_some(()).ok_or(ReceivedError::Mismatch(name))
        }
        Dialect::Decoda => {
            let name = "decoda-signature";
            let mut printed = Vec::with_capacity(body.len());
            write_python_json(body, &mut printed);
            let fits = verify_text(secret, "", &printed, text(headers, name)?);
            fits.then_some(()).ok_or(ReceivedError::Mismatch(name))
        }
        Dialect::Ecg => {
            let stamp = fresh(headers, ECG_TIME, now)?;
            let name = "x-webhook-hash";
            let fits = verify_text(secret, &format!("{stamp}."), body, text(headers, name)?);
            fits.then_some(()).ok_or(ReceivedError::Mismatch(name))
        }
    }
}

/// When a delivery says that it was signed, in the header that [`verify_received`] looks at;
/// `None` in Decoda, whose only header has no time.
///
/// Whether it tells the truth is known when the signature fits.
pub fn claimed_time(
    dialect: Dialect,
    headers: &HeaderMap,
) -> Result<Option<Timestamp>, ReceivedError> {
    let header = match dialect {
        Dialect::Native | Dialect::Mycure => STANDARD_TIME,
        Dialect::Jump => JUMP_TIME,
        Dialect::Decoda => return Ok(None),
        Dialect::Ecg => ECG_TIME,
    };
    time(text(headers, header.0)?, header).map(Some)
}

fn standard(
    secret: &Secret,
    headers: &HeaderMap,
    body: &[u8],
    now: Timestamp,
) -> Result<(), ReceivedError> {
    let verifier = Verifier::parse(secret).map_err(SignatureError::from)?;
    let id = text(headers, "webhook-id")?;
    let timestamp = text(headers, "webhook-timestamp")?;
    let signatures = text(headers, "webhook-signature")?;
    Ok(verifier.verify((id, timestamp, signatures), body, now)?)
}

fn text<'a>(headers: &'a HeaderMap, name: &'static str) -> Result<&'a str, ReceivedError> {
    let value = headers.get(name).and_then(|value| value.to_str().ok());
    value.ok_or(ReceivedError::Missing(name))
}

/// Reads a time and refuses one that is far from now; returns its text, which is signed.
fn fresh<'a>(
    headers: &'a HeaderMap,
    (name, unit): (&'static str, i64),
    now: Timestamp,
) -> Result<&'a str, ReceivedError> {
    let stamp = text(headers, name)?;
    let seconds = time(stamp, (name, unit))?.0.abs_diff(now.0) / 1_000;
    if seconds > TOLERANCE.as_secs() {
        return Err(ReceivedError::Stale { name, seconds });
    }
    Ok(stamp)
}

fn time(stamp: &str, (name, unit): (&'static str, i64)) -> Result<Timestamp, ReceivedError> {
    let stamp: i64 = stamp.parse().map_err(|_| ReceivedError::Time(name))?;
    Ok(Timestamp(stamp.saturating_mul(unit)))
}
