//! Proof of what a caller may do for one organization; use cases ask it which scopes it has.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

use carehook_core::{
    AuditAction, Dialect, Endpoint, Mode, OrganizationId, OrganizationSettings, Permission,
    Resource, Scope, Timestamp,
};

use super::{Actor, Rights};
use crate::audit::{Notice, Notices};
use crate::{AppError, Requester};

/// Proof that the caller may act for this organization, which exists.
#[derive(Clone, Debug)]
pub struct OrganizationAccess {
    pub(super) organization: OrganizationId,
    pub(super) settings: OrganizationSettings,
    pub(super) rights: Rights,
    pub(super) actor: Actor,
    pub(super) source: Option<IpAddr>,
    pub(super) asked: Option<Arc<str>>,
    pub(super) face: Dialect,
    /// The mode that it was narrowed to.
    pub(super) within: Option<Mode>,
    pub(super) notices: Arc<Notices>,
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
