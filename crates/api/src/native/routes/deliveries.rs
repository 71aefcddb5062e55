//! Routes: deliveries and their attempts.

use axum::extract::State;
use carehook_app::App;
use carehook_core::DeliveryId;

use crate::native::errors::Problem;
use crate::native::types::{DeliveriesQuery, DeliveryOut, DeliveryWithAttempts, ListOut};
use crate::native::{Access, Id, Query};
use crate::reply::Reply;

/// Lists deliveries, newest first
#[utoipa::path(get, path = "/v1/organizations/{org}/deliveries", tag = "Deliveries",
    params(DeliveriesQuery),
    responses((status = 200, description = "A page", body = ListOut<DeliveryOut>)))]
pub(super) async fn list_deliveries(
    State(app): State<App>,
    access: Access,
    query: Query<DeliveriesQuery>,
) -> Result<Reply<ListOut<DeliveryOut>>, Problem> {
    let (filter, page) = query.0.try_into()?;
    let found = app.list_deliveries(&access, &filter, &page).await?;
    Ok(Reply(ListOut::of(found, DeliveryOut::from)))
}

/// Shows a delivery with its attempts
#[utoipa::path(get, path = "/v1/organizations/{org}/deliveries/{id}", tag = "Deliveries",
    responses((status = 200, description = "The delivery", body = DeliveryWithAttempts)))]
pub(super) async fn get_delivery(
    State(app): State<App>,
    access: Access,
    id: Id<DeliveryId>,
) -> Result<Reply<DeliveryWithAttempts>, Problem> {
    let found = app.delivery(&access, id.0).await?;
    Ok(Reply(found.into()))
}

/// Makes a delivery due at once
///
/// With a new round of its retry schedule; also one that has ended.
#[utoipa::path(post, path = "/v1/organizations/{org}/deliveries/{id}/retry", tag = "Deliveries",
    responses((status = 202, description = "It is due", body = DeliveryOut)))]
pub(super) async fn retry_delivery(
    State(app): State<App>,
    access: Access,
    id: Id<DeliveryId>,
) -> Result<Reply<DeliveryOut, 202>, Problem> {
    let delivery = app.retry_delivery(&access, id.0).await?;
    Ok(Reply(delivery.into()))
}

/// Calls off a delivery
///
/// One that has ended cannot be called off (409).
#[utoipa::path(post, path = "/v1/organizations/{org}/deliveries/{id}/cancel", tag = "Deliveries",
    responses((status = 200, description = "It is called off", body = DeliveryOut)))]
pub(super) async fn cancel_delivery(
    State(app): State<App>,
    access: Access,
    id: Id<DeliveryId>,
) -> Result<Reply<DeliveryOut>, Problem> {
    let delivery = app.cancel_delivery(&access, id.0).await?;
    Ok(Reply(delivery.into()))
}
