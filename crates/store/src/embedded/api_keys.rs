//! API keys in memory: found by the keyed digest of their text, listed by organization.
//!
//! A digest is HMAC-SHA256 under a key of the installation, which lies sealed by the master key
//! beside the master check. Looking a digest up needs no comparison in constant time: who does not
//! know the digest key cannot choose the bytes that are compared.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;
use std::str::FromStr;
use std::sync::Arc;

use aws_lc_rs::{hmac, rand};
use carehook_core::{ApiKey, ApiKeyId, LastUse, Mode, OrganizationId, RecordId, Secret, Timestamp};
use rusqlite::{Connection, OptionalExtension as _, Row};
use zeroize::Zeroizing;

use super::control::{Control, rows, unreadable};
use super::open::control_error;
use super::writer::Writer;
use super::{EmbeddedStore, Result, codec};
use crate::keys::KeyRing;
use crate::{ListPage, OpenError, PageRequest};

/// What a key's text is found by.
pub(super) type Digest = [u8; 32];

/// Makes digests of texts.
pub(super) struct DigestKey(hmac::Key);

impl DigestKey {
    /// The one of an installation, made when it is needed first.
    pub(super) fn of(control: &Connection, keys: &KeyRing) -> std::result::Result<Self, OpenError> {
        const FIND: &str = "-- carehook.api_keys.digest_key
            SELECT value FROM meta WHERE name = 'api_key_digest_key'";
        const INSERT: &str = "-- carehook.api_keys.insert_digest_key
            INSERT INTO meta (name, value) VALUES ('api_key_digest_key', ?1)";
        let stored: Option<Vec<u8>> = control
            .query_row(FIND, [], |row| row.get(0))
            .optional()
            .map_err(control_error)?;
        let bytes = if let Some(sealed) = stored {
            keys.open_digest_key(&sealed)
                .ok_or_else(|| unreadable("the key for API keys"))?
        } else {
            let mut new = Zeroizing::new([0; 32]);
            rand::fill(&mut *new).expect("the system gives random bytes");
            control
                .execute(INSERT, [keys.seal_digest_key(&new)])
                .map_err(control_error)?;
            new
        };
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, &*bytes)))
    }

    pub(super) fn digest(&self, text: &str) -> Digest {
        let tag = hmac::sign(&self.0, text.as_bytes());
        tag.as_ref().try_into().expect("HMAC-SHA256 has 32 bytes")
    }
}

/// All keys, those that were revoked or have expired as well.
#[derive(Default)]
pub(super) struct ApiKeys {
    by_organization: HashMap<OrganizationId, BTreeMap<ApiKeyId, Arc<ApiKey>>>,
    by_digest: HashMap<Digest, Arc<ApiKey>>,
    /// Kept apart, so that nobody takes one for a key: their use is noted.
    revoked: HashMap<Digest, Arc<ApiKey>>,
}

impl ApiKeys {
    pub(super) fn get(&self, of: &OrganizationId, id: ApiKeyId) -> Option<&Arc<ApiKey>> {
        self.by_organization.get(of)?.get(&id)
    }

    /// How many of an organization's keys nobody has revoked.
    pub(super) fn count_unrevoked(&self, of: &OrganizationId) -> usize {
        let keys = self.by_organization.get(of).into_iter();
        let keys = keys.flat_map(BTreeMap::values);
        keys.filter(|key| key.revoked_at.is_none()).count()
    }

    pub(super) fn put(&mut self, digest: Digest, key: &Arc<ApiKey>) {
        self.list(key);
        let found = match key.revoked_at {
            None => &mut self.by_digest,
            Some(_) => &mut self.revoked,
        };
        found.insert(digest, Arc::clone(key));
    }

    /// Takes a key that was revoked; from now on its text is that of no key.
    pub(super) fn put_revoked(&mut self, key: &Arc<ApiKey>) {
        let taken = self.by_digest.extract_if(|_, other| other.id == key.id);
        let taken = taken.map(|(digest, _)| (digest, Arc::clone(key)));
        self.revoked.extend(taken);
        self.list(key);
    }

    pub(super) fn remove_organization(&mut self, id: &OrganizationId) {
        if self.by_organization.remove(id).is_some() {
            self.by_digest.retain(|_, key| key.organization != *id);
            self.revoked.retain(|_, key| key.organization != *id);
        }
    }

    fn list(&mut self, key: &Arc<ApiKey>) {
        let siblings = self.by_organization.entry(key.organization.clone());
        siblings.or_default().insert(key.id, Arc::clone(key));
    }

    /// The uses that the file does not know of yet.
    pub(super) fn unkept_uses(&self) -> Vec<(RecordId, LastUse)> {
        let keys = self.by_organization.values().flat_map(BTreeMap::values);
        let unkept = keys.filter(|key| key.last_use.unkept().is_some());
        unkept.map(|key| (key.id.0, key.last_use.clone())).collect()
    }

