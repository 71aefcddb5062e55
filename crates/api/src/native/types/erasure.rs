//! Erasures on the wire.

use carehook_core::{Erasure, ErasureCounts, ErasureId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Whose data is to be erased.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewErasure, example = json!({"subject": "patient-17"}))]
pub(crate) struct ErasureIn {
    /// The `subject` under which the events were published.
    #[schema(value_type = String, min_length = 1, max_length = 256)]
    pub(crate) subject: Option<String>,
}

/// A job that erases what was accepted about a subject before it was made.
#[derive(Serialize, ToSchema)]
#[schema(as = Erasure, example = json!({
    "id": "01991f1e-8e00-7000-8000-000000000007",
    "state": "done",
    "counts": {
        "events": 12,
        "deliveries": 1,
        "answers": 23,
        "mails": 0,
        "idempotency_keys": 12,
        "requests": 2,
    },
    "created_at": "2026-03-16T10:20:00.000Z",
    "completed_at": "2026-03-16T10:20:01.250Z",
}))]
pub(crate) struct ErasureOut {
    /// Its id.
    #[schema(value_type = String, format = "uuid")]
    id: ErasureId,
    /// `running`; `done` when no file holds any of it; `failed` when a file could not be read.
    state: &'static str,
    /// What was erased so far.
    counts: ErasureCountsOut,
    /// When it was asked for.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it ended.
    #[schema(value_type = Option<String>, required = true, format = DateTime)]
    completed_at: Option<Timestamp>,
}

/// What an erasure has erased.
#[derive(Serialize, ToSchema)]
#[schema(as = ErasureCounts)]
pub(crate) struct ErasureCountsOut {
    /// Events that lost their payload, subject and ordering key.
    events: u64,
    /// Pending deliveries that were cancelled.
    deliveries: u64,
    /// Stored answers of receivers.
    answers: u64,
    /// Mails about failures that were still to be sent.
    mails: u64,
    /// Idempotency keys of publishes.
    idempotency_keys: u64,
    /// Answers of the organization that were kept for repeated requests.
    requests: u64,
}

impl From<Erasure> for ErasureOut {
    fn from(erasure: Erasure) -> Self {
        let Erasure {
            id,
            organization: _,
            state,
            counts,
            created_at,
            completed_at,
        } = erasure;
        Self {
            id,
            state: state.as_str(),
            counts: counts.into(),
            created_at,
            completed_at,
        }
    }
}

impl From<ErasureCounts> for ErasureCountsOut {
    fn from(counts: ErasureCounts) -> Self {
        let ErasureCounts {
            events,
            deliveries,
            answers,
            mails,
            idempotency_keys,
            requests,
        } = counts;
        Self {
            events,
            deliveries,
            answers,
            mails,
            idempotency_keys,
            requests,
        }
    }
}
