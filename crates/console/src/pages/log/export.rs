//! The deliveries of a filter as a file: CSV for spreadsheets, NDJSON for programs. No payloads, no
//! subjects and no answers; times in ISO 8601.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{Query, State};
use axum::response::Response;
use bytes::Bytes;
use carehook_app::{AppError, LogFilter, LoggedDelivery, OrganizationAccess};
use carehook_core::{Endpoint, EndpointId, Timestamp};
use futures_util::stream;
use serde::Deserialize;

use super::filter::LogQuery;
use super::rows::name_of;
use super::{endpoints, filter_of};
use crate::download::download;
use crate::failure::Failure;
use crate::router::Console;
use crate::visitor::Place;

/// Rows of a file, at most.
const ROWS: usize = 10_000;
/// Pages that are asked for, at most: a filter that little matches must not read everything.
const PAGES: usize = 200;
/// Rows of a page.
const PAGE: usize = 100;

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Format {
    Csv,
    Ndjson,
}

#[derive(Deserialize)]
pub(super) struct As {
    format: Format,
}

pub(super) async fn export(
    State(console): State<Console>,
    place: Place,
    Query(mut query): Query<LogQuery>,
    Query(As { format }): Query<As>,
) -> Result<Response, Failure> {
    let invalid = |faults: Vec<String>| AppError::invalid("/query", faults.join(" "));
    query.settle(console.app(), &place.access);
    let filter = filter_of(&console, &place, &query).await?;
    let filter = filter.map_err(|faults| place.failure(invalid(faults)))?;
    let (kind, ending) = match format {
        Format::Csv => ("text/csv; charset=utf-8; header=present", "csv"),
        Format::Ndjson => ("application/x-ndjson", "ndjson"),
    };
    let organization = place.access.organization();
    let name = format!("deliveries-{organization}.{ending}");
    let visitor = place.visitor.clone();
    let file = File {
        endpoints: endpoints(&console, &place)?,
        console,
        access: place.access,
        filter,
        format,
        cursor: None,
        rows: 0,
        pages: 0,
        ended: false,
    };
    let parts = stream::unfold(file, async |mut file| {
        let part = file.next().await?;
        Some((part, file))
    });
    download(&name, kind, parts)
        .await
        .map_err(|error| Failure::of(error, &visitor))
}

/// A file that is being written.
struct File {
    console: Console,
    access: OrganizationAccess,
    filter: LogFilter,
    endpoints: HashMap<EndpointId, Arc<Endpoint>>,
    format: Format,
    cursor: Option<String>,
    rows: usize,
    pages: usize,
    ended: bool,
}

impl File {
    /// The next part; an error breaks the answer off, so that nobody takes a part for the whole.
    async fn next(&mut self) -> Option<Result<Bytes, AppError>> {
        if self.ended {
            return None;
        }
        let part = carehook_app::Page {
            limit: Some(PAGE.min(ROWS - self.rows)),
            cursor: self.cursor.take(),
        };
        let app = self.console.app();
        let found = match app.find_deliveries(&self.access, &self.filter, &part).await {
            Ok(found) => found,
            Err(error) => {
                self.ended = true;
                return Some(Err(error));
            }
        };
        let mut text = String::new();
        if self.pages == 0 {
            text.push_str(self.format.head());
        }
        for logged in &found.items {
            self.format.write(&self.line(logged), &mut text);
        }
        self.rows += found.items.len();
        self.pages += 1;
        self.cursor = found.next_cursor;
        let is_full = self.rows >= ROWS || self.pages >= PAGES;
        if is_full && self.cursor.is_some() {
            text.push_str(self.format.more());
        }
        self.ended = is_full || self.cursor.is_none();
        Some(Ok(text.into()))
    }

