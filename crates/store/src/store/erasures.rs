//! The contract of erasures: jobs that survive restarts, and the steps that work them off.

use carehook_core::{Erasure, ErasureId, OrganizationId, Timestamp};

use super::{Result, Store};
use crate::{ErasurePosition, ErasureStep, ListPage, PageRequest, RunningErasure};

impl Store {
    /// Makes a job that erases what was accepted about a subject before now. Only a keyed hash of
    /// the subject is stored, and only until the job is done.
    pub async fn create_erasure(
        &self,
        of: &OrganizationId,
        id: ErasureId,
        subject: &str,
    ) -> Result<Erasure> {
        let Self::Embedded(store) = self;
        store.create_erasure(of, id, subject).await
    }

    /// One job of an organization.
    pub async fn erasure(&self, of: &OrganizationId, id: ErasureId) -> Result<Option<Erasure>> {
        let Self::Embedded(store) = self;
        store.erasure(of, id).await
    }

    /// The jobs of an organization, newest first.
    pub async fn list_erasures(
        &self,
        of: &OrganizationId,
        page: PageRequest,
    ) -> Result<ListPage<Erasure>> {
        let Self::Embedded(store) = self;
        store.list_erasures(of, page).await
    }

    /// The oldest job that is not finished, of any organization.
    pub async fn running_erasure(&self) -> Result<Option<RunningErasure>> {
        let Self::Embedded(store) = self;
        store.running_erasure().await
    }

    /// Works off one step of a job: bounded in time and memory, and harmless to repeat.
    ///
    /// Events about the subject that were accepted before the job was made lose their payload,
    /// subject and ordering key; the keyed hash of the subject stays for the audit trail. In the same commit their pending deliveries are cancelled as
    /// [`carehook_core::Reason::Erased`], and the answers to their attempts, the mails that they
    /// owe and their idempotency keys go. An id that the publisher gave stays taken. Then the
    /// answers that are kept for repeated requests of the organization go. [`ErasureStep::Ended`]
    /// means that no file holds any of it, sealed or not.
    pub async fn erase(&self, job: &RunningErasure, at: ErasurePosition) -> Result<ErasureStep> {
        let Self::Embedded(store) = self;
        store.erase(job, at).await
    }

    /// Ends a job that cannot be finished.
    pub async fn fail_erasure(&self, id: ErasureId, now: Timestamp) -> Result<()> {
        let Self::Embedded(store) = self;
        store.fail_erasure(id, now).await
    }

    /// Waits until a job was made. There is one listener: the engine.
    pub async fn next_erasure(&self) {
        let Self::Embedded(store) = self;
        store.next_erasure().await;
    }
}
