//! Routes: publishing.

use axum::extract::State;
use carehook_app::App;
use http::HeaderMap;

use crate::extract::{Batch, Body, REPLAYED, Single, YES};
use crate::native::errors::Problem;
use crate::native::rate_limit;
use crate::native::types::{BatchIn, BatchOut, EventIn, PublishedOut};
use crate::native::{Access, PublishKey};
use crate::reply::Reply;

/// Publishes an event
///
/// 202 means that the event and its deliveries are on disk. The same `id` or `Idempotency-Key`
/// within 24 hours gives the same answer, with the header `idempotent-replayed`, and no second
/// delivery.
#[utoipa::path(post, path = "/v1/organizations/{org}/events", tag = "Events",
    request_body = EventIn<'_>,
    responses((status = 202, description = "It is on disk", body = PublishedOut)))]
pub(super) async fn publish(
    State(app): State<App>,
    access: Access,
    key: PublishKey,
    body: Body<Single, Problem>,
) -> Result<(HeaderMap, Reply<PublishedOut, 202>), Problem> {
    let event = EventIn::parse(&body.0)?;
    let mut published = app.publish(&access, event, key.0.as_ref()).await?;
    let mut headers = quota_headers(&app, &access);
    // All publishes of one event get the same body (it may be compared); the header tells.
    if std::mem::take(&mut published.duplicate) {
        headers.insert(REPLAYED, YES);
    }
    Ok((headers, Reply(published.into())))
}

/// Publishes events, each on its own
///
/// Up to 1,000 events and 4 MiB. An event that is refused hinders no other: its result has the
/// error. The same batch under the same `Idempotency-Key` gives the same answer; another one is
/// refused. Where the organization has a limit, each event counts for one, and a batch that is
/// too much for now is refused as a whole (429).
#[utoipa::path(post, path = "/v1/organizations/{org}/events/batch", tag = "Events",
    request_body = BatchIn<'_>,
    responses((status = 202, description = "What became of each event", body = BatchOut)))]
pub(super) async fn publish_batch(
    State(app): State<App>,
    access: Access,
    key: PublishKey,
    body: Body<Batch, Problem>,
) -> Result<(HeaderMap, Reply<BatchOut, 202>), Problem> {
    let events = BatchIn::parse(&body.0)?;
    let results = app.publish_batch(&access, events, key.0.as_ref()).await?;
    Ok((quota_headers(&app, &access), Reply(results.into())))
}

/// What is left of the organization's limit.
fn quota_headers(app: &App, access: &Access) -> HeaderMap {
    let mut headers = HeaderMap::new();
    if let Some(quota) = app.publishing_quota(access) {
        rate_limit::tell(&quota, &mut headers);
    }
    headers
}
