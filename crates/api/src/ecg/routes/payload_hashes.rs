//! Routes: payloads with their hashes.

use axum::extract::State;
use carehook_app::App;

use crate::ecg::Json;
use crate::ecg::access::{Access, Activity, Subscription};
use crate::ecg::errors::NestError;
use crate::ecg::query::Query;
use crate::ecg::types::{Done, HashIn, HashOut, PayloadIn, PayloadOut, PayloadQuery};
use crate::reply::Reply;

/// Makes a webhook payload with its hash
///
/// And posts it to the subscription (`mode=deliver`), or notes an activity that the caller will
/// complete (`mode=record`).
#[utoipa::path(post,
    path = "/api/organizations/{organizationId}/subscriptions/{subscriptionId}/webhooks-payloads",
    tag = "WebhookPayloadHash", params(PayloadQuery), request_body = PayloadIn,
    responses((status = 201, description = "It was made", body = PayloadOut)))]
pub(super) async fn make_payload(
    State(app): State<App>,
    access: Access,
    Subscription(id): Subscription,
    query: Query<PayloadQuery>,
    body: Json<PayloadIn>,
) -> Result<Reply<PayloadOut, 201>, NestError> {
    let new = body.0.payload(&query.0)?;
    let made = app.make_payload(&access, id, new).await?;
    Ok(Reply(made.into()))
}

/// Says whether a hash belongs to a payload
///
/// The hash is the lower-case hex HMAC-SHA256 over `{createdAt}.{payload}`, keyed with the secret
/// key that was in force at `createdAt`. A payload that is an object is spelled as bodies are: as
/// `JSON.stringify` prints it, with integers digit for digit. One that is a text is taken for the
/// bytes of the body that was received.
#[utoipa::path(post,
    path = "/api/organizations/{organizationId}/subscriptions/{subscriptionId}/validate-hash",
    tag = "WebhookPayloadHash", request_body = HashIn,
    responses((status = 200, description = "Whether it does", body = Done)))]
pub(super) async fn validate_hash(
    State(app): State<App>,
    access: Access,
    Subscription(id): Subscription,
    body: Json<HashIn>,
) -> Result<Reply<Done>, NestError> {
    let (payload, hash) = body.0.parts()?;
    let value = app.is_hash_of(&access, id, (payload, &hash))?;
    Ok(Reply(Done { value }))
}

/// Shows the hash of an activity's payload
#[utoipa::path(get,
    path = "/api/organizations/{organizationId}/subscriptions/{subscriptionId}/activity/{activityId}/get-hash",
    tag = "WebhookPayloadHash",
    responses((status = 200, description = "The hash", body = HashOut)))]
pub(super) async fn get_hash(
    State(app): State<App>,
    access: Access,
    Activity(endpoint, id): Activity,
) -> Result<Reply<HashOut>, NestError> {
    let hash = app.activity_hash(&access, endpoint, id).await?;
    Ok(Reply(hash.into()))
}
