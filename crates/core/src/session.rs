//! Sessions: what a person signs in to the console with, and what each may do.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::{
    ApiKeyId, LastUse, Mode, OperatorKeyId, OrganizationId, Permission, PersonName, Scope, Secret,
    SessionId, Timestamp,
};

/// Who a session is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionHolder {
    /// The operator: all organizations, everything.
    Operator,
    /// Somebody who came through a portal link, and sees one organization.
    Portal(PortalGrant),
}

/// The key that made a portal link: what came of it ends when the key is revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GrantMaker {
    /// A key of the organization.
    Key(ApiKeyId),
    /// A key of the operator, other than the one of the configuration.
    OperatorKey(OperatorKeyId),
}

/// What a portal link gives: no more than its maker had.
#[derive(Clone, PartialEq, Eq)]
pub struct PortalGrant {
    /// The only organization that is seen.
    pub organization: OrganizationId,
    /// The only mode that is seen; `None` sees both.
    pub mode: Option<Mode>,
    /// What may be done.
    pub scopes: BTreeSet<Scope>,
    /// What keys that are made may read or write.
    pub permissions: BTreeSet<Permission>,
    /// Requests an hour that a key which is made may have at most, if its maker had such a limit.
    pub rate_limit: Option<u32>,
    /// When the key that made the link ends: keys that are made end no later.
    pub ends_at: Option<Timestamp>,
    /// The key that made the link, if it was one that can be revoked.
    pub made_by: Option<GrantMaker>,
    /// Where the person came from, and is led back to. May hold a query, so it is not printed.
    pub return_url: Option<Secret>,
}

impl std::fmt::Debug for PortalGrant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PortalGrant")
            .field("organization", &self.organization)
            .field("scopes", &self.scopes)
            .finish_non_exhaustive()
    }
}

impl PortalGrant {
    /// What a link can give; nothing else makes sense to somebody who is only visiting.
    pub const SCOPES: [Scope; 4] = [Scope::Read, Scope::ReadPayload, Scope::Manage, Scope::Keys];

    /// Whether it gives a scope.
    pub fn has(&self, scope: Scope) -> bool {
        self.scopes.iter().any(|own| own.includes(scope))
    }

    /// Whether it gives a permission; that to write includes that to read the same.
    pub fn may(&self, permission: Permission) -> bool {
        self.permissions.iter().any(|own| own.includes(permission))
    }
}

/// A person who is signed in; the text that proves it is known to the person's browser alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Who it is for.
    pub holder: SessionHolder,
    /// What the person is called, if whoever let the person in said so.
    pub person: Option<PersonName>,
    /// When the person signed in.
    pub created_at: Timestamp,
    /// From when on it is worth nothing.
    pub expires_at: Timestamp,
    /// When it was last used.
    pub last_use: LastUse,
}

impl Session {
    /// How long the operator stays signed in.
    pub const OPERATOR_LIFETIME: Duration = Duration::from_hours(12);
    /// After so long without a request the operator is signed out.
    pub const OPERATOR_IDLE: Duration = Duration::from_hours(1);
    /// How long who came through a portal link stays signed in.
    pub const PORTAL_LIFETIME: Duration = Duration::from_hours(8);

    /// The organization that it is limited to.
    pub fn organization(&self) -> Option<&OrganizationId> {
        self.holder.organization()
    }

    /// What it gives, unless that is everything.
    pub fn grant(&self) -> Option<&PortalGrant> {
        match &self.holder {
            SessionHolder::Operator => None,
            SessionHolder::Portal(grant) => Some(grant),
        }
    }

    /// Whether it has neither ended nor been left alone for too long.
    pub fn is_valid_at(&self, now: Timestamp) -> bool {
        let used = self.last_use.at().unwrap_or(self.created_at);
        let idle = match self.holder {
            SessionHolder::Operator => now >= used.plus(Self::OPERATOR_IDLE),
            SessionHolder::Portal(_) => false,
        };
        now < self.expires_at && !idle
    }
}

