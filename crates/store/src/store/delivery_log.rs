//! The contract of the delivery log: looking for deliveries, in bounded parts.

use carehook_core::{EndpointId, OrganizationId, Reason};

use super::{Result, Store};
use crate::{Bounded, ListPage, LogFilter, LoggedDelivery, PageRequest};

impl Store {
    /// The deliveries of an organization that a filter wants: those of the newest day first, and
    /// of each day those that were made last.
    ///
    /// Looks at about `look_at` deliveries: a page may be short, even empty, although there is
    /// more, and the next one goes on where it stopped.
    pub async fn find_deliveries(
        &self,
        of: &OrganizationId,
        filter: &LogFilter,
        page: PageRequest,
        look_at: usize,
    ) -> Result<ListPage<LoggedDelivery>> {
        let Self::Embedded(store) = self;
        store.find_deliveries(of, filter, page, look_at).await
    }

    /// How many a filter wants: counts up to `at_most`, and looks at about `look_at`.
    pub async fn count_deliveries(
        &self,
        of: &OrganizationId,
        filter: &LogFilter,
        at_most: usize,
        look_at: usize,
    ) -> Result<Bounded> {
        let Self::Embedded(store) = self;
        store.count_deliveries(of, filter, at_most, look_at).await
    }

    /// How many deliveries of an endpoint ended without success for this reason, of the `look_at`
    /// newest that ended so for any.
    pub async fn count_ended(
        &self,
        of: &OrganizationId,
        endpoint: EndpointId,
        reason: Reason,
        look_at: usize,
    ) -> Result<Bounded> {
        let Self::Embedded(store) = self;
        store.count_ended(of, endpoint, reason, look_at).await
    }
}
