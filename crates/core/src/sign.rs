//! Standard Webhooks signatures: `v1` (HMAC-SHA256) and `v1a` (ed25519).
//!
//! Source: the Standard Webhooks specification, "Signature scheme". What is signed is
//! `{id}.{timestamp}.{body}`; several signatures stand in one header, separated by spaces.

pub(crate) mod text;

use std::time::Duration;

use aws_lc_rs::signature::{self, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use aws_lc_rs::{constant_time, hmac};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::secret::Secrets;
use crate::{Secret, SecretError, Timestamp};

const SYMMETRIC: &str = "whsec_";
const PRIVATE: &str = "whsk_";
const PUBLIC: &str = "whpk_";

/// How far the timestamp of a request may be from the receiver's clock.
pub const TOLERANCE: Duration = Duration::from_mins(5);

/// A secret made ready for signing.
pub enum SigningKey {
    /// HMAC-SHA256 with its key schedule done.
    Hmac(Box<hmac::Key>),
    /// An ed25519 key pair.
    Ed25519(Ed25519KeyPair),
}

impl SigningKey {
    /// Reads `whsec_…`, `whsk_…`, or any other text, whose bytes are then the HMAC key.
    pub fn parse(secret: &Secret) -> Result<Self, SecretError> {
        let text = secret.expose();
        if let Some(encoded) = text.strip_prefix(PRIVATE) {
            let bytes = decode(encoded)?;
            let (seed, public) = bytes.split_at_checked(32).ok_or(SecretError::KeyPair)?;
            return Ed25519KeyPair::from_seed_and_public_key(seed, public)
                .map(Self::Ed25519)
                .map_err(|_| SecretError::KeyPair);
        }
        if let Some(encoded) = text.strip_prefix(SYMMETRIC) {
            let bytes = decode(encoded)?;
            if !(24..=64).contains(&bytes.len()) {
                return Err(SecretError::Length);
            }
            return Ok(Self::hmac(&bytes));
        }
        if text.len() < Secret::MIN_TEXT_BYTES {
            return Err(SecretError::Short);
        }
        Ok(Self::hmac(text.as_bytes()))
    }

    fn hmac(key: &[u8]) -> Self {
        Self::Hmac(Box::new(hmac::Key::new(hmac::HMAC_SHA256, key)))
    }

    /// A new ed25519 secret `whsk_…` from a random seed.
    pub fn new_ed25519(seed: &[u8; 32]) -> Secret {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed)
            .expect("every 32 bytes are an ed25519 seed (RFC 8032)");
        let mut bytes = Zeroizing::new(seed.to_vec());
        bytes.extend_from_slice(pair.public_key().as_ref());
        Secret::new(format!("{PRIVATE}{}", STANDARD.encode(&*bytes)))
    }

    /// The public key `whpk_…` of an ed25519 secret.
    pub fn public_key(&self) -> Option<String> {
        match self {
            Self::Hmac(_) => None,
            Self::Ed25519(pair) => Some(format!(
                "{PUBLIC}{}",
                STANDARD.encode(pair.public_key().as_ref())
            )),
        }
    }

    fn sign_into(&self, head: &[u8], body: &[u8], out: &mut String) {
        match self {
            Self::Hmac(key) => {
                let mut context = hmac::Context::with_key(key);
                context.update(head);
                context.update(body);
                out.push_str("v1,");
                STANDARD.encode_string(context.sign(), out);
            }
            Self::Ed25519(pair) => {
                out.push_str("v1a,");
                STANDARD.encode_string(pair.sign(&[head, body].concat()), out);
            }
        }
    }
}

fn decode(encoded: &str) -> Result<Zeroizing<Vec<u8>>, SecretError> {
    let bytes = STANDARD.decode(encoded).map_err(|_| SecretError::Base64)?;
    Ok(Zeroizing::new(bytes))
}

/// Signs the deliveries of one endpoint with every secret in force.
pub struct Signer {
    keys: Vec<(SigningKey, Option<Timestamp>)>,
}

