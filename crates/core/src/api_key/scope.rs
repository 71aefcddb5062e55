//! Scopes: what a caller may do with Carehook itself.

use std::fmt;
use std::str::FromStr;

/// What is wrong with a scope that came from outside.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("is not a scope; there are {}", Scope::ALL.map(Scope::as_str).join(", "))]
pub struct ScopeError;

/// Something that a caller may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Publish events.
    Publish,
    /// See endpoints and deliveries.
    Read,
    /// See the payloads of events and what receivers answered.
    ReadPayload,
    /// Make, change and delete endpoints, see and replace their secrets, retry and call off
    /// deliveries.
    Manage,
    /// Make, see and revoke keys.
    Keys,
    /// See the audit trail.
    Audit,
    /// Everything within an organization.
    Admin,
    /// Change the catalogue, which all organizations share.
    CatalogueWrite,
}

impl Scope {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Publish,
        Self::Read,
        Self::ReadPayload,
        Self::Manage,
        Self::Keys,
        Self::Audit,
        Self::Admin,
        Self::CatalogueWrite,
    ];

    /// The word used in bodies, tokens and columns.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Publish => "publish",
            Self::Read => "read",
            Self::ReadPayload => "read:payload",
            Self::Manage => "manage",
            Self::Keys => "keys",
            Self::Audit => "audit",
            Self::Admin => "admin",
            Self::CatalogueWrite => "catalogue:write",
        }
    }

    /// Whether who has this scope may do what needs `wanted`.
    ///
    /// `admin` ends at the organization, so it does not reach the catalogue.
    pub fn includes(self, wanted: Self) -> bool {
        self == wanted || (self == Self::Admin && wanted != Self::CatalogueWrite)
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Scope {
    type Err = ScopeError;

    fn from_str(text: &str) -> Result<Self, ScopeError> {
        let mut all = Self::ALL.into_iter();
        all.find(|scope| scope.as_str() == text).ok_or(ScopeError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_read_as_it_is_written() {
        for scope in Scope::ALL {
            assert_eq!(scope.to_string().parse(), Ok(scope));
        }
        assert_eq!("READ".parse::<Scope>(), Err(ScopeError));
        assert!(ScopeError.to_string().contains("read:payload, manage"));
    }

    #[test]
    fn admin_includes_all_but_the_catalogue_and_others_only_themselves() {
        for wanted in Scope::ALL {
            let reached = wanted != Scope::CatalogueWrite;
            assert_eq!(Scope::Admin.includes(wanted), reached, "{wanted}");
            assert_eq!(Scope::Manage.includes(wanted), wanted == Scope::Manage);
        }
    }
}
