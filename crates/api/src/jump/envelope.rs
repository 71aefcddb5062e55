//! The envelope of every answer: `meta.request_id` and the headers that Jump's answers have.
//!
//! Handlers and errors write `data`, `meta` and `error`; the request's id is added on the way out,
//! so that an answer that is repeated for an idempotency key names the repetition.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use carehook_app::{App, Quota};
use carehook_core::Limits;
use http::{HeaderName, HeaderValue, header};
use http_body_util::BodyExt as _;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use tracing::Instrument as _;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");

/// An answer on its way out.
#[derive(Serialize, Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    data: &'a RawValue,
    #[serde(default)]
    meta: Map<String, Value>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    error: Option<&'a RawValue>,
}

/// Names the request, in the log too, and adds the name to its answer.
pub(super) async fn enveloped(State(app): State<App>, request: Request, next: Next) -> Response {
    let id = format!("req_{}", app.new_request_id());
    let span = tracing::info_span!("request", request_id = %id);
    let response = next.run(request).instrument(span).await;
    let (mut parts, body) = response.into_parts();
    let body = match body.collect().await {
        Ok(collected) => collected.to_bytes(),
        Err(error) => {
            tracing::error!(%error, "an answer broke off");
            bytes::Bytes::new()
        }
    };
    let headers = &mut parts.headers;
    // It was that of the body without the id.
    headers.remove(header::CONTENT_LENGTH);
    // Without a valid key nothing was counted: then the headers tell of what any key has.
    let quota = parts.extensions.get::<Quota>();
    let usual = (
        Limits::JUMP_REQUESTS_PER_HOUR,
        Limits::JUMP_REQUESTS_PER_HOUR,
    );
    let (limit, remaining) = quota.map_or(usual, |quota| (quota.limit, quota.remaining));
    headers.insert(LIMIT, limit.into());
    headers.insert(REMAINING, remaining.into());
    // The answer to HEAD has no body.
    let body = named(&body, &id).map_or_else(|| Body::from(body), Body::from);
    headers.insert(
        REQUEST_ID,
        HeaderValue::try_from(id).expect("hex digits are printable ASCII"),
    );
    Response::from_parts(parts, body)
}

fn named(body: &[u8], id: &str) -> Option<Vec<u8>> {
    let mut envelope: Envelope<'_> = serde_json::from_slice(body).ok()?;
    envelope.meta.insert("request_id".to_owned(), id.into());
    serde_json::to_vec(&envelope).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_is_added_and_nothing_else_is_touched() {
        let check = |body: &str, expected: &str| {
            let named = named(body.as_bytes(), "req_1").unwrap();
            assert_eq!(String::from_utf8(named).unwrap(), expected);
        };
        check(
            r#"{"data":{"b":1.10,"a":null}}"#,
            r#"{"data":{"b":1.10,"a":null},"meta":{"request_id":"req_1"}}"#,
        );
        check(
            r#"{"data":[],"meta":{"limit":20,"next_offset":null}}"#,
            r#"{"data":[],"meta":{"limit":20,"next_offset":null,"request_id":"req_1"}}"#,
        );
        check(
            r#"{"data":null,"error":{"code":"NOT_FOUND"}}"#,
            r#"{"data":null,"meta":{"request_id":"req_1"},"error":{"code":"NOT_FOUND"}}"#,
        );
        assert_eq!(named(b"", "req_1"), None);
    }
}
