//! What people and the engine do to single deliveries, on the writer thread.

use std::collections::BTreeMap;
use std::sync::Arc;

use carehook_core::{DeliveryId, DeliveryState, EndpointId, Reason, Timestamp};
use rusqlite::Connection;

use super::days::Pending;
use super::writer::{Writer, day_of};
use super::{due_reads, event_reads, log_deliveries};
use crate::{DeliveryChange, Notify, PendingEndpoint, Refusal, StoreError};

impl Writer {
    /// Makes a delivery due; refused when nobody would take it any more.
    pub(super) fn retry_delivery(
        &mut self,
        id: DeliveryId,
        notify: Notify,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.retry_noting(id, notify, now, |_| Ok(()))
    }

    /// The same, with something that is noted in the delivery's file in the same step.
    pub(super) fn retry_noting(
        &mut self,
        id: DeliveryId,
        notify: Notify,
        now: Timestamp,
        note: impl FnOnce(&Connection) -> rusqlite::Result<()>,
    ) -> Result<(), StoreError> {
        const OP: &str = "retry a delivery";
        let due = self.now().max(now);
        let (day, number) = (day_of(id), id.0.number().cast_signed());
        if !self.shared.days.has(day) {
            return Err(Refusal::NotFound("delivery").into());
        }
        let endpoint = self
            .log(day)
            .and_then(|log| log_deliveries::endpoint_of(log, number))
            .map_err(|error| self.classify(OP, &error))?
            .ok_or(Refusal::NotFound("delivery"))?;
        self.check_payload_is_there(day, number)?;
        let endpoint = {
            let control = self.shared.control.read();
            control
                .endpoint_id(endpoint)
                .filter(|id| control.endpoint(*id).is_some())
                .ok_or(Refusal::State)?
        };
        self.shared.days.mark(day, Pending::Possible);
        self.log(day)
            .and_then(|log| {
                let transaction = log.unchecked_transaction()?;
                note(&transaction)?;
                log_deliveries::retry(&transaction, number, notify, due)?;
                transaction.commit()
            })
            .map_err(|error| self.classify(OP, &error))?;
        self.hint_retried(endpoint, (day, number), due);
        self.shared
            .tell_of_change([(endpoint, id)], DeliveryChange::Retried);
        Ok(())
    }

    /// Somebody waits for it, so the engine gets it by name; one that cannot be read is left to the
    /// page that it comes up in.
    fn hint_retried(&mut self, endpoint: EndpointId, (day, number): (i64, i64), due: Timestamp) {
        let shared = Arc::clone(&self.shared);
        let read = self
            .log(day)
            .and_then(|log| due_reads::one(&shared, log, (day, number), endpoint));
        match read {
            Ok(Some(delivery)) => shared.hints.put_due([delivery]),
            Ok(None) | Err(_) => shared.hints.put_missed(PendingEndpoint {
                endpoint,
                first_due: due,
            }),
        }
    }

    /// Refuses what has nothing left to send, after its retention or an erasure.
    fn check_payload_is_there(&mut self, day: i64, delivery: i64) -> Result<(), StoreError> {
        let key = self
            .log(day)
            .and_then(|log| event_reads::sealed_with(log, delivery));
        match key.map_err(|error| self.classify("retry a delivery", &error))? {
            Some((organization, day)) if self.shared.keys.has(organization, day) => Ok(()),
            _ => Err(Refusal::Conflict("the payload of its event is gone".to_owned()).into()),
        }
    }

    /// Ends those deliveries that are pending, in one commit a file; how many there were.
    pub(super) fn end_deliveries(
        &mut self,
        op: &'static str,
        ids: &[DeliveryId],
        ending: (DeliveryState, Reason),
        now: Timestamp,
    ) -> Result<usize, StoreError> {
        let mut by_day: BTreeMap<i64, Vec<DeliveryId>> = BTreeMap::new();
        for id in ids {
            by_day.entry(day_of(*id)).or_default().push(*id);
        }
        let mut count = 0;
        for (day, ids) in by_day {
            if !self.shared.days.has(day) {
                continue;
            }
            let ended = self
                .log(day)
                .and_then(|log| end_in(log, &ids, ending, now))
                .map_err(|error| self.classify(op, &error))?;
            count += ended.len();
            let named: Vec<_> = {
                let control = self.shared.control.read();
                let ended = ended.into_iter();
                let named = ended.map(|(number, id)| Some((control.endpoint_id(number)?, id)));
                named.flatten().collect()
            };
            for (endpoint, id) in &named {
                self.shared.hints.put_withdrawn(*endpoint, *id);
            }
            self.shared.tell_of_change(named, DeliveryChange::Ended);
        }
        Ok(count)
    }
}

/// Ends deliveries of one file; those that were pending, each with its endpoint.
fn end_in(
    log: &Connection,
    ids: &[DeliveryId],
    ending: (DeliveryState, Reason),
    now: Timestamp,
) -> rusqlite::Result<Vec<(i64, DeliveryId)>> {
    let transaction = log.unchecked_transaction()?;
    let mut ended = Vec::with_capacity(ids.len());
    for id in ids {
        let number = id.0.number().cast_signed();
        let endpoint = log_deliveries::end(&transaction, number, ending, now)?;
        ended.extend(endpoint.map(|endpoint| (endpoint, *id)));
    }
    transaction.commit()?;
    Ok(ended)
}
