//! What people and the engine do to single deliveries, on the writer thread.

use carehook_core::{DeliveryId, DeliveryState, Reason, Timestamp};

use super::days::Pending;
use super::log_deliveries;
use super::writer::{Writer, day_of};
use crate::{PendingEndpoint, Refusal, StoreError};

impl Writer {
    /// Makes a delivery due; refused when nobody would take it any more.
    pub(super) fn retry_delivery(
        &mut self,
        id: DeliveryId,
        now: Timestamp,
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
        let endpoint = {
            let control = self.shared.control.read();
            control
                .endpoint_id(endpoint)
                .filter(|id| control.endpoint(*id).is_some())
                .ok_or(Refusal::State)?
        };
        self.shared.days.mark(day, Pending::Possible);
        self.log(day)
            .and_then(|log| log_deliveries::retry(log, number, due))
            .map_err(|error| self.classify(OP, &error))?;
        self.shared.hints.put_missed(PendingEndpoint {
            endpoint,
            first_due: due,
        });
        Ok(())
    }

    /// Ends a delivery; false when it was not pending.
    pub(super) fn end_delivery(
        &mut self,
        op: &'static str,
        id: DeliveryId,
        ending: (DeliveryState, Reason),
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let (day, number) = (day_of(id), id.0.number().cast_signed());
        if !self.shared.days.has(day) {
            return Ok(false);
        }
        let ended = self
            .log(day)
            .and_then(|log| log_deliveries::end(log, number, ending, now))
            .map_err(|error| self.classify(op, &error))?;
        let control = self.shared.control.read();
        if let Some(endpoint) = ended.and_then(|number| control.endpoint_id(number)) {
            self.shared.hints.put_withdrawn(endpoint, id);
        }
        Ok(ended.is_some())
    }
}
