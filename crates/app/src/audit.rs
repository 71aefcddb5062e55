//! The audit trail: what use cases leave in it, and who may read it.

mod changes;
mod notices;
mod shown;
mod views;

use std::fmt::Display;

use carehook_core::{
    AuditAction, AuditEntry, CheckpointPublicKey, EndpointId, Event, Mode, OrganizationId, Scope,
};
use carehook_store::{AuditFilter, AuditNote, AuditPosition, AuditRecord, Store};

use crate::cursor::{List, Page, PageOf, Place};
use crate::{App, AppError, OrganizationAccess};

pub(crate) use changes::{
    changed_entries, changed_fields, switches, with_changes, with_organization_changes,
};
pub(crate) use notices::{Notice, Notices};
pub use shown::ShownAuditEntry;
pub(crate) use views::Shown;

impl Place for AuditPosition {
    fn to_text(&self) -> String {
        format!("{}.{}.{}", self.journal, self.day, self.disclosure)
    }

    fn from_text(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let position = Self {
            journal: parts.next()?.parse().ok()?,
            day: parts.next()?.parse().ok()?,
            disclosure: parts.next()?.parse().ok()?,
        };
        parts.next().is_none().then_some(position)
    }
}

/// The object of an entry about an endpoint.
pub(crate) fn endpoint(id: EndpointId) -> String {
    format!("endpoint/{id}")
}

impl OrganizationAccess {
    /// Refuses unless the caller may read the trail, which tells of live and test alike.
    fn reads_audit(&self) -> Result<(), AppError> {
        self.require(Scope::Audit)?;
        if self.mode() == Some(Mode::Test) {
            let reason = "the trail tells of live events too: this needs a live key";
            return Err(self.refusal(reason.to_owned()));
        }
        Ok(())
    }

    /// An entry about something that the caller has just done.
    pub(crate) fn entry(&self, app: &App, action: AuditAction, object: String) -> AuditEntry {
        let entry = self.acting().entry(app.now(), action, object);
        let entry = entry.from_source(self.source());
        // Through which API, when it is not our own.
        match self.face() {
            carehook_core::Dialect::Native => entry,
            face => entry.with("api", face.as_str()),
        }
    }
}

impl App {
    /// The store, whose next change leaves an entry of the caller.
    pub(crate) fn noting(
        &self,
        access: &OrganizationAccess,
        action: AuditAction,
        object: String,
    ) -> Store {
        self.noting_entry(access.organization(), access.entry(self, action, object))
    }

    pub(crate) fn noting_entry(&self, of: &OrganizationId, entry: AuditEntry) -> Store {
        self.store().noting(AuditNote {
            organization: Some(of.clone()),
            entry,
            subject: None,
        })
    }

    /// The same for what all organizations share.
    pub(crate) fn noting_for_all(&self, entry: AuditEntry) -> Store {
        self.store().noting(AuditNote {
            organization: None,
            entry,
            subject: None,
        })
    }

    /// Leaves an entry about something that changes nothing. What cannot be noted is not done.
    pub(crate) async fn audit(
        &self,
        access: &OrganizationAccess,
        entry: AuditEntry,
    ) -> Result<(), AppError> {
        let note = AuditNote {
            organization: Some(access.organization().clone()),
            entry,
            subject: None,
        };
        Ok(self.store().audit(note).await?)
    }

    /// Leaves an entry about the payload of an event that the caller is about to see.
    pub(crate) async fn audit_view(
        &self,
        access: &OrganizationAccess,
        action: AuditAction,
        event: &Event,
    ) -> Result<(), AppError> {
        let note = AuditNote {
            organization: Some(access.organization().clone()),
            entry: access.entry(self, action, format!("event/{}", event.id)),
            subject: event.body.subject.clone(),
        };
        Ok(self.store().audit(note).await?)
    }

    /// Leaves an entry about the payload of an event that a receiver fetches, which discloses it.
    pub(crate) async fn audit_fetch(
        &self,
        access: &OrganizationAccess,
        to: EndpointId,
        event: &Event,
    ) -> Result<(), AppError> {
        let object = format!("event/{}", event.id);
        let entry = access.entry(self, AuditAction::PayloadFetched, object);
        let note = AuditNote {
            organization: Some(access.organization().clone()),
            entry: entry
                .with("endpoint", to)
                .with("event_type", &event.event_type),
            subject: event.body.subject.clone(),
        };
        Ok(self.store().audit(note).await?)
    }

    /// Leaves entries about an answer that shows payloads, or what receivers said to them: one for
    /// each whom they are about, so that the trail can be asked about anybody.
    pub(crate) async fn audit_views(
        &self,
        access: &OrganizationAccess,
        object: impl Display,
        shown: impl IntoIterator<Item = Shown>,
    ) -> Result<(), AppError> {
        let object = object.to_string();
        let entry = || access.entry(self, AuditAction::PayloadViewed, object.clone());
        let entries = views::entries(shown, entry).into_iter();
        let notes: Vec<_> = entries
            .map(|(subject, entry)| AuditNote {
                organization: Some(access.organization().clone()),
                entry,
                subject,
            })
            .collect();
        if notes.is_empty() {
            return Ok(());
        }
        Ok(self.store().audit_all(notes).await?)
    }

    /// The trail of an organization, newest first; disclosures stand under the day on which their
    /// event was accepted. A page may be short although there is a next one.
    pub async fn list_audit(
        &self,
        access: &OrganizationAccess,
        filter: &AuditFilter,
        page: &Page,
    ) -> Result<PageOf<AuditRecord>, AppError> {
        access.reads_audit()?;
        let organization = access.organization();
        let list = List {
            kind: "audit",
            owner: organization.as_str(),
        };
        let request = list.request(page)?;
        // Once for each reading, not for each page.
        if request.after.is_none() {
            let entry = access.entry(self, AuditAction::AuditViewed, "audit".to_owned());
            self.audit(access, entry).await?;
        }
        let found = self
            .store()
            .list_audit(organization, filter, request)
            .await?;
        Ok(PageOf {
            items: found.items,
            next_cursor: found.next.map(|place| list.cursor(&place)),
        })
    }

    /// What the checkpoints of the trail are verified with.
    pub fn audit_public_key(
        &self,
        access: &OrganizationAccess,
    ) -> Result<CheckpointPublicKey, AppError> {
        access.reads_audit()?;
        Ok(self.store().audit_public_key())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_in_the_trail_is_read_as_it_is_written() {
        let place = AuditPosition {
            journal: u64::MAX,
            day: -1,
            disclosure: 7,
        };
        assert_eq!(AuditPosition::from_text(&place.to_text()), Some(place));
        for wrong in ["", "1.2", "1.2.3.4", "1.2.x"] {
            assert_eq!(AuditPosition::from_text(wrong), None, "{wrong}");
        }
    }
}
