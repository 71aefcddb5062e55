//! Dialects on the wire: bodies, headers and success rules of deliveries.

use std::io::Write as _;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use serde::{Deserialize, Serialize};

use crate::{Event, RetryPolicy, Signer, Timestamp};

/// An API face, and the form of the deliveries that it creates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dialect {
    /// Ours: Standard Webhooks.
    #[default]
    Native,
}

impl Dialect {
    /// The word used in bodies and columns.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Native => "native",
        }
    }

    /// Whether a receiver's status means that it took the delivery.
    pub fn is_success(self, status: u16) -> bool {
        match self {
            Self::Native => (200..300).contains(&status),
        }
    }

    /// The retry schedule of an endpoint that has none of its own.
    pub fn default_retry_policy(self) -> RetryPolicy {
        match self {
            Self::Native => RetryPolicy::native(),
        }
    }

    /// Renders the body of a delivery: the bytes that are signed and sent.
    pub fn render_body(self, event: &Event, sequence: u64) -> Bytes {
        match self {
            Self::Native => native_body(event, sequence),
        }
    }
}

/// `{"type", "timestamp", "data", "previous"?, "organization_id", "mode", "sequence"}`.
///
/// Nothing in it needs JSON escapes but the payload, which is JSON already: types, ids and modes
/// consist of letters, digits and a few signs.
fn native_body(event: &Event, sequence: u64) -> Bytes {
    let data = event.body.data.bytes();
    let previous = event
        .body
        .previous
        .as_ref()
        .map(super::json::JsonText::bytes);
    let mut body = Vec::with_capacity(data.len() + previous.map_or(0, Bytes::len) + 256);
    let happened = event.occurred_at.unwrap_or(event.created_at);
    let proof = "writing to a Vec cannot fail";
    write!(
        body,
        r#"{{"type":"{}","timestamp":"{happened}","data":"#,
        event.event_type
    )
    .expect(proof);
    body.extend_from_slice(data);
    if let Some(previous) = previous {
        body.extend_from_slice(br#","previous":"#);
        body.extend_from_slice(previous);
    }
    write!(
        body,
        r#","organization_id":"{}","mode":"{}","sequence":{sequence}}}"#,
        event.organization,
        event.mode.as_str()
    )
    .expect(proof);
    body.into()
}

const WEBHOOK_ID: HeaderName = HeaderName::from_static("webhook-id");
const WEBHOOK_TIMESTAMP: HeaderName = HeaderName::from_static("webhook-timestamp");
const WEBHOOK_SIGNATURE: HeaderName = HeaderName::from_static("webhook-signature");

/// Adds the headers of one attempt to an endpoint's own; ours are written last and win.
pub fn signed_headers(
    own: &HeaderMap,
    event_id: &str,
    body: &[u8],
    signer: &Signer,
    wall: Timestamp,
) -> HeaderMap {
    let ascii = |text: &str| {
        HeaderValue::from_str(text).expect("ids, numbers and base64 are printable ASCII")
    };
    let mut headers = own.clone();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    headers.insert(WEBHOOK_ID, ascii(event_id));
    headers.insert(WEBHOOK_TIMESTAMP, ascii(&wall.seconds().to_string()));
    headers.insert(WEBHOOK_SIGNATURE, ascii(&signer.sign(event_id, wall, body)));
    headers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secrets;
    use crate::{EventBody, EventId, JsonText, Mode, RecordId, Secret};

    fn event(data: &str, previous: Option<&str>) -> Event {
        let json = |text: &str| {
            let raw: Box<serde_json::value::RawValue> = serde_json::from_str(text).unwrap();
            JsonText::object(&raw).unwrap()
        };
        Event {
            id: EventId::Made(RecordId::new(1, 1, 1)),
            organization: "northside".parse().unwrap(),
            event_type: "patient.updated".parse().unwrap(),
            version: "v1".into(),
            mode: Mode::Live,
            account: None,
            occurred_at: None,
            created_at: Timestamp(1_767_323_045_006),
            body: EventBody {
                data: json(data),
                previous: previous.map(json),
                subject: None,
                ordering_key: None,
            },
        }
    }

    #[test]
    fn the_native_body_keeps_the_payload_as_it_was_spelled() {
        let event = event(r#"{ "n": 1.10, "z": "é\u00e9" }"#, Some(r#"{"n": 1E5}"#));
        let body = Dialect::Native.render_body(&event, 7);
        assert_eq!(
            std::str::from_utf8(&body).unwrap(),
            concat!(
                r#"{"type":"patient.updated","timestamp":"2026-01-02T03:04:05.006Z","#,
                r#""data":{"n":1.10,"z":"é\u00e9"},"previous":{"n":1E5},"#,
                r#""organization_id":"northside","mode":"live","sequence":7}"#
            )
        );
    }

    #[test]
    fn our_headers_win_over_the_endpoints_own() {
        let now = Timestamp(1_790_000_000_000);
        let signer = Signer::new(&Secrets::first(Secret::symmetric(&[1; 32]), now)).unwrap();
        let mut own = HeaderMap::new();
        own.insert("webhook-id", HeaderValue::from_static("forged"));
        own.insert("x-tenant", HeaderValue::from_static("a"));
        let headers = signed_headers(&own, "evt_1", b"{}", &signer, now);
        assert_eq!(headers["webhook-id"], "evt_1");
        assert_eq!(headers["webhook-timestamp"], "1790000000");
        assert_eq!(headers["x-tenant"], "a");
        assert_eq!(headers["content-type"], "application/json");
        assert!(
            headers["webhook-signature"]
                .to_str()
                .unwrap()
                .starts_with("v1,")
        );
    }
}
