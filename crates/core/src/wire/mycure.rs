//! MYCURE's bodies: `WebhookEvent` of its guide.

use std::io::Write as _;

use bytes::Bytes;

use super::Message;

/// The event that only checks whether a receiver answers; it has no payload.
pub(crate) const PING: &str = "ping";

/// `{"id", "event", "payload"?}`; a ping has no payload.
///
/// Nothing in it needs JSON escapes but the payload, which is JSON already.
pub(super) fn body(message: &Message<'_>) -> Bytes {
    let event = message.event;
    let data = message.part().data;
    let mut body = Vec::with_capacity(data.len() + 192);
    write!(body, r#"{{"id":"{}","event":"{}""#, event.id, message.name)
        .expect("writing to a Vec cannot fail");
    if event.event_type.as_str() != PING {
        body.extend_from_slice(br#","payload":"#);
        body.extend_from_slice(&data);
    }
    body.push(b'}');
    body.into()
}
