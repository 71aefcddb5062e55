//! The contract of standings: how each delivery of an endpoint stands.

use carehook_core::{EndpointId, OrganizationId};

use super::{Result, Store};
use crate::{DeliveryStanding, StandingQuery};

impl Store {
    /// How the deliveries of an endpoint stand, newest first; nothing of a deleted endpoint.
    ///
    /// Takes time in proportion to what has to be looked through, and memory to what is given.
    pub async fn list_standings(
        &self,
        of: &OrganizationId,
        endpoint: EndpointId,
        query: &StandingQuery,
    ) -> Result<Vec<DeliveryStanding>> {
        let Self::Embedded(store) = self;
        store.list_standings(of, endpoint, query).await
    }
}
