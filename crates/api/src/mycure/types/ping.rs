//! Pings on the wire.

use carehook_app::TestSent;
use carehook_core::EndpointId;
use serde::Serialize;
use utoipa::ToSchema;

/// A ping that is on its way.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Ping, example = json!({
    "id": "evt_01991f1e8e0070008000000000000001",
    "webhook": "01991f1e-8e00-7000-8000-000000000001",
    "event": "ping",
    "createdAt": 1_773_656_465_000_i64,
}))]
pub(crate) struct PingOut {
    /// The id of the event, which the delivery has too.
    id: String,
    /// The webhook that gets it.
    #[schema(value_type = String, format = "uuid")]
    webhook: EndpointId,
    /// Always `ping`.
    event: &'static str,
    /// When it was made, in milliseconds since 1970.
    created_at: i64,
}

impl From<(EndpointId, TestSent)> for PingOut {
    fn from((webhook, sent): (EndpointId, TestSent)) -> Self {
        let TestSent {
            event_id,
            delivery_id: _,
            created_at,
        } = sent;
        Self {
            id: event_id.to_string(),
            webhook,
            event: "ping",
            created_at: created_at.0,
        }
    }
}
