//! Routes: webhook subscriptions.

use axum::extract::State;
use carehook_app::{App, EndpointChange, EndpointFilter};
use carehook_core::Dialect;

use crate::ecg::access::{Access, Event, Subscription};
use crate::ecg::errors::NestError;
use crate::ecg::lists::List;
use crate::ecg::patch::{OperationIn, Patch};
use crate::ecg::query::Query;
use crate::ecg::types::{Done, SubscriptionIn, SubscriptionOut, SubscriptionsQuery, patched};
use crate::ecg::{AnyCaller, Json};
use crate::reply::Reply;

/// Adds a webhook subscription
#[utoipa::path(post, path = "/api/organizations/{organizationId}/webhook-subscriptions",
    tag = "WebhookSubscriptions", request_body = SubscriptionIn,
    responses((status = 201, description = "It was added", body = SubscriptionOut)))]
pub(super) async fn add_subscription(
    State(app): State<App>,
    access: Access,
    body: Json<SubscriptionIn>,
) -> Result<Reply<SubscriptionOut, 201>, NestError> {
    let made = app.create_endpoint(&access, body.0.try_into()?).await?;
    let made = app.with_event_types(&access, made).to_its_maker();
    Ok(Reply(made.into()))
}

/// Lists the webhook subscriptions that are not archived
#[utoipa::path(get, path = "/api/organizations/{organizationId}/webhook-subscriptions",
    tag = "WebhookSubscriptions", params(SubscriptionsQuery),
    responses((status = 200, description = "A part of the list", body = [SubscriptionOut])))]
pub(super) async fn list_subscriptions(
    State(app): State<App>,
    access: Access,
    query: Query<SubscriptionsQuery>,
) -> Result<List<SubscriptionOut>, NestError> {
    let paging = query.0.paging()?;
    let filter = EndpointFilter {
        version: query.0.version.as_deref(),
        event: query.0.event_id.as_deref(),
    };
    let part = paging.cut(app.filtered_endpoints(&access, filter)?);
    Ok(part.map(|endpoint| app.with_event_types(&access, endpoint).into()))
}

/// Shows a webhook subscription
#[utoipa::path(get,
    path = "/api/organizations/{organizationId}/webhook-subscriptions/{subscriptionId}",
    tag = "WebhookSubscriptions",
    responses((status = 200, description = "The subscription", body = SubscriptionOut)))]
pub(super) async fn get_subscription(
    State(app): State<App>,
    access: Access,
    Subscription(id): Subscription,
) -> Result<Reply<SubscriptionOut>, NestError> {
    let found = app.endpoint(&access, id)?;
    Ok(Reply(app.with_event_types(&access, found).into()))
}

/// Changes a webhook subscription
///
/// JSON Patch (RFC 6902) on the object as GET shows it. `postUri`, `events` and `version` can be
/// changed; entries of `events` may be codes, ids, or objects that have one of them.
#[utoipa::path(patch,
    path = "/api/organizations/{organizationId}/webhook-subscriptions/{subscriptionId}",
    tag = "WebhookSubscriptions", request_body = [OperationIn],
    responses((status = 200, description = "The subscription", body = SubscriptionOut)))]
pub(super) async fn patch_subscription(
    State(app): State<App>,
    access: Access,
    Subscription(id): Subscription,
    patch: Patch,
) -> Result<Reply<SubscriptionOut>, NestError> {
    let change = |current| patched(&patch, app.with_event_types(&access, current));
    let changed = app.edit_endpoint(&access, id, change).await?;
    Ok(Reply(app.with_event_types(&access, changed).into()))
}

/// Deletes a webhook subscription
///
/// What it is still owed fails in the same step.
#[utoipa::path(delete,
    path = "/api/organizations/{organizationId}/webhook-subscriptions/{subscriptionId}",
    tag = "WebhookSubscriptions",
    responses((status = 200, description = "It is gone", body = Done)))]
