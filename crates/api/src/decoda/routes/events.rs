//! Routes: events owed to webhooks, and what became of them.

use axum::extract::State;
use carehook_app::{App, AppError};
use carehook_core::EndpointId;
use http::Method;

use crate::decoda::Id;
use crate::decoda::errors::Refused;
use crate::decoda::parameters::Query;
use crate::decoda::tenant::Tenant;
use crate::decoda::types::{AttemptsQuery, DeliveryAttemptOut, SendQuery};
use crate::extract::{Names, RequestError};
use crate::reply::Reply;

/// Lists what a webhook was owed and what became of it, newest first
#[utoipa::path(get, path = "/v1/webhook/{id}/delivery-attempts/list", tag = "Events",
    params(AttemptsQuery),
    responses((status = 200, description = "The events", body = Vec<DeliveryAttemptOut>)))]
pub(super) async fn list_delivery_attempts(
    State(app): State<App>,
    access: Tenant,
    id: Id<EndpointId>,
    query: Query<AttemptsQuery>,
) -> Result<Reply<Vec<DeliveryAttemptOut>>, Refused> {
    let found = app.list_standings(&access, id.0, query.0.into()).await?;
    let shown: Result<_, AppError> = found.into_iter().map(TryInto::try_into).collect();
    Ok(Reply(shown?))
}

/// Shows an event and what became of it
///
/// When several webhooks were owed it: the delivery that has not succeeded yet, else the newest.
#[utoipa::path(get, path = "/v1/webhook/events/{id}", tag = "Events",
    responses((status = 200, description = "The event", body = DeliveryAttemptOut)))]
pub(super) async fn get_webhook_event(
    State(app): State<App>,
    access: Tenant,
    names: Names,
) -> Result<Reply<DeliveryAttemptOut>, Refused> {
    let found = app.standing(&access, id(&names)).await?;
    Ok(Reply(found.try_into()?))
}

/// Sends an event again
///
/// At once and with a new round of retries, to every webhook that was owed it. When none of them
/// is active, that is a conflict (409).
#[utoipa::path(get, path = "/v1/webhook/events/{id}/send", tag = "Events",
    params(SendQuery),
    responses((status = 200, description = "It is on its way", body = DeliveryAttemptOut)))]
pub(super) async fn send_webhook_event(
    State(app): State<App>,
    method: Method,
    access: Tenant,
    names: Names,
    query: Query<SendQuery>,
) -> Result<Reply<DeliveryAttemptOut>, Refused> {
    // HEAD is served wherever GET is, and asking for the head must not send anything.
    if method == Method::HEAD {
        return Err(RequestError::Method.into());
    }
    let sent = app.resend(&access, id(&names), query.0.into()).await?;
    Ok(Reply(sent.try_into()?))
}

/// The event's id; an empty one is nobody's.
fn id(names: &Names) -> &str {
    names.get("id").unwrap_or_default()
}
