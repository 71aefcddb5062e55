//! The contract of API keys: found by their text, of which only a keyed digest is kept.

use std::sync::Arc;

use carehook_core::{ApiKey, ApiKeyId, Mode, OrganizationId, Secret, Timestamp};

use super::{Result, Store};
use crate::{ListPage, PageRequest};

impl Store {
    /// The key that has this text, unless it was revoked; its end is for the caller to check.
    ///
    /// One keyed digest and one look-up in memory.
    pub fn api_key_with_text(&self, text: &str) -> Option<Arc<ApiKey>> {
        let Self::Embedded(store) = self;
        store.api_key_with_text(text)
    }

    /// The key that was found by this text before it was revoked, for the audit trail: it is good for
    /// nothing else. Keys of organizations that are gone are not found.
    pub fn revoked_api_key_with_text(&self, text: &str) -> Option<Arc<ApiKey>> {
        let Self::Embedded(store) = self;
        store.revoked_api_key_with_text(text)
    }

    /// One key of an organization, also one that was revoked.
    pub fn api_key(&self, of: &OrganizationId, id: ApiKeyId) -> Option<Arc<ApiKey>> {
        let Self::Embedded(store) = self;
        store.api_key(of, id)
    }

    /// The keys of an organization, oldest first, with those that were revoked; those of one mode
    /// when it is named.
    pub fn list_api_keys(
        &self,
        of: &OrganizationId,
        mode: Option<Mode>,
        page: PageRequest,
    ) -> ListPage<Arc<ApiKey>> {
        let Self::Embedded(store) = self;
        store.list_api_keys(of, mode, page)
    }

    /// Makes a key that is found by `text`; refused when the organization does not exist or has
    /// `at_most` that are not revoked.
    pub async fn create_api_key(
        &self,
        new: ApiKey,
        text: &Secret,
        at_most: usize,
    ) -> Result<Arc<ApiKey>> {
        let Self::Embedded(store) = self;
        store.create_api_key(new, text, at_most).await
    }

    /// Revokes a key: once this has returned, its text finds nothing, also after a crash, and nor
    /// does that of a link or a session that it has made ([`carehook_core::GrantMaker`]). One that
    /// is revoked already stays as it is.
    pub async fn revoke_api_key(
        &self,
        of: &OrganizationId,
        id: ApiKeyId,
        now: Timestamp,
    ) -> Result<Arc<ApiKey>> {
        let Self::Embedded(store) = self;
        store.revoke_api_key(of, id, now).await
    }

    /// Writes down when keys were last used, as far as that has changed, in one commit.
    ///
    /// Uses are noted in memory ([`carehook_core::LastUse`]) by whoever accepts a key. This is
    /// called now and then, and by [`Self::close`]: a crash forgets the uses since.
    pub async fn keep_key_uses(&self) -> Result<()> {
        let Self::Embedded(store) = self;
        store.keep_key_uses().await
    }
}
