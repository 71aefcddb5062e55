//! Making data keys: one for each organization and day, on the writer thread.
//!
//! At midnight all organizations need one at once, so those that wait are made in one commit.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::control_writes::insert_data_key;
use super::failure::corrupt;
use super::work::KeyWork;
use super::writer::Writer;
use crate::keys::{INSTALLATION, SealKey};
use crate::{Refusal, StoreError};

pub(super) const OP: &str = "make a data key";

impl Writer {
    /// Makes those keys that are missing, and answers everybody who waits for one.
    pub(super) fn answer_key_requests(&mut self, requests: Vec<KeyWork>) {
        let names: BTreeSet<_> = requests.iter().map(|work| work.name).collect();
        let made = match self.shared.health() {
            Ok(()) => self.make_missing(names),
            Err(reason) => Err(corrupt(OP, reason)),
        };
        for KeyWork { name, reply } in requests {
            let answer = made.clone().and_then(|()| self.made_key(name));
            // A caller that has gone away leaves the key for the next one.
            drop(reply.send(answer));
        }
    }

    /// The key of an organization for a day, made when it is needed first.
    pub(super) fn data_key(
        &mut self,
        organization: i64,
        day: i64,
    ) -> Result<Arc<SealKey>, StoreError> {
        let name = (organization, day);
        self.make_missing(BTreeSet::from([name]))?;
        self.made_key(name)
    }

    fn make_missing(&mut self, names: BTreeSet<(i64, i64)>) -> Result<(), StoreError> {
        let keys = &self.shared.keys;
        let missing = |(organization, day): &(i64, i64)| {
            !keys.has(*organization, *day) && self.lives(*organization)
        };
        let missing = names.into_iter().filter(missing);
        let new: Vec<_> = missing.map(|(of, day)| keys.generate(of, day)).collect();
        if new.is_empty() {
            return Ok(());
        }
        // The entry of a change that needs a key goes with the change itself.
        let note = self.note.take();
        let made = self.control_transaction(OP, |transaction| {
            new.iter()
                .try_for_each(|key| insert_data_key(transaction, key))
        });
        self.note = note;
        made?;
        for key in new {
            self.shared.keys.insert(key);
        }
        Ok(())
    }

    fn made_key(&self, (organization, day): (i64, i64)) -> Result<Arc<SealKey>, StoreError> {
        let keys = &self.shared.keys;
        match keys.get(organization, day) {
            Some(key) => Ok(key),
            None if keys.has(organization, day) => {
                Err(corrupt(OP, "a data key does not open".to_owned()))
            }
            None => Err(Refusal::NotFound("organization").into()),
        }
    }

    /// Whether an organization may have keys; those of a deleted one are never made again.
    fn lives(&self, organization: i64) -> bool {
        let control = self.shared.control.read();
        let id = control.organization_id(organization);
        let entry = id.and_then(|id| control.entry(id));
        organization == INSTALLATION || entry.is_some_and(|entry| entry.number == organization)
    }
}
