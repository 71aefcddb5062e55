//! Routes: API keys of an organization.

use axum::extract::State;
use carehook_app::App;
use carehook_core::ApiKeyId;

use crate::native::errors::Problem;
use crate::native::types::{ApiKeyIn, ApiKeyOut, ListOut, MadeApiKeyOut, PageQuery};
use crate::native::{Access, Id, Json, Query};
use crate::reply::{Nothing, Reply, ShownOnce};

/// Makes a key
///
/// Needs the scope `keys`. The new key can do no more than the one that makes it, and has its
/// mode. The answer has its text, which cannot be seen again.
#[utoipa::path(post, path = "/v1/organizations/{org}/api-keys", tag = "Keys",
    request_body = ApiKeyIn,
    responses((status = 201, description = "It was made", body = MadeApiKeyOut)))]
pub(super) async fn create_api_key(
    State(app): State<App>,
    access: Access,
    body: Json<ApiKeyIn>,
) -> Result<ShownOnce<MadeApiKeyOut, 201>, Problem> {
    let made = app.create_api_key(&access, body.0.try_into()?).await?;
    let (once, again) = MadeApiKeyOut::once_and_again(&made);
    Ok(ShownOnce { once, again })
}

/// Lists keys, oldest first
///
/// Those that were revoked or have expired as well. Needs the scope `keys`.
#[utoipa::path(get, path = "/v1/organizations/{org}/api-keys", tag = "Keys",
    params(PageQuery),
    responses((status = 200, description = "A page", body = ListOut<ApiKeyOut>)))]
pub(super) async fn list_api_keys(
    State(app): State<App>,
    access: Access,
    query: Query<PageQuery>,
) -> Result<Reply<ListOut<ApiKeyOut>>, Problem> {
    let page = app.list_api_keys(&access, &query.0.try_into()?)?;
    Ok(Reply(ListOut::of(page, |item| item.as_ref().into())))
}

/// Shows a key, without its text
///
/// Needs the scope `keys`.
#[utoipa::path(get, path = "/v1/organizations/{org}/api-keys/{id}", tag = "Keys",
    responses((status = 200, description = "The key", body = ApiKeyOut)))]
pub(super) async fn get_api_key(
    State(app): State<App>,
    access: Access,
    id: Id<ApiKeyId>,
) -> Result<Reply<ApiKeyOut>, Problem> {
    let found = app.api_key(&access, id.0)?;
    Ok(Reply(found.as_ref().into()))
}

/// Revokes a key
///
/// Its next request is refused. It stays in the list. Needs the scope `keys`.
#[utoipa::path(delete, path = "/v1/organizations/{org}/api-keys/{id}", tag = "Keys",
    responses((status = 204, description = "It is revoked")))]
pub(super) async fn revoke_api_key(
    State(app): State<App>,
    access: Access,
    id: Id<ApiKeyId>,
) -> Result<Nothing, Problem> {
    app.revoke_api_key(&access, id.0).await?;
    Ok(Nothing)
}
