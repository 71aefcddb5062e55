//! Replays on the wire.

use carehook_app::{AppError, Faults, NewReplay};
use carehook_core::{
    EndpointId, Pattern, Reason, Replay, ReplayCounts, ReplayFilter, ReplayId, Timestamp,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What is to be sent again, or for the first time.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewReplay, example = json!({
    "state": "failed",
    "types": ["appointment.*"],
    "since": "2026-03-16T00:00:00Z",
}))]
pub(crate) struct ReplayIn {
    /// `failed`: deliveries that were given up. `missing`: events that the endpoint would want now
    /// and was never owed. `all`: both, and what was delivered.
    #[schema(value_type = String, pattern = "^(failed|missing|all)$")]
    state: Option<String>,
    /// Event types or patterns (`resource.*`, `*`); all types without any.
    #[serde(default)]
    #[schema(required = false, max_items = 256)]
    types: Vec<String>,
    /// Only of events that were accepted at this time or later.
    #[schema(format = DateTime)]
    since: Option<String>,
    /// Only of events that were accepted before this time; never of such that come after the
    /// replay was started.
    #[schema(format = DateTime)]
    until: Option<String>,
    /// Whether deliveries are counted and nothing is sent.
    #[serde(default)]
    #[schema(required = false)]
    dry_run: bool,
}

impl TryFrom<ReplayIn> for NewReplay {
    type Error = AppError;

    fn try_from(body: ReplayIn) -> Result<Self, AppError> {
        let ReplayIn {
            state,
            types,
            since,
            until,
            dry_run,
        } = body;
        let mut faults = Faults::default();
        let mut time = |pointer, text: Option<String>| -> Option<Timestamp> {
            faults.take_optional(pointer, text.map(|text| text.parse()))
        };
        let (since, until) = (time("/since", since), time("/until", until));
        faults.check()?;
        Ok(Self {
            state,
            types,
            since,
            until,
            dry_run,
        })
    }
}

/// A job that sends an endpoint again, or for the first time, what was published earlier.
#[derive(Serialize, ToSchema)]
#[schema(as = Replay, example = json!({
    "id": "01991f1e-8e00-7000-8000-000000000008",
    "endpoint_id": "01991f1e-8e00-7000-8000-000000000001",
    "state": "running",
    "dry_run": false,
    "filters": {
        "state": "failed",
        "types": ["appointment.*"],
        "since": "2026-03-16T00:00:00.000Z",
        "until": null,
    },
    "counted": 1200,
    "skipped": 0,
    "due": 512,
    "sent": 490,
    "failed": 2,
    "cancelled": 0,
    "created_at": "2026-03-16T10:20:00.000Z",
    "completed_at": null,
}))]
pub(crate) struct ReplayOut {
    /// Its id.
    #[schema(value_type = String, format = "uuid")]
    id: ReplayId,
    /// Who gets the deliveries.
    #[schema(value_type = String, format = "uuid")]
    endpoint_id: EndpointId,
    /// `running`; `done` when all that it made due has ended; `stopped` by somebody, or because
    /// its endpoint was deleted; `failed` when a file could not be read.
    #[schema(pattern = "^(running|done|stopped|failed)$")]
    state: &'static str,
    /// Whether deliveries are counted and nothing is sent.
    dry_run: bool,
    /// What was asked for.
    filters: ReplayFiltersOut,
    /// Deliveries that it is about; 0 until they are counted.
    counted: u64,
    /// Events that were meant too, but whose payload is past its retention or was erased.
    skipped: u64,
    /// Deliveries that it has made due so far.
    due: u64,
    /// Those of them that the receiver took.
    sent: u64,
    /// Those of them that were given up.
    failed: u64,
    /// Those of them that were called off.
    cancelled: u64,
    /// When it was asked for.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it ended.
    #[schema(value_type = Option<String>, required = true, format = DateTime)]
    completed_at: Option<Timestamp>,
}

/// What a replay is about.
#[derive(Serialize, ToSchema)]
#[schema(as = ReplayFilters)]
pub(crate) struct ReplayFiltersOut {
    /// `failed`, `missing` or `all`.
    state: &'static str,
    /// Event types and patterns; all types when there is none.
    #[schema(value_type = Vec<String>)]
    types: Vec<Pattern>,
    /// Of events accepted at this time or later.
    #[schema(value_type = Option<String>, required = true, format = DateTime)]
    since: Option<Timestamp>,
    /// Of events accepted before this time.
    #[schema(value_type = Option<String>, required = true, format = DateTime)]
    until: Option<Timestamp>,
    /// Only such that were given up for this reason; left out when any will do. `endpoint_gone`
    /// for a replay that the console started after a 410.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, required = false)]
    reason: Option<Reason>,
}

impl From<Replay> for ReplayOut {
    fn from(replay: Replay) -> Self {
        let Replay {
            id,
            organization: _,
            endpoint,
            filter,
            dry_run,
            state,
            counts,
            created_at,
            completed_at,
        } = replay;
        let ReplayCounts {
            counted,
            skipped,
            due,
            sent,
            failed,
            cancelled,
        } = counts;
        Self {
            id,
            endpoint_id: endpoint,
            state: state.as_str(),
            dry_run,
            filters: filter.into(),
            counted,
            skipped,
            due,
            sent,
            failed,
            cancelled,
            created_at,
            completed_at,
        }
    }
}

impl From<ReplayFilter> for ReplayFiltersOut {
    fn from(filter: ReplayFilter) -> Self {
        let ReplayFilter {
            of,
            types,
            since,
            until,
            reason,
        } = filter;
        Self {
            state: of.as_str(),
            types,
            since,
            until,
            reason,
        }
    }
}
