//! The contract of retention: what is kept how long, and that nothing pending is dropped.

use carehook_core::Timestamp;

use super::{Result, Store};
use crate::RetentionPosition;

impl Store {
    /// Takes one step of a round of retention: bounded in time and memory, and harmless to repeat.
    /// `None` is the end of the round.
    ///
    /// What an organization was sent or published more than its `payload_days` ago becomes
    /// unreadable: the data key of that day is destroyed, or, while something of that day is
    /// pending, payloads and answers of what is not pending are overwritten one by one. After
    /// `metadata_days` the rows go, and with the last of them the file. What is pending, or owes a
    /// mail, stays whole however old it is (law L12). After its `audit_years` the audit trail goes:
    /// books of disclosures as a whole, and the oldest entries of the journal, whose chain then starts
    /// at a signed trim; a journal that was changed is kept.
    pub async fn retain(
        &self,
        now: Timestamp,
        at: RetentionPosition,
    ) -> Result<Option<RetentionPosition>> {
        let Self::Embedded(store) = self;
        store.retain(now, at).await
    }
}
