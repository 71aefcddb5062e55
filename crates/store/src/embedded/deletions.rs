//! What the embedded store still knows of deleted endpoints.

use carehook_core::{EndpointId, OrganizationId};

use super::{EmbeddedStore, codec};
use crate::DeletedEndpoint;

impl EmbeddedStore {
    pub(crate) fn deleted_endpoint(
        &self,
        of: &OrganizationId,
        id: EndpointId,
    ) -> Option<DeletedEndpoint> {
        let control = self.shared.control.read();
        let number = control.entry(of)?.number;
        let place = control.place(id)?;
        // A new organization of the same name has another number.
        let deleted = (place.organization == number).then(|| control.deleted(id));
        deleted.flatten()
    }
}

/// What the columns of a deleted endpoint say; nothing when it was deleted before there were any.
pub(super) fn stored(dialect: Option<i64>, mode: Option<i64>) -> Option<DeletedEndpoint> {
    Some(DeletedEndpoint {
        dialect: codec::dialect::parse(dialect?)?,
        mode: codec::mode::parse(mode?)?,
    })
}
