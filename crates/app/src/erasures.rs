//! Erasures: everything that is kept about a subject is made unreadable, by a job.

use carehook_core::{AuditAction, Erasure, ErasureId, Mode, Scope};

use crate::cursor::{List, Page, PageOf};
use crate::publish::{SUBJECT_CHARS, bounded};
use crate::{App, AppError, Faults, OrganizationAccess};

impl App {
    /// Makes a job that erases what was accepted about a subject until now.
    pub async fn create_erasure(
        &self,
        access: &OrganizationAccess,
        subject: Option<String>,
    ) -> Result<Erasure, AppError> {
        check_rights(access)?;
        let mut faults = Faults::default();
        let subject = faults.require("/subject", subject);
        let subject = subject.map(|text| bounded(&text, SUBJECT_CHARS));
        let subject = faults.take_optional("/subject", subject);
        let subject = faults.finish(subject)?;
        let id = ErasureId(self.inner().random.record_id(self.now()));
        let organization = access.organization();
        let made = self
            .noting(
                access,
                AuditAction::ErasureRequested,
                format!("erasure/{id}"),
            )
            .create_erasure(organization, id, &subject)
            .await?;
        let by = access.actor();
        tracing::info!(%organization, erasure = %made.id, by, "erasure created");
        Ok(made)
    }

    /// One job.
    pub async fn erasure(
        &self,
        access: &OrganizationAccess,
        id: ErasureId,
    ) -> Result<Erasure, AppError> {
        check_rights(access)?;
        let found = self.store().erasure(access.organization(), id).await?;
        found.ok_or(AppError::NotFound { kind: "erasure" })
    }

    /// The jobs of an organization, newest first.
    pub async fn list_erasures(
        &self,
        access: &OrganizationAccess,
        page: &Page,
    ) -> Result<PageOf<Erasure>, AppError> {
        check_rights(access)?;
        let organization = access.organization();
        let list = List {
            kind: "erasures",
            owner: organization.as_str(),
        };
        let request = list.request(page)?;
        let found = self.store().list_erasures(organization, request).await?;
        Ok(PageOf {
            items: found.items,
            next_cursor: found.next.map(|place| list.cursor(&place)),
        })
    }
}

/// An erasure knows no mode.
fn check_rights(access: &OrganizationAccess) -> Result<(), AppError> {
    access.require(Scope::Admin)?;
    if access.mode() == Some(Mode::Test) {
        let reason = "an erasure reaches live events too: this needs a live key".to_owned();
        return Err(AppError::Forbidden { reason });
    }
    Ok(())
}
