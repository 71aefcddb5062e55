//! Signatures keyed with the whole text of a secret: what the dialects' own headers carry.
//!
//! All of them are HMAC-SHA256 in lower-case hex over a prefix and the body (Jump `{seconds}.`,
//! ECG `{milliseconds}.`, Decoda none), keyed with the UTF-8 bytes of the secret, its prefix
//! included.

use aws_lc_rs::{constant_time, hmac};

use crate::{Secret, Secrets, Timestamp};

/// Signs with the texts of an endpoint's secrets.
pub(crate) struct TextSigner {
    newest: hmac::Key,
    older: Vec<(hmac::Key, Option<Timestamp>)>,
}

impl TextSigner {
    pub(crate) fn new(secrets: &Secrets) -> Self {
        let older = secrets.all().iter().take(Secrets::MAX).skip(1);
        Self {
            newest: key(secrets.current()),
            older: older.map(|s| (key(&s.secret), s.expires_at)).collect(),
        }
    }

    /// The signature with the newest secret.
    pub(crate) fn sign_newest(&self, prefix: &str, body: &[u8]) -> String {
        hex::encode(tag(&self.newest, prefix, body))
    }

    /// The signatures with every secret in force at `now`, newest first, separated by spaces.
    pub(crate) fn sign_all(&self, prefix: &str, body: &[u8], now: Timestamp) -> String {
        let mut all = self.sign_newest(prefix, body);
        for (key, expires_at) in &self.older {
            if expires_at.is_none_or(|end| now < end) {
                all.push(' ');
                all.push_str(&hex::encode(tag(key, prefix, body)));
            }
        }
        all
    }
}

/// The signature of one text: lower-case hex HMAC-SHA256 over `prefix` and `body`.
pub fn sign_text(secret: &Secret, prefix: &str, body: &[u8]) -> String {
    hex::encode(tag(&key(secret), prefix, body))
}

/// Whether `signature` is what [`sign_text`] makes; in constant time.
pub fn verify_text(secret: &Secret, prefix: &str, body: &[u8], signature: &str) -> bool {
    let expected = tag(&key(secret), prefix, body);
    hex::decode(signature).is_ok_and(|given| {
        constant_time::verify_slices_are_equal(expected.as_ref(), &given).is_ok()
    })
}

fn key(secret: &Secret) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, secret.expose().as_bytes())
}

fn tag(key: &hmac::Key, prefix: &str, body: &[u8]) -> hmac::Tag {
    let mut context = hmac::Context::with_key(key);
    context.update(prefix.as_bytes());
    context.update(body);
    context.sign()
}
