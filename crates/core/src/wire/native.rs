//! Native bodies: the fields of Standard Webhooks, and ours.

use std::io::Write as _;

use bytes::Bytes;

use super::Message;
use super::payload::Part;

/// `{"type", "timestamp", "data", "previous"?, "organization_id", "mode", "sequence"}`.
///
/// Nothing in it needs JSON escapes but the payload, which is JSON already: types, ids and modes
/// consist of letters, digits and a few signs.
pub(super) fn body(message: &Message<'_>) -> Bytes {
    let event = message.event;
    let Part { data, previous } = message.part();
    let mut body = Vec::with_capacity(data.len() + previous.map_or(0, <[u8]>::len) + 256);
    let happened = event.occurred_at.unwrap_or(event.created_at);
    let proof = "writing to a Vec cannot fail";
    write!(
        body,
        r#"{{"type":"{}","timestamp":"{happened}","data":"#,
        message.name
    )
    .expect(proof);
    body.extend_from_slice(&data);
    if let Some(previous) = previous {
        body.extend_from_slice(br#","previous":"#);
        body.extend_from_slice(previous);
    }
    write!(
        body,
        r#","organization_id":"{}","mode":"{}","sequence":{}}}"#,
        event.organization,
        event.mode.as_str(),
        message.sequence,
    )
    .expect(proof);
    body.into()
}
