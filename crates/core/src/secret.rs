//! Secrets: what deliveries are signed with, never printed and wiped when dropped.

use std::fmt;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::Timestamp;

/// What is wrong with a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// What follows the prefix is not base64.
    #[error("must be base64 after its prefix")]
    Base64,
    /// A key that is too short or too long (Standard Webhooks: 24 to 64 bytes).
    #[error("must hold 24 to 64 bytes of key")]
    Length,
    /// A text that is used as it is, and too short for that.
    #[error("must have at least {} bytes", Secret::MIN_TEXT_BYTES)]
    Short,
    /// An ed25519 key whose halves do not belong together.
    #[error("is not an ed25519 key pair of 64 bytes (seed and public key)")]
    KeyPair,
}

/// Text that must not be seen: no `Debug`, no `Display`; wiped from memory when dropped.
#[derive(Clone)]
pub struct Secret(Zeroizing<Box<str>>);

impl Secret {
    /// The fewest bytes of a secret that is neither `whsec_…` nor `whsk_…` (ECG's own ones).
    pub const MIN_TEXT_BYTES: usize = 8;

    /// Takes a text as it is.
    pub fn new(text: impl Into<Box<str>>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// A Standard Webhooks secret `whsec_…` from random bytes.
    pub fn symmetric(key: &[u8; 32]) -> Self {
        Self::new(format!("whsec_{}", STANDARD.encode(key)))
    }

    /// The text, for those who must show or use it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// Compares in constant time.
impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.expose()
            .as_bytes()
            .ct_eq(other.expose().as_bytes())
            .into()
    }
}

impl Eq for Secret {}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// A secret and the time in which it signs.
#[derive(Clone)]
pub struct DatedSecret {
    /// The secret.
    pub secret: Secret,
    /// Since when it signs.
    pub created_at: Timestamp,
    /// When its grace period ends, if a newer one has replaced it.
    pub expires_at: Option<Timestamp>,
}

/// What becomes of a secret when its grace period has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retired {
    /// It is forgotten.
    Forget,
    /// It is kept, so that what it signed can still be checked (ECG's secret history).
    Keep,
}

/// The secrets of an endpoint, newest first; never empty.
#[derive(Clone)]
pub struct Secrets(Vec<DatedSecret>);

impl Secrets {
    /// The most secrets that sign at a time.
    pub const MAX: usize = 8;
    /// The most secrets that are kept, with those that no longer sign.
    pub const MAX_KEPT: usize = 256;

    /// The first secret of an endpoint.
    pub fn first(secret: Secret, now: Timestamp) -> Self {
        Self(vec![DatedSecret {
            secret,
            created_at: now,
            expires_at: None,
        }])
    }

    /// Takes secrets that [`Self::all`] gave; `None` when there is none.
    pub fn from_stored(secrets: Vec<DatedSecret>) -> Option<Self> {
        (!secrets.is_empty()).then_some(Self(secrets))
    }

    /// Every secret that is kept, newest first.
    pub fn all(&self) -> &[DatedSecret] {
        &self.0
    }

    /// The newest secret.
    pub fn current(&self) -> &Secret {
        &self.0.first().expect("an endpoint has a secret").secret
    }

    /// Those that sign at `now`, newest first.
    pub fn in_force(&self, now: Timestamp) -> impl Iterator<Item = &DatedSecret> {
        self.0
            .iter()
            .filter(move |s| s.expires_at.is_none_or(|end| now < end))
    }

    /// The newest secret as of `then`; `None` before the first one and when it was forgotten.
    pub fn current_at(&self, then: Timestamp) -> Option<&Secret> {
        let known = self.0.iter().find(|s| s.created_at <= then);
        known.map(|dated| &dated.secret)
    }

    /// Whether the newest secret as of one time is also the newest as of another.
    pub fn same_at(&self, one: Timestamp, other: Timestamp) -> bool {
        let since = |then| self.0.iter().position(|s| s.created_at <= then);
        since(one).is_some() && since(one) == since(other)
    }

    /// Puts a new secret in front; the others sign until `now + grace` at most.
    #[must_use]
    pub fn rotated(
        &self,
        secret: Secret,
        now: Timestamp,
        grace: Duration,
        retired: Retired,
    ) -> Self {
        let end = now.plus(grace);
        let mut all = vec![DatedSecret {
            secret,
            created_at: now,
            expires_at: None,
        }];
        all.extend(self.0.iter().map(|old| DatedSecret {
            expires_at: Some(old.expires_at.map_or(end, |earlier| earlier.min(end))),
            ..old.clone()
        }));
        for too_many in all.iter_mut().skip(Self::MAX) {
            too_many.expires_at = too_many.expires_at.map(|end| end.min(now));
        }
        if retired == Retired::Forget {
            all.retain(|s| s.expires_at.is_none_or(|end| now < end));
        }
        all.truncate(Self::MAX_KEPT);
        Self(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_000_000);

    fn texts(secrets: &Secrets, now: Timestamp) -> Vec<&str> {
        secrets.in_force(now).map(|s| s.secret.expose()).collect()
    }

    #[test]
    fn a_replaced_secret_signs_until_its_grace_ends() {
        let grace = Duration::from_mins(1);
        let first = Secrets::first(Secret::new("a"), NOW);
        let second = first.rotated(Secret::new("b"), NOW, grace, Retired::Forget);
        assert_eq!(texts(&second, NOW), ["b", "a"]);
        assert_eq!(texts(&second, NOW.plus(grace)), ["b"]);
        let third = second.rotated(Secret::new("c"), NOW, grace * 2, Retired::Forget);
        assert_eq!(texts(&third, NOW.plus(grace)), ["c", "b"]);
        let at_once = third.rotated(Secret::new("d"), NOW, Duration::ZERO, Retired::Forget);
        assert_eq!(texts(&at_once, NOW), ["d"]);
        assert_eq!(at_once.current().expose(), "d");
        assert_eq!(at_once.all().len(), 1);
    }

    #[test]
    fn a_kept_secret_is_found_by_the_time_in_which_it_was_the_newest() {
        let hour = Duration::from_hours(1);
        let mut secrets = Secrets::first(Secret::new("0"), NOW);
        for n in 1..20_u32 {
            let secret = Secret::new(n.to_string());
            secrets = secrets.rotated(secret, NOW.plus(hour * n), hour * 99, Retired::Keep);
        }
        let at = |time| secrets.current_at(time).map(Secret::expose);
        assert_eq!(at(Timestamp(NOW.0 - 1)), None);
        assert_eq!(at(NOW), Some("0"));
        assert_eq!(at(NOW.plus(hour * 7)), Some("7"));
        assert_eq!(at(Timestamp(NOW.plus(hour * 8).0 - 1)), Some("7"));
        assert_eq!(at(NOW.plus(hour * 500)), Some("19"));
        assert!(secrets.same_at(NOW.plus(hour * 7), Timestamp(NOW.plus(hour * 8).0 - 1)));
        assert!(!secrets.same_at(NOW.plus(hour * 7), NOW.plus(hour * 8)));
        assert!(!secrets.same_at(Timestamp(NOW.0 - 2), Timestamp(NOW.0 - 1)));
        // However long the grace, only so many sign.
        assert_eq!(texts(&secrets, NOW.plus(hour * 19)).len(), Secrets::MAX);
    }

    #[test]
    fn a_secret_is_never_printed() {
        assert_eq!(format!("{:?}", Secret::new("whsec_x")), "Secret(…)");
    }
}
