//! ECG's payload objects (Webhooks Module API, `WebhookPayloadHash`).

use std::io::Write as _;

use bytes::Bytes;

use super::Message;
use crate::javascript_json::write_javascript_json;

/// `{"eventType", "version", "organizationId", "createdAt", "data"}`.
///
/// `createdAt` is [`crate::Endpoint::sent_at`] in milliseconds since 1970. `data` is spelled as JavaScript prints it: so a
/// receiver, or a caller of `validate-hash`, that has parsed a body and prints it again gets the
/// same bytes.
pub(super) fn body(message: &Message<'_>) -> Bytes {
    let event = message.event;
    let data = message.part().data;
    let mut body = Vec::with_capacity(data.len() + 256);
    write!(
        body,
        r#"{{"eventType":"{}","version":"{}","organizationId":"{}","createdAt":{},"data":"#,
        message.name, event.version, event.organization, message.sent_at.0,
    )
    .expect("writing to a Vec cannot fail");
    write_javascript_json(&data, &mut body);
    body.push(b'}');
    body.into()
}
