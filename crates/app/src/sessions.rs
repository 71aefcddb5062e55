//! People who are signed in to the console: the operator, and those who came through a portal link.
//!
//! A session is a credential like a key: its text is random, only a keyed digest of it is kept, and
//! it is found in memory. The console puts the text into a cookie and takes it out again.

mod passwords;
mod portal;
mod signing_in;
mod slowing;

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use carehook_core::{
    AuditAction, AuditEntry, OrganizationId, PersonName, RecordId, Scope, Secret, Session,
    SessionHolder, SessionId, Timestamp,
};
use carehook_store::{AuditNote, Refusal, Store, StoreError};

use crate::access::Actor;
use crate::audit::Notice;
use crate::cursor::{List, Page, PageOf};
use crate::{App, AppError, Caller};

pub(crate) use passwords::Passwords;
pub use portal::{MadePortalLink, NewPortalLink, PortalGuest};
pub use signing_in::PasswordLink;

/// Characters of the text of a session or of a link: base64url of 32 random bytes.
const TEXT_CHARS: usize = 43;
/// The actor of somebody of whom nothing is known.
const ANYBODY: &str = "anybody";

/// A person who is signed in.
#[derive(Clone, Debug)]
pub struct Person {
    session: Arc<Session>,
    caller: Caller,
}

impl Person {
    /// What the person may do, for the use cases: [`App::access`], [`App::operator`].
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// Whether it is the operator, who sees all organizations.
    pub fn is_operator(&self) -> bool {
        self.session.holder == SessionHolder::Operator
    }

    /// What the person is called, if whoever let the person in said so.
    pub fn name(&self) -> Option<&str> {
        self.session.person.as_ref().map(PersonName::as_str)
    }

    /// The session of the person.
    pub fn session_id(&self) -> SessionId {
        self.session.id
    }

    /// The only organization that the person sees; `None` is the operator.
    pub fn organization(&self) -> Option<&OrganizationId> {
        self.session.organization()
    }

    /// Where the person came from, if the portal link said so. An `https` URL, or `http` on a server
    /// that is reached so itself; whether to lead there is for the console to offer.
    pub fn return_url(&self) -> Option<&str> {
        let url = self.session.grant()?.return_url.as_ref()?;
        Some(url.expose())
    }

    /// What the person may do, as scopes.
    pub fn rights(&self) -> BTreeSet<Scope> {
        self.caller.scopes()
    }

    /// When the session ends at the latest.
    pub fn expires_at(&self) -> Timestamp {
        self.session.expires_at
    }
}

/// A person who has just signed in, with the text that proves it from now on.
pub struct SignedIn {
    /// Who it is.
    pub person: Person,
    /// What the person's browser keeps; nobody can see it again.
    pub cookie: Secret,
}

/// A session, as people see it in a list.
#[derive(Clone, Debug)]
pub struct SessionView {
    /// Its id.
    pub id: SessionId,
    /// Whose portal it is; `None` is a session of the operator.
    pub organization: Option<OrganizationId>,
    /// What the person is called, if that is known.
    pub person: Option<PersonName>,
    /// What it may do.
    pub rights: BTreeSet<Scope>,
    /// When the person signed in.
    pub created_at: Timestamp,
    /// When it was last used, to the second.
    pub last_used_at: Option<Timestamp>,
    /// When it ends by itself.
    pub expires_at: Timestamp,
    /// Whether it is that of the person who looks.
    pub is_own: bool,
}

impl App {
    /// The person whose browser sent this text, which came from `source`. One look-up in memory.
    ///
    /// # Errors
    /// [`AppError::Unauthenticated`] for everything else, and once the session has ended: by itself,
    /// by somebody, by the operator's idleness, or with its organization.
    pub fn person(&self, cookie: &str, source: Option<IpAddr>) -> Result<Person, AppError> {
        let is_text = cookie.len() == TEXT_CHARS;
        let found = is_text.then(|| self.store().session_with_text(cookie));
        let now = self.now();
        let session = found
            .flatten()
            .filter(|session| session.is_valid_at(now))
            .ok_or(AppError::Unauthenticated)?;
        session.last_use.note(now);
        Ok(person(session, source))
    }

    /// Whether the session has not ended; for what goes on by itself, so it counts as no use.
    pub fn is_signed_in(&self, person: &Person) -> bool {
        let session = self.store().session(person.session_id());
        session.is_some_and(|session| session.is_valid_at(self.now()))
    }

    /// Ends the session of a person.
    pub async fn sign_out(&self, person: &Person) -> Result<(), AppError> {
        self.end(person, &person.session, "sign-out").await?;
        Ok(())
    }

    /// Ends the session of a person whose browser has got another one.
    pub async fn end_replaced(&self, person: &Person) -> Result<(), AppError> {
        self.end(person, &person.session, "replaced").await?;
        Ok(())
    }

