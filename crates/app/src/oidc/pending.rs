//! Sign-ins that have begun: sealed, and kept by the browser that began them.
//!
//! Nothing is kept here, so however many sign-ins are begun, nothing fills up. A restart makes a new
//! key, and with that whoever was on the way begins again.

use std::time::Duration;

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, RandomizedNonceKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use carehook_core::{Secret, Timestamp};
use serde::{Deserialize, Serialize};

use crate::random::Random;

/// How long somebody may take at the provider.
pub(super) const LIFETIME: Duration = Duration::from_mins(10);
/// Characters of a sealed sign-in that anybody looks at: what browsers keep in a cookie.
const MOST_CHARS: usize = 4_096;
/// Bytes of the page that is gone to afterwards; a longer address is forgotten.
const MOST_NEXT: usize = 1_024;
/// What is sealed, so that no other sealed text is taken for it.
const PURPOSE: &[u8] = b"carehook oidc sign-in";

/// A sign-in that has begun.
#[derive(Deserialize, Serialize)]
pub(super) struct Pending {
    /// Comes back with the answer (RFC 6749, 10.12).
    pub(super) state: String,
    /// Comes back in the ID token (Core 1.0, 15.5.2).
    pub(super) nonce: String,
    /// Proves at the provider that the code is used by who asked for it (RFC 7636).
    pub(super) verifier: String,
    /// Where to go afterwards.
    pub(super) next: String,
    begun_at: i64,
}

impl Pending {
    pub(super) fn new(random: &Random, next: &str, now: Timestamp) -> Self {
        let text = || URL_SAFE_NO_PAD.encode(random.bytes::<32>());
        let next = if next.len() > MOST_NEXT { "" } else { next };
        Self {
            state: text(),
            nonce: text(),
            verifier: text(),
            next: next.to_owned(),
            begun_at: now.0,
        }
    }

    /// Whether an answer is to this: it says the same `state`.
    pub(super) fn is_answered_by(&self, state: &str) -> bool {
        // Secrets compare in constant time.
        Secret::new(self.state.as_str()) == Secret::new(state)
    }
}

/// Seals sign-ins that have begun.
pub(super) struct Seal(RandomizedNonceKey);

impl Seal {
    pub(super) fn new(random: &Random) -> Self {
        let key = RandomizedNonceKey::new(&AES_256_GCM_SIV, &random.bytes::<32>());
        Self(key.expect("AES-256 takes 32 bytes"))
    }

    pub(super) fn close(&self, pending: &Pending) -> Secret {
        let mut bytes = serde_json::to_vec(pending).expect("texts can be written as JSON");
        let nonce = self
            .0
            .seal_in_place_append_tag(Aad::from(PURPOSE), &mut bytes);
        let nonce = nonce.expect("a text is far shorter than what a nonce seals");
        let mut sealed = nonce.as_ref().to_vec();
        sealed.append(&mut bytes);
        Secret::new(URL_SAFE_NO_PAD.encode(sealed))
    }

    /// What was sealed here, unless that is too long ago.
    pub(super) fn open(&self, sealed: &str, now: Timestamp) -> Option<Pending> {
        if sealed.len() > MOST_CHARS {
            return None;
        }
        let sealed = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let (nonce, bytes) = sealed.split_first_chunk::<12>()?;
        let mut bytes = bytes.to_vec();
        let opened = self
            .0
            .open_in_place(nonce.into(), Aad::from(PURPOSE), &mut bytes);
        let pending: Pending = serde_json::from_slice(opened.ok()?).ok()?;
        let begun_at = Timestamp(pending.begun_at);
        (now < begun_at.plus(LIFETIME)).then_some(pending)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_773_656_465_000);

    #[test]
    fn a_sign_in_opens_for_ten_minutes_and_with_its_own_key_only() {
        let random = Random::default();
        let (seal, other) = (Seal::new(&random), Seal::new(&random));
        let pending = Pending::new(&random, "/console/o/northside?mode=test", NOW);
        let sealed = seal.close(&pending);
        assert!(!sealed.expose().contains("northside"));
        let last = Timestamp(NOW.plus(LIFETIME).0 - 1);
        let opened = seal.open(sealed.expose(), last).unwrap();
        assert_eq!(opened.next, "/console/o/northside?mode=test");
        assert_eq!(opened.verifier, pending.verifier);
        assert!(opened.is_answered_by(&pending.state));
        assert!(!opened.is_answered_by(&pending.nonce));
        assert!(seal.open(sealed.expose(), NOW.plus(LIFETIME)).is_none());
        assert!(other.open(sealed.expose(), NOW).is_none());
        let mut changed = sealed.expose().to_owned();
        let end = if changed.pop() == Some('A') { 'B' } else { 'A' };
        changed.push(end);
        for text in [changed.as_str(), "", "x", &"A".repeat(5_000)] {
            assert!(seal.open(text, NOW).is_none(), "{text}");
        }
    }

    #[test]
    fn what_is_sealed_fits_into_a_cookie_and_no_two_are_the_same() {
        let random = Random::default();
        let seal = Seal::new(&random);
        let long = "\"".repeat(MOST_NEXT);
        let pending = Pending::new(&random, &long, NOW);
        assert_eq!(pending.next, long);
        assert!(seal.close(&pending).expose().len() < 3_600);
        let longer = Pending::new(&random, &"x".repeat(MOST_NEXT + 1), NOW);
        assert_eq!(longer.next, "");
        assert_ne!(longer.state, pending.state);
        assert_ne!(longer.nonce, longer.verifier);
    }
}
