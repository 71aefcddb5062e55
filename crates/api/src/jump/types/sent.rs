//! Answers to deletions and tests.

use carehook_app::TestSent;
use carehook_core::EndpointId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A webhook endpoint that is gone.
#[derive(Serialize, ToSchema)]
#[schema(as = Deleted)]
pub(crate) struct DeletedOut {
    /// Its id.
    #[schema(value_type = String, format = "uuid")]
    id: EndpointId,
    /// Always true.
    deleted: bool,
}

impl From<EndpointId> for DeletedOut {
    fn from(id: EndpointId) -> Self {
        Self { id, deleted: true }
    }
}

/// The body of a test, which has nothing to say.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TestIn {}

/// A test event that is on its way.
#[derive(Serialize, ToSchema)]
#[schema(as = TestSent, example = json!({
    "event_id": "evt_01991f1e8e0070008000000000000001",
    "endpoint_id": "01991f1e-8e00-7000-8000-000000000001",
    "status": "queued",
    "message": "Test webhook queued for delivery",
}))]
pub(crate) struct TestOut {
    /// The event: a `test.ping`.
    event_id: String,
    /// Where it goes.
    #[schema(value_type = String, format = "uuid")]
    endpoint_id: EndpointId,
    /// Always `queued`.
    status: &'static str,
    /// The same in words.
    message: &'static str,
}

impl From<(EndpointId, TestSent)> for TestOut {
    fn from((endpoint_id, sent): (EndpointId, TestSent)) -> Self {
        let TestSent {
            event_id,
            delivery_id: _,
            created_at: _,
        } = sent;
        Self {
            event_id: event_id.to_string(),
            endpoint_id,
            status: "queued",
            message: "Test webhook queued for delivery",
        }
    }
}
