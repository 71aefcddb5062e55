//! The delivery log: deliveries by everything that a person knows of one, in bounded parts.

use carehook_core::{Dialect, EndpointId, EventId, Scope};
use carehook_store::{Bounded, LogFilter, LoggedDelivery, PageRequest};

use crate::cursor::{List, Page, PageOf};
use crate::{App, AppError, OrganizationAccess};

/// Deliveries that one page looks at, at most.
const LOOKED_AT: usize = 5_000;
/// Matches that are counted, at most.
const COUNTED: usize = 1_000;

impl App {
    /// The deliveries that a filter wants, the newest first, each with its last attempt.
    ///
    /// A page may be short, even empty, and still have a next one: so much is looked at in one
    /// go, and no more.
    pub async fn find_deliveries(
        &self,
        access: &OrganizationAccess,
        filter: &LogFilter,
        page: &Page,
    ) -> Result<PageOf<LoggedDelivery>, AppError> {
        let filter = self.log_filter(access, filter)?;
        let organization = access.organization();
        let list = List {
            kind: "delivery log",
            owner: organization.as_str(),
        };
        let request: PageRequest = list.request(page)?;
        let found = self
            .store()
            .find_deliveries(organization, &filter, request, LOOKED_AT)
            .await?;
        Ok(PageOf {
            items: found.items,
            next_cursor: found.next.map(|place| list.cursor(&place)),
        })
    }

    /// How many deliveries a filter wants, as far as that is quickly told.
    pub async fn count_deliveries(
        &self,
        access: &OrganizationAccess,
        filter: &LogFilter,
    ) -> Result<Bounded, AppError> {
        let filter = self.log_filter(access, filter)?;
        let counted = self
            .store()
            .count_deliveries(access.organization(), &filter, COUNTED, LOOKED_AT)
            .await?;
        Ok(counted)
    }

    /// What a person means who types this: the id of a delivery, of an event or of an endpoint,
    /// or else a subject. The rest of the filter stays.
    pub async fn log_filter_of_text(
        &self,
        access: &OrganizationAccess,
        text: &str,
        filter: LogFilter,
    ) -> Result<LogFilter, AppError> {
        access.require(Scope::Read)?;
        let text = text.trim();
        if text.is_empty() {
            return Ok(filter);
        }
        let organization = access.organization();
        if let Ok(id) = text.parse()
            && self.store().delivery(organization, id).await?.is_some()
        {
            let only = Some(vec![id]);
            return Ok(LogFilter { only, ..filter });
        }
        let endpoint: Option<EndpointId> = text.parse().ok();
        if let Some(id) = endpoint.filter(|id| self.known_endpoint(access, *id).is_ok()) {
            let endpoint = Some(id);
            return Ok(LogFilter { endpoint, ..filter });
        }
        let event: Option<EventId> = text.parse().ok();
        if let Some(id) = event
            && self.store().event(organization, &id).await?.is_some()
        {
            let event = Some(id);
            return Ok(LogFilter { event, ..filter });
        }
        let subject = Some(text.into());
        Ok(LogFilter { subject, ..filter })
    }

    /// The same filter for what the caller may see.
    fn log_filter(
        &self,
        access: &OrganizationAccess,
        filter: &LogFilter,
    ) -> Result<LogFilter, AppError> {
        access.require(Scope::Read)?;
        if access.face() != Dialect::Native {
            let reason = "the delivery log is read through the native API".to_owned();
            return Err(access.refusal(reason));
        }
        if let Some(endpoint) = filter.endpoint
            && self
                .store()
                .deleted_endpoint(access.organization(), endpoint)
                .is_none()
        {
            self.known_endpoint(access, endpoint)?;
        }
        Ok(LogFilter {
            mode: access.only_mode(filter.mode)?,
            ..filter.clone()
        })
    }
}
