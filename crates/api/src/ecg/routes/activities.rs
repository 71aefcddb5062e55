//! Routes: webhook activities, which are also shown as activations.

use axum::extract::State;
use axum::response::AppendHeaders;
use carehook_app::{ActivityFilter, App};
use http::HeaderName;

use crate::ecg::Json;
use crate::ecg::access::{Access, Activity, Subscription};
use crate::ecg::errors::NestError;
use crate::ecg::lists::List;
use crate::ecg::query::Query;
use crate::ecg::types::{
    ActivationsQuery, ActivitiesQuery, ActivityIn, ActivityOut, ActivityPart, ChainOut, ChainQuery,
    OutcomeIn,
};
use crate::reply::Reply;

/// A chain that is shown in part says so.
const TRUNCATED: HeaderName = HeaderName::from_static("x-truncated");

/// Adds a webhook activity
///
/// A try of another sender; nothing is sent.
#[utoipa::path(post,
    path = "/api/organizations/{organizationId}/webhook-subscriptions/{subscriptionId}/activity",
    tag = "WebhookActivities", request_body = ActivityIn,
    responses((status = 201, description = "It was noted", body = ActivityOut)))]
pub(super) async fn add_activity(
    State(app): State<App>,
    access: Access,
    Subscription(id): Subscription,
    body: Json<ActivityIn>,
) -> Result<Reply<ActivityOut, 201>, NestError> {
    let made = app.report_activity(&access, id, body.0.report()?).await?;
    let of = app.with_event_types(&access, made.endpoint.clone());
    Ok(Reply(ActivityOut::of(made, &of, &ActivityPart::ALL)))
}

/// Lists webhook activities
#[utoipa::path(get,
    path = "/api/organizations/{organizationId}/webhook-subscriptions/{subscriptionId}/activity",
    tag = "WebhookActivities", params(ActivitiesQuery),
    responses((status = 200, description = "A part of the list", body = [ActivityOut])))]
pub(super) async fn list_activities(
    State(app): State<App>,
    access: Access,
    Subscription(id): Subscription,
    query: Query<ActivitiesQuery>,
) -> Result<List<ActivityOut>, NestError> {
    let (filter, parts) = query.0.read()?;
    listed(&app, &access, (id, &filter), &parts).await
}

/// Shows a webhook activity with its retries
///
/// `childPostHistory` has all of them (`flat`) or those of each activity (`nested`). Of more than a
/// hundred it has the nearest hundred, and the answer has the header `X-Truncated: true`; ask for
/// the last of them to go on.
#[utoipa::path(get,
    path = "/api/organizations/{organizationId}/webhook-subscriptions/{subscriptionId}/activity/{activityId}",
    tag = "WebhookActivities", params(ChainQuery),
    responses((status = 200, description = "The activity", body = ChainOut)))]
pub(super) async fn get_activity(
    State(app): State<App>,
    access: Access,
    Activity(endpoint, id): Activity,
    query: Query<ChainQuery>,
) -> Result<
    (
        AppendHeaders<Option<(HeaderName, &'static str)>>,
        Reply<ChainOut>,
    ),
    NestError,
> {
    let shape = query.0.try_into()?;
    let chain = app.activity_chain(&access, endpoint, id).await?;
    let of = app.with_event_types(&access, chain.root.endpoint.clone());
    let cut = chain.is_cut.then_some((TRUNCATED, "true"));
    Ok((AppendHeaders(cut), Reply(ChainOut::of(chain, &of, shape))))
}

/// Retries a webhook activity
///
/// Its payload is sent again from here; the answer is the activity that does it.
#[utoipa::path(post,
    path = "/api/organizations/{organizationId}/webhook-subscriptions/{subscriptionId}/activity/{activityId}/retry",
    tag = "WebhookActivities",
    responses((status = 201, description = "It is on its way", body = ActivityOut)))]
pub(super) async fn retry_activity(
    State(app): State<App>,
    access: Access,
    Activity(endpoint, id): Activity,
) -> Result<Reply<ActivityOut, 201>, NestError> {
    let made = app.retry_activity(&access, endpoint, id).await?;
    let of = app.with_event_types(&access, made.endpoint.clone());
    Ok(Reply(ActivityOut::of(made, &of, &ActivityPart::ALL)))
}

/// Saves the outcome of a webhook activity
///
/// Of one that another sender reported, and only once.
#[utoipa::path(post,
    path = "/api/organizations/{organizationId}/webhook-subscriptions/{subscriptionId}/activity/{activityId}/outcomes",
    tag = "WebhookActivities", request_body = OutcomeIn,
    responses((status = 201, description = "It was saved", body = ActivityOut)))]
pub(super) async fn save_outcome(
    State(app): State<App>,
    access: Access,
    Activity(endpoint, id): Activity,
    body: Json<OutcomeIn>,
) -> Result<Reply<ActivityOut, 201>, NestError> {
    let outcome = body.0.outcome()?;
    let saved = app
        .complete_activity(&access, (endpoint, id), outcome)
        .await?;
    let of = app.with_event_types(&access, saved.endpoint.clone());
    Ok(Reply(ActivityOut::of(saved, &of, &ActivityPart::ALL)))
}

/// Lists webhook activations
///
/// The same as the activities.
#[utoipa::path(get,
    path = "/api/organizations/{organizationId}/webhook-subscriptions/{subscriptionId}/activations",
    tag = "WebhookSubscriptions", params(ActivationsQuery),
    responses((status = 200, description = "A part of the list", body = [ActivityOut])))]
pub(super) async fn list_activations(
    State(app): State<App>,
    access: Access,
    Subscription(id): Subscription,
    query: Query<ActivationsQuery>,
) -> Result<List<ActivityOut>, NestError> {
    let filter = query.0.try_into()?;
    listed(&app, &access, (id, &filter), &ActivityPart::ALL).await
}

/// Shows a webhook activation
///
/// The same as the activity of this id, without its retries.
#[utoipa::path(get,
    path = "/api/organizations/{organizationId}/webhook-subscriptions/{subscriptionId}/activations/{activationId}",
    tag = "WebhookSubscriptions",
    responses((status = 200, description = "The activation", body = ActivityOut)))]
pub(super) async fn get_activation(
    State(app): State<App>,
    access: Access,
    Activity(endpoint, id): Activity,
) -> Result<Reply<ActivityOut>, NestError> {
    let found = app.activity(&access, endpoint, id).await?;
    let of = app.with_event_types(&access, found.endpoint.clone());
    Ok(Reply(ActivityOut::of(found, &of, &ActivityPart::ALL)))
}

async fn listed(
    app: &App,
    access: &Access,
    (id, filter): (carehook_core::EndpointId, &ActivityFilter),
    parts: &[ActivityPart],
) -> Result<List<ActivityOut>, NestError> {
    let (found, total) = app.list_activities(access, id, filter).await?;
    let of = app.with_event_types(access, app.endpoint(access, id)?);
    Ok(List::of(found, total).map(|activity| ActivityOut::of(activity, &of, parts)))
}
