//! Routes: secret keys of subscriptions, and their history.

use axum::extract::State;
use carehook_app::{App, AppError, Rotation};

use crate::ecg::Json;
use crate::ecg::access::{Access, Subscription};
use crate::ecg::errors::NestError;
use crate::ecg::lists::List;
use crate::ecg::query::Query;
use crate::ecg::types::{
    Done, HistoryOut, HistoryQuery, SecretIn, SecretOut, SecretQuery, WithSubscription,
};
use crate::reply::Reply;

/// Shows the secret key of a webhook subscription
///
/// The present one, or the one that was in force at `createdAt`.
#[utoipa::path(get,
    path = "/api/organizations/{organizationId}/webhook-subscriptions/{subscriptionId}/secrets",
    tag = "WebhookSubscriptions", params(SecretQuery),
    responses((status = 200, description = "The key", body = SecretOut)))]
pub(super) async fn get_secret(
    State(app): State<App>,
    access: Access,
    Subscription(id): Subscription,
    query: Query<SecretQuery>,
) -> Result<Reply<SecretOut>, NestError> {
    let secret = app.secret_at(&access, id, query.0.then()?).await?;
    Ok(Reply(secret.into()))
}

/// Replaces the secret key of a webhook subscription by a random one
#[utoipa::path(put,
    path = "/api/organizations/{organizationId}/webhook-subscriptions/{subscriptionId}/secrets",
    tag = "WebhookSubscriptions",
    responses((status = 200, description = "It was replaced", body = Done)))]
pub(super) async fn rotate_secret(
    State(app): State<App>,
    access: Access,
    Subscription(id): Subscription,
) -> Result<Reply<Done>, NestError> {
    app.rotate_secret(&access, id, Rotation::default()).await?;
    Ok(Reply(Done::YES))
}

/// Lists the secret keys of a webhook subscription, and when each was in force
#[utoipa::path(get,
    path = "/api/organizations/{organizationId}/webhook-subscriptions/{subscriptionId}/webhook-secret-histories",
    tag = "WebhookSecretHistories", params(HistoryQuery),
    responses((status = 200, description = "A part of the list", body = [HistoryOut])))]
pub(super) async fn list_secret_history(
    State(app): State<App>,
    access: Access,
    Subscription(id): Subscription,
    query: Query<HistoryQuery>,
) -> Result<List<HistoryOut>, NestError> {
    let (paging, with) = query.0.read()?;
    let of = app.with_event_types(&access, app.endpoint_with_secrets(&access, id).await?);
    Ok(paging.cut(HistoryOut::all(&of, with)))
}

/// Replaces the secret key of a webhook subscription by a given one
#[utoipa::path(post,
    path = "/api/organizations/{organizationId}/webhook-subscriptions/{subscriptionId}/webhook-secret-histories",
    tag = "WebhookSecretHistories", request_body = SecretIn,
    responses((status = 201, description = "It was replaced", body = HistoryOut)))]
pub(super) async fn set_secret(
    State(app): State<App>,
    access: Access,
    Subscription(id): Subscription,
    body: Json<SecretIn>,
) -> Result<Reply<HistoryOut, 201>, NestError> {
    app.rotate_secret(&access, id, body.0.try_into()?).await?;
    let of = app.with_event_types(&access, app.endpoint(&access, id)?);
    let newest = HistoryOut::all(&of, WithSubscription::No).pop();
    Ok(Reply(newest.ok_or(AppError::NotFound { kind: "secret" })?))
}
