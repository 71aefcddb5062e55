//! Activities: the tries to bring events to an endpoint, made here or reported by another sender.
//!
//! Every attempt of a delivery is an activity. A sender of its own reports its tries and how they
//! came out, so that all of them are seen in one place. What failed can be sent again from here.

mod reports;
mod retries;
mod view;

use std::sync::Arc;

use carehook_core::{Endpoint, EndpointId, Limits, Scope};
use carehook_store::{Activity, ActivityQuery};

use crate::audit::{self, Shown};
use crate::{App, AppError, Faults, OrganizationAccess};

pub use carehook_store::{ActivityId, ActivityStatus, Order};
pub use reports::{NewOutcome, NewReport};
pub use view::{ActivityView, Answered};

pub(crate) use reports::known_event;
pub(crate) use view::rendered;

/// Which activities of an endpoint are wanted.
#[derive(Clone, Debug, Default)]
pub struct ActivityFilter {
    /// How they came out.
    pub status: ActivityStatus,
    /// The kind of event: the code of an event type, or its id.
    pub event: Option<String>,
    /// In which order, by the time at which they began.
    pub order: Order,
    /// Without the first so many.
    pub skip: u64,
    /// At most so many.
    pub take: usize,
}

/// An activity and what was sent again because of it.
#[derive(Clone)]
pub struct RetryChain {
    /// The activity.
    pub root: ActivityView,
    /// Its retries, their retries and so on, nearest first.
    pub retries: Vec<ActivityView>,
    /// Whether there are more than are shown.
    pub is_cut: bool,
}

/// The most retries that a chain shows.
const CHAIN: usize = 100;

impl App {
    /// One activity of an endpoint; also an attempt that is still to come.
    pub async fn activity(
        &self,
        access: &OrganizationAccess,
        endpoint: EndpointId,
        id: ActivityId,
    ) -> Result<ActivityView, AppError> {
        access.require(Scope::Read)?;
        self.shown(access, endpoint, id).await
    }

    /// The activities of an endpoint, and how many there are.
    pub async fn list_activities(
        &self,
        access: &OrganizationAccess,
        endpoint: EndpointId,
        filter: &ActivityFilter,
    ) -> Result<(Vec<ActivityView>, u64), AppError> {
        access.require(Scope::Read)?;
        let endpoint = self.endpoint(access, endpoint)?;
        let catalogue = self.store().catalogue();
        let mut faults = Faults::default();
        if filter.take > Limits::PAGE {
            faults.add(
                "/take",
                format!("must not be greater than {}", Limits::PAGE),
            );
        }
        let event = filter.event.as_deref();
        let known = event.map(|name| known_event(name, &catalogue));
        let definition = faults.take_optional("/event_id", known);
        faults.check()?;
        let query = ActivityQuery {
            status: filter.status,
            event_type: definition.map(|definition| definition.code.clone()),
            order: filter.order,
            skip: filter.skip,
            take: filter.take,
        };
        let organization = access.organization();
        let page = self
            .store()
            .list_activities(organization, endpoint.id, &query)
            .await?;
        self.audit_activities(access, endpoint.id, &page.items)
            .await?;
        let views = page.items.into_iter();
        let of = (&endpoint, &*catalogue, &self.inner().links);
        let views = views.map(|activity| ActivityView::of(activity, of).shown_to(access));
        Ok((views.collect(), page.total))
    }

    /// An activity with its retries, their retries and so on; the nearest hundred.
    pub async fn activity_chain(
        &self,
        access: &OrganizationAccess,
        endpoint: EndpointId,
        id: ActivityId,
    ) -> Result<RetryChain, AppError> {
        let root = self.activity(access, endpoint, id).await?;
        let organization = access.organization();
        // One more than is shown tells whether there are more.
        let mut found = self
            .store()
            .retries_of(organization, endpoint, id, CHAIN + 1)
            .await?;
        let is_cut = found.len() > CHAIN;
        found.truncate(CHAIN);
        self.audit_activities(access, endpoint, &found).await?;
        let catalogue = self.store().catalogue();
        let views = found.into_iter();
        let of = (&root.endpoint, &*catalogue, &self.inner().links);
        let views = views.map(|activity| ActivityView::of(activity, of).shown_to(access));
        Ok(RetryChain {
            retries: views.collect(),
            is_cut,
            root,
        })
    }

    async fn audit_activities(
        &self,
        access: &OrganizationAccess,
        endpoint: EndpointId,
        activities: &[Activity],
    ) -> Result<(), AppError> {
        let seen = activities.iter();
        let seen = seen.filter(|activity| access.sees_payload_of(&activity.event_type));
        let shown = seen.filter_map(Shown::activity);
        self.audit_views(access, audit::endpoint(endpoint), shown)
            .await
    }

    /// An activity as the caller may see it, which is noted.
    pub(crate) async fn shown(
        &self,
        access: &OrganizationAccess,
        endpoint: EndpointId,
        id: ActivityId,
    ) -> Result<ActivityView, AppError> {
        let (endpoint, found) = self.stored(access, endpoint, id).await?;
        self.audit_activities(access, endpoint.id, std::slice::from_ref(&found))
            .await?;
        Ok(self.view(&endpoint, found).shown_to(access))
    }

    /// An activity with all that is known of it, whatever the caller may see.
    pub(crate) async fn found(
        &self,
        access: &OrganizationAccess,
        endpoint: EndpointId,
        id: ActivityId,
    ) -> Result<ActivityView, AppError> {
        let (endpoint, found) = self.stored(access, endpoint, id).await?;
        Ok(self.view(&endpoint, found))
    }

    async fn stored(
        &self,
        access: &OrganizationAccess,
        endpoint: EndpointId,
        id: ActivityId,
    ) -> Result<(Arc<Endpoint>, Activity), AppError> {
        let endpoint = self.endpoint(access, endpoint)?;
        let found = self
            .store()
            .activity(access.organization(), endpoint.id, id)
            .await?;
        let found = found.ok_or(AppError::NotFound { kind: "activity" })?;
        Ok((endpoint, found))
    }

    fn view(&self, endpoint: &Arc<Endpoint>, found: Activity) -> ActivityView {
        let catalogue = self.store().catalogue();
        ActivityView::of(found, (endpoint, &*catalogue, &self.inner().links))
    }
}
