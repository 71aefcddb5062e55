//! Jump's bodies and signature (its guides on webhooks and on API keys).

use std::io::Write as _;

use bytes::Bytes;

use super::Message;
use super::payload::Part;

/// `{"id", "type", "created_at", "organization_id", "data": {"object", "previous"}}`.
///
/// Nothing in it needs JSON escapes but the payload, which is JSON already.
pub(super) fn body(message: &Message<'_>) -> Bytes {
    let event = message.event;
    let Part { data, previous } = message.part();
    let previous = previous.unwrap_or(b"null");
    let mut body = Vec::with_capacity(data.len() + previous.len() + 256);
    write!(
        body,
        r#"{{"id":"{}","type":"{}","created_at":"{}","organization_id":"{}","data":{{"object":"#,
        event.id, message.name, event.created_at, event.organization,
    )
    .expect("writing to a Vec cannot fail");
    body.extend_from_slice(&data);
    body.extend_from_slice(br#","previous":"#);
    body.extend_from_slice(previous);
    body.extend_from_slice(b"}}");
    body.into()
}
