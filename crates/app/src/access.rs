//! Who asks: credentials are checked here, and what a caller may do becomes a value that proves it.
//!
//! There are the operator's keys, API keys of organizations, and tokens. A right is never a `bool`
//! that somebody could forget to look at: a use case takes the proof as an argument, and nothing
//! outside this folder can build one. Which scopes a use case needs, it asks of the proof itself.

mod actor;
mod introspection;
mod limits;
mod operator_keys;
mod organization;
mod rights;
mod sessions;

use std::net::IpAddr;
use std::sync::Arc;

use aws_lc_rs::hmac;
use carehook_core::{
    ApiKey, ApiKeyText, AuditAction, AuditEntry, Dialect, OperatorKeyText, OrganizationId, Scope,
    Timestamp,
};

use crate::audit::Notice;
use crate::{App, AppError, Requester};
pub(crate) use actor::Actor;
pub use introspection::{Allowance, CredentialKind, Introspection};
pub use operator_keys::KeyOperator;
pub use organization::OrganizationAccess;
use rights::{Rights, TokenRights};

/// A keyed digest: keys are compared by it, in constant time and whatever their lengths.
pub(crate) struct KeyDigest(hmac::Tag);

impl KeyDigest {
    pub(crate) fn of(digest_key: &hmac::Key, text: &str) -> Self {
        Self(hmac::sign(digest_key, text.as_bytes()))
    }

    fn is_of(&self, digest_key: &hmac::Key, text: &str) -> bool {
        hmac::verify(digest_key, text.as_bytes(), self.0.as_ref()).is_ok()
    }
}

/// Where a request comes from, for the audit trail: whoever accepts connections leaves it among the
/// extensions of each request. Without it, entries name no source.
#[derive(Clone, Copy, Debug)]
pub struct ClientAddress(pub IpAddr);

/// Proof that the caller has a valid credential.
#[derive(Clone, Debug)]
pub struct Caller {
    rights: Rights,
    source: Option<IpAddr>,
    /// What is asked for, as the audit trail calls it.
    asked: Option<Arc<str>>,
}

/// Proof that the caller has the operator's rights: all organizations, everything.
#[derive(Debug)]
pub struct Operator {
    actor: Actor,
    source: Option<IpAddr>,
}

impl Operator {
    /// Who acts: see [`OrganizationAccess::actor`].
    pub(crate) fn actor(&self) -> &str {
        self.actor.id()
    }

    /// An entry about something that the operator has just done.
    pub(crate) fn entry(&self, at: Timestamp, action: AuditAction, object: String) -> AuditEntry {
        self.actor
            .entry(at, action, object)
            .from_source(self.source)
    }
}

/// Proof that the caller may change the catalogue, which all organizations share.
#[derive(Debug)]
pub struct CatalogueEditor {
    actor: Actor,
    name: Arc<str>,
    source: Option<IpAddr>,
}

impl CatalogueEditor {
    /// Who changes it: see [`OrganizationAccess::actor`].
    pub fn actor(&self) -> &str {
        self.actor.id()
    }

    /// The same for bodies: see [`OrganizationAccess::name`].
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// An entry about something that the editor has just done.
    pub(crate) fn entry(&self, at: Timestamp, action: AuditAction, object: String) -> AuditEntry {
        self.actor
            .entry(at, action, object)
            .from_source(self.source)
    }
}

impl Caller {
    /// Refuses tokens, for the APIs of vendors that know API keys only: a key has a mode and
    /// permissions, and a token has neither.
    pub fn require_key(&self) -> Result<(), AppError> {
        match self.rights {
            Rights::Operator | Rights::OperatorKey(_) | Rights::Key(_) => Ok(()),
            Rights::Token(_) | Rights::Session(_) => Err(AppError::Unauthenticated),
        }
    }

    /// Under whose name the caller's idempotency keys are kept.
    pub fn requester(&self) -> Requester {
        self.rights.requester(None)
    }

    fn new(rights: Rights, source: Option<IpAddr>) -> Self {
        Self {
            rights,
            source,
            asked: None,
        }
    }

    /// The same with the route that is asked for: its method and its pattern, never the path itself,
    /// which may hold what opens something.
    #[must_use]
    pub fn asking(self, method: &str, pattern: &str) -> Self {
        Self {
            asked: Some(format!("route/{method} {pattern}").into()),
            ..self
        }
    }
}

