//! What a session gives its person, and what a portal link may give away.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

use carehook_core::{PortalGrant, Scope, Secret, Session};

use super::rights::Rights;
use super::{Actor, Caller, OrganizationAccess};
use crate::AppError;

impl Caller {
    /// The caller that a valid session stands for.
    pub(crate) fn of_session(session: Arc<Session>, source: Option<IpAddr>) -> Self {
        Self {
            rights: Rights::Session(session),
            source,
            asked: None,
        }
    }

    /// The name for the audit trail: see [`OrganizationAccess::actor`].
    pub(crate) fn actor(&self) -> Actor {
        self.rights.actor()
    }

    /// From where the caller asks.
    pub(crate) fn source(&self) -> Option<IpAddr> {
        self.source
    }

    /// What the caller may do.
    pub(crate) fn scopes(&self) -> BTreeSet<Scope> {
        let all = Scope::ALL.into_iter();
        all.filter(|scope| self.rights.has(*scope)).collect()
    }
}

impl OrganizationAccess {
    /// What a link gives that the caller makes: these rights, and otherwise no more than what the
    /// caller has.
    ///
    /// Making a link is making a credential, so it needs the scope for keys; and a session that came
    /// from a link makes none, or it could go on for ever.
    pub(crate) fn portal_grant(
        &self,
        scopes: BTreeSet<Scope>,
        return_url: Option<Secret>,
    ) -> Result<PortalGrant, AppError> {
        if matches!(&self.rights, Rights::Session(session) if session.grant().is_some()) {
            let reason = "who came through a portal link cannot make one";
            return Err(self.refusal(reason.to_owned()));
        }
        self.require(Scope::Keys)?;
        scopes.iter().try_for_each(|scope| self.require(*scope))?;
        Ok(PortalGrant {
            organization: self.organization().clone(),
            mode: self.mode(),
            scopes,
            permissions: self.permissions(),
            rate_limit: self.own_rate_limit(),
            ends_at: self.expires_at(),
            made_by: self.rights.maker(),
            return_url,
        })
    }
}
