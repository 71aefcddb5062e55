//! Sign-ins that have begun: sealed, and kept by the browser that began them, each for itself.
//!
//! Nothing is kept here, so however many sign-ins are begun, nothing fills up. A restart makes a new
//! key, and with that whoever was on the way begins again.

use std::time::Duration;

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, RandomizedNonceKey};
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use carehook_core::{Secret, Timestamp};
use serde::{Deserialize, Serialize};

use crate::random::Random;

/// How long somebody may take at the provider.
pub(super) const LIFETIME: Duration = Duration::from_mins(10);
/// Characters of a sealed sign-in that anybody looks at: what browsers keep in a cookie.
const MOST_CHARS: usize = 4_096;
/// How long one is kept: who comes back too late is still led to the page that was asked for.
const KEPT: Duration = Duration::from_hours(1);
/// How many sign-ins of one browser live side by side.
const MOST_KEPT: usize = 4;
/// Characters of them together: every request carries them, and proxies take lines of 8 KiB.
const MOST_KEPT_CHARS: usize = 6 * 1_024;
/// Bytes of the digest of a `state` that tell the sign-ins of one browser apart.
const NAME_BYTES: usize = 12;
/// Bytes of the page that is gone to afterwards; a longer address is forgotten.
const MOST_NEXT: usize = 1_024;
/// What is sealed, so that no other sealed text is taken for it.
const PURPOSE: &[u8] = b"carehook oidc sign-in";

/// What a browser keeps of a sign-in that has begun.
#[derive(Clone)]
pub struct OidcKept {
    /// Tells the sign-ins of one browser apart: letters, digits, `-` and `_`.
    pub name: String,
    /// The sign-in, sealed.
    pub text: Secret,
}

/// What the sign-in is called that a `state` is of; it does not tell the `state`.
pub(super) fn name_of(state: &str) -> String {
    let digest = digest(&SHA256, state.as_bytes());
    URL_SAFE_NO_PAD.encode(&digest.as_ref()[..NAME_BYTES])
}

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

    /// Whether an answer comes too late.
    pub(super) fn is_over(&self, now: Timestamp) -> bool {
        now >= Timestamp(self.begun_at).plus(LIFETIME)
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

    /// What the browser has to keep of it.
    pub(super) fn kept(&self, pending: &Pending) -> OidcKept {
        OidcKept {
            name: name_of(&pending.state),
            text: self.close(pending),
        }
    }

    fn close(&self, pending: &Pending) -> Secret {
        let mut bytes = serde_json::to_vec(pending).expect("texts can be written as JSON");
        let nonce = self
            .0
            .seal_in_place_append_tag(Aad::from(PURPOSE), &mut bytes);
        let nonce = nonce.expect("a text is far shorter than what a nonce seals");
        let mut sealed = nonce.as_ref().to_vec();
        sealed.append(&mut bytes);
        Secret::new(URL_SAFE_NO_PAD.encode(sealed))
    }

    /// What was sealed here, however long ago.
    pub(super) fn open(&self, sealed: &str) -> Option<Pending> {
        if sealed.len() > MOST_CHARS {
            return None;
        }
        let sealed = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let (nonce, bytes) = sealed.split_first_chunk::<12>()?;
        let mut bytes = bytes.to_vec();
        let opened = self
            .0
            .open_in_place(nonce.into(), Aad::from(PURPOSE), &mut bytes);
        serde_json::from_slice(opened.ok()?).ok()
    }

    /// The names of what a browser need not keep any longer when it gets another one: what is of no
    /// use, and the oldest of what would be too much together.
    pub(super) fn needless(
        &self,
        kept: &[OidcKept],
        newest: &OidcKept,
        now: Timestamp,
    ) -> Vec<String> {
        let begun_at = |one: &OidcKept| {
            let begun_at = self.open(one.text.expose())?.begun_at;
            (now < Timestamp(begun_at).plus(KEPT)).then_some(begun_at)
        };
        let mut kept: Vec<_> = kept.iter().map(|one| (begun_at(one), one)).collect();
        kept.sort_by_key(|(begun_at, _)| std::cmp::Reverse(*begun_at));
        let (mut count, mut chars) = (1, newest.text.expose().len());
        let mut is_needless = |begun_at: Option<i64>, one: &OidcKept| {
            count += 1;
            chars += one.text.expose().len();
            begun_at.is_none() || count > MOST_KEPT || chars > MOST_KEPT_CHARS
        };
        kept.retain(|(begun_at, one)| is_needless(*begun_at, one));
        kept.into_iter().map(|(_, one)| one.name.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_773_656_465_000);

    #[test]
    fn a_sign_in_is_good_for_ten_minutes_and_opens_with_its_own_key_only() {
        let random = Random::default();
        let (seal, other) = (Seal::new(&random), Seal::new(&random));
        let pending = Pending::new(&random, "/console/o/northside?mode=test", NOW);
        let sealed = seal.close(&pending);
        assert!(!sealed.expose().contains("northside"));
        let last = Timestamp(NOW.plus(LIFETIME).0 - 1);
        let opened = seal.open(sealed.expose()).unwrap();
        assert!(!opened.is_over(last));
        assert!(opened.is_over(NOW.plus(LIFETIME)));
        assert_eq!(opened.next, "/console/o/northside?mode=test");
        assert_eq!(opened.verifier, pending.verifier);
        assert!(opened.is_answered_by(&pending.state));
        assert!(!opened.is_answered_by(&pending.nonce));
        assert!(other.open(sealed.expose()).is_none());
        let mut changed = sealed.expose().to_owned();
        let end = if changed.pop() == Some('A') { 'B' } else { 'A' };
        changed.push(end);
        for text in [changed.as_str(), "", "x", &"A".repeat(5_000)] {
            assert!(seal.open(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_browser_keeps_the_newest_sign_ins_and_never_too_much() {
        let random = Random::default();
        let seal = Seal::new(&random);
        let begun = |minute: u64, next: &str| {
            let at = NOW.plus(Duration::from_mins(minute));
            seal.kept(&Pending::new(&random, next, at))
        };
        let name = |kept: &OidcKept| kept.name.clone();
        let now = NOW.plus(Duration::from_mins(10));
        let short: Vec<_> = [3, 1, 4, 2].map(|minute| begun(minute, "/console")).into();
        let newest = begun(10, "/console");
        assert!(seal.needless(&short[..3], &newest, now).is_empty());
        assert_eq!(seal.needless(&short, &newest, now), [name(&short[1])]);
        let later = now.plus(KEPT);
        assert_eq!(seal.needless(&short, &newest, later).len(), 4);
        let long = [1, 2].map(|minute| begun(minute, &"\"".repeat(MOST_NEXT)));
        assert_eq!(seal.needless(&long, &newest, now), [name(&long[0])]);
        let text = Secret::new("sealed before a restart");
        let old = OidcKept {
            name: name_of("old"),
            text,
        };
        assert_eq!(seal.needless(&[old], &newest, now), [name_of("old")]);
        assert_ne!(name(&short[0]), name(&short[1]));
        assert_eq!(name_of("a state").len(), 16);
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
