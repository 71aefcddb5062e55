//! What limits a caller: under whose name requests are counted, and what a new key may be given.

use std::collections::BTreeSet;

use carehook_core::{Limits, OrganizationSettings, Permission};

use super::rights::Rights;
use super::{Caller, OrganizationAccess};
use crate::rate_limits::{Counted, CountedCredential};

impl Caller {
    /// How requests are counted; those of who reaches all organizations are not.
    pub(crate) fn counted(&self) -> Option<CountedCredential<'_>> {
        let organization = self.rights.organization()?;
        let who = match &self.rights {
            Rights::Operator | Rights::OperatorKey(_) => return None,
            Rights::Key(key) => Counted::Key(key.id),
            Rights::Token(token) => Counted::Token {
                organization: organization.clone(),
                subject: token.subject().to_owned(),
            },
            Rights::Session(_) => Counted::Token {
                organization: organization.clone(),
                subject: self.rights.actor_id().as_ref().to_owned(),
            },
        };
        Some(CountedCredential {
            who,
            own_limit: self.rights.rate_limit(),
            organization,
        })
    }
}

impl OrganizationAccess {
    /// The settings of the organization as they were when the access was given.
    pub(crate) fn settings(&self) -> &OrganizationSettings {
        &self.settings
    }

    /// The limit that the caller's key has of its own, which its new keys have as well.
    pub(crate) fn own_rate_limit(&self) -> Option<u32> {
        self.rights.rate_limit()
    }

    /// The permissions that the caller's key is held to, as its new keys are.
    pub(crate) fn held_to(&self) -> Option<&BTreeSet<Permission>> {
        self.rights.held_to()
    }

    /// The highest limit that the caller may give to a key, in requests an hour: what itself has at
    /// most. The operator may give any.
    pub(crate) fn highest_rate_limit(&self) -> Option<u32> {
        if self.rights.are_the_operators() {
            return None;
        }
        let organizations = self.settings.rate_limits.requests_per_hour;
        let highest = self.own_rate_limit().or(organizations);
        Some(highest.unwrap_or(Limits::JUMP_REQUESTS_PER_HOUR))
    }
}
