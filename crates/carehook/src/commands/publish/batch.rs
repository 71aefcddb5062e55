//! A batch of events, within the limits of the API.

use bytes::Bytes;
use carehook_core::Limits;

const OPEN: &[u8] = br#"{"events":["#;
const CLOSE: &[u8] = b"]}";

/// Events that go out in one request, each with its line; their text is sent as it is.
#[derive(Default)]
pub(super) struct Batch {
    events: Vec<(u64, String)>,
    /// Bytes of the events with what separates them.
    bytes: usize,
}

impl Batch {
    pub(super) fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    pub(super) fn has_room_for(&self, event: &str) -> bool {
        let wrapping = OPEN.len() + CLOSE.len();
        self.events.len() < Limits::BATCH_EVENTS
            && self.bytes + event.len() + 1 + wrapping < Limits::BATCH_BYTES
    }

    pub(super) fn push(&mut self, line: u64, event: String) {
        self.bytes += event.len() + 1;
        self.events.push((line, event));
    }

    /// The lines that the events came from.
    pub(super) fn lines(&self) -> impl ExactSizeIterator<Item = u64> {
        self.events.iter().map(|(line, _)| *line)
    }

    /// The request's body.
    pub(super) fn body(&self) -> Bytes {
        let mut body = Vec::with_capacity(OPEN.len() + self.bytes + CLOSE.len());
        body.extend_from_slice(OPEN);
        for (index, (_, event)) in self.events.iter().enumerate() {
            if index > 0 {
                body.push(b',');
            }
            body.extend_from_slice(event.as_bytes());
        }
        body.extend_from_slice(CLOSE);
        body.into()
    }

    /// The events at these places, which are in ascending order.
    pub(super) fn only(self, places: &[usize]) -> Self {
        let mut kept = Self::default();
        for (place, (line, event)) in self.events.into_iter().enumerate() {
            if places.binary_search(&place).is_ok() {
                kept.push(line, event);
            }
        }
        kept
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
                batch.push(1, event.to_owned());
            }
            let (count, body) = (batch.lines().len(), batch.body());
            assert!(count <= Limits::BATCH_EVENTS && body.len() < Limits::BATCH_BYTES);
            assert!(serde_json::from_slice::<serde_json::Value>(&body).is_ok());
            count
        };
        assert_eq!(check("{}"), Limits::BATCH_EVENTS);
        let large = format!("\"{}\"", "x".repeat(Limits::BODY_BYTES - 2));
        assert_eq!(check(&large), Limits::BATCH_BYTES / Limits::BODY_BYTES - 1);
    }

    #[test]
    fn what_was_put_off_is_a_batch_of_its_own() {
        let mut batch = Batch::default();
        for line in 1..=4 {
            batch.push(line, format!("{{\"line\":{line}}}"));
        }
        let rest = batch.only(&[1, 3]);
        assert_eq!(rest.lines().collect::<Vec<_>>(), [2, 4]);
        assert_eq!(&rest.body()[..], br#"{"events":[{"line":2},{"line":4}]}"#);
        assert!(rest.only(&[]).is_empty());
    }
}
