//! Who asks: credentials are checked here, and what a caller may do becomes a value that proves it.
//!
//! There are the operator's keys, API keys of organizations, and tokens. A right is never a `bool`
//! that somebody could forget to look at: a use case takes the proof as an argument, and nothing
//! outside this folder can build one. Which scopes a use case needs, it asks of the proof itself.

mod actor;
mod introspection;
mod limits;
mod operator_keys;
mod rights;
mod sessions;

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

use aws_lc_rs::hmac;
use carehook_core::{
    ApiKey, ApiKeyText, AuditAction, AuditEntry, Dialect, Endpoint, Mode, OperatorKeyText,
    OrganizationId, OrganizationSettings, Permission, Resource, Scope, Timestamp,
};

use crate::audit::{Notice, Notices};
use crate::{App, AppError, Requester};
pub(crate) use actor::Actor;
pub use introspection::{Allowance, CredentialKind, Introspection};
pub use operator_keys::KeyOperator;
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

/// Proof that the caller may act for this organization, which exists.
#[derive(Clone, Debug)]
pub struct OrganizationAccess {
    organization: OrganizationId,
    settings: OrganizationSettings,
    rights: Rights,
    actor: Actor,
    source: Option<IpAddr>,
    asked: Option<Arc<str>>,
    face: Dialect,
    /// The mode that it was narrowed to.
    within: Option<Mode>,
    notices: Arc<Notices>,
}

impl OrganizationAccess {
    /// The organization.
    pub fn organization(&self) -> &OrganizationId {
        &self.organization
    }

    /// The same access through the API of a dialect, which sees its own endpoints only.
    #[must_use]
    pub fn through(self, face: Dialect) -> Self {
        Self { face, ..self }
    }

    /// The API that the caller came through; the native one sees the endpoints of all.
    pub fn face(&self) -> Dialect {
        self.face
    }

    /// The only mode that the caller sees; `None` sees both.
    pub fn mode(&self) -> Option<Mode> {
        self.rights.mode().or(self.within)
    }

    /// The same access as if the caller had a key of this mode; one that sees another mode only
    /// keeps that. For pages, whose address names the mode of all that they show.
    #[must_use]
    pub fn within(self, mode: Mode) -> Self {
        Self {
            within: Some(mode),
            ..self
        }
    }

    /// When the caller's key ends, if it is one that does.
    pub(crate) fn expires_at(&self) -> Option<Timestamp> {
        self.rights.expires_at()
    }

    /// Who acts, for the audit trail: `operator`, `operator_key/` with the id of such a key, the id
    /// of a key, `portal:` with the id of a session, or `token:` with the subject of a token, which
    /// so can name nobody else.
    pub fn actor(&self) -> &str {
        self.actor.id()
    }

    /// The same with what the person is called, if that is known.
    pub(crate) fn acting(&self) -> &Actor {
        &self.actor
    }

    /// What the caller is called in bodies: the subject of a token, otherwise as [`Self::actor`].
    pub fn name(&self) -> Arc<str> {
        self.rights.name()
    }

    /// From where the caller asks.
    pub(crate) fn source(&self) -> Option<IpAddr> {
        self.source
    }

    /// Whether the caller may do what needs this scope.
    pub fn has(&self, scope: Scope) -> bool {
        self.rights.has(scope)
    }

    /// Whether the caller may see what events hold, and the secrets that sign them.
    ///
    /// The vendors' own APIs know no separate right for it. Through them it is enough to read and
    /// manage: who may change an endpoint's URL can have its events sent to them anyway.
    pub fn sees_payloads(&self) -> bool {
        let manages = || self.has(Scope::Read) && self.has(Scope::Manage);
        self.has(Scope::ReadPayload) || (self.face != Dialect::Native && manages())
    }

    /// Refuses unless the caller may do what needs this scope.
    pub fn require(&self, scope: Scope) -> Result<(), AppError> {
        if self.has(scope) {
            return Ok(());
        }
        Err(self.refusal(format!("this needs the scope `{scope}`")))
    }

    /// A refusal, which the audit trail gets to know of.
    pub(crate) fn refusal(&self, reason: String) -> AppError {
        self.notices.note(&Notice {
            organization: Some(&self.organization),
            actor: &self.actor,
            source: self.source,
            action: AuditAction::AccessRefused,
            object: self.asked.as_deref().unwrap_or_default(),
            reason: Some(&reason),
        });
        AppError::Forbidden { reason }
    }

    /// The permissions that the caller has; the operator and tokens have all.
    pub fn permissions(&self) -> BTreeSet<Permission> {
        let all = Permission::all();
        all.filter(|permission| self.may(*permission)).collect()
    }

    /// Whether the caller has a permission.
    pub fn may(&self, permission: Permission) -> bool {
        self.rights.may(permission)
    }

    /// Whether the caller may see records of this kind; who may change them may see them.
    pub fn may_read(&self, resource: Resource) -> bool {
        let mut permissions = Permission::all().filter(|one| one.resource() == resource);
        permissions.any(|permission| self.may(permission))
    }

    /// Refuses unless the caller may see records of this kind.
    pub fn require_read(&self, resource: Resource) -> Result<(), AppError> {
        if self.may_read(resource) {
            return Ok(());
        }
        let name = resource.as_str();
        Err(self.refusal(format!("this needs the permission `{name}:read`")))
    }

    /// Under whose name the caller's idempotency keys are kept.
    pub fn requester(&self) -> Requester {
        self.rights.requester(Some(&self.organization))
    }

    /// Whether the caller may know of this endpoint.
    pub(crate) fn sees(&self, endpoint: &Endpoint) -> bool {
        let face = self.face == Dialect::Native || self.face == endpoint.dialect;
        face && self.sees_mode(endpoint.mode)
    }

    /// Whether the caller may know of what has this mode.
    pub(crate) fn sees_mode(&self, mode: Mode) -> bool {
        self.mode().is_none_or(|own| own == mode)
    }

    /// The mode of what a list shows: the one that is named, if the caller sees it, else all that
    /// the caller sees.
    pub(crate) fn only_mode(&self, named: Option<Mode>) -> Result<Option<Mode>, AppError> {
        match self.mode() {
            None => Ok(named),
            Some(_) => match self.mode_for(named) {
                Ok(mode) => Ok(Some(mode)),
                Err(reason) => Err(AppError::invalid("/mode", reason)),
            },
        }
    }

    /// The mode of something that the caller makes: the one that is named, if the caller has it,
    /// else the caller's own, else live.
    pub(crate) fn mode_for(&self, named: Option<Mode>) -> Result<Mode, String> {
        match (self.mode(), named) {
            (Some(own), Some(named)) if own != named => {
                let own = own.as_str();
                Err(format!("must be `{own}`, the mode of the key"))
            }
            (own, named) => Ok(named.or(own).unwrap_or_default()),
        }
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
