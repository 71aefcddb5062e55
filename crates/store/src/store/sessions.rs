//! The contract of sessions: people who are signed in, links that sign in once, and the operator's
//! password. Of each text only a keyed digest is kept, which outlives a rotation of the master key.

use std::sync::Arc;

use carehook_core::{OrganizationId, Secret, Session, SessionId, SignInLink, Timestamp};

use super::{Result, Store};
use crate::{ListPage, PageRequest};

impl Store {
    /// The session that has this text, unless it was ended; when it ends by itself is for the
    /// caller to check.
    ///
    /// One keyed digest and one look-up in memory.
    pub fn session_with_text(&self, text: &str) -> Option<Arc<Session>> {
        let Self::Embedded(store) = self;
        store.session_with_text(text)
    }

    /// One session that was not ended.
    pub fn session(&self, id: SessionId) -> Option<Arc<Session>> {
        let Self::Embedded(store) = self;
        store.session(id)
    }

    /// The sessions that are valid at `now`, newest first; those of one organization when it is
    /// named.
    pub fn list_sessions(
        &self,
        of: Option<&OrganizationId>,
        now: Timestamp,
        page: PageRequest,
    ) -> ListPage<Arc<Session>> {
        let Self::Embedded(store) = self;
        store.list_sessions(of, now, page)
    }

    /// Makes a session that is found by `text`.
    ///
    /// Sessions past their end are forgotten; of the same organization, or the operator's, at most
    /// [`carehook_core::Limits::SESSIONS`] stay, the newest. Refused when its organization does not
    /// exist.
    pub async fn create_session(&self, new: Session, text: &Secret) -> Result<Arc<Session>> {
        let Self::Embedded(store) = self;
        store.create_session(new, text).await
    }

    /// Ends a session: once this has returned, its text finds nothing, also after a crash. Whether
    /// there was one.
    pub async fn end_session(&self, id: SessionId) -> Result<bool> {
        let Self::Embedded(store) = self;
        store.end_session(id).await
    }

    /// The link that has this text, unless it was used; its end is for the caller to check.
    pub fn sign_in_link_with_text(&self, text: &str) -> Option<Arc<SignInLink>> {
        let Self::Embedded(store) = self;
        store.sign_in_link_with_text(text)
    }

    /// Makes a link that is found by `text`.
    ///
    /// One for the operator takes the place of every earlier one; without an end it is refused once
    /// there is a password. One into an organization is refused when that does not exist, or has
    /// [`carehook_core::Limits::PORTAL_LINKS`] that wait, or when the key that makes it is not valid.
    pub async fn create_sign_in_link(
        &self,
        new: SignInLink,
        text: &Secret,
        now: Timestamp,
    ) -> Result<()> {
        let Self::Embedded(store) = self;
        store.create_sign_in_link(new, text, now).await
    }

    /// Uses a link: it is gone and the session is there, in one commit, so that of two at a time
    /// one is refused. The session gets what the link gives, whatever `new` says.
    ///
    /// Refused as not found when there is no such link, or its end is not after
    /// `new.created_at`.
    pub async fn use_sign_in_link(
        &self,
        link: &str,
        new: Session,
        text: &Secret,
    ) -> Result<Arc<Session>> {
        let Self::Embedded(store) = self;
        store.use_sign_in_link(link, new, text).await
    }

    /// What the operator's password is checked against (a PHC string), if one was set.
    pub fn operator_password(&self) -> Option<Secret> {
        let Self::Embedded(store) = self;
        store.operator_password()
    }

    /// Uses a link of the operator to set the password, in one commit with the session as in
    /// [`Self::use_sign_in_link`] and with the end of the operator's other sessions. Refused as not
    /// found when the link is not for that.
    pub async fn set_operator_password(
        &self,
        link: &str,
        password: Secret,
        new: Session,
        text: &Secret,
    ) -> Result<Arc<Session>> {
        let Self::Embedded(store) = self;
        store.set_operator_password(link, password, new, text).await
    }

    /// Changes the operator's password, and ends the operator's sessions but `keep` in the same
    /// commit. Refused as changed unless `old` is still what is stored.
    pub async fn change_operator_password(
        &self,
        old: &Secret,
        new: Secret,
        keep: SessionId,
    ) -> Result<()> {
        let Self::Embedded(store) = self;
        store.change_operator_password(old, new, keep).await
    }
}
