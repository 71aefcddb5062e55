//! Changes of API keys, on the writer thread: the control file first and memory after.

use std::sync::Arc;

use carehook_core::{ApiKey, ApiKeyId, GrantMaker, OrganizationId, Timestamp};
use rusqlite::{Transaction, params};

use super::api_keys::{Digest, to_words};
use super::writer::Writer;
use super::{Result, codec};
use crate::Refusal;

impl Writer {
    pub(super) fn create_api_key(
        &mut self,
        new: ApiKey,
        digest: Digest,
        at_most: usize,
    ) -> Result<Arc<ApiKey>> {
        let organization = self.organization_number(&new.organization)?;
        {
            let control = self.shared.control.read();
            if control.api_keys.count_unrevoked(&new.organization) >= at_most {
                let reason = format!("an organization has at most {at_most} keys");
                return Err(Refusal::Conflict(reason).into());
            }
            if control.api_keys.get(&new.organization, new.id).is_some() {
                return Err(Refusal::Exists("key").into());
            }
        }
        self.control_transaction("create an API key", |t| {
            insert(t, organization, &new, &digest)
        })?;
        let key = Arc::new(new);
        self.shared.control.write().api_keys.put(digest, &key);
        Ok(key)
    }

    pub(super) fn revoke_api_key(
        &mut self,
        of: &OrganizationId,
        id: ApiKeyId,
        now: Timestamp,
    ) -> Result<Arc<ApiKey>> {
        const SQL: &str = "-- carehook.api_key_writes.revoke
            UPDATE api_keys SET revoked_at = ?2 WHERE id = ?1";
        let found = self.shared.control.read().api_keys.get(of, id).cloned();
        let current = found.ok_or(Refusal::NotFound("key"))?;
        if current.revoked_at.is_some() {
            return Ok(current);
        }
        let maker = GrantMaker::Key(id);
        let made = self.shared.control.read().sessions.made_by(maker);
        self.control_transaction("revoke an API key", |t| {
            made.delete(t)?;
            t.prepare_cached(SQL)?
                .execute(params![id.0.to_bytes(), now.0])
        })?;
        let revoked = Arc::new(ApiKey {
            revoked_at: Some(now),
            ..(*current).clone()
        });
        let mut control = self.shared.control.write();
        control.api_keys.put_revoked(&revoked);
        control.sessions.forget(&made);
        Ok(revoked)
    }
}

fn insert(
    transaction: &Transaction<'_>,
    number: i64,
    key: &ApiKey,
    digest: &Digest,
) -> rusqlite::Result<()> {
    const SQL: &str = "-- carehook.api_key_writes.insert
        INSERT INTO api_keys (organization, id, digest, name, mode, permissions, scopes, prefix,
            created_at, expires_at, revoked_at, rate_limit, last_used_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
    let ApiKey {
        id,
        organization: _,
        name,
        mode,
        permissions,
        scopes,
        prefix,
        created_at,
        expires_at,
        revoked_at,
        rate_limit,
        last_use,
    } = key;
    transaction.prepare_cached(SQL)?.execute(params![
        number,
        id.0.to_bytes(),
        digest,
        name,
        codec::mode::code(*mode),
        to_words(permissions),
        to_words(scopes),
        prefix,
        created_at.0,
        expires_at.map(|at| at.0),
        revoked_at.map(|at| at.0),
        rate_limit,
        last_use.at().map(|at| at.0),
    ])?;
    Ok(())
}
