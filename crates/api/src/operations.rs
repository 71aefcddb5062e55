//! What an operator's machines ask for: whether the process lives, whether it can work, figures.

use std::sync::Arc;

use axum::extract::State;
use axum::response::IntoResponse;
use carehook_app::App;
use http::{StatusCode, header};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::reply::Reply;

/// Answers for the parts of the process that use cases do not know.
#[derive(Clone)]
pub struct Operations {
    metrics: Arc<dyn Fn() -> String + Send + Sync>,
    not_ready: Arc<dyn Fn() -> Vec<String> + Send + Sync>,
}

impl Operations {
    /// `metrics` prints all figures in the Prometheus text format; `not_ready` names what does not
    /// work, and nothing when all is well.
    pub fn new(
        metrics: impl Fn() -> String + Send + Sync + 'static,
        not_ready: impl Fn() -> Vec<String> + Send + Sync + 'static,
    ) -> Self {
        Self {
            metrics: Arc::new(metrics),
            not_ready: Arc::new(not_ready),
        }
    }
}

/// What the probes look at.
#[derive(Clone)]
pub(crate) struct Probes {
    app: App,
    operations: Operations,
}

impl Probes {
    pub(crate) fn new(app: App, operations: Operations) -> Self {
        Self { app, operations }
    }

    /// What is wrong with the store.
    pub(crate) fn store_fault(&self) -> Option<String> {
        self.app.health().err()
    }

    /// What is wrong with the rest of the process.
    pub(crate) fn process_fault(&self) -> Option<String> {
        let reasons = (self.operations.not_ready)();
        (!reasons.is_empty()).then(|| reasons.join("; "))
    }
}

pub(crate) fn routes() -> OpenApiRouter<Probes> {
    OpenApiRouter::new()
        .routes(routes!(livez))
        .routes(routes!(readyz))
        .routes(routes!(metrics))
}

/// Whether the process works.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"status": "ready", "reasons": []}))]
struct Health {
    /// `alive`, `ready` or `not_ready`.
    status: &'static str,
    /// What does not work.
    reasons: Vec<String>,
}

/// Says that the process answers
///
/// For the supervisor that restarts a process which does not.
#[utoipa::path(get, path = "/livez", tag = "Operation",
    responses((status = 200, description = "The process answers", body = Health)))]
async fn livez() -> Reply<Health> {
    Reply(Health {
        status: "alive",
        reasons: Vec::new(),
    })
}

/// Says whether requests can be served
///
/// For the load balancer that leaves out a process which cannot.
#[utoipa::path(get, path = "/readyz", tag = "Operation",
    responses(
        (status = 200, description = "Everything works", body = Health),
        (status = 503, description = "Something does not work", body = Health,
            example = json!({"status": "not_ready", "reasons": ["store: a sync failed"]})),
    ))]
async fn readyz(State(probes): State<Probes>) -> Result<Reply<Health>, Reply<Health, 503>> {
    let store = probes
        .app
        .health()
        .err()
        .map(|reason| format!("store: {reason}"));
    let mut reasons: Vec<String> = store.into_iter().collect();
    reasons.extend((probes.operations.not_ready)());
    if reasons.is_empty() {
        let status = "ready";
        return Ok(Reply(Health { status, reasons }));
    }
    let status = "not_ready";
    Err(Reply(Health { status, reasons }))
}

/// Prints figures in the Prometheus text format
#[utoipa::path(get, path = "/metrics", tag = "Operation",
    responses((status = 200, description = "All figures", body = String,
        content_type = "text/plain; version=0.0.4")))]
async fn metrics(State(probes): State<Probes>) -> impl IntoResponse {
    let text = (probes.operations.metrics)();
    let media_type = [(header::CONTENT_TYPE, "text/plain; version=0.0.4")];
    (StatusCode::OK, media_type, text)
}
