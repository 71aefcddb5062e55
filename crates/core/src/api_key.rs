//! API keys: what an organization's programs sign in with, and what each may do.

mod last_use;
mod permission;
mod scope;
mod text;

use std::collections::BTreeSet;

use crate::{ApiKeyId, Mode, OrganizationId, Timestamp};

pub use last_use::LastUse;
pub use permission::{Permission, PermissionError, Resource, Right};
pub use scope::{Scope, ScopeError};
pub use text::ApiKeyText;
pub(crate) use text::{is_written, shown, written};

/// A key of an organization; its text is known to its owner alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// Its id.
    pub id: ApiKeyId,
    /// Whose it is.
    pub organization: OrganizationId,
    /// What people call it.
    pub name: String,
    /// Live or test: all that it sees and makes is of this mode.
    pub mode: Mode,
    /// Which records of the vendor's API it may read or write.
    pub permissions: BTreeSet<Permission>,
    /// What it may do here.
    pub scopes: BTreeSet<Scope>,
    /// The first characters of its text, by which people recognise it.
    pub prefix: Box<str>,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it is refused, if it ends by itself.
    pub expires_at: Option<Timestamp>,
    /// Since when it is refused because somebody revoked it.
    pub revoked_at: Option<Timestamp>,
    /// Requests that it may make in an hour, publishing left out; without it what holds for its
    /// organization.
    pub rate_limit: Option<u32>,
    /// When it was last used.
    pub last_use: LastUse,
}

impl ApiKey {
    /// Whether it is neither revoked nor past its end.
    pub fn is_valid_at(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }

    /// Whether it has a scope, itself or through `admin`.
    pub fn has(&self, scope: Scope) -> bool {
        self.scopes.iter().any(|own| own.includes(scope))
    }

    /// Whether it has a permission; that to write includes that to read the same.
    pub fn may(&self, permission: Permission) -> bool {
        self.permissions.iter().any(|own| own.includes(permission))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RecordId;

    fn key() -> ApiKey {
        ApiKey {
            id: ApiKeyId(RecordId::new(1, 2, 3)),
            organization: "northside".parse().unwrap(),
            name: "Booking".to_owned(),
            mode: Mode::Test,
            permissions: BTreeSet::from(["appointments:write".parse().unwrap()]),
            scopes: BTreeSet::from([Scope::Read, Scope::Manage]),
            prefix: "pk_test_abcd".into(),
            created_at: Timestamp(1_000),
            expires_at: None,
            revoked_at: None,
            rate_limit: None,
            last_use: LastUse::default(),
        }
    }

    #[test]
    fn a_key_is_refused_from_its_end_on_and_once_it_is_revoked() {
        let ending = ApiKey {
            expires_at: Some(Timestamp(2_000)),
            ..key()
        };
        assert!(ending.is_valid_at(Timestamp(1_999)));
        assert!(!ending.is_valid_at(Timestamp(2_000)));
        let revoked = ApiKey {
            revoked_at: Some(Timestamp(1_500)),
            ..key()
        };
        assert!(key().is_valid_at(Timestamp(9_000)));
        assert!(!revoked.is_valid_at(Timestamp(1_500)));
    }

    #[test]
    fn a_key_may_do_what_it_was_given_and_no_more() {
        assert!(key().has(Scope::Manage));
        assert!(!key().has(Scope::ReadPayload));
        assert!(key().may("appointments:write".parse().unwrap()));
        assert!(key().may("appointments:read".parse().unwrap()));
        assert!(!key().may("patients:read".parse().unwrap()));
    }
}
