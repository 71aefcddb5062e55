//! The contract of what was deleted.

use carehook_core::{EndpointId, OrganizationId};

use super::Store;
use crate::DeletedEndpoint;

impl Store {
    /// An endpoint that this organization had and deleted; nothing of those that it has, of other
    /// organizations', and of those deleted before this was noted.
    pub fn deleted_endpoint(&self, of: &OrganizationId, id: EndpointId) -> Option<DeletedEndpoint> {
        let Self::Embedded(store) = self;
        store.deleted_endpoint(of, id)
    }
}
