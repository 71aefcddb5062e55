//! Operator keys: how they are accepted, and who may make, see and revoke them.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

use carehook_core::{AuditAction, AuditEntry, Scope, Timestamp};

use super::rights::Rights;
use super::{Actor, Caller};
use crate::audit::{Notice, Notices};
use crate::{App, AppError};

/// Proof that the caller reaches all organizations and has the scope `keys`.
#[derive(Debug)]
pub struct KeyOperator {
    rights: Rights,
    actor: Actor,
    source: Option<IpAddr>,
    notices: Arc<Notices>,
}

impl KeyOperator {
    /// Who it is: see [`crate::OrganizationAccess::actor`].
    pub fn actor(&self) -> &str {
        self.actor.id()
    }

    /// From where it is asked.
    pub(crate) fn source(&self) -> Option<IpAddr> {
        self.source
    }

    /// When the caller's own key ends, if it is one that does.
    pub(crate) fn expires_at(&self) -> Option<Timestamp> {
        self.rights.expires_at()
    }

    /// All that the caller may do.
    pub(crate) fn scopes(&self) -> BTreeSet<Scope> {
        let all = Scope::ALL.into_iter();
        all.filter(|scope| self.rights.has(*scope)).collect()
    }

    /// Refuses unless the caller may do what needs this scope.
    pub(crate) fn require(&self, scope: Scope) -> Result<(), AppError> {
        if self.rights.has(scope) {
            return Ok(());
        }
        let reason = format!("this needs the scope `{scope}`");
        self.notices.note(&Notice {
            organization: None,
            actor: &self.actor,
            source: self.source,
            action: AuditAction::AccessRefused,
            object: "",
            reason: Some(&reason),
        });
        Err(AppError::Forbidden { reason })
    }

    /// An entry about something that the caller has just done.
    pub(crate) fn entry(&self, app: &App, action: AuditAction, object: String) -> AuditEntry {
        let entry = self.actor.entry(app.now(), action, object);
        entry.from_source(self.source)
    }
}

impl App {
    /// The right to handle keys of all organizations, and those of the operator.
    ///
    /// # Errors
    /// [`AppError::Forbidden`] for keys and tokens of one organization, and without the scope.
    pub fn key_operator(&self, caller: &Caller) -> Result<KeyOperator, AppError> {
        let Caller { rights, source, .. } = caller;
        let reason = if rights.organization().is_some() {
            "this needs the operator's rights".to_owned()
        } else if rights.has(Scope::Keys) {
            return Ok(KeyOperator {
                actor: rights.actor(),
                rights: rights.clone(),
                source: *source,
                notices: Arc::clone(&self.inner().notices),
            });
        } else {
            format!("this needs the scope `{}`", Scope::Keys)
        };
        self.refuse(caller, &reason);
        Err(AppError::Forbidden { reason })
    }

    pub(super) fn valid_operator_key(&self, text: &str, source: Option<IpAddr>) -> Option<Rights> {
        let (store, now) = (self.store(), self.now());
        let (key, reason) = match store.operator_key_with_text(text) {
            Some(key) if key.is_valid_at(now) => {
                key.last_use.note(now);
                return Some(Rights::OperatorKey(key));
            }
            Some(key) => (key, "the key has expired"),
            None => (
                store.revoked_operator_key_with_text(text)?,
                "the key was revoked",
            ),
        };
        self.inner().notices.note(&Notice {
            organization: None,
            actor: &Rights::OperatorKey(key).actor(),
            source,
            action: AuditAction::SignInRefused,
            object: "",
            reason: Some(reason),
        });
        None
    }
}
