//! The routes of MYCURE's API, each described where it is handled.

use axum::extract::State;
use carehook_app::App;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::access::{ToWebhook, to_organization};
use super::errors::FeathersError;
use super::types::{
    Created, CreationIn, ListOut, ListQuery, Wanted, WebhookOut, WebhookPatch, Wish,
};
use super::{AnyCaller, Json, Query};
use crate::reply::Reply;

/// All of them.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(create, find))
        .routes(routes!(get_webhook, patch_webhook, remove_webhook))
}

/// Creates a webhook, or a ping of one
///
/// `{"organization", "url", "events"}` makes a webhook; the answer has its secret, which is not
/// shown again. `{"webhook", "event": "ping"}` sends a ping to that webhook alone, whatever it is
/// subscribed to; one that is not active gets none (409).
#[utoipa::path(post, path = "/webhook-events", tag = "Webhooks", request_body = CreationIn,
    responses((status = 201, description = "It was made", body = Created)))]
async fn create(
    State(app): State<App>,
    caller: AnyCaller,
    body: Json<CreationIn>,
) -> Result<Reply<Created, 201>, FeathersError> {
    let created = match body.0.try_into()? {
        Wish::Webhook(organization, new) => {
            let access = to_organization(&app, &caller, Some(&organization))?;
            let made = app.create_endpoint(&access, *new).await?;
            Created::Webhook(made.as_ref().into())
        }
        Wish::Ping(id) => {
            let webhook = ToWebhook::of(&app, &caller, id)?;
            let sent = app.send_test(&webhook, id, None).await?;
            Created::Ping((id, sent).into())
        }
    };
    Ok(Reply(created))
}

/// Lists webhooks, oldest first
#[utoipa::path(get, path = "/webhook-events", tag = "Webhooks", params(ListQuery),
    responses((status = 200, description = "A page", body = ListOut)))]
async fn find(
    State(app): State<App>,
    caller: AnyCaller,
    query: Query<ListQuery>,
) -> Result<Reply<ListOut>, FeathersError> {
    let Wanted {
        organization,
        range,
    } = query.0.try_into()?;
    let access = to_organization(&app, &caller, organization.as_deref())?;
    let part = app.endpoint_range(&access, range)?;
    Ok(Reply(part.into()))
}

/// Shows a webhook
#[utoipa::path(get, path = "/webhook-events/{id}", tag = "Webhooks",
    responses((status = 200, description = "The webhook", body = WebhookOut)))]
async fn get_webhook(
    State(app): State<App>,
    webhook: ToWebhook,
) -> Result<Reply<WebhookOut>, FeathersError> {
    let found = app.endpoint(&webhook, webhook.id)?;
    Ok(Reply(found.as_ref().into()))
}

/// Changes a webhook
///
/// Only the fields that are there are changed.
#[utoipa::path(patch, path = "/webhook-events/{id}", tag = "Webhooks",
    request_body = WebhookPatch,
    responses((status = 200, description = "The webhook", body = WebhookOut)))]
async fn patch_webhook(
    State(app): State<App>,
    webhook: ToWebhook,
    body: Json<WebhookPatch>,
) -> Result<Reply<WebhookOut>, FeathersError> {
    let change = body.0.try_into()?;
    let changed = app.change_endpoint(&webhook, webhook.id, change).await?;
    Ok(Reply(changed.as_ref().into()))
}

/// Removes a webhook
///
/// The answer is the webhook as it was. Deliveries that it is still owed are marked as failed.
#[utoipa::path(delete, path = "/webhook-events/{id}", tag = "Webhooks",
    responses((status = 200, description = "It is gone", body = WebhookOut)))]
async fn remove_webhook(
    State(app): State<App>,
    webhook: ToWebhook,
) -> Result<Reply<WebhookOut>, FeathersError> {
    let removed = app.delete_endpoint(&webhook, webhook.id).await?;
    Ok(Reply(removed.as_ref().into()))
}
