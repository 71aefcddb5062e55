//! Where the writer leaves news of commits for the engine: bounded, and never the only trace.

use std::collections::{HashMap, HashSet};

use carehook_core::{DeliveryId, EndpointId, Timestamp};
use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::{DueDelivery, HintBatch, PendingEndpoint};

/// Payload-carrying hints that are kept; more become a note to read the endpoint's page.
const MAX_HINTS: usize = 4_096;
/// Bytes of payloads that are kept in hints.
const MAX_BYTES: usize = 16 << 20;
/// Single withdrawals that are kept before whole endpoints are named.
const MAX_WITHDRAWN: usize = 4_096;

#[derive(Default)]
struct Board {
    batch: HintBatch,
    /// Bytes of payloads in the batch.
    bytes: usize,
    missed: HashMap<EndpointId, Timestamp>,
    changed: HashSet<EndpointId>,
}

impl Board {
    fn has_room(&self) -> bool {
        self.batch.due.len() < MAX_HINTS && self.bytes < MAX_BYTES
    }
}

/// News between the writer and one listener.
#[derive(Default)]
pub(super) struct HintBoard {
    board: Mutex<Board>,
    news: Notify,
}

impl HintBoard {
    pub(super) fn put_due(&self, deliveries: impl IntoIterator<Item = DueDelivery>) {
        let mut board = self.board.lock();
        for delivery in deliveries {
            // Once an endpoint has missed one, its later ones must not overtake it; but what
            // somebody waits for goes before all others anyway.
            let behind = !delivery.is_by_hand() && board.missed.contains_key(&delivery.endpoint);
            if behind || !board.has_room() {
                board
                    .missed
                    .entry(delivery.endpoint)
                    .or_insert(delivery.due);
            } else {
                // Deliveries of one event share its payload; counting it again errs to the safe side.
                board.bytes += payload_bytes(&delivery);
                board.batch.due.push(delivery);
            }
        }
        self.news.notify_one();
    }

    pub(super) fn put_missed(&self, pending: PendingEndpoint) {
        let mut board = self.board.lock();
        let due = board
            .missed
            .entry(pending.endpoint)
            .or_insert(pending.first_due);
        *due = (*due).min(pending.first_due);
        self.news.notify_one();
    }

    pub(super) fn put_withdrawn(&self, endpoint: EndpointId, delivery: DeliveryId) {
        let mut board = self.board.lock();
        if board.batch.withdrawn.len() >= MAX_WITHDRAWN {
            // `changed` makes the engine read the endpoint anew, withdrawn ones included.
            board.changed.insert(endpoint);
        } else {
            board.batch.withdrawn.push((endpoint, delivery));
        }
        self.news.notify_one();
    }

    pub(super) fn put_changed(&self, endpoint: EndpointId) {
        self.board.lock().changed.insert(endpoint);
        self.news.notify_one();
    }

    /// Waits until there is news and takes it.
    pub(super) async fn next(&self) -> HintBatch {
        loop {
            let listening = self.news.notified();
            let batch = self.take();
            if !is_empty(&batch) {
                return batch;
            }
            listening.await;
        }
    }

    fn take(&self) -> HintBatch {
        let mut board = self.board.lock();
        let mut batch = std::mem::take(&mut board.batch);
        board.bytes = 0;
        batch.changed = board.changed.drain().collect();
        batch.missed = board
            .missed
            .drain()
            .map(|(endpoint, first_due)| PendingEndpoint {
                endpoint,
                first_due,
            })
            .collect();
        batch
    }
}

fn payload_bytes(delivery: &DueDelivery) -> usize {
    let body = &delivery.event.body;
    body.data.bytes().len() + body.previous.as_ref().map_or(0, |json| json.bytes().len())
}

fn is_empty(batch: &HintBatch) -> bool {
    let HintBatch {
        due,
        missed,
        withdrawn,
        changed,
    } = batch;
    due.is_empty() && missed.is_empty() && withdrawn.is_empty() && changed.is_empty()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use carehook_core::{Event, EventId, Mode, RecordId, Trigger};

    use super::*;
    use crate::conformance::scene;

    fn due(endpoint: u64, number: u64, bytes: usize) -> DueDelivery {
        let id = |number| RecordId::new(scene::NOON.0, number, 0);
        let event = Event {
            id: EventId::Made(id(number)),
            organization: "northside".parse().unwrap(),
            event_type: "patient.created".parse().unwrap(),
            version: "v1".into(),
            mode: Mode::Live,
            account: None,
            occurred_at: None,
            created_at: scene::NOON,
            body: scene::body(&"x".repeat(bytes)),
        };
        DueDelivery {
            id: DeliveryId(id(number)),
            endpoint: EndpointId(id(endpoint)),
            event: Arc::new(event),
            sequence: number,
            attempt_count: 0,
            failed_in_round: 0,
            due: scene::NOON,
            trigger: Trigger::Schedule,
            notify: crate::Notify::OnFailure,
        }
    }

    #[test]
    fn hints_are_bounded_in_bytes() {
        let board = HintBoard::default();
        board.put_due((0..40).map(|number| due(number, number, 1 << 20)));
        let batch = board.take();
        assert_eq!(batch.due.len(), 16);
        assert_eq!(batch.missed.len(), 24);
        board.put_due([due(1, 41, 1 << 20)]);
        assert_eq!(board.take().due.len(), 1, "there is room again");
    }

    #[test]
    fn no_delivery_overtakes_one_that_was_missed() {
        let board = HintBoard::default();
        let (retried, other) = (due(1, 1, 1), due(2, 2, 1));
        let pending = PendingEndpoint {
            endpoint: retried.endpoint,
            first_due: scene::NOON,
        };
        board.put_missed(pending);
        board.put_due([due(1, 3, 1), other.clone()]);
        let batch = board.take();
        let hinted: Vec<_> = batch.due.iter().map(|due| due.id).collect();
        assert_eq!(hinted, [other.id]);
        assert_eq!(batch.missed, [pending]);
    }

    #[test]
    fn withdrawals_that_nobody_takes_become_changes() {
        let board = HintBoard::default();
        let endpoint = due(1, 1, 1).endpoint;
        for number in 0..3 * MAX_WITHDRAWN as u64 {
            board.put_withdrawn(endpoint, due(1, number, 1).id);
        }
        let batch = board.take();
        assert_eq!(batch.withdrawn.len(), MAX_WITHDRAWN);
        assert_eq!(batch.changed, [endpoint]);
    }
}