impl Signer {
    /// Makes the secrets of an endpoint ready.
    pub fn new(secrets: &Secrets) -> Result<Self, SecretError> {
        let ready =
            |s: &crate::secret::DatedSecret| Ok((SigningKey::parse(&s.secret)?, s.expires_at));
        // Only the newest can be in force; older ones are history.
        let newest = secrets.all().iter().take(Secrets::MAX);
        let keys = newest.map(ready).collect::<Result<_, _>>()?;
        Ok(Self { keys })
    }

    /// The `webhook-signature` header: one signature for each secret in force, newest first.
    pub fn sign(&self, id: &str, now: Timestamp, body: &[u8]) -> String {
        let head = signed_head(id, now.seconds());
        let mut header = String::with_capacity(48 * self.keys.len());
        for (key, expires_at) in &self.keys {
            if expires_at.is_some_and(|end| now >= end) {
                continue;
            }
            if !header.is_empty() {
                header.push(' ');
            }
            key.sign_into(head.as_bytes(), body, &mut header);
        }
        header
    }
}

fn signed_head(id: &str, seconds: i64) -> String {
    format!("{id}.{seconds}.")
}

/// Why a received request is not to be trusted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// The secret or public key cannot be used.
    #[error("the secret {0}")]
    Secret(#[from] SecretError),
    /// `webhook-timestamp` is not a whole number of seconds.
    #[error("webhook-timestamp is not a number of seconds since 1970")]
    Timestamp,
    /// The request is older or newer than the tolerance.
    #[error("webhook-timestamp is {0} s away from now; more than the tolerance of 300 s")]
    Stale(u64),
    /// No signature in the header fits.
    #[error(
        "no signature in webhook-signature fits the id, the timestamp, the body and the secret"
    )]
    Mismatch,
}

/// Checks received requests, as a receiver does.
pub enum Verifier {
    /// With the shared secret.
    Hmac(Box<hmac::Key>),
    /// With the public key.
    Ed25519(Vec<u8>),
}

impl Verifier {
    /// Takes a shared secret, a private key `whsk_…` or a public key `whpk_…`.
    pub fn parse(secret: &Secret) -> Result<Self, SecretError> {
        if let Some(encoded) = secret.expose().strip_prefix(PUBLIC) {
            let bytes = decode(encoded)?;
            if bytes.len() != 32 {
                return Err(SecretError::KeyPair);
            }
            return Ok(Self::Ed25519(bytes.to_vec()));
        }
        Ok(match SigningKey::parse(secret)? {
            SigningKey::Hmac(key) => Self::Hmac(key),
            SigningKey::Ed25519(pair) => Self::Ed25519(pair.public_key().as_ref().to_vec()),
        })
    }

    /// Verifies the three Standard Webhooks headers against the body as received.
    pub fn verify(
        &self,
        (id, timestamp, signatures): (&str, &str, &str),
        body: &[u8],
        now: Timestamp,
    ) -> Result<(), SignatureError> {
        let seconds: i64 = timestamp.parse().map_err(|_| SignatureError::Timestamp)?;
        let away = seconds.abs_diff(now.seconds());
        if away > TOLERANCE.as_secs() {
            return Err(SignatureError::Stale(away));
        }
        let head = signed_head(id, seconds);
        let fits = signatures
            .split(' ')
            .filter_map(|entry| entry.split_once(','))
            .any(|(version, encoded)| self.fits(version, encoded, head.as_bytes(), body));
        if fits {
            Ok(())
        } else {
            Err(SignatureError::Mismatch)
        }
    }

    fn fits(&self, version: &str, encoded: &str, head: &[u8], body: &[u8]) -> bool {
        let Ok(given) = STANDARD.decode(encoded) else {
            return false;
        };
        match (self, version) {
            (Self::Hmac(key), "v1") => {
                let mut context = hmac::Context::with_key(key);
                context.update(head);
                context.update(body);
                constant_time::verify_slices_are_equal(context.sign().as_ref(), &given).is_ok()
            }
            (Self::Ed25519(public), "v1a") => UnparsedPublicKey::new(&signature::ED25519, public)
                .verify(&[head, body].concat(), &given)
                .is_ok(),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests;
