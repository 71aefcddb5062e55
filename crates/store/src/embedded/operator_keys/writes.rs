//! Changes of operator keys, on the writer thread: the control file first and memory after.

use std::sync::Arc;

use carehook_core::{GrantMaker, OperatorKey, OperatorKeyId, Timestamp};
use rusqlite::{Transaction, params};

use crate::Refusal;
use crate::embedded::Result;
use crate::embedded::api_keys::{Digest, to_words};
use crate::embedded::writer::Writer;

impl Writer {
    pub(super) fn create_operator_key(
        &mut self,
        new: OperatorKey,
        digest: Digest,
        at_most: usize,
    ) -> Result<Arc<OperatorKey>> {
        {
            let keys = &self.shared.control.read().operator_keys;
            if keys.count_unrevoked() >= at_most {
                let reason = format!("there are at most {at_most} operator keys");
                return Err(Refusal::Conflict(reason).into());
            }
            if keys.get(new.id).is_some() {
                return Err(Refusal::Exists("operator key").into());
            }
        }
        self.control_transaction("create an operator key", |t| insert(t, &new, &digest))?;
        let key = Arc::new(new);
        self.shared.control.write().operator_keys.put(digest, &key);
        Ok(key)
    }

    pub(super) fn revoke_operator_key(
        &mut self,
        id: OperatorKeyId,
        now: Timestamp,
    ) -> Result<Arc<OperatorKey>> {
        const SQL: &str = "-- carehook.operator_keys.revoke
            UPDATE operator_keys SET revoked_at = ?2 WHERE id = ?1";
        let found = self.shared.control.read().operator_keys.get(id).cloned();
        let current = found.ok_or(Refusal::NotFound("operator key"))?;
        if current.revoked_at.is_some() {
            return Ok(current);
        }
        let maker = GrantMaker::OperatorKey(id);
        let made = self.shared.control.read().sessions.made_by(maker);
        self.control_transaction("revoke an operator key", |t| {
            made.delete(t)?;
            t.prepare_cached(SQL)?
                .execute(params![id.0.to_bytes(), now.0])
        })?;
        let revoked = Arc::new(OperatorKey {
            revoked_at: Some(now),
            ..(*current).clone()
        });
        let mut control = self.shared.control.write();
        control.operator_keys.put_revoked(&revoked);
        control.sessions.forget(&made);
        Ok(revoked)
    }
}

fn insert(
    transaction: &Transaction<'_>,
    key: &OperatorKey,
    digest: &Digest,
) -> rusqlite::Result<()> {
    const SQL: &str = "-- carehook.operator_keys.insert
        INSERT INTO operator_keys (id, digest, name, scopes, prefix, created_at, expires_at,
            revoked_at, last_used_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    let OperatorKey {
        id,
        name,
        scopes,
        prefix,
        created_at,
        expires_at,
        revoked_at,
        last_use,
    } = key;
    transaction.prepare_cached(SQL)?.execute(params![
        id.0.to_bytes(),
        digest,
        name,
        to_words(scopes),
        prefix,
        created_at.0,
        expires_at.map(|at| at.0),
        revoked_at.map(|at| at.0),
        last_use.at().map(|at| at.0),
    ])?;
    Ok(())
}