pub(super) async fn delete_subscription(
    State(app): State<App>,
    access: Access,
    Subscription(id): Subscription,
) -> Result<Reply<Done>, NestError> {
    app.ensure_endpoint_deleted(&access, id).await?;
    Ok(Reply(Done::YES))
}

/// Activates a webhook subscription
///
/// What waits for it is posted.
#[utoipa::path(post,
    path = "/api/organizations/{organizationId}/webhook-subscriptions/{subscriptionId}/activate",
    tag = "WebhookSubscriptions",
    responses((status = 200, description = "It is active", body = Done)))]
pub(super) async fn activate_subscription(
    State(app): State<App>,
    access: Access,
    Subscription(id): Subscription,
) -> Result<Reply<Done>, NestError> {
    app.change_endpoint(&access, id, active(true)).await?;
    Ok(Reply(Done::YES))
}

/// Deactivates a webhook subscription
///
/// What comes to be owed to it waits until it is activated again.
#[utoipa::path(post,
    path = "/api/organizations/{organizationId}/webhook-subscriptions/{subscriptionId}/deactivate",
    tag = "WebhookSubscriptions",
    responses((status = 200, description = "It is not active", body = Done)))]
pub(super) async fn deactivate_subscription(
    State(app): State<App>,
    access: Access,
    Subscription(id): Subscription,
) -> Result<Reply<Done>, NestError> {
    app.change_endpoint(&access, id, active(false)).await?;
    Ok(Reply(Done::YES))
}

fn active(active: bool) -> EndpointChange {
    EndpointChange {
        active: Some(active),
        ..EndpointChange::default()
    }
}

/// Archives a webhook subscription
///
/// It leaves the list. What it is owed waits until it is restored; events that are published while
/// it is archived never reach it. To pause it without losing any, deactivate it.
#[utoipa::path(post,
    path = "/api/organizations/{organizationId}/webhook-subscriptions/{subscriptionId}/archive",
    tag = "WebhookSubscriptions",
    responses((status = 200, description = "It is archived", body = Done)))]
pub(super) async fn archive_subscription(
    State(app): State<App>,
    access: Access,
    Subscription(id): Subscription,
) -> Result<Reply<Done>, NestError> {
    app.archive_endpoint(&access, id).await?;
    Ok(Reply(Done::YES))
}

/// Restores an archived webhook subscription
#[utoipa::path(post,
    path = "/api/organizations/{organizationId}/webhook-subscriptions/{subscriptionId}/restore",
    tag = "WebhookSubscriptions",
    responses((status = 200, description = "It is not archived", body = Done)))]
pub(super) async fn restore_subscription(
    State(app): State<App>,
    access: Access,
    Subscription(id): Subscription,
) -> Result<Reply<Done>, NestError> {
    app.restore_endpoint(&access, id).await?;
    Ok(Reply(Done::YES))
}

/// Deletes an event from a webhook subscription
///
/// By its id or its code; when it is not subscribed to, nothing changes.
#[utoipa::path(delete,
    path = "/api/organizations/{organizationId}/webhook-subscriptions/{subscriptionId}/events/{eventId}",
    tag = "WebhookSubscriptions",
    responses((status = 200, description = "It is not subscribed to", body = Done)))]
pub(super) async fn delete_subscribed_event(
    State(app): State<App>,
    access: Access,
    Subscription(id): Subscription,
    Event(event): Event,
) -> Result<Reply<Done>, NestError> {
    app.unsubscribe(&access, id, &event).await?;
    Ok(Reply(Done::YES))
}

/// Lists the webhook subscriptions to an event
///
/// Those of the caller's organization; for the operator, of all organizations.
#[utoipa::path(get, path = "/api/webhook-events/{eventCode}/subscriptions", tag = "WebhookEvents",
    responses((status = 200, description = "All of them", body = [SubscriptionOut])))]
pub(super) async fn list_subscriptions_to_event(
    State(app): State<App>,
    caller: AnyCaller,
    Event(event): Event,
) -> Result<List<SubscriptionOut>, NestError> {
    let found = app.subscribers(&caller, Dialect::Ecg, &event)?;
    Ok(List::all(found).map(Into::into))
}