    /// Who is signed in, newest first: all for the operator, and for others their own session.
    pub fn list_sessions(
        &self,
        person: &Person,
        page: &Page,
    ) -> Result<PageOf<SessionView>, AppError> {
        if !person.is_operator() {
            return Ok(PageOf {
                items: vec![view(&person.session, person)],
                next_cursor: None,
            });
        }
        let list = List {
            kind: "sessions",
            owner: "",
        };
        let request = list.request::<RecordId>(page)?;
        let found = self.store().list_sessions(None, self.now(), request);
        Ok(PageOf {
            items: found.items.iter().map(|one| view(one, person)).collect(),
            next_cursor: found.next.map(|place| list.cursor(&place)),
        })
    }

    /// Ends a session: any for the operator, and for others their own.
    ///
    /// # Errors
    /// [`AppError::NotFound`] when there is none, or it is not the person's to end.
    pub async fn revoke_session(&self, person: &Person, id: SessionId) -> Result<(), AppError> {
        let unknown = AppError::NotFound { kind: "session" };
        let reached = person.is_operator() || person.session_id() == id;
        let found = self.store().session(id).filter(|_| reached);
        let Some(session) = found else {
            return Err(unknown);
        };
        if self.end(person, &session, "revoked").await? {
            Ok(())
        } else {
            Err(unknown)
        }
    }

    async fn end(&self, by: &Person, session: &Session, how: &str) -> Result<bool, AppError> {
        let entry = self.session_entry(by, AuditAction::SessionEnded, session.id);
        let entry = named(entry.with("how", how), session.person.as_ref());
        let store = self.noting_about(&session.holder, entry);
        Ok(store.end_session(session.id).await?)
    }

    /// An entry of a person about a session.
    fn session_entry(&self, by: &Person, action: AuditAction, about: SessionId) -> AuditEntry {
        let object = format!("session/{about}");
        let entry = by.caller.actor().entry(self.now(), action, object);
        entry.from_source(by.caller.source())
    }

    /// The store, whose next change leaves an entry in the trail of who is concerned.
    fn noting_about(&self, holder: &SessionHolder, entry: AuditEntry) -> Store {
        self.store().noting(AuditNote {
            organization: holder.organization().cloned(),
            entry,
            subject: None,
        })
    }

    /// Notes that somebody was not let in.
    pub(crate) fn note_refusal(&self, source: Option<IpAddr>, object: &str, reason: &str) {
        self.note_refusal_of(None, source, object, reason);
    }

    /// The same of a person whom somebody else vouches for.
    pub(crate) fn note_refusal_of(
        &self,
        person: Option<PersonName>,
        source: Option<IpAddr>,
        object: &str,
        reason: &str,
    ) {
        self.inner().notices.note(&Notice {
            organization: None,
            actor: &Actor::of(ANYBODY).called(person),
            source,
            action: AuditAction::SignInRefused,
            object,
            reason: Some(reason),
        });
    }

    /// The text of a new session or link.
    fn new_text(&self) -> Secret {
        let random = &self.inner().random;
        Secret::new(URL_SAFE_NO_PAD.encode(random.bytes::<32>()))
    }

    fn new_session(&self, holder: SessionHolder, person: Option<PersonName>) -> Session {
        let now = self.now();
        let lifetime = now.plus(holder.lifetime());
        let makers = match &holder {
            SessionHolder::Operator => None,
            SessionHolder::Portal(grant) => grant.ends_at,
        };
        Session {
            id: SessionId(self.inner().random.record_id(now)),
            holder,
            person,
            created_at: now,
            expires_at: makers.map_or(lifetime, |end| end.min(lifetime)),
            last_use: carehook_core::LastUse::default(),
        }
    }
}

fn person(session: Arc<Session>, source: Option<IpAddr>) -> Person {
    Person {
        caller: Caller::of_session(Arc::clone(&session), source),
        session,
    }
}

fn view(session: &Arc<Session>, seen_by: &Person) -> SessionView {
    let Person {
        session: own,
        caller: _,
    } = seen_by;
    let rights = match session.grant() {
        None => BTreeSet::from(Scope::ALL),
        Some(grant) => grant.scopes.clone(),
    };
    SessionView {
        id: session.id,
        organization: session.organization().cloned(),
        person: session.person.clone(),
        rights,
        created_at: session.created_at,
        last_used_at: session.last_use.at(),
        expires_at: session.expires_at,
        is_own: session.id == own.id,
    }
}

/// The entry with the name of the person whom it is about, if that is known.
fn named(entry: AuditEntry, person: Option<&PersonName>) -> AuditEntry {
    match person {
        Some(person) => entry.with("person", person),
        None => entry,
    }
}

/// A link that is not there is one that is not there any more: nobody guesses one.
fn of_link(error: StoreError) -> AppError {
    match error {
        StoreError::Refused(Refusal::NotFound("link")) => used_up(),
        error => error.into(),
    }
}

fn used_up() -> AppError {
    AppError::Gone {
        reason: "this link was used already, or its time is over",
    }
}

#[cfg(test)]
mod tests;
