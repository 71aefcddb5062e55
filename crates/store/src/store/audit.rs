//! The contract of the audit trail: append-only, chained by organization, signed now and then.

use carehook_core::{CheckpointPublicKey, OrganizationId};

use super::{Result, Store};
use crate::{AuditFilter, AuditNote, AuditPosition, AuditRecord, ListPage, PageRequest};

impl Store {
    /// The same store, whose next change leaves this entry: in the same commit when the change is
    /// one of organizations, endpoints, keys or the catalogue, and directly after it otherwise. A
    /// change that is refused leaves none.
    #[must_use]
    pub fn noting(&self, note: AuditNote) -> Self {
        let Self::Embedded(store) = self;
        Self::Embedded(store.noting(note))
    }

    /// Writes an entry about something that changes nothing in the store.
    ///
    /// `Ok` means that it survives a kill and a power cut. Refused when the organization does not
    /// exist and never did.
    pub async fn audit(&self, note: AuditNote) -> Result<()> {
        self.audit_all(vec![note]).await
    }

    /// The same for several entries, in their order and in one commit. Refused when an organization
    /// of one of them does not exist and never did; the others are written.
    pub async fn audit_all(&self, notes: Vec<AuditNote>) -> Result<()> {
        let Self::Embedded(store) = self;
        store.audit_all(notes).await
    }

    /// The trail of an organization, newest first: entries of the journal by their time, and
    /// disclosures by the day on which their event was accepted, then by their place in its book.
    ///
    /// A page may be short, even empty, although there is more: a filter that few entries match is
    /// worked off in bounded parts.
    pub async fn list_audit(
        &self,
        of: &OrganizationId,
        filter: &AuditFilter,
        page: PageRequest<AuditPosition>,
    ) -> Result<ListPage<AuditRecord, AuditPosition>> {
        let Self::Embedded(store) = self;
        store.list_audit(of, filter, page).await
    }

    /// Signs how far every book has come that has grown. This happens by itself every hour, after
    /// many entries, in quiet moments and when the store closes.
    pub async fn sign_audit(&self) -> Result<()> {
        let Self::Embedded(store) = self;
        store.sign_audit().await
    }

    /// Attempts since the start that sent something and are in no trail, because their delivery or
    /// event was gone when they were recorded.
    pub fn missing_disclosures(&self) -> u64 {
        let Self::Embedded(store) = self;
        store.missing_disclosures()
    }

    /// Books that do not go on from where they were signed last: somebody has cut or rewritten them.
    /// They are not signed any more, so that verification goes on finding it. Looked at when the
    /// store opens and before each signing.
    pub fn broken_audit_books(&self) -> u64 {
        let Self::Embedded(store) = self;
        store.broken_audit_books()
    }

    /// What checkpoints are verified with; to be kept where nobody can change it with the data.
    pub fn audit_public_key(&self) -> CheckpointPublicKey {
        let Self::Embedded(store) = self;
        store.audit_public_key()
    }

    /// Copies an organization's disclosures of a day to where they outlive its log file. To be
    /// called before rows of that file go; calling it again copies what is new.
    pub async fn keep_disclosures(&self, of: i64, day: i64) -> Result<()> {
        let Self::Embedded(store) = self;
        store.keep_disclosures(of, day).await
    }
}
