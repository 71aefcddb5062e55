//! The audit trail: a journal in the control file, and disclosures, which are attempts that sent
//! something. Each organization has a chain for its journal and one for every day's log file, so
//! that each chain lies in one file and a crash between the commits of two files breaks none.

mod chains;
mod continuity;
mod disclosures;
mod glance;
mod journal;
mod kept;
mod reads;
mod register;
mod registering;
mod signing;
mod trims;
mod verify;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use carehook_core::{CheckpointKey, CheckpointPublicKey, OrganizationId};
use tokio::sync::oneshot;

use super::control::Control;
use super::shared::{Shared, lost};
use super::work::{AuditWork, PreparedAttempt, Work};
use super::writer::Writer;
use super::{EmbeddedStore, Result};
use crate::keys::{CONFIGURATION, INSTALLATION};
use crate::{
    AuditFilter, AuditNote, AuditPosition, AuditRecord, ListPage, PageRequest, StoreError,
};

pub(super) use chains::AuditChains;
pub(super) use disclosures::{Disclosed, disclose, host_column, next_owner};
pub(super) use journal::append;
pub(super) use kept::{days_before, forget, keep_day};
pub(super) use signing::publish_key;
pub(super) use trims::trimmable;
pub use verify::{DirectoryAudit, OwnedBook};

const AUDIT: &str = "audit";
const LIST: &str = "list the audit trail";
const KEEP: &str = "keep disclosures";

/// No text of an API key, which is what the other digests are made of.
const SIGNING_PURPOSE: &str = "carehook: audit checkpoints, 1";

impl Shared {
    /// The key of this installation that signs checkpoints. It follows from the key that API keys
    /// are found by, which lies sealed by the master key and outlives its rotation.
    fn checkpoint_key(&self) -> CheckpointKey {
        let seed = zeroize::Zeroizing::new(self.digest_key.digest(SIGNING_PURPOSE));
        CheckpointKey::from_seed(&seed)
    }

    /// So many books do not go on from where they were signed.
    fn count_broken(&self, books: usize) {
        let books = u64::try_from(books).unwrap_or(u64::MAX);
        self.broken_books.store(books, Ordering::Relaxed);
    }

    /// An attempt whose delivery or event is not in its file any more. If it sent something, nobody
    /// can tell from the trail what and to whom, so somebody has to hear of it elsewhere.
    pub(super) fn cannot_disclose(&self, attempt: &PreparedAttempt) {
        if attempt.record.sent_to.is_none() {
            return;
        }
        self.undisclosed.fetch_add(1, Ordering::Relaxed);
        tracing::error!(
            delivery = %attempt.delivery(),
            attempt = attempt.record.attempt.number,
            "a disclosure is missing in the audit trail: its delivery or event is gone"
        );
    }
}

/// The id under which the books of an organization are chained, also after its deletion.
fn owner_of(control: &Control, organization: i64) -> Option<OrganizationId> {
    if organization == INSTALLATION {
        return Some(installation());
    }
    control.organization_id(organization).cloned()
}

fn installation() -> OrganizationId {
    let id = "installation".parse();
    id.expect("twelve letters are the id of an organization")
}

impl EmbeddedStore {
    pub(crate) fn noting(&self, note: AuditNote) -> Self {
        Self {
            note: Some(Arc::new(note)),
            ..self.clone()
        }
    }

    /// Runs a change on the writer thread, with the entry that it is to leave.
    pub(super) async fn change<T: Send + 'static>(
        &self,
        op: &'static str,
        change: impl FnOnce(&mut Writer) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let Some(note) = self.note.clone() else {
            return self.shared.change(op, change).await;
        };
        let noted = move |writer: &mut Writer| writer.change_noting(note, change);
        self.shared.change(op, noted).await
    }

    pub(crate) async fn audit_all(&self, notes: Vec<AuditNote>) -> Result<()> {
        let (reply, result) = oneshot::channel();
        let work = Work::Audit(AuditWork { notes, reply });
        self.shared.submit(AUDIT, work)?;
        result.await.unwrap_or_else(|_| Err(lost(AUDIT)))
    }

    pub(crate) async fn list_audit(
        &self,
        of: &OrganizationId,
        filter: &AuditFilter,
        page: PageRequest<AuditPosition>,
    ) -> Result<ListPage<AuditRecord, AuditPosition>> {
        let Some(organization) = self.organization_number(of) else {
            return Ok(ListPage {
                items: Vec::new(),
                next: None,
            });
        };
        let subject = match &filter.subject {
            None => None,
            Some(subject) => {
                let key = self.shared.data_key(organization, CONFIGURATION).await?;
                Some(key.keyed_hash(subject.as_bytes()))
            }
        };
        let wanted = reads::Wanted::new(filter, subject);
        self.read(LIST, move |shared| {
            reads::page(shared, organization, &wanted, page)
        })
        .await
    }

    pub(crate) async fn sign_audit(&self) -> Result<()> {
        let sign = |writer: &mut Writer| writer.sign_books();
        self.shared.change("sign the audit trail", sign).await
    }

    pub(crate) fn broken_audit_books(&self) -> u64 {
        self.shared.broken_books.load(Ordering::Relaxed)
    }

    pub(crate) fn missing_disclosures(&self) -> u64 {
        self.shared.undisclosed.load(Ordering::Relaxed)
    }

    pub(crate) fn audit_public_key(&self) -> CheckpointPublicKey {
        self.shared.checkpoint_key().public()
    }

    pub(crate) async fn keep_disclosures(&self, organization: i64, day: i64) -> Result<()> {
        let shared = Arc::clone(&self.shared);
        let kept = tokio::task::spawn_blocking(move || kept::keep(&shared, organization, day));
        let kept = kept.await;
        kept.map_err(|error| super::failure::unfinished(KEEP, &error))?
    }
}

/// A database error of something that is not the writer's.
fn failed(op: &'static str, error: &rusqlite::Error) -> StoreError {
    super::failure::of_read(op, error)
}
