//! The signatures of a received request, each judged on its own.

use anyhow::{Context as _, anyhow};
use carehook_core::{
    Dialect, ReceivedError, Secret, Timestamp, Verifier, claimed_time, verify_received,
};
use http::HeaderMap;

/// What people call the signature that every dialect carries.
pub(super) const STANDARD: &str = "Standard Webhooks";

/// One signature of the request.
pub(super) struct Signature {
    /// The header that it stands in.
    pub(super) header: &'static str,
    /// What people call it.
    pub(super) name: &'static str,
    /// Why it does not fit.
    pub(super) fault: Option<ReceivedError>,
    /// When the request says that it was made.
    pub(super) signed_at: Option<Timestamp>,
}

/// The dialect whose own signature the request has; without one it is Standard Webhooks.
pub(super) fn recognise(headers: &HeaderMap) -> Dialect {
    let own = Dialect::ALL.into_iter().find(|dialect| {
        own_header(*dialect).is_some_and(|(header, _)| headers.contains_key(header))
    });
    own.unwrap_or(Dialect::Native)
}

/// Judges the dialect's own signature and that of Standard Webhooks.
///
/// The latter may be missing where a dialect has its own: a request that the vendor has sent. An
/// age is no fault here.
pub(super) fn judge(
    dialect: Dialect,
    secret: &Secret,
    headers: &HeaderMap,
    body: &[u8],
) -> anyhow::Result<Vec<Signature>> {
    let mut found = Vec::new();
    if let Some((header, name)) = own_header(dialect) {
        found.push(signature(dialect, (header, name), secret, headers, body)?);
    }
    let standard = ("webhook-signature", STANDARD);
    if found.is_empty() || headers.contains_key(standard.0) {
        Verifier::parse(secret).context("the secret cannot be used")?;
        found.push(signature(Dialect::Native, standard, secret, headers, body)?);
    }
    Ok(found)
}

impl Signature {
    /// What it tells that this one fits while another does not.
    pub(super) fn comment(&self, dialect: Dialect, others: &[&ReceivedError]) -> &'static str {
        let mismatch = matches!(others, [ReceivedError::Mismatch(_)]);
        match dialect {
            _ if self.name != STANDARD => {
                "That is so when the body was parsed and printed again, or a header was changed."
            }
            Dialect::Decoda | Dialect::Ecg if mismatch => {
                "That is so when this secret was replaced: the other header has room for one \
                 signature, made with the newest."
            }
            Dialect::Native | Dialect::Jump | Dialect::Decoda | Dialect::Mycure | Dialect::Ecg => {
                "So body and secret are right, and the dialect's own headers are not."
            }
        }
    }
}

/// A dialect's own header and what it is called.
fn own_header(dialect: Dialect) -> Option<(&'static str, &'static str)> {
    match dialect {
        Dialect::Native | Dialect::Mycure => None,
        Dialect::Jump => Some(("x-webhook-signature", "Jump signature")),
        Dialect::Decoda => Some(("decoda-signature", "Decoda signature")),
        Dialect::Ecg => Some(("x-webhook-hash", "ECG hash")),
    }
}

fn signature(
    dialect: Dialect,
    (header, name): (&'static str, &'static str),
    secret: &Secret,
    headers: &HeaderMap,
    body: &[u8],
) -> anyhow::Result<Signature> {
    let judged = claimed_time(dialect, headers).and_then(|signed_at| {
        let then = signed_at.unwrap_or(Timestamp(0));
        verify_received(dialect, secret, headers, body, then).map(|()| signed_at)
    });
    let (fault, signed_at) = match judged {
        Ok(signed_at) => (None, signed_at),
        Err(ReceivedError::Missing(missing)) => {
            return Err(anyhow!("the headers have no `{missing}`"));
        }
        Err(error) => (Some(error), None),
    };
    Ok(Signature {
        header,
        name,
        fault,
        signed_at,
    })
}
