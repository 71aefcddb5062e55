//! Decoda's bodies: byte for byte what Python's `json.dumps` prints.
//!
//! The vendor's sample receiver parses the body, prints it again with Python's defaults and
//! verifies that; so these bytes have to be what Python prints.

use std::io::Write as _;

use bytes::Bytes;

use super::Message;
use crate::python_json::write_python_json;

/// `{"id", "type", "data", "createdDate", "alertId"}`.
///
/// An event has no alert here, so `alertId` is always null.
pub(super) fn body(message: &Message<'_>) -> Bytes {
    let event = message.event;
    let data = message.part().data;
    let mut body = Vec::with_capacity(data.len() + data.len() / 4 + 256);
    let proof = "writing to a Vec cannot fail";
    write!(
        body,
        r#"{{"id": "{}", "type": "{}", "data": "#,
        event.id, message.name
    )
    .expect(proof);
    write_python_json(&data, &mut body);
    write!(
        body,
        r#", "createdDate": "{}", "alertId": null}}"#,
        event.created_at
    )
    .expect(proof);
    body.into()
}
