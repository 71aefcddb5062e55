//! Routes: keys of the operator.

use axum::extract::State;
use carehook_app::App;
use carehook_core::OperatorKeyId;

use crate::native::errors::Problem;
use crate::native::types::{ListOut, MadeOperatorKeyOut, OperatorKeyIn, OperatorKeyOut, PageQuery};
use crate::native::{AsKeyOperator, Id, Json, Query};
use crate::reply::{Nothing, Reply, ShownOnce};

/// Makes an operator key
///
/// It reaches all organizations. Needs a key of the operator with the scope `keys`; the new key can
/// do no more than the one that makes it. The answer has its text, which cannot be seen again.
#[utoipa::path(post, path = "/v1/operator-keys", tag = "Keys",
    request_body = OperatorKeyIn,
    responses((status = 201, description = "It was made", body = MadeOperatorKeyOut)))]
pub(super) async fn create_operator_key(
    State(app): State<App>,
    operator: AsKeyOperator,
    body: Json<OperatorKeyIn>,
) -> Result<ShownOnce<MadeOperatorKeyOut, 201>, Problem> {
    let made = app
        .create_operator_key(&operator, body.0.try_into()?)
        .await?;
    let (once, again) = MadeOperatorKeyOut::once_and_again(&made);
    Ok(ShownOnce { once, again })
}

/// Lists operator keys, oldest first
///
/// Those that were revoked or have expired as well, and not the one of the configuration. Needs a
/// key of the operator with the scope `keys`.
#[utoipa::path(get, path = "/v1/operator-keys", tag = "Keys",
    params(PageQuery),
    responses((status = 200, description = "A page", body = ListOut<OperatorKeyOut>)))]
pub(super) async fn list_operator_keys(
    State(app): State<App>,
    operator: AsKeyOperator,
    query: Query<PageQuery>,
) -> Result<Reply<ListOut<OperatorKeyOut>>, Problem> {
    let page = app.list_operator_keys(&operator, &query.0.try_into()?)?;
    Ok(Reply(ListOut::of(page, |item| item.as_ref().into())))
}

/// Revokes an operator key
///
/// Its next request is refused. It stays in the list. Needs a key of the operator with the scope
/// `keys`. The one of the configuration is changed there.
#[utoipa::path(delete, path = "/v1/operator-keys/{id}", tag = "Keys",
    responses((status = 204, description = "It is revoked")))]
pub(super) async fn revoke_operator_key(
    State(app): State<App>,
    operator: AsKeyOperator,
    id: Id<OperatorKeyId>,
) -> Result<Nothing, Problem> {
    app.revoke_operator_key(&operator, id.0).await?;
    Ok(Nothing)
}
