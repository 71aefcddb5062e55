//! Events: looked up and listed.

use carehook_core::{AuditAction, Event, EventId, Scope};
use carehook_store::EventFilter;

use crate::audit::Shown;
use crate::cursor::{List, Page, PageOf};
use crate::{App, AppError, OrganizationAccess};

impl App {
    /// One event, with its payload.
    pub async fn event(
        &self,
        access: &OrganizationAccess,
        id: &EventId,
    ) -> Result<Event, AppError> {
        access.require(Scope::Read)?;
        access.require(Scope::ReadPayload)?;
        let found = self.store().event(access.organization(), id).await?;
        let seen = found.filter(|event| access.sees_mode(event.mode));
        let event = seen.ok_or(AppError::NotFound { kind: "event" })?;
        access.require_readable_event(&event.event_type, access.face())?;
        self.audit_view(access, AuditAction::PayloadViewed, &event)
            .await?;
        Ok(event)
    }

    /// The events of an organization with their payloads, newest first. Those about records that
    /// the caller may not read are left out, so a page may be short although there is a next one.
    pub async fn list_events(
        &self,
        access: &OrganizationAccess,
        filter: &EventFilter,
        page: &Page,
    ) -> Result<PageOf<Event>, AppError> {
        access.require(Scope::Read)?;
        access.require(Scope::ReadPayload)?;
        let filter = EventFilter {
            mode: access.only_mode(filter.mode)?,
            ..filter.clone()
        };
        let organization = access.organization();
        let list = List {
            kind: "events",
            owner: organization.as_str(),
        };
        let request = list.request(page)?;
        let mut found = self
            .store()
            .list_events(organization, &filter, request)
            .await?;
        let readable = |event: &Event| access.sees_payload_of(&event.event_type);
        found.items.retain(readable);
        let shown = found.items.iter().map(Shown::event);
        self.audit_views(access, "events", shown).await?;
        Ok(PageOf {
            items: found.items,
            next_cursor: found.next.map(|place| list.cursor(&place)),
        })
    }
}
