//! Routes: webhooks.

use axum::extract::State;
use carehook_app::App;
use carehook_core::EndpointId;

use crate::decoda::Id;
use crate::decoda::errors::Refused;
use crate::decoda::fields::Body;
use crate::decoda::tenant::Tenant;
use crate::decoda::types::{NewWebhookOut, WebhookIn, WebhookOut, WebhookPatch};
use crate::reply::Reply;

/// Makes a webhook
///
/// The answer has the secret with which its deliveries are signed, the only time it is shown.
#[utoipa::path(post, path = "/v1/webhook/create", tag = "Webhooks",
    request_body = WebhookIn,
    responses((status = 200, description = "It was made", body = NewWebhookOut)))]
pub(super) async fn create_webhook(
    State(app): State<App>,
    access: Tenant,
    body: Body<WebhookIn>,
) -> Result<Reply<NewWebhookOut>, Refused> {
    let made = app.create_endpoint(&access, body.0.into()).await?;
    Ok(Reply(made.as_ref().into()))
}

/// Lists all webhooks, oldest first
#[utoipa::path(get, path = "/v1/webhook/list", tag = "Webhooks",
    responses((status = 200, description = "All of them", body = Vec<WebhookOut>)))]
pub(super) async fn list_webhooks(
    State(app): State<App>,
    access: Tenant,
) -> Result<Reply<Vec<WebhookOut>>, Refused> {
    let all = app.endpoints(&access)?;
    Ok(Reply(all.iter().map(|one| one.as_ref().into()).collect()))
}

/// Shows a webhook
#[utoipa::path(get, path = "/v1/webhook/{id}", tag = "Webhooks",
    responses((status = 200, description = "The webhook", body = WebhookOut)))]
pub(super) async fn get_webhook(
    State(app): State<App>,
    access: Tenant,
    id: Id<EndpointId>,
) -> Result<Reply<WebhookOut>, Refused> {
    let found = app.endpoint(&access, id.0)?;
    Ok(Reply(found.as_ref().into()))
}

/// Changes a webhook
///
/// What is left out stays; a `notificationEmail` of null is cleared.
#[utoipa::path(patch, path = "/v1/webhook/{id}", tag = "Webhooks",
    request_body = WebhookPatch,
    responses((status = 200, description = "The webhook", body = WebhookOut)))]
pub(super) async fn change_webhook(
    State(app): State<App>,
    access: Tenant,
    id: Id<EndpointId>,
    body: Body<WebhookPatch>,
) -> Result<Reply<WebhookOut>, Refused> {
    let changed = app.change_endpoint(&access, id.0, body.0.into()).await?;
    Ok(Reply(changed.as_ref().into()))
}

/// Deletes a webhook
///
/// The answer shows it as it was. What it is still owed fails in the same step.
#[utoipa::path(delete, path = "/v1/webhook/{id}", tag = "Webhooks",
    responses((status = 200, description = "The webhook that is gone", body = WebhookOut)))]
pub(super) async fn delete_webhook(
    State(app): State<App>,
    access: Tenant,
    id: Id<EndpointId>,
) -> Result<Reply<WebhookOut>, Refused> {
    let deleted = app.endpoint(&access, id.0)?;
    app.delete_endpoint(&access, id.0).await?;
    Ok(Reply(deleted.as_ref().into()))
}