impl App {
    /// Checks a bearer token: a key of the operator, an organization's API key, or a token. `source`
    /// is the address that it came from, for the audit trail.
    ///
    /// # Errors
    /// [`AppError::Unauthenticated`] for everything else: what is missing, misspelled, unknown,
    /// revoked or expired looks the same from outside.
    pub async fn caller(
        &self,
        bearer: Option<&str>,
        source: Option<IpAddr>,
    ) -> Result<Caller, AppError> {
        let text = bearer.ok_or(AppError::Unauthenticated)?;
        // The form tells what to look for, so that a publisher's key costs one digest.
        let key = if ApiKeyText::is_well_formed(text) {
            self.valid_key(text, source)
        } else if OperatorKeyText::is_well_formed(text) {
            self.valid_operator_key(text, source)
        } else {
            None
        };
        if let Some(rights) = key.or_else(|| self.operators(text)) {
            return Ok(Caller::new(rights, source));
        }
        // Three parts, and so two dots (RFC 7515, 3.1).
        if text.matches('.').count() != 2 {
            return Err(AppError::Unauthenticated);
        }
        // A token's times are those of another clock, which ours must follow wherever it goes.
        let now = self.inner().clock.wall();
        let claims = self.inner().tokens.verify(text, now).await?;
        let rights = Rights::Token(Arc::new(TokenRights::of(claims)));
        Ok(Caller::new(rights, source))
    }

    fn valid_key(&self, text: &str, source: Option<IpAddr>) -> Option<Rights> {
        let now = self.now();
        let Some(key) = self.store().api_key_with_text(text) else {
            if let Some(key) = self.store().revoked_api_key_with_text(text) {
                self.refuse_key(&key, source, "the key was revoked");
            }
            return None;
        };
        if !key.is_valid_at(now) {
            self.refuse_key(&key, source, "the key has expired");
            return None;
        }
        key.last_use.note(now);
        Some(Rights::Key(key))
    }

    /// Notes the use of a key that is no good any more.
    fn refuse_key(&self, key: &ApiKey, source: Option<IpAddr>, reason: &str) {
        self.inner().notices.note(&Notice {
            organization: Some(&key.organization),
            actor: &Actor::of(key.id.to_string()),
            source,
            action: AuditAction::SignInRefused,
            object: "",
            reason: Some(reason),
        });
    }

    fn operators(&self, text: &str) -> Option<Rights> {
        let inner = self.inner();
        let key = inner.operator_key.as_ref()?;
        key.is_of(&inner.digest_key, text)
            .then_some(Rights::Operator)
    }

    /// Access to an organization by its id.
    ///
    /// # Errors
    /// [`AppError::NotFound`] when there is none, and in the same words when the caller has
    /// nothing to do with it.
    pub fn access(
        &self,
        caller: &Caller,
        organization: &str,
    ) -> Result<OrganizationAccess, AppError> {
        let unknown = AppError::NotFound {
            kind: "organization",
        };
        let Ok(organization) = organization.parse::<OrganizationId>() else {
            return Err(unknown);
        };
        let Caller {
            rights,
            source,
            asked,
        } = caller;
        let reached = rights.reach(&organization);
        if !reached {
            self.refuse(caller, "an organization that is not the caller's");
        }
        let found = reached.then(|| self.store().organization(&organization));
        let Some(found) = found.flatten() else {
            return Err(unknown);
        };
        Ok(OrganizationAccess {
            settings: found.settings,
            actor: rights.actor(),
            source: *source,
            rights: rights.clone(),
            organization,
            asked: asked.clone(),
            face: Dialect::Native,
            within: None,
            notices: Arc::clone(&self.inner().notices),
        })
    }

    /// Notes a refusal in the trail of the caller's own organization; of those who have none, in
    /// that of the installation.
    fn refuse(&self, caller: &Caller, reason: &str) {
        let Caller {
            rights,
            source,
            asked,
        } = caller;
        self.inner().notices.note(&Notice {
            organization: rights.organization(),
            actor: &rights.actor(),
            source: *source,
            action: AuditAction::AccessRefused,
            object: asked.as_deref().unwrap_or_default(),
            reason: Some(reason),
        });
    }

    /// Access to the organization that the caller's credential belongs to.
    ///
    /// # Errors
    /// [`AppError::Forbidden`] for those who belong to none, like the operator.
    pub fn own_access(&self, caller: &Caller) -> Result<OrganizationAccess, AppError> {
        match caller.rights.organization() {
            Some(own) => self.access(caller, own.as_str()),
            None => Err(AppError::Forbidden {
                reason: "this needs a key of one organization".to_owned(),
            }),
        }
    }

    /// The operator's rights.
    pub fn operator(&self, caller: &Caller) -> Result<Operator, AppError> {
        if caller.rights.are_the_operators() {
            return Ok(Operator {
                actor: caller.rights.actor(),
                source: caller.source,
            });
        }
        let reason = "this needs the operator's rights".to_owned();
        self.refuse(caller, &reason);
        Err(AppError::Forbidden { reason })
    }

    /// The right to change the catalogue: the operator's, or the scope `catalogue:write`.
    pub fn catalogue_editor(&self, caller: &Caller) -> Result<CatalogueEditor, AppError> {
        let Caller { rights, source, .. } = caller;
        if rights.has(Scope::CatalogueWrite) {
            let actor = rights.actor();
            return Ok(CatalogueEditor {
                actor,
                name: rights.name(),
                source: *source,
            });
        }
        let scope = Scope::CatalogueWrite;
        let reason = format!("this needs the scope `{scope}`");
        self.refuse(caller, &reason);
        Err(AppError::Forbidden { reason })
    }
}

#[cfg(test)]
mod tests;
