//! Calling off what a replay that has stopped had made due.

use carehook_core::{DeliveryState, OrganizationId, Reason, ReplayId, ReplayState};

use super::super::writer::Writer;
use super::super::{EmbeddedStore, Result};
use super::progress;
use crate::{Refusal, Store};

const OP: &str = "call off what a replay made due";

impl EmbeddedStore {
    pub(crate) async fn cancel_replayed(&self, of: &OrganizationId, id: ReplayId) -> Result<usize> {
        let of = of.clone();
        let cancel = move |writer: &mut Writer| writer.cancel_replayed(&of, id);
        let cancelled = self.change(OP, cancel).await?;
        self.shared.replay_news.notify_one();
        Ok(cancelled)
    }
}

impl Writer {
    fn cancel_replayed(&mut self, of: &OrganizationId, id: ReplayId) -> Result<usize> {
        let found = self.stored_replay(of, id)?;
        let found = found.ok_or(Refusal::NotFound("replay"))?;
        if found.replay.state == ReplayState::Running {
            let reason = "the replay is running: stop it first";
            return Err(Refusal::Conflict(reason.to_owned()).into());
        }
        let mut waiting = Vec::new();
        for day in self.shared.days.with_pending() {
            let missing = Store::CALLED_OFF_AT_ONCE - waiting.len();
            if missing == 0 {
                break;
            }
            let found = self
                .log(day)
                .and_then(|log| progress::waiting(log, found.number, missing));
            waiting.extend(found.map_err(|error| self.classify(OP, &error))?);
        }
        let ending = (DeliveryState::Cancelled, Reason::Cancelled);
        let now = self.now();
        match self.end_deliveries(OP, &waiting, ending, now)? {
            // Refused, so that it leaves no entry.
            0 => Err(Refusal::State.into()),
            cancelled => Ok(cancelled),
        }
    }
}
