//! The contract of going over to another master key.

use super::{Result, Store};
use crate::MasterKey;

impl Store {
    /// Seals everything that the master key seals with another one: the data keys, the key for API
    /// keys, and what tells master keys apart. How many data keys there were.
    ///
    /// It is one commit: after a kill the store opens with the old key or with the new one, and
    /// `Ok` means the new one. Reads and writes go on. Refused as [`crate::Refusal::Conflict`] when
    /// this key is in use already.
    pub async fn rotate_master(&self, new: MasterKey) -> Result<usize> {
        let Self::Embedded(store) = self;
        store.rotate_master(new).await
    }
}
