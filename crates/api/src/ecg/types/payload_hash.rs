//! Payloads with their hashes on the wire.

use carehook_app::{AppError, Faults, HashedPayload, NewPayload, PayloadHash, PayloadSender};
use carehook_core::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};

use super::activity::raw;
use super::lenient::{ObjectOrText, Whole};

/// What becomes of a payload.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(crate) struct PayloadQuery {
    /// `deliver`: it is posted to the subscription; `record`: the caller posts it and reports the
    /// outcome.
    #[param(value_type = String, pattern = "^(deliver|record)$")]
    mode: Option<String>,
    /// The activity that it retries.
    #[param(format = "uuid")]
    original_activity_id: Option<String>,
}

/// A payload to make.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(as = CreateWebhookPayload, example = json!({
    "eventType": "vitals.observations.created",
    "version": "v1",
    "data": {"vitals": 100},
}))]
pub(crate) struct PayloadIn {
    /// The code of the event.
    #[schema(value_type = String)]
    event_type: Option<String>,
    /// The version of the payload: `v1`, `v2`, …
    #[schema(value_type = String)]
    version: Option<String>,
    /// What it says: an object, or a text that holds one. With `mode=record` any other value as
    /// well; what is delivered is an event, and those hold objects.
    #[schema(value_type = serde_json::Value, required = true)]
    data: Option<ObjectOrText>,
}

impl PayloadIn {
    /// The payload in the words of the use case.
    pub(crate) fn payload<'a>(
        &'a self,
        query: &'a PayloadQuery,
    ) -> Result<NewPayload<'a>, AppError> {
        let Self {
            event_type,
            version,
            data,
        } = self;
        let PayloadQuery {
            mode,
            original_activity_id,
        } = query;
        let mut faults = Faults::default();
        let sender = faults.take("/query_mode", sender(mode.as_deref()));
        let event_type = faults.require("/type", event_type.as_deref());
        let version = faults.require("/version", version.as_deref());
        let data = faults.require("/data", data.as_ref());
        let parts = sender.zip(event_type).zip(version.zip(data));
        let ((sender, event_type), (version, data)) = faults.finish(parts)?;
        Ok(NewPayload {
            event_type,
            version,
            data: &data.0,
            retry_of: original_activity_id.as_deref(),
            sender,
        })
    }
}

fn sender(mode: Option<&str>) -> Result<PayloadSender, &'static str> {
    match mode {
        Some("deliver") => Ok(PayloadSender::Carehook),
        Some("record") => Ok(PayloadSender::Caller),
        Some(_) | None => Err("must be one of the following values: deliver, record"),
    }
}

/// A payload with its hash.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WebhookPayload)]
pub(crate) struct PayloadOut {
    /// `{eventType, version, organizationId, createdAt, data}`.
    #[schema(value_type = Object)]
    payload: Option<Box<RawValue>>,
    /// Its hash.
    hash: String,
    /// The time in it, in milliseconds since 1970.
    created_at: i64,
    /// The activity that it belongs to.
    #[schema(value_type = String, format = "uuid")]
    activity_id: carehook_app::ActivityId,
}

impl From<HashedPayload> for PayloadOut {
    fn from(made: HashedPayload) -> Self {
        let HashedPayload {
            payload,
            hash: PayloadHash { hash, created_at },
            activity,
        } = made;
        Self {
            payload: raw(&payload),
            hash,
            created_at: created_at.0,
            activity_id: activity,
        }
    }
}

/// A payload with the hash that it came with.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(as = ValidateHash, example = json!({
    "payload": {"vitals": 100},
    "hash": "35c47c04434c647c7d05d0e79dcdf220415edaf4d3e9dc73bbe790b2edcf22c5",
    "createdAt": 1_660_816_983_750_i64,
}))]
pub(crate) struct HashIn {
    /// The payload: an object, or the text of the body that was received.
    #[schema(value_type = Object)]
    payload: Option<Box<RawValue>>,
    /// Its hash: 64 hex digits.
    #[schema(value_type = String)]
    hash: Option<String>,
    /// The time in it, in milliseconds since 1970.
    #[schema(value_type = i64)]
    created_at: Option<Whole>,
}

impl HashIn {
    /// The payload, and the hash that it came with.
    pub(crate) fn parts(&self) -> Result<(&RawValue, PayloadHash), AppError> {
        let Self {
            payload,
            hash,
            created_at,
        } = self;
        let mut faults = Faults::default();
        let payload = faults.require("/payload", payload.as_deref());
        let hash = faults.require("/hash", hash.clone());
        let created_at = faults.require("/createdAt", *created_at);
        let parts = payload.zip(hash).zip(created_at);
        let ((payload, hash), Whole(created_at)) = faults.finish(parts)?;
        let created_at = Timestamp(created_at);
        Ok((payload, PayloadHash { hash, created_at }))
    }
}

/// The hash of a payload.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PayloadHash)]
pub(crate) struct HashOut {
    /// The hash: lower-case hex HMAC-SHA256 over `{createdAt}.{payload}`.
    hash: String,
    /// The time in it, in milliseconds since 1970.
    created_at: i64,
}

impl From<PayloadHash> for HashOut {
    fn from(made: PayloadHash) -> Self {
        let PayloadHash { hash, created_at } = made;
        Self {
            hash,
            created_at: created_at.0,
        }
    }
}
