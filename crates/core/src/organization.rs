//! An organization: a tenant, to which everything else belongs.

use crate::{OrganizationId, Timestamp};

/// One clinic, practice or customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organization {
    /// Its id, unique over the installation.
    pub id: OrganizationId,
    /// What people call it.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}