    fn page(
        &self,
        of: &OrganizationId,
        mode: Option<Mode>,
        page: PageRequest,
    ) -> ListPage<Arc<ApiKey>> {
        let after = page.after.map(ApiKeyId);
        let start = after.as_ref().map_or(Bound::Unbounded, Bound::Excluded);
        let siblings = self.by_organization.get(of).into_iter();
        let rest = siblings.flat_map(|keys| keys.range((start, Bound::Unbounded)));
        let mut items: Vec<_> = rest
            .map(|(_, key)| key)
            .filter(|key| mode.is_none_or(|mode| key.mode == mode))
            .take(page.limit.saturating_add(1))
            .cloned()
            .collect();
        let more = items.len() > page.limit;
        items.truncate(page.limit);
        let next = items.last().filter(|_| more).map(|last| last.id.0);
        ListPage { items, next }
    }
}

impl Control {
    pub(super) fn load_api_keys(
        &mut self,
        connection: &Connection,
    ) -> std::result::Result<(), OpenError> {
        const SQL: &str = "-- carehook.api_keys.load
            SELECT organization, digest, id, name, mode, permissions, scopes, prefix, created_at,
                expires_at, revoked_at, rate_limit, last_used_at FROM api_keys";
        for (organization, digest, row) in rows(connection, SQL, read)? {
            let key = self
                .organization_id(organization)
                .and_then(|organization| row.into_key(organization.clone()))
                .ok_or_else(|| unreadable("an API key"))?;
            self.api_keys.put(digest, &Arc::new(key));
        }
        Ok(())
    }
}

struct KeyRow {
    id: ApiKeyId,
    name: String,
    mode: i64,
    permissions: String,
    scopes: String,
    prefix: String,
    created_at: Timestamp,
    expires_at: Option<Timestamp>,
    revoked_at: Option<Timestamp>,
    rate_limit: Option<u32>,
    last_used_at: Option<Timestamp>,
}

fn read(row: &Row<'_>) -> rusqlite::Result<(i64, Digest, KeyRow)> {
    let key = KeyRow {
        id: ApiKeyId(RecordId::from_bytes(row.get(2)?)),
        name: row.get(3)?,
        mode: row.get(4)?,
        permissions: row.get(5)?,
        scopes: row.get(6)?,
        prefix: row.get(7)?,
        created_at: Timestamp(row.get(8)?),
        expires_at: row.get::<_, Option<i64>>(9)?.map(Timestamp),
        revoked_at: row.get::<_, Option<i64>>(10)?.map(Timestamp),
        rate_limit: row.get(11)?,
        last_used_at: row.get::<_, Option<i64>>(12)?.map(Timestamp),
    };
    Ok((row.get(0)?, row.get(1)?, key))
}

impl KeyRow {
    fn into_key(self, organization: OrganizationId) -> Option<ApiKey> {
        Some(ApiKey {
            id: self.id,
            organization,
            name: self.name,
            mode: codec::mode::parse(self.mode)?,
            permissions: from_words(&self.permissions)?,
            scopes: from_words(&self.scopes)?,
            prefix: self.prefix.into(),
            created_at: self.created_at,
            expires_at: self.expires_at,
            revoked_at: self.revoked_at,
            rate_limit: self.rate_limit,
            last_use: LastUse::kept_at(self.last_used_at),
        })
    }
}

/// Names as one column has them, with spaces in between.
pub(super) fn to_words<T: ToString>(names: impl IntoIterator<Item = T>) -> String {
    let names: Vec<String> = names.into_iter().map(|name| name.to_string()).collect();
    names.join(" ")
}

pub(super) fn from_words<T: FromStr, C: FromIterator<T>>(column: &str) -> Option<C> {
    column
        .split_ascii_whitespace()
        .map(|word| word.parse().ok())
        .collect()
}

/// API keys.
impl EmbeddedStore {
    pub(crate) fn api_key_with_text(&self, text: &str) -> Option<Arc<ApiKey>> {
        let digest = self.shared.digest_key.digest(text);
        let control = self.shared.control.read();
        control.api_keys.by_digest.get(&digest).cloned()
    }

    pub(crate) fn revoked_api_key_with_text(&self, text: &str) -> Option<Arc<ApiKey>> {
        let digest = self.shared.digest_key.digest(text);
        let control = self.shared.control.read();
        control.api_keys.revoked.get(&digest).cloned()
    }

    pub(crate) fn api_key(&self, of: &OrganizationId, id: ApiKeyId) -> Option<Arc<ApiKey>> {
        self.shared.control.read().api_keys.get(of, id).cloned()
    }

    pub(crate) fn list_api_keys(
        &self,
        of: &OrganizationId,
        mode: Option<Mode>,
        page: PageRequest,
    ) -> ListPage<Arc<ApiKey>> {
        self.shared.control.read().api_keys.page(of, mode, page)
    }

    pub(crate) async fn create_api_key(
        &self,
        new: ApiKey,
        text: &Secret,
        at_most: usize,
    ) -> Result<Arc<ApiKey>> {
        // Before it is queued: the text goes no further than this.
        let digest = self.shared.digest_key.digest(text.expose());
        let create = move |writer: &mut Writer| writer.create_api_key(new, digest, at_most);
        self.change("create an API key", create).await
    }

    pub(crate) async fn revoke_api_key(
        &self,
        of: &OrganizationId,
        id: ApiKeyId,
        now: Timestamp,
    ) -> Result<Arc<ApiKey>> {
        let of = of.clone();
        let revoke = move |writer: &mut Writer| writer.revoke_api_key(&of, id, now);
        self.change("revoke an API key", revoke).await
    }
}
