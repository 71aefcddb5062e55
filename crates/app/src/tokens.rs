//! Bearer tokens (JSON Web Tokens, RFC 7519): who made one, and what it allows.
//!
//! Two kinds are accepted, and neither can pass for the other: HS256 is checked with the
//! configured secret only; RS256, ES256 and `EdDSA` only with a key of the configured key set whose
//! own type and algorithm fit. The header of a token chooses between these paths and nothing else;
//! every other algorithm, `none` first of all, is refused.
//!
//! `sub`, `org` and `exp` are required, `nbf` is respected, `scope` lists what is allowed. `aud`
//! and `iss` are not looked at: the secret or the key set says which issuer is trusted. A token has
//! no mode and sees both.
//!
//! Why a token was refused is logged and not told. Nothing of a token gets into the log.

mod claims;
mod key_set;
mod mint;
mod public_keys;

use carehook_core::Timestamp;
use carehook_deliver::{Deliverer, Url};
use jsonwebtoken::crypto::aws_lc;
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation, decode, decode_header};
use serde_json::{Map, Value};
use tokio_util::task::TaskTracker;
use tracing::debug;

use crate::AppError;
use crate::fetched::FetchedError;
use key_set::KeySet;

pub(crate) use claims::Claims;
pub use claims::TokenOrganization;
pub use mint::{NewToken, TokenSecret, TokenSecretError};
pub(crate) use public_keys::PublicKeys;

/// Longer texts are not looked at; real tokens stay far below.
const MAX_TOKEN_BYTES: usize = 8 * 1024;

/// Where accepted tokens come from; without any of them no token is accepted.
#[derive(Clone, Debug, Default)]
pub struct TokenConfig {
    /// What tokens that are signed with HS256 are checked with.
    pub secret: Option<TokenSecret>,
    /// Where the public keys for RS256, ES256 and `EdDSA` are (a JSON Web Key Set, RFC 7517).
    pub key_set_url: Option<Url>,
}

/// Checks tokens.
pub(crate) struct TokenVerifier {
    secret: Option<DecodingKey>,
    public_keys: Option<PublicKeys>,
}

/// Why a token does not count.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TokenError {
    /// It proves nothing; callers learn no more than this.
    #[error("invalid or expired token")]
    Invalid,
    /// It could not be checked, which is no fault of its bearer.
    #[error("check the token")]
    Unavailable(#[source] FetchedError),
}

/// Why a token was refused, for the log: fixed texts, because those of a parser quote the token.
pub(crate) type Flaw = &'static str;

/// How a check ended early.
pub(crate) enum Failure {
    Refused(Flaw),
    Unavailable(FetchedError),
}

impl TokenVerifier {
    /// A verifier that fetches keys with this deliverer, in tasks of this tracker.
    pub(crate) fn new(config: TokenConfig, deliverer: Deliverer, tasks: TaskTracker) -> Self {
        install_crypto();
        let TokenConfig {
            secret,
            key_set_url,
        } = config;
        Self {
            secret: secret.map(|secret| DecodingKey::from_secret(secret.bytes())),
            public_keys: key_set_url
                .map(|url| PublicKeys::new("the keys for bearer tokens", url, deliverer, tasks)),
        }
    }

    /// Checks signature and time, and returns what the token says.
    pub(crate) async fn verify(&self, token: &str, now: Timestamp) -> Result<Claims, TokenError> {
        match self.check(token, now).await {
            Ok(claims) => Ok(claims),
            Err(Failure::Refused(flaw)) => {
                debug!(flaw, "a bearer token was refused");
                Err(TokenError::Invalid)
            }
            Err(Failure::Unavailable(error)) => Err(TokenError::Unavailable(error)),
        }
    }

    async fn check(&self, token: &str, now: Timestamp) -> Result<Claims, Failure> {
        let header = header_of(token, MAX_TOKEN_BYTES)?;
        let claims = if header.alg == Algorithm::HS256 {
            self.with_secret(token)?
        } else {
            let keys = self.public_keys.as_ref();
            let keys = keys.ok_or("no key set is configured")?;
            keys.claims(token, &header, now).await?
        };
        Ok(Claims::read(&claims, now)?)
    }

    fn with_secret(&self, token: &str) -> Result<Map<String, Value>, Flaw> {
        let key = self.secret.as_ref().ok_or("no secret is configured")?;
        claims_signed_with(token, key, Algorithm::HS256)
            .ok_or("its signature is not of the configured secret")
    }
}

impl From<Flaw> for Failure {
    fn from(flaw: Flaw) -> Self {
        Self::Refused(flaw)
    }
}

impl From<FetchedError> for Failure {
    fn from(error: FetchedError) -> Self {
        Self::Unavailable(error)
    }
}

impl From<TokenError> for AppError {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Invalid => Self::Unauthenticated,
            TokenError::Unavailable(source) => Self::Unavailable {
                step: "checking the token",
                source: source.into(),
            },
        }
    }
}

/// What a token says of its signature; nothing of it is proved yet.
pub(crate) fn header_of(token: &str, max_bytes: usize) -> Result<Header, Flaw> {
    if token.len() > max_bytes {
        return Err("it is too long");
    }
    let header = decode_header(token).map_err(|_| "its header or algorithm is not understood")?;
    if header.crit.is_some() {
        return Err("it demands extensions");
    }
    Ok(header)
}

/// Whether a document holds keys that can check signatures.
pub(crate) fn is_key_set(document: &[u8]) -> bool {
    KeySet::parse(document).is_some_and(|keys| keys.is_useful())
}

/// The claims, if this key made this signature in exactly this way.
fn claims_signed_with(
    token: &str,
    key: &DecodingKey,
    algorithm: Algorithm,
) -> Option<Map<String, Value>> {
    let mut validation = Validation::new(algorithm);
    // The library would ask the machine's clock; times are checked with the caller's.
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    decode(token, key, &validation)
        .ok()
        .map(|token| token.claims)
}

/// Names the crypto of tokens once, so that no build can leave the choice open.
fn install_crypto() {
    // An error means that it was done before.
    let _ = aws_lc::DEFAULT_PROVIDER.install_default();
}

#[cfg(test)]
mod tests;
