//! Routes: the health of the server, in the form of `NestJS`'s terminus.

use std::collections::BTreeMap;

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::operations::Probes;
use crate::reply::Reply;

/// How the server is.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "status": "ok",
    "info": {"store": {"status": "up"}, "engine": {"status": "up"}},
    "error": {},
    "details": {"store": {"status": "up"}, "engine": {"status": "up"}},
}))]
pub(crate) struct HealthCheck {
    /// `ok` or `error`.
    status: &'static str,
    /// The parts that work.
    info: BTreeMap<&'static str, Part>,
    /// The parts that do not.
    error: BTreeMap<&'static str, Part>,
    /// All parts.
    details: BTreeMap<&'static str, Part>,
}

/// How a part of the server is.
#[derive(Clone, Serialize, ToSchema)]
pub(crate) struct Part {
    /// `up` or `down`.
    status: &'static str,
    /// Why it is down.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    message: Option<String>,
}

impl From<Option<String>> for Part {
    fn from(message: Option<String>) -> Self {
        let status = if message.is_none() { "up" } else { "down" };
        Self { status, message }
    }
}

/// Checks the health of the server
#[utoipa::path(get, path = "/healthcheck", tag = "Health",
    responses(
        (status = 200, description = "Everything works", body = HealthCheck),
        (status = 503, description = "Something does not work", body = HealthCheck),
    ))]
pub(super) async fn healthcheck(
    State(probes): State<Probes>,
) -> Result<Reply<HealthCheck>, Reply<HealthCheck, 503>> {
    let details = BTreeMap::from([
        ("store", Part::from(probes.store_fault())),
        ("engine", Part::from(probes.process_fault())),
    ]);
    let is_down = |part: &Part| part.message.is_some();
    let (error, info): (BTreeMap<_, _>, BTreeMap<_, _>) = details
        .clone()
        .into_iter()
        .partition(|(_, part)| is_down(part));
    if error.is_empty() {
        let status = "ok";
        return Ok(Reply(HealthCheck {
            status,
            info,
            error,
            details,
        }));
    }
    let status = "error";
    Err(Reply(HealthCheck {
        status,
        info,
        error,
        details,
    }))
}
