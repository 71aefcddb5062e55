//! Secrets, public keys and test events on the wire.

use carehook_app::{Algorithm, Rotation, SecretView, TestSent};
use carehook_core::{DeliveryId, Secret, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How an endpoint gets a new secret.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Rotation, example = json!({"grace_seconds": 3600}))]
pub(crate) struct RotationIn {
    /// `hmac-sha256` or `ed25519`; stays as it is unless given.
    #[schema(value_type = Option<String>, pattern = "^(hmac-sha256|ed25519)$")]
    algorithm: Option<AlgorithmIn>,
    /// How long the secrets in force go on signing; 86,400 unless given.
    #[schema(maximum = 2_592_000)]
    grace_seconds: Option<u64>,
    /// The new secret: `whsec_` or `whsk_` and base64; made up unless given.
    secret: Option<String>,
}

#[derive(Clone, Copy, Deserialize)]
enum AlgorithmIn {
    #[serde(rename = "hmac-sha256")]
    HmacSha256,
    #[serde(rename = "ed25519")]
    Ed25519,
}

impl From<RotationIn> for Rotation {
    fn from(body: RotationIn) -> Self {
        let RotationIn {
            algorithm,
            grace_seconds,
            secret,
        } = body;
        let algorithm = algorithm.map(|algorithm| match algorithm {
            AlgorithmIn::HmacSha256 => Algorithm::HmacSha256,
            AlgorithmIn::Ed25519 => Algorithm::Ed25519,
        });
        Self {
            algorithm,
            grace_seconds,
            secret: secret.map(Secret::new),
        }
    }
}

/// The secrets of an endpoint.
#[derive(Serialize, ToSchema)]
#[schema(as = Secret, example = json!({
    "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "created_at": "2026-03-16T10:20:00.000Z",
    "previous": [],
}))]
pub(crate) struct SecretOut {
    /// The shared secret; left out when deliveries are signed with a private key.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    secret: Option<String>,
    /// The public key (`whpk_…`) when deliveries are signed with a private one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    public_key: Option<String>,
    /// Since when it signs.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// Those that still sign beside it, newest first.
    previous: Vec<PreviousSecretOut>,
}

/// The answer to a rotation: the secrets of the endpoint as they are now.
pub(crate) type RotationOut = SecretOut;

/// A secret that was replaced and still signs.
#[derive(Serialize, ToSchema)]
#[schema(as = PreviousSecret)]
pub(crate) struct PreviousSecretOut {
    /// The shared secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    secret: Option<String>,
    /// The public key.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    public_key: Option<String>,
    /// When it stops signing.
    #[schema(value_type = Option<String>, required = true, format = DateTime)]
    expires_at: Option<Timestamp>,
}

impl From<Vec<SecretView>> for SecretOut {
    fn from(views: Vec<SecretView>) -> Self {
        let mut views = views.into_iter();
        let SecretView {
            secret,
            public_key,
            created_at,
            expires_at: _,
        } = views
            .next()
            .expect("the newest secret of an endpoint is always in force");
        Self {
            secret: secret.map(shown),
            public_key,
            created_at,
            previous: views.map(PreviousSecretOut::from).collect(),
        }
    }
}

impl From<SecretView> for PreviousSecretOut {
    fn from(view: SecretView) -> Self {
        let SecretView {
            secret,
            public_key,
            created_at: _,
            expires_at,
        } = view;
        Self {
            secret: secret.map(shown),
            public_key,
            expires_at,
        }
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "it is wiped as soon as it is shown"
)]
fn shown(secret: Secret) -> String {
    secret.expose().to_owned()
}

/// The public keys that sign for an endpoint.
#[derive(Serialize, ToSchema)]
#[schema(as = PublicKeys, example = json!({
    "keys": ["whpk_XvJHaHcyKpUFLLzcBRBUJBtYyKGUAPYOd7dJyrKlrgI="],
}))]
pub(crate) struct PublicKeysOut {
    /// The keys, newest first.
    pub(crate) keys: Vec<String>,
}

/// Which sample event to send.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TestEvent, example = json!({"type": "appointment.created"}))]
pub(crate) struct TestIn {
    /// An event type that has a sample payload; `test.ping` unless given.
    #[serde(rename = "type")]
    pub(crate) event_type: Option<String>,
}

/// A test event that is on its way.
#[derive(Serialize, ToSchema)]
#[schema(as = TestSent)]
pub(crate) struct TestSentOut {
    /// The event.
    event_id: String,
    /// Its only delivery.
    #[schema(value_type = String, format = "uuid")]
    delivery_id: DeliveryId,
}

impl From<TestSent> for TestSentOut {
    fn from(sent: TestSent) -> Self {
        let TestSent {
            event_id,
            delivery_id,
            created_at: _,
        } = sent;
        Self {
            event_id: event_id.to_string(),
            delivery_id,
        }
    }
}
