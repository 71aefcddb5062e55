//! An issuer, the place where its keys are, and a verifier that trusts it.

use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::hmac;
use carehook_core::{Secret, Timestamp};
use carehook_deliver::{DeliverConfig, Deliverer};
use carehook_testkit::{
    Answer, KeyKind as Kind, Receiver, TokenIssuer as Issuer, signed_token as sign,
};
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tokio_util::task::TaskTracker;

use crate::tokens::{Claims, TokenConfig, TokenError, TokenSecret, TokenVerifier};

pub(super) const NOW: Timestamp = Timestamp(1_773_656_465_000);
pub(super) const SECRET: &str = "a secret for tokens that is long enough";

pub(super) struct World {
    pub(super) issuer: Issuer,
    /// Serves the issuer's keys.
    pub(super) provider: Option<Receiver>,
    verifier: Arc<TokenVerifier>,
}

pub(super) fn secret() -> TokenSecret {
    TokenSecret::try_new(Secret::new(SECRET)).unwrap()
}

/// What an honest token says.
pub(super) fn claims() -> Value {
    json!({
        "sub": "nora", "org": "north", "scope": "webhooks:read manage",
        "iat": NOW.seconds(), "exp": NOW.seconds() + 60,
    })
}

/// A time after [`NOW`].
pub(super) fn after(time: Duration) -> Timestamp {
    NOW.plus(time)
}

pub(super) fn keys(key_set: &Value) -> Answer {
    Answer::status(200).body(key_set.to_string())
}

impl World {
    /// A verifier with a secret and a key set.
    pub(super) async fn start() -> Self {
        let issuer = Issuer::new("first");
        let provider = Receiver::start().await.always(keys(&issuer.key_set()));
        let config = TokenConfig {
            secret: Some(secret()),
            key_set_url: Some(provider.url().parse().unwrap()),
        };
        Self {
            issuer,
            provider: Some(provider),
            verifier: verifier(config),
        }
    }

    /// A verifier with any configuration; the issuer's keys are nowhere.
    pub(super) fn with(config: TokenConfig) -> Self {
        Self {
            issuer: Issuer::new("nobody"),
            provider: None,
            verifier: verifier(config),
        }
    }

    pub(super) fn provider(&self) -> &Receiver {
        self.provider.as_ref().expect("this world has a provider")
    }

    /// What this world's verifier was made with.
    pub(super) fn config(&self) -> TokenConfig {
        TokenConfig {
            secret: Some(secret()),
            key_set_url: Some(self.provider().url().parse().unwrap()),
        }
    }

    pub(super) async fn verify(&self, token: &str, now: Timestamp) -> Result<Claims, TokenError> {
        self.verifier.verify(token, now).await
    }

    /// Verifies while the test goes on.
    pub(super) fn start_verifying(
        &self,
        token: &str,
        now: Timestamp,
    ) -> JoinHandle<Result<Claims, TokenError>> {
        let (verifier, token) = (Arc::clone(&self.verifier), token.to_owned());
        TaskTracker::new().spawn(async move { verifier.verify(&token, now).await })
    }

    /// How often the keys were asked for.
    pub(super) fn fetches(&self) -> usize {
        self.provider().attempts()
    }

    /// First the one of HS256.
    pub(super) fn one_token_of_each_algorithm(&self) -> Vec<String> {
        let claims = claims();
        let of_keys = Kind::ALL.map(|kind| self.issuer.token(kind, &claims));
        [hs256(&claims)].into_iter().chain(of_keys).collect()
    }
}

fn verifier(config: TokenConfig) -> Arc<TokenVerifier> {
    let deliverer = Deliverer::new(DeliverConfig::default()).unwrap();
    Arc::new(TokenVerifier::new(config, deliverer, TaskTracker::new()))
}

/// A token with the configured secret.
pub(super) fn hs256(claims: &Value) -> String {
    let header = json!({"typ": "JWT", "alg": "HS256"});
    hs256_with(SECRET.as_bytes(), &header, claims)
}

/// A token that says the usual, with any secret and header.
pub(super) fn signed_with_text(secret: &str, header: &Value) -> String {
    hs256_with(secret.as_bytes(), header, &claims())
}

pub(super) fn hs256_with(secret: &[u8], header: &Value, claims: &Value) -> String {
    sign(header, claims, |message| {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
        hmac::sign(&key, message).as_ref().to_vec()
    })
}
