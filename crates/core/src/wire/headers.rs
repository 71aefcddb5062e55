//! The headers of an attempt: Standard Webhooks for every dialect, and each dialect's own.

use http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::sign::text::TextSigner;
use crate::{Dialect, SecretError, Secrets, Signer, Timestamp};

const WEBHOOK_ID: HeaderName = HeaderName::from_static("webhook-id");
const WEBHOOK_TIMESTAMP: HeaderName = HeaderName::from_static("webhook-timestamp");
const WEBHOOK_SIGNATURE: HeaderName = HeaderName::from_static("webhook-signature");

const X_WEBHOOK_ID: HeaderName = HeaderName::from_static("x-webhook-id");
const X_WEBHOOK_TIMESTAMP: HeaderName = HeaderName::from_static("x-webhook-timestamp");
const X_WEBHOOK_SIGNATURE: HeaderName = HeaderName::from_static("x-webhook-signature");

const DECODA_SIGNATURE: HeaderName = HeaderName::from_static("decoda-signature");

const X_WEBHOOK_HASH: HeaderName = HeaderName::from_static("x-webhook-hash");
const X_WEBHOOK_CREATED_AT: HeaderName = HeaderName::from_static("x-webhook-created-at");

/// Everything that signs the deliveries of one endpoint.
pub struct Signers {
    standard: Signer,
    dialect: Option<(Dialect, TextSigner)>,
}

impl Signers {
    /// Makes the secrets of an endpoint ready.
    pub fn new(secrets: &Secrets, dialect: Dialect) -> Result<Self, SecretError> {
        let text = match dialect {
            Dialect::Native | Dialect::Mycure => None,
            Dialect::Jump | Dialect::Decoda | Dialect::Ecg => Some(TextSigner::new(secrets)),
        };
        Ok(Self {
            standard: Signer::new(secrets)?,
            dialect: text.map(|text| (dialect, text)),
        })
    }
}

/// What an attempt's headers are made of.
#[derive(Clone, Copy)]
pub struct Envelope<'a> {
    /// The event's id.
    pub event_id: &'a str,
    /// The body as it is sent.
    pub body: &'a [u8],
    /// The time in the body: [`crate::Endpoint::sent_at`].
    pub sent_at: Timestamp,
    /// The same by the wall clock, which receivers compare with theirs.
    pub wall: Timestamp,
}

/// Adds the headers of one attempt to an endpoint's own; ours are written last and win.
pub fn signed_headers(own: &HeaderMap, envelope: &Envelope<'_>, signers: &Signers) -> HeaderMap {
    let Envelope {
        event_id,
        body,
        sent_at: _,
        wall,
    } = *envelope;
    let mut headers = own.clone();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    headers.insert(WEBHOOK_ID, ascii(event_id));
    headers.insert(WEBHOOK_TIMESTAMP, ascii(&wall.seconds().to_string()));
    let signature = signers.standard.sign(event_id, wall, body);
    headers.insert(WEBHOOK_SIGNATURE, ascii(&signature));
    if let Some((dialect, signer)) = &signers.dialect {
        add_own(*dialect, signer, envelope, &mut headers);
    }
    headers
}

fn add_own(
    dialect: Dialect,
    signer: &TextSigner,
    envelope: &Envelope<'_>,
    headers: &mut HeaderMap,
) {
    let Envelope {
        event_id,
        body,
        sent_at,
        wall,
    } = *envelope;
    match dialect {
        Dialect::Native | Dialect::Mycure => {}
        Dialect::Jump => {
            let stamp = wall.seconds().to_string();
            let signature = signer.sign_all(&format!("{stamp}."), body, wall);
            headers.insert(X_WEBHOOK_ID, ascii(event_id));
            headers.insert(X_WEBHOOK_TIMESTAMP, ascii(&stamp));
            headers.insert(X_WEBHOOK_SIGNATURE, ascii(&signature));
        }
        Dialect::Decoda => {
            let signature = signer.sign_newest("", body);
            headers.insert(DECODA_SIGNATURE, ascii(&signature));
        }
        Dialect::Ecg => {
            let created_at = sent_at.0.to_string();
            let hash = signer.sign_newest(&format!("{created_at}."), body);
            headers.insert(X_WEBHOOK_HASH, ascii(&hash));
            headers.insert(X_WEBHOOK_CREATED_AT, ascii(&created_at));
        }
    }
}

fn ascii(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).expect("ids, numbers, hex and base64 are printable ASCII")
}
