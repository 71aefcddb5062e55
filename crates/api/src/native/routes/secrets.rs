//! Routes: what deliveries are signed with.

use axum::extract::State;
use carehook_app::App;
use carehook_core::EndpointId;

use crate::extract::Names;
use crate::native::errors::Problem;
use crate::native::types::{PublicKeysOut, RotationIn, RotationOut, SecretOut};
use crate::native::{Access, Id, OptionalJson};
use crate::reply::Reply;

/// Shows the secrets in force
///
/// A private key is never shown, only its public half.
#[utoipa::path(get, path = "/v1/organizations/{org}/endpoints/{id}/secret", tag = "Secrets",
    responses((status = 200, description = "The newest and those that still sign beside it",
        body = SecretOut)))]
pub(super) async fn get_secret(
    State(app): State<App>,
    access: Access,
    id: Id<EndpointId>,
) -> Result<Reply<SecretOut>, Problem> {
    let secrets = app.secrets(&access, id.0).await?;
    Ok(Reply(secrets.into()))
}

/// Replaces the secret
///
/// Those in force go on signing for the time of grace, so that no delivery fails verification
/// while the receiver changes over.
#[utoipa::path(post, path = "/v1/organizations/{org}/endpoints/{id}/secret/rotate", tag = "Secrets",
    request_body(content = Option<RotationIn>, description = "May be left out"),
    responses((status = 200, description = "The new secret and those that still sign beside it",
        body = SecretOut)))]
pub(super) async fn rotate_secret(
    State(app): State<App>,
    access: Access,
    id: Id<EndpointId>,
    body: OptionalJson<RotationIn>,
) -> Result<Reply<RotationOut>, Problem> {
    let secrets = app.rotate_secret(&access, id.0, body.0.into()).await?;
    Ok(Reply(secrets.into()))
}

/// Lists the public keys of an endpoint
///
/// For anybody, without a key: a receiver checks `v1a` signatures with them. An endpoint that
/// does not sign with a private key is answered as one that does not exist.
#[utoipa::path(get, path = "/v1/organizations/{org}/endpoints/{id}/public-keys", tag = "Secrets",
    security(()),
    responses((status = 200, description = "The public keys in force", body = PublicKeysOut)))]
pub(super) async fn list_public_keys(
    State(app): State<App>,
    names: Names,
) -> Result<Reply<PublicKeysOut>, Problem> {
    let part = |name| names.get(name).unwrap_or_default();
    let keys = app.public_keys(part("org"), part("id"))?;
    Ok(Reply(PublicKeysOut { keys }))
}