impl SessionHolder {
    /// The organization that it is limited to.
    pub fn organization(&self) -> Option<&OrganizationId> {
        match self {
            Self::Operator => None,
            Self::Portal(grant) => Some(&grant.organization),
        }
    }

    /// How long such a session lasts at most.
    pub fn lifetime(&self) -> Duration {
        match self {
            Self::Operator => Session::OPERATOR_LIFETIME,
            Self::Portal(_) => Session::PORTAL_LIFETIME,
        }
    }
}

/// A link that is good for one sign-in; its text is known to whoever got it.
///
/// One for the operator is there to set a password with: without an end the first one only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignInLink {
    /// Whose session it leads to.
    pub holder: SessionHolder,
    /// What the person is called for whom it was made.
    pub person: Option<PersonName>,
    /// From when on it is worth nothing, if it ends by itself.
    pub expires_at: Option<Timestamp>,
}

impl SignInLink {
    /// How long a portal link is good for.
    pub const PORTAL_LIFETIME: Duration = Duration::from_mins(1);
    /// How long a link is good for that sets another password of the operator.
    pub const PASSWORD_LIFETIME: Duration = Duration::from_mins(10);

    /// Whether its time is not over.
    pub fn is_valid_at(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|end| now < end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RecordId;

    const MADE: Timestamp = Timestamp(1_000_000);

    fn grant() -> PortalGrant {
        PortalGrant {
            organization: "northside".parse().unwrap(),
            mode: None,
            scopes: BTreeSet::from([Scope::Read]),
            permissions: BTreeSet::from(["patients:write".parse().unwrap()]),
            rate_limit: None,
            ends_at: None,
            made_by: None,
            return_url: Some(Secret::new("https://pms.example/?ticket=canary")),
        }
    }

    fn session(holder: SessionHolder) -> Session {
        Session {
            id: SessionId(RecordId::new(1, 2, 3)),
            expires_at: MADE.plus(holder.lifetime()),
            holder,
            person: None,
            created_at: MADE,
            last_use: LastUse::default(),
        }
    }

    #[test]
    fn the_operator_is_signed_out_after_an_hour_without_a_request() {
        let session = session(SessionHolder::Operator);
        let minutes = |minutes| MADE.plus(Duration::from_mins(minutes));
        assert!(session.is_valid_at(minutes(59)));
        assert!(!session.is_valid_at(minutes(60)));
        session.last_use.note(minutes(59));
        assert!(session.is_valid_at(minutes(118)));
        assert!(!session.is_valid_at(minutes(119)));
        session.last_use.note(minutes(719));
        assert!(!session.is_valid_at(minutes(720)), "twelve hours are all");
    }

    #[test]
    fn who_came_through_a_portal_link_stays_for_eight_hours() {
        let session = session(SessionHolder::Portal(grant()));
        let last = Timestamp(session.expires_at.0 - 1);
        assert!(session.is_valid_at(last));
        assert!(!session.is_valid_at(session.expires_at));
        assert_eq!(session.expires_at, MADE.plus(Duration::from_hours(8)));
    }

    #[test]
    fn a_grant_gives_what_it_names_and_prints_no_url() {
        assert!(grant().has(Scope::Read));
        assert!(!grant().has(Scope::Manage));
        assert!(grant().may("patients:read".parse().unwrap()));
        assert!(!grant().may("appointments:read".parse().unwrap()));
        assert!(!format!("{:?}", grant()).contains("canary"));
    }

    #[test]
    fn a_link_is_good_until_its_end() {
        let link = SignInLink {
            holder: SessionHolder::Operator,
            person: None,
            expires_at: Some(MADE),
        };
        assert!(link.is_valid_at(Timestamp(MADE.0 - 1)));
        assert!(!link.is_valid_at(MADE));
        let endless = SignInLink {
            expires_at: None,
            ..link
        };
        assert!(endless.is_valid_at(Timestamp(i64::MAX)));
    }
}
