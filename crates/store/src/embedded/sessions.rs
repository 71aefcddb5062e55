//! Sessions and sign-in links in memory: found by the keyed digest of their text, as API keys are.

mod link_writes;
mod makers;
mod rows;
mod writes;

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;
use std::sync::Arc;

use carehook_core::{
    LastUse, OrganizationId, RecordId, Secret, Session, SessionId, SignInLink, Timestamp,
};

use super::api_keys::Digest;
use super::writer::Writer;
use super::{EmbeddedStore, Result};
use crate::{ListPage, PageRequest};

/// Everybody who is signed in, the links that wait, and what the operator's password is checked
/// against.
#[derive(Default)]
pub(super) struct Sessions {
    by_digest: HashMap<Digest, Arc<Session>>,
    by_id: BTreeMap<SessionId, (Digest, Arc<Session>)>,
    links: HashMap<Digest, Arc<SignInLink>>,
    password: Option<Secret>,
}

impl Sessions {
    fn put(&mut self, digest: Digest, session: &Arc<Session>) {
        self.by_digest.insert(digest, Arc::clone(session));
        let held = (digest, Arc::clone(session));
        self.by_id.insert(session.id, held);
    }

    /// Keeps the sessions that are wanted.
    fn retain(&mut self, wanted: impl Fn(&Session) -> bool) {
        self.by_id.retain(|_, (_, session)| wanted(session));
        self.by_digest.retain(|_, session| wanted(session));
    }

    fn remove(&mut self, id: SessionId) {
        if let Some((digest, _)) = self.by_id.remove(&id) {
            self.by_digest.remove(&digest);
        }
    }

    /// Those of an organization, or the operator's, oldest first.
    fn of<'a>(
        &'a self,
        organization: Option<&'a OrganizationId>,
    ) -> impl DoubleEndedIterator<Item = &'a Arc<Session>> {
        let all = self.by_id.values().map(|(_, session)| session);
        all.filter(move |session| session.organization() == organization)
    }

    fn links_of(&self, organization: Option<&OrganizationId>) -> usize {
        let links = self.links.values();
        links
            .filter(|link| link.holder.organization() == organization)
            .count()
    }

    pub(super) fn remove_organization(&mut self, id: &OrganizationId) {
        self.retain(|session| session.organization() != Some(id));
        self.links
            .retain(|_, link| link.holder.organization() != Some(id));
    }

    /// The uses that the file does not know of yet.
    pub(super) fn unkept_uses(&self) -> Vec<(RecordId, LastUse)> {
        let sessions = self.by_id.values().map(|(_, session)| session);
        let unkept = sessions.filter(|session| session.last_use.unkept().is_some());
        unkept
            .map(|session| (session.id.0, session.last_use.clone()))
            .collect()
    }

    fn page(
        &self,
        of: Option<&OrganizationId>,
        now: Timestamp,
        page: PageRequest,
    ) -> ListPage<Arc<Session>> {
        let after = page.after.map(SessionId);
        let end = after.as_ref().map_or(Bound::Unbounded, Bound::Excluded);
        let older = self.by_id.range::<SessionId, _>((Bound::Unbounded, end));
        let mut items: Vec<_> = older
            .rev()
            .map(|(_, (_, session))| session)
            .filter(|session| of.is_none_or(|of| session.organization() == Some(of)))
            .filter(|session| session.is_valid_at(now))
            .take(page.limit.saturating_add(1))
            .cloned()
            .collect();
        let more = items.len() > page.limit;
        items.truncate(page.limit);
        let next = items.last().filter(|_| more).map(|last| last.id.0);
        ListPage { items, next }
    }
}

/// Sessions.
impl EmbeddedStore {
    pub(crate) fn session_with_text(&self, text: &str) -> Option<Arc<Session>> {
        let digest = self.shared.digest_key.digest(text);
        let control = self.shared.control.read();
        control.sessions.by_digest.get(&digest).cloned()
    }

    pub(crate) fn session(&self, id: SessionId) -> Option<Arc<Session>> {
        let control = self.shared.control.read();
        let found = control.sessions.by_id.get(&id);
        found.map(|(_, session)| Arc::clone(session))
    }

    pub(crate) fn list_sessions(
        &self,
        of: Option<&OrganizationId>,
        now: Timestamp,
        page: PageRequest,
    ) -> ListPage<Arc<Session>> {
        self.shared.control.read().sessions.page(of, now, page)
    }

    pub(crate) async fn create_session(&self, new: Session, text: &Secret) -> Result<Arc<Session>> {
        // Before it is queued: the text goes no further than this.
        let digest = self.shared.digest_key.digest(text.expose());
        let create = move |writer: &mut Writer| writer.create_session(new, digest);
        self.change("create a session", create).await
    }

    pub(crate) async fn end_session(&self, id: SessionId) -> Result<bool> {
        let end = move |writer: &mut Writer| writer.end_session(id);
        self.change("end a session", end).await
    }

    pub(crate) fn sign_in_link_with_text(&self, text: &str) -> Option<Arc<SignInLink>> {
        let digest = self.shared.digest_key.digest(text);
        let control = self.shared.control.read();
        control.sessions.links.get(&digest).cloned()
    }

    pub(crate) async fn create_sign_in_link(
        &self,
        new: SignInLink,
        text: &Secret,
        now: Timestamp,
    ) -> Result<()> {
        let digest = self.shared.digest_key.digest(text.expose());
        let create = move |writer: &mut Writer| writer.create_sign_in_link(new, digest, now);
        self.change("create a sign-in link", create).await
    }

    pub(crate) async fn use_sign_in_link(
        &self,
        link: &str,
        new: Session,
        text: &Secret,
    ) -> Result<Arc<Session>> {
        let link = self.shared.digest_key.digest(link);
        let digest = self.shared.digest_key.digest(text.expose());
        let enter = move |writer: &mut Writer| writer.use_sign_in_link(link, new, digest);
        self.change("use a sign-in link", enter).await
    }

    pub(crate) fn operator_password(&self) -> Option<Secret> {
        self.shared.control.read().sessions.password.clone()
    }

    pub(crate) async fn set_operator_password(
        &self,
        link: &str,
        password: Secret,
        new: Session,
        text: &Secret,
    ) -> Result<Arc<Session>> {
        let link = self.shared.digest_key.digest(link);
        let digest = self.shared.digest_key.digest(text.expose());
        let set =
            move |writer: &mut Writer| writer.set_operator_password(link, password, (new, digest));
        self.change("set the password", set).await
    }

    pub(crate) async fn change_operator_password(
        &self,
        old: &Secret,
        new: Secret,
        keep: SessionId,
    ) -> Result<()> {
        let old = old.clone();
        let change = move |writer: &mut Writer| writer.change_operator_password(&old, new, keep);
        self.change("change the password", change).await
    }
}
