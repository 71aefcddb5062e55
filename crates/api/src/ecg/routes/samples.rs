//! Routes: sample webhook payloads.

use axum::extract::State;
use carehook_app::App;

use crate::ecg::entries::Entry;
use crate::ecg::errors::NestError;
use crate::ecg::patch::{OperationIn, Patch};
use crate::ecg::query::Query;
use crate::ecg::types::{
    DeliverableOut, Done, ExampleOut, ExampleQuery, SampleIn, SampleOut, ShownSample, VersionQuery,
};
use crate::ecg::{AnyCaller, Editor, Json};
use crate::reply::Reply;

/// Adds the sample payload of a version that has none
#[utoipa::path(post,
    path = "/api/webhook-categories/{webhookCategoryId}/webhook-events/{webhookEventId}/sample-payloads",
    tag = "SampleWebhookPayloads", request_body = SampleIn,
    responses((status = 201, description = "It was added", body = SampleOut)))]
pub(super) async fn add_sample(
    State(app): State<App>,
    editor: Editor,
    of: Entry,
    body: Json<SampleIn>,
) -> Result<Reply<SampleOut, 201>, NestError> {
    let (version, payload) = body.0.of(&of.event_type)?;
    let code = &of.event_type.code;
    let added = app.add_sample(&editor, code, (&version, payload)).await?;
    Ok(Reply(SampleOut::of(&added, &of.category)?))
}

/// Shows the sample payload of a version
#[utoipa::path(get,
    path = "/api/webhook-categories/{webhookCategoryId}/webhook-events/{webhookEventId}/sample-payloads",
    tag = "SampleWebhookPayloads", params(VersionQuery),
    responses((status = 200, description = "The sample", body = ShownSample)))]
pub(super) async fn get_sample(
    State(app): State<App>,
    caller: AnyCaller,
    of: Entry,
    query: Query<VersionQuery>,
) -> Result<Reply<ShownSample>, NestError> {
    let found = app.sample(&caller, &of.event_type.code, &query.0.named()?)?;
    Ok(Reply(ShownSample::of(&found, &of.category)?))
}

/// Changes the sample payload of a version
#[utoipa::path(patch,
    path = "/api/webhook-categories/{webhookCategoryId}/webhook-events/{webhookEventId}/sample-payloads",
    tag = "SampleWebhookPayloads", params(VersionQuery), request_body = [OperationIn],
    responses((status = 200, description = "The sample", body = SampleOut)))]
pub(super) async fn patch_sample(
    State(app): State<App>,
    editor: Editor,
    of: Entry,
    query: Query<VersionQuery>,
    patch: Patch,
) -> Result<Reply<SampleOut>, NestError> {
    let version = query.0.named()?;
    let change =
        |event_type: &_, old: &_| SampleOut::payload_by(&patch, (event_type, &of.category), old);
    let sample = (&of.event_type.code, &*version);
    let changed = app.edit_sample(&editor, sample, change).await?;
    Ok(Reply(SampleOut::of(&changed, &of.category)?))
}

/// Removes the sample payload of a version
#[utoipa::path(delete,
    path = "/api/webhook-categories/{webhookCategoryId}/webhook-events/{webhookEventId}/sample-payloads",
    tag = "SampleWebhookPayloads", params(VersionQuery),
    responses((status = 200, description = "It is gone", body = Done)))]
pub(super) async fn delete_sample(
    State(app): State<App>,
    editor: Editor,
    of: Entry,
    query: Query<VersionQuery>,
) -> Result<Reply<Done>, NestError> {
    let sample = (&of.event_type.code, &*query.0.named()?);
    app.delete_sample(&editor, sample).await?;
    Ok(Reply(Done::YES))
}

/// Shows an example payload, whatever the event
#[utoipa::path(get,
    path = "/api/webhook-categories/{webhookCategoryId}/webhook-events/{webhookEventId}/sample-payloads-examples",
    tag = "SampleWebhookPayloads", params(ExampleQuery),
    responses((status = 200, description = "The example", body = ExampleOut)))]
pub(super) async fn get_example(
    State(app): State<App>,
    caller: AnyCaller,
    _of: Entry,
    query: Query<ExampleQuery>,
) -> Result<Reply<ExampleOut>, NestError> {
    Ok(Reply(query.0.found(|name| app.example(&caller, name))?))
}

/// Shows a random sample payload to deliver
#[utoipa::path(get, path = "/api/webhook-deliveries/payload", tag = "WebhookDeliveries",
    responses((status = 200, description = "A payload", body = DeliverableOut)))]
pub(super) async fn get_random_payload(
    State(app): State<App>,
    caller: AnyCaller,
) -> Result<Reply<DeliverableOut>, NestError> {
    Ok(Reply(app.random_sample(&caller)?.try_into()?))
}
