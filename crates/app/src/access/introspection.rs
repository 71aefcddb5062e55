//! Introspection (RFC 7662): what a credential is worth, for the vendor's own API, which accepts the
//! same keys and shares their rate limits.

use std::collections::BTreeSet;
use std::sync::Arc;

use carehook_core::{Dialect, Mode, OrganizationId, Permission, Scope, Timestamp};

use super::rights::Rights;
use super::{Caller, KeyOperator};
use crate::{App, AppError};

/// What a credential is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CredentialKind {
    /// The operator's key of the configuration.
    Operator,
    /// Another key of the operator.
    OperatorKey,
    /// A key of an organization.
    ApiKey,
    /// A token that somebody else has signed.
    Token,
}

/// What a valid credential is worth.
#[derive(Clone, Debug)]
pub struct Introspection {
    /// What it is.
    pub kind: CredentialKind,
    /// Whose it is; `None` reaches all organizations.
    pub organization: Option<OrganizationId>,
    /// The mode that it is limited to.
    pub mode: Option<Mode>,
    /// Which records of the vendor's API it may read or write. Only keys have any: what the
    /// operator or a token may do there is not for us to say.
    pub permissions: BTreeSet<Permission>,
    /// What it may do here.
    pub scopes: BTreeSet<Scope>,
    /// Who it is: see [`crate::OrganizationAccess::name`].
    pub subject: Arc<str>,
    /// When a key was made.
    pub issued_at: Option<Timestamp>,
    /// From when on it is refused.
    pub expires_at: Option<Timestamp>,
    /// What its limit leaves it; `None` is not limited.
    pub allowance: Option<Allowance>,
}

/// What a limit leaves a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// Requests of this hour that it may still make, the one that the look stands for among them;
    /// at 0 that one is to be refused.
    pub remaining: u32,
    /// Whole seconds, at least one, until the next hour begins.
    pub reset_seconds: u64,
}

impl App {
    /// Looks at a credential for the vendor's own API; `None` is worth nothing.
    ///
    /// The look stands for a request to that API: it counts as one, under the limits of Jump's API,
    /// which is what such keys were promised (seed `001`), and it is a use of the key. A credential
    /// without a request left stays valid.
    ///
    /// # Errors
    /// [`AppError::Unavailable`] when a token cannot be checked now.
    pub async fn introspect(
        &self,
        operator: &KeyOperator,
        credential: &str,
    ) -> Result<Option<Introspection>, AppError> {
        let caller = match self.caller(Some(credential), operator.source()).await {
            Ok(caller) => caller,
            Err(AppError::Unauthenticated) => return Ok(None),
            Err(error) => return Err(error),
        };
        let organization = caller.rights.organization();
        if organization.is_some_and(|id| self.store().organization(id).is_none()) {
            return Ok(None);
        }
        let allowance = match self.count_request(&caller, Dialect::Jump) {
            Ok(quota) => quota.map(|quota| Allowance {
                remaining: quota.remaining.saturating_add(1),
                reset_seconds: quota.reset_seconds,
            }),
            Err(AppError::RateLimited(quota)) => Some(Allowance {
                remaining: 0,
                reset_seconds: quota.reset_seconds,
            }),
            Err(error) => return Err(error),
        };
        Ok(worth(&caller, allowance))
    }
}

fn worth(
    Caller {
        rights,
        source: _,
        asked: _,
    }: &Caller,
    allowance: Option<Allowance>,
) -> Option<Introspection> {
    let (kind, permissions, scopes, issued_at, expires_at) = match rights {
        Rights::Operator => {
            let all = Scope::ALL.into();
            (CredentialKind::Operator, BTreeSet::new(), all, None, None)
        }
        Rights::OperatorKey(key) => (
            CredentialKind::OperatorKey,
            BTreeSet::new(),
            key.scopes.clone(),
            Some(key.created_at),
            key.expires_at,
        ),
        Rights::Key(key) => (
            CredentialKind::ApiKey,
            key.permissions.clone(),
            key.scopes.clone(),
            Some(key.created_at),
            key.expires_at,
        ),
        Rights::Token(token) => {
            let (scopes, end) = (token.scopes().clone(), token.ends_at());
            let kind = CredentialKind::Token;
            (kind, BTreeSet::new(), scopes, None, Some(end))
        }
        // Sessions are for the console: their text is no credential of an API.
        Rights::Session(_) => return None,
    };
    Some(Introspection {
        kind,
        organization: rights.organization().cloned(),
        mode: rights.mode(),
        permissions,
        scopes,
        subject: rights.name(),
        issued_at,
        expires_at,
        allowance,
    })
}
