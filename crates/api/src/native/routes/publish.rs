//! Routes: publishing.

use axum::extract::State;
use carehook_app::App;

use crate::extract::{Batch, Body, Single};
use crate::native::errors::Problem;
use crate::native::types::{BatchIn, BatchOut, EventIn, PublishedOut};
use crate::native::{Access, PublishKey};
use crate::reply::Reply;

/// Publishes an event
///
/// 202 means that the event and its deliveries are on disk. The same `id` or `Idempotency-Key`
/// within 24 hours gives the same answer and no second delivery.
#[utoipa::path(post, path = "/v1/organizations/{org}/events", tag = "Events",
    request_body = EventIn<'_>,
    responses((status = 202, description = "It is on disk", body = PublishedOut)))]
pub(super) async fn publish(
    State(app): State<App>,
    access: Access,
    key: PublishKey,
    body: Body<Single, Problem>,
) -> Result<Reply<PublishedOut, 202>, Problem> {
    let event = EventIn::parse(&body.0)?;
    let published = app.publish(&access, event, key.0.as_ref()).await?;
    Ok(Reply(published.into()))
}

/// Publishes events, each on its own
///
/// Up to 1,000 events and 4 MiB. An event that is refused hinders no other: its result has the
/// error. With an `Idempotency-Key` the n-th event (from 0) has the key `{key}/{n}`.
#[utoipa::path(post, path = "/v1/organizations/{org}/events/batch", tag = "Events",
    request_body = BatchIn<'_>,
    responses((status = 202, description = "What became of each event", body = BatchOut)))]
pub(super) async fn publish_batch(
    State(app): State<App>,
    access: Access,
    key: PublishKey,
    body: Body<Batch, Problem>,
) -> Result<Reply<BatchOut, 202>, Problem> {
    let events = BatchIn::parse(&body.0)?;
    let results = app.publish_batch(&access, events, key.0.as_ref()).await?;
    Ok(Reply(results.into()))
}
