//! The audit trail as a file: a JSON object a line, made part by part while it is sent.

use axum::Router;
use axum::extract::{Form, State};
use axum::response::Response;
use axum::routing::post;
use bytes::Bytes;
use carehook_app::{
    AppError, AuditFilter, AuditRecord, OrganizationAccess, PageOf, ShownAuditEntry,
};
use futures_util::stream;

use super::entries::Narrowing;
use crate::download::download;
use crate::failure::Failure;
use crate::router::Console;
use crate::visitor::Place;

pub(super) fn routes() -> Router<Console> {
    Router::new().route("/console/o/{org}/audit/export", post(export))
}

async fn export(
    State(console): State<Console>,
    place: Place,
    Form(narrowing): Form<Narrowing>,
) -> Result<Response, Failure> {
    let filter = narrowing.filter().map_err(|error| place.failure(error))?;
    let file = File {
        console,
        access: place.access.clone(),
        filter,
    };
    let parts = stream::try_unfold((file, Some(None)), async |(file, next)| {
        let Some(cursor) = next else {
            return Ok(None);
        };
        let part = file.part(cursor).await?;
        let next = part.next_cursor.map(Some);
        Ok(Some((lines(&part.items), (file, next))))
    });
    let name = format!("audit-{}.ndjson", place.access.organization());
    download(&name, "application/x-ndjson", parts)
        .await
        .map_err(|error| place.failure(error))
}

/// A file that is being written.
struct File {
    console: Console,
    access: OrganizationAccess,
    filter: AuditFilter,
}

impl File {
    async fn part(&self, cursor: Option<String>) -> Result<PageOf<AuditRecord>, AppError> {
        let part = carehook_app::Page {
            limit: Some(carehook_core::Limits::PAGE),
            cursor,
        };
        self.console
            .app()
            .list_audit(&self.access, &self.filter, &part)
            .await
    }
}

fn lines(records: &[AuditRecord]) -> Bytes {
    let mut text = String::new();
    for record in records {
        text.push_str(&line(record).to_string());
        text.push('\n');
    }
    text.into()
}

/// The fields and names of `GET /v1/organizations/{org}/audit`, by name.
fn line(record: &AuditRecord) -> serde_json::Value {
    // Text and numbers under names that are text: nothing that JSON could not hold.
    serde_json::to_value(ShownAuditEntry::from(record.clone())).unwrap_or_default()
}
