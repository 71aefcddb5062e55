//! What is asked of a provider behind the browser's back: the tokens of a code, and more about a
//! person.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use carehook_core::Secret;
use carehook_deliver::{Deliverer, FetchRequest, Url};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use url::form_urlencoded;

use super::discovery::{Metadata, ProofMethod};
use super::pending::Pending;
use super::{OidcConfig, OidcError};
use crate::fetched::{FetchedError, LIMITS};

/// What went wrong, in the words of the protocol (RFC 6749, 5.2); others are not repeated.
const REASONS: [&str; 6] = [
    "invalid_request",
    "invalid_client",
    "invalid_grant",
    "unauthorized_client",
    "unsupported_grant_type",
    "invalid_scope",
];

/// What a provider gives for a code (Core 1.0, 3.1.3.3).
#[derive(Deserialize)]
pub(super) struct Tokens {
    #[serde(deserialize_with = "secret")]
    pub(super) id_token: Secret,
    #[serde(deserialize_with = "secret")]
    pub(super) access_token: Secret,
}

#[derive(Deserialize)]
pub(super) struct RefusalIn {
    error: String,
}

fn secret<'de, D: Deserializer<'de>>(field: D) -> Result<Secret, D::Error> {
    String::deserialize(field).map(Secret::new)
}

/// Exchanges a code for tokens (RFC 6749, 4.1.3).
pub(super) async fn exchange(
    config: &OidcConfig,
    metadata: &Metadata,
    redirect_uri: &str,
    pending: &Pending,
    code: &str,
    deliverer: &Deliverer,
) -> Result<Tokens, OidcError> {
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", redirect_uri),
        ("code_verifier", &pending.verifier),
    ];
    let request = proved(config, metadata.proof, &form)?;
    let what = "the tokens of the identity provider";
    let answer = ask(deliverer, &metadata.token, request, what).await?;
    if answer.status != 200 {
        let refusal = serde_json::from_slice(&answer.body).ok();
        let said = refusal
            .and_then(|RefusalIn { error }| REASONS.into_iter().find(|reason| *reason == error));
        let code = said.unwrap_or("it does not say why");
        return Err(OidcError::Exchange { code });
    }
    serde_json::from_slice(&answer.body)
        .map_err(|_| OidcError::Untrusted("it has no ID token and access token"))
}

/// The form, with what proves that it is of this server.
fn proved(
    config: &OidcConfig,
    method: ProofMethod,
    form: &[(&str, &str)],
) -> Result<FetchRequest, OidcError> {
    let mut all = form_urlencoded::Serializer::new(String::new());
    all.extend_pairs(form);
    let mut authorization = None;
    match (&config.client_secret, method) {
        (Some(secret), ProofMethod::Basic) => authorization = Some(basic(config, secret)),
        (Some(secret), ProofMethod::Post) => {
            all.append_pair("client_id", &config.client_id)
                .append_pair("client_secret", secret.expose());
        }
        (Some(_), ProofMethod::Other) => {
            return Err(OidcError::Untrusted(
                "it takes no client secret, neither in a header nor in a form",
            ));
        }
        (None, _) => {
            all.append_pair("client_id", &config.client_id);
        }
    }
    Ok(FetchRequest {
        form: Some(Secret::new(all.finish())),
        authorization,
    })
}

/// Who this server is, in a header (RFC 6749, 2.3.1): both are encoded as in a form.
fn basic(config: &OidcConfig, secret: &Secret) -> Secret {
    let encoded =
        |text: &str| -> String { form_urlencoded::byte_serialize(text.as_bytes()).collect() };
    let both = format!(
        "{}:{}",
        encoded(&config.client_id),
        encoded(secret.expose())
    );
    Secret::new(format!("Basic {}", STANDARD.encode(both)))
}

/// Asks for more about the person of an access token (Core 1.0, 5.3).
pub(super) async fn user_info(
    url: &Url,
    access_token: &Secret,
    deliverer: &Deliverer,
) -> Result<Map<String, Value>, OidcError> {
    let proof = format!("Bearer {}", access_token.expose());
    let request = FetchRequest {
        form: None,
        authorization: Some(Secret::new(proof)),
    };
    let what = "what the identity provider knows of the person";
    let answer = ask(deliverer, url, request, what).await?;
    serde_json::from_slice(&answer.body)
        .map_err(|_| OidcError::Untrusted("what it says of the person is no JSON object"))
}

async fn ask(
    deliverer: &Deliverer,
    url: &Url,
    request: FetchRequest,
    what: &'static str,
) -> Result<carehook_deliver::Fetched, OidcError> {
    let asked = deliverer.fetch_with(url, request, LIMITS).await;
    asked.map_err(|source| FetchedError::Fetch { what, source }.into())
}
