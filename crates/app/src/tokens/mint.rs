//! Making tokens with the configured secret, for an installation without an identity provider.

use carehook_core::{Scope, Secret, Timestamp};
use jsonwebtoken::{EncodingKey, Header, encode};
use serde::Serialize;

use super::claims::{TokenOrganization, is_subject};
use super::install_crypto;

/// HS256 wants a key that is at least as long as its hash (RFC 7518, 3.2).
const MIN_SECRET_BYTES: usize = 32;

/// A text that signs tokens: its UTF-8 bytes, as they are, are the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenSecret(Secret);

/// What is wrong with a secret for tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a secret for tokens has at least {MIN_SECRET_BYTES} bytes")]
pub struct TokenSecretError;

/// A token to be made.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// Who it is for.
    pub subject: String,
    /// Where it may be used.
    pub organization: TokenOrganization,
    /// What for.
    pub scopes: Vec<String>,
    /// When it is made.
    pub issued_at: Timestamp,
    /// When it ends, to the second.
    pub expires_at: Timestamp,
}

#[derive(Serialize)]
struct SignedClaims<'a> {
    sub: &'a str,
    org: String,
    scope: String,
    iat: i64,
    exp: i64,
}

impl TokenSecret {
    /// Takes a text that is long enough.
    pub fn try_new(secret: Secret) -> Result<Self, TokenSecretError> {
        if secret.expose().len() < MIN_SECRET_BYTES {
            return Err(TokenSecretError);
        }
        Ok(Self(secret))
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.0.expose().as_bytes()
    }
}

impl NewToken {
    /// Makes the token, signed with HS256.
    pub fn sign(&self, secret: &TokenSecret) -> Secret {
        install_crypto();
        let Self {
            subject,
            organization,
            scopes,
            issued_at,
            expires_at,
        } = self;
        let claims = SignedClaims {
            sub: subject,
            org: organization.to_string(),
            scope: scopes.join(" "),
            iat: issued_at.seconds(),
            exp: expires_at.seconds(),
        };
        let key = EncodingKey::from_secret(secret.bytes());
        let token = encode(&Header::default(), &claims, &key);
        Secret::new(token.expect("texts and numbers can be written as JSON and signed"))
    }

    /// The scopes that mean something in a token.
    pub fn scopes() -> impl Iterator<Item = &'static str> {
        let of_dialects = ["webhooks:read", "webhooks:write"];
        Scope::ALL.map(Scope::as_str).into_iter().chain(of_dialects)
    }

    /// Whether a token may be made for this subject.
    pub fn is_subject(text: &str) -> bool {
        is_subject(text)
    }
}
