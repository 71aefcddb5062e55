//! An organization: a tenant, to which everything else belongs.

mod settings;

use crate::{OrganizationId, Timestamp};

pub use settings::{
    OrganizationSettings, RateLimits, Retention, SchemaCheck, SchemaCheckError, SettingError,
};

/// One clinic, practice or customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organization {
    /// Its id, unique over the installation.
    pub id: OrganizationId,
    /// What people call it.
    pub name: String,
    /// What holds for everything that belongs to it.
    pub settings: OrganizationSettings,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}
