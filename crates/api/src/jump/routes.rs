//! The routes of Jump's API, each described where it is handled.

use axum::extract::State;
use carehook_app::App;
use carehook_core::EndpointId;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::access::Access;
use super::errors::Failure;
use super::types::{
    Answer, DeletedOut, ListOut, ListQuery, NewWebhookOut, TestIn, TestOut, WebhookIn, WebhookOut,
    WebhookPatch,
};
use super::{Id, Json, OptionalJson, Query};
use crate::reply::Reply;

/// All of them.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(create_webhook, list_webhooks))
        .routes(routes!(get_webhook, change_webhook, delete_webhook))
        .routes(routes!(test_webhook))
}

/// Lists webhook endpoints, oldest first
#[utoipa::path(get, path = "/api-v1/webhooks", tag = "Webhooks", params(ListQuery),
    responses((status = 200, description = "A page", body = ListOut)))]
async fn list_webhooks(
    State(app): State<App>,
    access: Access,
    query: Query<ListQuery>,
) -> Result<Reply<ListOut>, Failure> {
    let part = app.endpoint_range(&access, query.0.try_into()?)?;
    Ok(Reply(part.into()))
}

/// Creates a webhook endpoint
///
/// The answer has the signing secret, which is shown this once.
#[utoipa::path(post, path = "/api-v1/webhooks", tag = "Webhooks", request_body = WebhookIn,
    responses((status = 201, description = "It was made", body = Answer<NewWebhookOut>)))]
async fn create_webhook(
    State(app): State<App>,
    access: Access,
    body: Json<WebhookIn>,
) -> Result<Reply<Answer<NewWebhookOut>, 201>, Failure> {
    let made = app.create_endpoint(&access, body.0.try_into()?).await?;
    Ok(Reply(Answer::of(made.as_ref())))
}

/// Retrieves a webhook endpoint
#[utoipa::path(get, path = "/api-v1/webhooks/{id}", tag = "Webhooks",
    responses((status = 200, description = "The endpoint", body = Answer<WebhookOut>)))]
async fn get_webhook(
    State(app): State<App>,
    access: Access,
    id: Id<EndpointId>,
) -> Result<Reply<Answer<WebhookOut>>, Failure> {
    let found = app.endpoint(&access, id.0)?;
    Ok(Reply(Answer::of(found.as_ref())))
}

/// Updates a webhook endpoint
///
/// Only the fields that are there are changed.
#[utoipa::path(patch, path = "/api-v1/webhooks/{id}", tag = "Webhooks",
    request_body = WebhookPatch,
    responses((status = 200, description = "The endpoint", body = Answer<WebhookOut>)))]
async fn change_webhook(
    State(app): State<App>,
    access: Access,
    id: Id<EndpointId>,
    body: Json<WebhookPatch>,
) -> Result<Reply<Answer<WebhookOut>>, Failure> {
    let changed = app
        .change_endpoint(&access, id.0, body.0.try_into()?)
        .await?;
    Ok(Reply(Answer::of(changed.as_ref())))
}

/// Deletes a webhook endpoint
///
/// Deliveries that it is still owed are marked as failed.
#[utoipa::path(delete, path = "/api-v1/webhooks/{id}", tag = "Webhooks",
    responses((status = 200, description = "It is gone", body = Answer<DeletedOut>)))]
async fn delete_webhook(
    State(app): State<App>,
    access: Access,
    id: Id<EndpointId>,
) -> Result<Reply<Answer<DeletedOut>>, Failure> {
    app.delete_endpoint(&access, id.0).await?;
    Ok(Reply(Answer::of(id.0)))
}

/// Sends a test event
///
/// A `test.ping` for this endpoint alone, whatever it is subscribed to. One that is not active gets
/// none (409).
#[utoipa::path(post, path = "/api-v1/webhooks/{id}/test", tag = "Webhooks",
    responses((status = 200, description = "It is on its way", body = Answer<TestOut>)))]
async fn test_webhook(
    State(app): State<App>,
    access: Access,
    id: Id<EndpointId>,
    body: OptionalJson<TestIn>,
) -> Result<Reply<Answer<TestOut>>, Failure> {
    let TestIn {} = body.0;
    let sent = app.send_test(&access, id.0, None).await?;
    Ok(Reply(Answer::of((id.0, sent))))
}
