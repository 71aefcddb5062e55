//! A set of public keys (RFC 7517), each pinned to the one algorithm that it may verify.
//!
//! Symmetric keys, keys for encryption and keys of other kinds are passed over, as the RFC demands
//! of keys that are not understood; what is left is chosen by the token's `kid` and algorithm.

use jsonwebtoken::jwk::{
    AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, KeyOperations, PublicKeyUse,
};
use jsonwebtoken::{Algorithm, DecodingKey, Header};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::claims_signed_with;

/// A token without `kid` is tried with no more keys than this.
const MAX_TRIED: usize = 16;

/// The keys of an issuer.
pub(super) struct KeySet(Vec<Key>);

struct Key {
    id: Option<String>,
    algorithm: Algorithm,
    public: DecodingKey,
}

/// What a set of keys says about a token.
pub(super) enum Verdict {
    /// One of the keys made its signature.
    Genuine(Map<String, Value>),
    /// It names a key that did not make its signature.
    Forged,
    /// It is of no key in the set; a newer set may have the key.
    UnknownKey,
}

#[derive(Deserialize)]
struct KeySetIn {
    keys: Vec<Value>,
}

impl KeySet {
    /// Reads a set; `None` when the document is none.
    pub(super) fn parse(document: &[u8]) -> Option<Self> {
        let KeySetIn { keys } = serde_json::from_slice(document).ok()?;
        Some(Self(keys.into_iter().filter_map(Key::read).collect()))
    }

    /// Whether any key can be used.
    pub(super) fn is_useful(&self) -> bool {
        !self.0.is_empty()
    }

    /// Checks a token's signature with the keys that fit its header.
    pub(super) fn judge(&self, token: &str, header: &Header) -> Verdict {
        let fits = |key: &&Key| {
            let named = header.kid.is_none() || header.kid == key.id;
            named && key.algorithm == header.alg
        };
        let mut tried = false;
        for key in self.0.iter().filter(fits).take(MAX_TRIED) {
            tried = true;
            if let Some(claims) = claims_signed_with(token, &key.public, key.algorithm) {
                return Verdict::Genuine(claims);
            }
        }
        if tried && header.kid.is_some() {
            Verdict::Forged
        } else {
            Verdict::UnknownKey
        }
    }
}

impl Key {
    /// A key that signatures can be checked with.
    fn read(value: Value) -> Option<Self> {
        let jwk: Jwk = serde_json::from_value(value).ok()?;
        let algorithm = algorithm_of(&jwk.algorithm)?;
        let common = &jwk.common;
        let pinned = common.key_algorithm;
        let for_signatures = matches!(common.public_key_use, None | Some(PublicKeyUse::Signature));
        let may_verify = common
            .key_operations
            .as_ref()
            .is_none_or(|operations| operations.contains(&KeyOperations::Verify));
        if pinned.is_some_and(|pinned| pinned != KeyAlgorithm::from(algorithm))
            || !for_signatures
            || !may_verify
        {
            return None;
        }
        let public = DecodingKey::from_jwk(&jwk).ok()?;
        Some(Self {
            id: jwk.common.key_id,
            algorithm,
            public,
        })
    }
}

/// The one algorithm that is accepted for a kind of key.
fn algorithm_of(parameters: &AlgorithmParameters) -> Option<Algorithm> {
    match parameters {
        AlgorithmParameters::RSA(_) => Some(Algorithm::RS256),
        AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P256 => {
            Some(Algorithm::ES256)
        }
        AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => {
            Some(Algorithm::EdDSA)
        }
        _ => None,
    }
}
