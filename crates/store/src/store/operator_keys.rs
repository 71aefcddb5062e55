//! The contract of operator keys: found by their text, of which only a keyed digest is kept.

use std::sync::Arc;

use carehook_core::{OperatorKey, OperatorKeyId, Secret, Timestamp};

use super::{Result, Store};
use crate::{ListPage, PageRequest};

impl Store {
    /// The operator key that has this text, unless it was revoked; its end is for the caller to
    /// check.
    ///
    /// One keyed digest and one look-up in memory. The digest key is that of API keys, and so
    /// outlives a rotation of the master key.
    pub fn operator_key_with_text(&self, text: &str) -> Option<Arc<OperatorKey>> {
        let Self::Embedded(store) = self;
        store.operator_key_with_text(text)
    }

    /// The operator key that had this text until it was revoked: it opens nothing, and who uses it
    /// is worth a note.
    pub fn revoked_operator_key_with_text(&self, text: &str) -> Option<Arc<OperatorKey>> {
        let Self::Embedded(store) = self;
        store.revoked_operator_key_with_text(text)
    }

    /// One key, revoked or not.
    pub fn operator_key(&self, id: OperatorKeyId) -> Option<Arc<OperatorKey>> {
        let Self::Embedded(store) = self;
        store.operator_key(id)
    }

    /// All operator keys, oldest first, with those that were revoked.
    pub fn list_operator_keys(&self, page: PageRequest) -> ListPage<Arc<OperatorKey>> {
        let Self::Embedded(store) = self;
        store.list_operator_keys(page)
    }

    /// Makes a key that is found by `text`; refused when there are `at_most` that are not revoked.
    pub async fn create_operator_key(
        &self,
        new: OperatorKey,
        text: &Secret,
        at_most: usize,
    ) -> Result<Arc<OperatorKey>> {
        let Self::Embedded(store) = self;
        store.create_operator_key(new, text, at_most).await
    }

    /// Revokes a key: once this has returned, its text finds nothing, also after a crash, and nor
    /// does that of a link or a session that it has made. One that is revoked already stays as it
    /// is. When keys were last used is kept by
    /// [`Self::keep_key_uses`].
    pub async fn revoke_operator_key(
        &self,
        id: OperatorKeyId,
        now: Timestamp,
    ) -> Result<Arc<OperatorKey>> {
        let Self::Embedded(store) = self;
        store.revoke_operator_key(id, now).await
    }
}
