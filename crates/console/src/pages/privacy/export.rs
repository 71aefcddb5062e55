//! The audit trail as a file: a JSON object a line, made part by part while it is sent.

use axum::Router;
use axum::body::Body;
use axum::extract::{Form, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use bytes::Bytes;
use carehook_app::{
    AppError, AuditFilter, AuditRecord, OrganizationAccess, PageOf, ShownAuditEntry,
};
use futures_util::stream;
use http::header;

use super::entries::Narrowing;
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
    // Refusals are pages, so the first part is made before the answer begins.
    let first = file
        .part(None)
        .await
        .map_err(|error| place.failure(error))?;
    let organization = place.access.organization();
    // An id has only characters that are harmless in a quoted string.
    let named = format!("attachment; filename=\"audit-{organization}.ndjson\"");
    let parts = stream::unfold((file, Some(Ok(first))), async |(file, part)| {
        let part = match part? {
            Ok(part) => part,
            // Breaks the answer off, so that nobody takes a part for the whole.
            Err(error) => return Some((Err(error), (file, None))),
        };
        let next = match part.next_cursor {
            Some(cursor) => Some(file.part(Some(cursor)).await),
            None => None,
        };
        Some((Ok(lines(&part.items)), (file, next)))
    });
    let headers = [
        (header::CONTENT_TYPE, "application/x-ndjson".to_owned()),
        (header::CONTENT_DISPOSITION, named),
    ];
    Ok((headers, Body::from_stream(parts)).into_response())
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
