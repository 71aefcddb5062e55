//! Routes: targets for testing subscriptions; one succeeds, one fails.

use axum::extract::Request;

use crate::ecg::errors::NestError;
use crate::ecg::types::Done;
use crate::extract::drain;
use crate::reply::Reply;

/// A test target that takes everything
#[utoipa::path(post, path = "/api/webhook-processors/success-response", tag = "WebhookProcessors",
    responses((status = 200, description = "It was taken", body = Done)))]
pub(super) async fn succeed(request: Request) -> Result<Reply<Done>, NestError> {
    drain(request).await?;
    Ok(Reply(Done::YES))
}

/// A test target that fails
#[utoipa::path(post, path = "/api/webhook-processors/failed-response", tag = "WebhookProcessors",
    responses((status = 500, description = "It was not taken", body = Done)))]
pub(super) async fn fail(request: Request) -> Result<Reply<Done, 500>, NestError> {
    drain(request).await?;
    Ok(Reply(Done::NO))
}