    fn line(&self, LoggedDelivery { delivery, last }: &LoggedDelivery) -> Line {
        let name = self.endpoints.get(&delivery.endpoint_id);
        let word = |value: serde_json::Result<serde_json::Value>| {
            let value = value.ok()?;
            value.as_str().map(str::to_owned)
        };
        let time = |at: Timestamp| at.to_string();
        let number = |number: u128| number.to_string();
        [
            Some(delivery.id.to_string()),
            Some(time(delivery.created_at)),
            word(serde_json::to_value(delivery.state)),
            word(serde_json::to_value(delivery.reason)),
            Some(delivery.event_type.as_str().to_owned()),
            Some(delivery.event_id.to_string()),
            Some(delivery.endpoint_id.to_string()),
            name.map(|endpoint| name_of(endpoint).to_owned()),
            Some(delivery.mode.as_str().to_owned()),
            Some(number(delivery.sequence.into())),
            Some(number(delivery.attempt_count.into())),
            last.as_ref().map(|last| time(last.started_at)),
            last.as_ref()
                .and_then(|last| word(serde_json::to_value(last.outcome))),
            (last.as_ref().and_then(|last| last.status)).map(|status| status.to_string()),
            last.as_ref().map(|last| number(last.duration.as_millis())),
            last.as_ref().and_then(|last| last.error.clone()),
            delivery.next_attempt_at.map(time),
            delivery.completed_at.map(time),
        ]
    }
}

const COLUMNS: [&str; 18] = [
    "delivery_id",
    "created_at",
    "state",
    "reason",
    "event_type",
    "event_id",
    "endpoint_id",
    "endpoint_name",
    "mode",
    "sequence",
    "attempts",
    "last_attempt_at",
    "last_outcome",
    "last_status",
    "last_duration_ms",
    "last_error",
    "next_attempt_at",
    "completed_at",
];

/// The values of the columns.
type Line = [Option<String>; COLUMNS.len()];

impl Format {
    fn head(self) -> &'static str {
        match self {
            Self::Csv => {
                "delivery_id,created_at,state,reason,event_type,event_id,endpoint_id,endpoint_name,\
                 mode,sequence,attempts,last_attempt_at,last_outcome,last_status,last_duration_ms,\
                 last_error,next_attempt_at,completed_at\r\n"
            }
            Self::Ndjson => "",
        }
    }

    /// The last line of a file that does not have all rows.
    fn more(self) -> &'static str {
        match self {
            Self::Csv => "there are more: narrow the filter\r\n",
            Self::Ndjson => "{\"more\":true}\n",
        }
    }

    fn write(self, line: &Line, text: &mut String) {
        match self {
            Self::Csv => {
                let cells: Vec<String> =
                    line.iter().map(|cell| csv_cell(cell.as_deref())).collect();
                text.push_str(&cells.join(","));
                text.push_str("\r\n");
            }
            Self::Ndjson => {
                let fields = COLUMNS.into_iter().zip(line);
                let object: serde_json::Map<_, _> = fields
                    .map(|(name, value)| (name.to_owned(), value.clone().into()))
                    .collect();
                text.push_str(&serde_json::Value::Object(object).to_string());
                text.push('\n');
            }
        }
    }
}

/// A cell (RFC 4180) that no spreadsheet takes for a formula.
fn csv_cell(text: Option<&str>) -> String {
    let text = text.unwrap_or_default();
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
    let text = if is_formula {
        format!("'{text}")
    } else {
        text.to_owned()
    };
    if text.contains([',', '"', '\r', '\n']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_or_two_cells() {
        for (text, expected) in [
            ("plain", "plain"),
            ("=HYPERLINK(\"x\")", "\"'=HYPERLINK(\"\"x\"\")\""),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@a", "'@a"),
            ("\tx", "'\tx"),
            ("a,b", "\"a,b\""),
            ("a\r\nb", "\"a\r\nb\""),
            ("", ""),
        ] {
            assert_eq!(csv_cell(Some(text)), expected);
        }
    }

    #[test]
    fn the_head_names_the_columns() {
        assert_eq!(Format::Csv.head(), COLUMNS.join(",") + "\r\n");
    }
}
