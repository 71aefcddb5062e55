//! Operator keys: made, listed and revoked; a key's text is shown once.

use std::collections::BTreeSet;
use std::sync::Arc;

use carehook_core::{
    AuditAction, LastUse, Limits, OperatorKey, OperatorKeyId, OperatorKeyText, Scope, Secret,
    Timestamp,
};

use crate::api_keys::checked_end;
use crate::cursor::{List, Page, PageOf};
use crate::faults::check_text;
use crate::{App, AppError, Faults, KeyOperator};

/// An operator key to make.
#[derive(Clone, Debug)]
pub struct NewOperatorKey {
    /// What people call it.
    pub name: String,
    /// What it may do; all that its maker may when nothing is said.
    pub scopes: Option<BTreeSet<Scope>>,
    /// From when on it is refused.
    pub expires_at: Option<Timestamp>,
}

/// An operator key that was made, with its text, which nobody can see again.
#[derive(Clone)]
pub struct MadeOperatorKey {
    /// The key.
    pub key: Arc<OperatorKey>,
    /// What its owner signs in with.
    pub text: Secret,
}

const OPERATOR_KEYS: List<'static> = List {
    kind: "operator_keys",
    owner: "",
};

impl App {
    /// Makes a key of the operator, which can do no more than its maker.
    ///
    /// # Errors
    /// [`AppError::Forbidden`] names the scope that the maker does not have.
    pub async fn create_operator_key(
        &self,
        maker: &KeyOperator,
        new: NewOperatorKey,
    ) -> Result<MadeOperatorKey, AppError> {
        let NewOperatorKey {
            name,
            scopes,
            expires_at,
        } = new;
        let now = self.now();
        let mut faults = Faults::default();
        faults.take("/name", check_text(&name, Limits::NAME_CHARS));
        let end = checked_end(expires_at, maker.expires_at(), now);
        let expires_at = faults.take("/expires_at", end);
        let expires_at = faults.finish(expires_at)?;
        let scopes = scopes.unwrap_or_else(|| maker.scopes());
        scopes.iter().try_for_each(|scope| maker.require(*scope))?;
        let random = &self.inner().random;
        let text = OperatorKeyText::new(&random.bytes());
        let key = OperatorKey {
            id: OperatorKeyId(random.record_id(now)),
            name,
            scopes,
            prefix: text.prefix().into(),
            created_at: now,
            expires_at,
            revoked_at: None,
            last_use: LastUse::default(),
        };
        let text = text.secret().clone();
        let object = format!("operator_key/{}", key.id);
        let entry = maker.entry(self, AuditAction::OperatorKeyCreated, object);
        let store = self.noting_for_all(entry);
        let at_most = Limits::OPERATOR_KEYS;
        let key = store.create_operator_key(key, &text, at_most).await?;
        tracing::info!(key = %key.id, by = maker.actor(), "operator key created");
        Ok(MadeOperatorKey { key, text })
    }

    /// All keys of the operator, oldest first; those that were revoked as well.
    pub fn list_operator_keys(
        &self,
        _: &KeyOperator,
        page: &Page,
    ) -> Result<PageOf<Arc<OperatorKey>>, AppError> {
        let found = self
            .store()
            .list_operator_keys(OPERATOR_KEYS.request(page)?);
        Ok(PageOf {
            items: found.items,
            next_cursor: found.next.map(|place| OPERATOR_KEYS.cursor(&place)),
        })
    }

    /// One key of the operator.
    pub fn operator_key(
        &self,
        _: &KeyOperator,
        id: OperatorKeyId,
    ) -> Result<Arc<OperatorKey>, AppError> {
        let found = self.store().operator_key(id);
        found.ok_or(AppError::NotFound { kind: "key" })
    }

    /// Revokes a key of the operator: its next request is refused.
    pub async fn revoke_operator_key(
        &self,
        operator: &KeyOperator,
        id: OperatorKeyId,
    ) -> Result<Arc<OperatorKey>, AppError> {
        let object = format!("operator_key/{id}");
        let entry = operator.entry(self, AuditAction::OperatorKeyRevoked, object);
        let store = self.noting_for_all(entry);
        let revoked = store.revoke_operator_key(id, self.now()).await?;
        tracing::info!(key = %id, by = operator.actor(), "operator key revoked");
        Ok(revoked)
    }
}
