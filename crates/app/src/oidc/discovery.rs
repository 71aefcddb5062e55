//! What a provider says of itself (`OpenID` Connect Discovery 1.0).

use bytes::Bytes;
use carehook_deliver::{Deliverer, Url};
use serde::Deserialize;
use tokio_util::task::TaskTracker;

use super::Issuer;
use crate::fetched::{Fetched, FetchedError, LIMITS};
use crate::tokens::is_key_set;

/// What the document is called in the log.
const WHAT: &str = "the metadata of the identity provider";
/// What its keys are called there.
pub(super) const KEYS: &str = "the keys of the identity provider";

/// How this server proves itself when it exchanges a code (Core 1.0, 9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ProofMethod {
    /// In a header: what counts when nothing is said.
    Basic,
    /// In the form.
    Post,
    /// With something that this server does not have.
    Other,
}

/// What is needed of the metadata.
pub(super) struct Metadata {
    pub(super) authorization: Url,
    pub(super) token: Url,
    pub(super) keys: Url,
    pub(super) user_info: Option<Url>,
    pub(super) proof: ProofMethod,
    /// Whether every answer names the issuer (RFC 9207, 3).
    pub(super) answers_name_issuer: bool,
    /// Whether groups are asked for by a scope.
    pub(super) has_groups_scope: bool,
}

#[derive(Deserialize)]
struct MetadataIn {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    userinfo_endpoint: Option<String>,
    scopes_supported: Option<Vec<String>>,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

impl Metadata {
    /// Reads the metadata of this issuer, and of no other (Discovery 1.0, 4.3).
    pub(super) fn read(document: &[u8], issuer: &Issuer) -> Result<Self, &'static str> {
        let read = serde_json::from_slice(document);
        let metadata: MetadataIn = read.map_err(|_| "it is no metadata of OpenID Connect")?;
        if metadata.issuer != issuer.as_str() {
            return Err("its `issuer` is not the one that is configured, letter by letter");
        }
        let endpoint = |text: &str| issuer.endpoint(text);
        let insecure = "one of its addresses is not https";
        let user_info = match &metadata.userinfo_endpoint {
            Some(text) => Some(endpoint(text).ok_or(insecure)?),
            None => None,
        };
        let methods = metadata.token_endpoint_auth_methods_supported;
        let lists = |method: &str| {
            let listed = methods.as_ref();
            listed.is_some_and(|methods| methods.iter().any(|one| one == method))
        };
        let proof = if methods.is_none() || lists("client_secret_basic") {
            ProofMethod::Basic
        } else if lists("client_secret_post") {
            ProofMethod::Post
        } else {
            ProofMethod::Other
        };
        let scopes = metadata.scopes_supported.unwrap_or_default();
        Ok(Self {
            authorization: endpoint(&metadata.authorization_endpoint).ok_or(insecure)?,
            token: endpoint(&metadata.token_endpoint).ok_or(insecure)?,
            keys: endpoint(&metadata.jwks_uri).ok_or(insecure)?,
            user_info,
            proof,
            answers_name_issuer: metadata.authorization_response_iss_parameter_supported,
            has_groups_scope: scopes.iter().any(|scope| scope == "groups"),
        })
    }
}

/// The metadata of an issuer, which is fetched when somebody signs in.
pub(super) fn metadata_of(
    issuer: &Issuer,
    deliverer: Deliverer,
    tasks: TaskTracker,
) -> Fetched<Metadata> {
    let (issuer, url) = (issuer.clone(), issuer.metadata_url().clone());
    let read = move |document: &[u8]| Metadata::read(document, &issuer);
    Fetched::new(WHAT, url, read, deliverer, tasks)
}

/// Looks once whether an issuer can be used.
pub(super) async fn check(issuer: &Issuer, deliverer: &Deliverer) -> Result<(), FetchedError> {
    let unusable = |what| move |why| FetchedError::Unusable { what, why };
    let document = fetch(issuer.metadata_url(), WHAT, deliverer).await?;
    let metadata = Metadata::read(&document, issuer).map_err(unusable(WHAT))?;
    let document = fetch(&metadata.keys, KEYS, deliverer).await?;
    if is_key_set(&document) {
        Ok(())
    } else {
        Err(unusable(KEYS)("it has no key that can check a signature"))
    }
}

async fn fetch(
    url: &Url,
    what: &'static str,
    deliverer: &Deliverer,
) -> Result<Bytes, FetchedError> {
    let fetched = deliverer.fetch(url, LIMITS).await;
    fetched.map_err(|source| FetchedError::Fetch { what, source })
}
