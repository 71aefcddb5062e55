//! A batch of events, within the limits of the API.

use bytes::Bytes;
use carehook_core::Limits;

const OPEN: &[u8] = br#"{"events":["#;
const CLOSE: &[u8] = b"]}";

/// Events that go out in one request; their text is sent as it is.
#[derive(Default)]
pub(super) struct Batch {
    lines: Vec<u64>,
    body: Vec<u8>,
}

impl Batch {
    pub(super) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    pub(super) fn has_room_for(&self, event: &str) -> bool {
        let wrapping = OPEN.len() + 1 + CLOSE.len();
        self.lines.len() < Limits::BATCH_EVENTS
            && self.body.len() + event.len() + wrapping < Limits::BATCH_BYTES
    }

    pub(super) fn push(&mut self, line: u64, event: &str) {
        self.body
            .extend_from_slice(if self.is_empty() { OPEN } else { b"," });
        self.body.extend_from_slice(event.as_bytes());
        self.lines.push(line);
    }

    /// The lines that the events came from, and the request's body.
    pub(super) fn finish(mut self) -> (Vec<u64>, Bytes) {
        self.body.extend_from_slice(CLOSE);
        (self.lines, self.body.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_is_within_both_limits_when_it_is_full() {
        let check = |event: &str| {
            let mut batch = Batch::default();
            while batch.has_room_for(event) {
                batch.push(1, event);
            }
            let (lines, body) = batch.finish();
            assert!(lines.len() <= Limits::BATCH_EVENTS && body.len() < Limits::BATCH_BYTES);
            assert!(serde_json::from_slice::<serde_json::Value>(&body).is_ok());
            lines.len()
        };
        assert_eq!(check("{}"), Limits::BATCH_EVENTS);
        let large = format!("\"{}\"", "x".repeat(Limits::BODY_BYTES - 2));
        assert_eq!(check(&large), Limits::BATCH_BYTES / Limits::BODY_BYTES - 1);
    }
}
