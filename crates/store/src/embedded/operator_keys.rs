//! Operator keys in memory: found by the keyed digest of their text, which API keys are found by
//! too.

mod writes;

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;
use std::sync::Arc;

use carehook_core::{LastUse, OperatorKey, OperatorKeyId, RecordId, Secret, Timestamp};
use rusqlite::{Connection, Row};

use super::api_keys::{Digest, from_words};
use super::control::{Control, rows, unreadable};
use super::writer::Writer;
use super::{EmbeddedStore, Result};
use crate::{ListPage, OpenError, PageRequest};

/// All operator keys, those that were revoked or have expired as well.
#[derive(Default)]
pub(super) struct OperatorKeys {
    by_id: BTreeMap<OperatorKeyId, Arc<OperatorKey>>,
    by_digest: HashMap<Digest, Arc<OperatorKey>>,
    /// Kept apart, so that nobody takes one for a key: their use is noted.
    revoked: HashMap<Digest, Arc<OperatorKey>>,
}

impl OperatorKeys {
    pub(super) fn get(&self, id: OperatorKeyId) -> Option<&Arc<OperatorKey>> {
        self.by_id.get(&id)
    }

    /// How many nobody has revoked.
    pub(super) fn count_unrevoked(&self) -> usize {
        let keys = self.by_id.values();
        keys.filter(|key| key.revoked_at.is_none()).count()
    }

    pub(super) fn put(&mut self, digest: Digest, key: &Arc<OperatorKey>) {
        self.by_id.insert(key.id, Arc::clone(key));
        let found = match key.revoked_at {
            None => &mut self.by_digest,
            Some(_) => &mut self.revoked,
        };
        found.insert(digest, Arc::clone(key));
    }

    /// Takes a key that was revoked; from now on its text is that of no key.
    pub(super) fn put_revoked(&mut self, key: &Arc<OperatorKey>) {
        let taken = self.by_digest.extract_if(|_, other| other.id == key.id);
        let taken = taken.map(|(digest, _)| (digest, Arc::clone(key)));
        self.revoked.extend(taken);
        self.by_id.insert(key.id, Arc::clone(key));
    }

    /// The uses that the file does not know of yet.
    pub(super) fn unkept_uses(&self) -> Vec<(RecordId, LastUse)> {
        let keys = self.by_id.values();
        let unkept = keys.filter(|key| key.last_use.unkept().is_some());
        unkept.map(|key| (key.id.0, key.last_use.clone())).collect()
    }

    fn page(&self, page: PageRequest) -> ListPage<Arc<OperatorKey>> {
        let after = page.after.map(OperatorKeyId);
        let start = after.as_ref().map_or(Bound::Unbounded, Bound::Excluded);
        let rest = self.by_id.range((start, Bound::Unbounded));
        let rest = rest.map(|(_, key)| Arc::clone(key));
        let mut items: Vec<_> = rest.take(page.limit.saturating_add(1)).collect();
        let more = items.len() > page.limit;
        items.truncate(page.limit);
        let next = items.last().filter(|_| more).map(|last| last.id.0);
        ListPage { items, next }
    }
}

impl Control {
    pub(super) fn load_operator_keys(
        &mut self,
        connection: &Connection,
    ) -> std::result::Result<(), OpenError> {
        const SQL: &str = "-- carehook.operator_keys.load
            SELECT digest, id, name, scopes, prefix, created_at, expires_at, revoked_at,
                last_used_at FROM operator_keys";
        for (digest, key) in rows(connection, SQL, read)? {
            let key = key.ok_or_else(|| unreadable("an operator key"))?;
            self.operator_keys.put(digest, &Arc::new(key));
        }
        Ok(())
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<(Digest, Option<OperatorKey>)> {
    let scopes: String = row.get(3)?;
    let Some(scopes) = from_words(&scopes) else {
        return Ok((row.get(0)?, None));
    };
    let time = |at| -> rusqlite::Result<_> { Ok(row.get::<_, Option<i64>>(at)?.map(Timestamp)) };
    let key = OperatorKey {
        id: OperatorKeyId(RecordId::from_bytes(row.get(1)?)),
        name: row.get(2)?,
        scopes,
        prefix: row.get::<_, String>(4)?.into(),
        created_at: Timestamp(row.get(5)?),
        expires_at: time(6)?,
        revoked_at: time(7)?,
        last_use: LastUse::kept_at(time(8)?),
    };
    Ok((row.get(0)?, Some(key)))
}

/// Operator keys.
impl EmbeddedStore {
    pub(crate) fn operator_key_with_text(&self, text: &str) -> Option<Arc<OperatorKey>> {
        let digest = self.shared.digest_key.digest(text);
        let control = self.shared.control.read();
        control.operator_keys.by_digest.get(&digest).cloned()
    }

    pub(crate) fn revoked_operator_key_with_text(&self, text: &str) -> Option<Arc<OperatorKey>> {
        let digest = self.shared.digest_key.digest(text);
        let control = self.shared.control.read();
        control.operator_keys.revoked.get(&digest).cloned()
    }

    pub(crate) fn operator_key(&self, id: OperatorKeyId) -> Option<Arc<OperatorKey>> {
        let control = self.shared.control.read();
        control.operator_keys.get(id).cloned()
    }

    pub(crate) fn list_operator_keys(&self, page: PageRequest) -> ListPage<Arc<OperatorKey>> {
        self.shared.control.read().operator_keys.page(page)
    }

    pub(crate) async fn create_operator_key(
        &self,
        new: OperatorKey,
        text: &Secret,
        at_most: usize,
    ) -> Result<Arc<OperatorKey>> {
        // Before it is queued: the text goes no further than this.
        let digest = self.shared.digest_key.digest(text.expose());
        let create = move |writer: &mut Writer| writer.create_operator_key(new, digest, at_most);
        self.change("create an operator key", create).await
    }

    pub(crate) async fn revoke_operator_key(
        &self,
        id: OperatorKeyId,
        now: Timestamp,
    ) -> Result<Arc<OperatorKey>> {
        let revoke = move |writer: &mut Writer| writer.revoke_operator_key(id, now);
        self.change("revoke an operator key", revoke).await
    }
}
