//! Changes of sessions, links and the password, on the writer thread: the control file first and
//! memory after.

use std::sync::Arc;

use carehook_core::{
    Limits, PersonName, Secret, Session, SessionHolder, SessionId, SignInLink, Timestamp,
};
use rusqlite::{Transaction, params};

use super::super::Result;
use super::super::api_keys::Digest;
use super::super::writer::Writer;
use super::rows::{password_place, sealed_grant, sealed_person};
use crate::Refusal;
use crate::keys::{CONFIGURATION, INSTALLATION};

/// The columns that say whose a session or a link is.
pub(super) struct HolderColumns {
    pub(super) organization: Option<i64>,
    pub(super) granted: Option<Vec<u8>>,
    /// What the person is called, sealed.
    pub(super) person: Option<Vec<u8>>,
}

/// A password to store: as it lies in memory, and sealed.
struct NewPassword {
    text: Secret,
    sealed: Vec<u8>,
}

impl Writer {
    pub(super) fn create_session(&mut self, new: Session, digest: Digest) -> Result<Arc<Session>> {
        self.insert_session("create a session", None, (new, digest), None)
    }

    pub(super) fn end_session(&mut self, id: SessionId) -> Result<bool> {
        const SQL: &str = "-- carehook.session_writes.end
            DELETE FROM sessions WHERE id = ?1";
        if !self.shared.control.read().sessions.by_id.contains_key(&id) {
            // Nothing was done, so there is nothing to leave an entry about.
            self.note = None;
            return Ok(false);
        }
        self.control_transaction("end a session", |t| {
            t.prepare_cached(SQL)?.execute([id.0.to_bytes()])
        })?;
        self.shared.control.write().sessions.remove(id);
        Ok(true)
    }

    pub(super) fn use_sign_in_link(
        &mut self,
        link: Digest,
        new: Session,
        digest: Digest,
    ) -> Result<Arc<Session>> {
        let found = self.waiting_link(&link, new.created_at)?;
        let new = Session {
            holder: found.holder.clone(),
            person: found.person.clone(),
            ..new
        };
        self.insert_session("use a sign-in link", Some(link), (new, digest), None)
    }

    pub(super) fn set_operator_password(
        &mut self,
        link: Digest,
        password: Secret,
        (new, digest): (Session, Digest),
    ) -> Result<Arc<Session>> {
        const OP: &str = "set the password";
        let found = self.waiting_link(&link, new.created_at)?;
        if found.holder != SessionHolder::Operator {
            return Err(Refusal::NotFound("link").into());
        }
        let password = self.sealed_password(password)?;
        let new = Session {
            holder: SessionHolder::Operator,
            ..new
        };
        self.insert_session(OP, Some(link), (new, digest), Some(password))
    }

    pub(super) fn change_operator_password(
        &mut self,
        old: &Secret,
        new: Secret,
        keep: SessionId,
    ) -> Result<()> {
        const END_OTHERS: &str = "-- carehook.session_writes.end_other_operators
            DELETE FROM sessions WHERE organization IS NULL AND id <> ?1";
        if self.shared.control.read().sessions.password.as_ref() != Some(old) {
            return Err(Refusal::Changed("password").into());
        }
        let password = self.sealed_password(new)?;
        self.control_transaction("change the password", |t| {
            put_password(t, &password)?;
            t.prepare_cached(END_OTHERS)?.execute([keep.0.to_bytes()])
        })?;
        let sessions = &mut self.shared.control.write().sessions;
        sessions.password = Some(password.text);
        sessions.retain(|one| one.holder != SessionHolder::Operator || one.id == keep);
        Ok(())
    }

    fn waiting_link(&self, digest: &Digest, now: Timestamp) -> Result<Arc<SignInLink>> {
        let control = self.shared.control.read();
        let found = control.sessions.links.get(digest);
        let waiting = found.filter(|link| link.is_valid_at(now)).cloned();
        waiting.ok_or_else(|| Refusal::NotFound("link").into())
    }

    /// Inserts a session; with it a link is used up, or a password set, which ends the operator's
    /// other sessions.
    fn insert_session(
        &mut self,
        op: &'static str,
        link: Option<Digest>,
        (new, digest): (Session, Digest),
        password: Option<NewPassword>,
    ) -> Result<Arc<Session>> {
        const USE: &str = "-- carehook.session_writes.use_link
            DELETE FROM sign_in_links WHERE digest = ?1";
        const END_OPERATORS: &str = "-- carehook.session_writes.end_operators
            DELETE FROM sessions WHERE organization IS NULL";
        let columns = self.columns_of((&new.holder, new.person.as_ref()), &digest)?;
        let surplus = self.surplus(&new);
        self.control_transaction(op, |t| {
            if let Some(link) = &link {
                t.prepare_cached(USE)?.execute([link])?;
            }
            if let Some(password) = &password {
                put_password(t, password)?;
                t.prepare_cached(END_OPERATORS)?.execute([])?;
            }
            make_room(t, new.created_at, surplus)?;
            insert(t, &columns, &new, &digest)
        })?;
        let session = Arc::new(new);
        let sessions = &mut self.shared.control.write().sessions;
        if let Some(link) = link {
            sessions.links.remove(&link);
        }
        if let Some(password) = password {
            sessions.password = Some(password.text);
            sessions.retain(|one| one.holder != SessionHolder::Operator);
        }
        if let Some(surplus) = surplus {
            sessions.remove(surplus);
        }
        let ended = |one: &Session| one.expires_at <= session.created_at;
        if sessions.by_id.values().any(|(_, one)| ended(one)) {
            sessions.retain(|one| !ended(one));
        }
        sessions.put(digest, &session);
        Ok(session)
    }

    /// The oldest session of the same people, when they have as many as they may.
    fn surplus(&self, new: &Session) -> Option<SessionId> {
        let sessions = &self.shared.control.read().sessions;
        let living = || {
            let all = sessions.of(new.organization());
            all.filter(|one| one.expires_at > new.created_at)
        };
        let oldest = living().next().map(|one| one.id);
        oldest.filter(|_| living().count() >= Limits::SESSIONS)
    }

    pub(super) fn columns_of(
        &mut self,
        (holder, person): (&SessionHolder, Option<&PersonName>),
        digest: &Digest,
    ) -> Result<HolderColumns> {
        let organization = match holder.organization() {
            Some(organization) => Some(self.organization_number(organization)?),
            None => None,
        };
        let number = organization.unwrap_or(INSTALLATION);
        let granted = match holder {
            SessionHolder::Operator => None,
            SessionHolder::Portal(grant) => {
                let key = self.data_key(number, CONFIGURATION)?;
                Some(sealed_grant(&key, number, digest, grant))
            }
        };
        let person = match person {
            None => None,
            Some(name) => {
                let key = self.data_key(number, CONFIGURATION)?;
                Some(sealed_person(&key, number, digest, name))
            }
        };
        Ok(HolderColumns {
            organization,
            granted,
            person,
        })
    }

    fn sealed_password(&mut self, text: Secret) -> Result<NewPassword> {
        let key = self.data_key(INSTALLATION, CONFIGURATION)?;
        let sealed = key.seal(password_place(), text.expose().as_bytes());
        Ok(NewPassword { text, sealed })
    }
}

fn put_password(t: &Transaction<'_>, password: &NewPassword) -> rusqlite::Result<()> {
    const SQL: &str = "-- carehook.session_writes.put_password
        INSERT INTO meta (name, value) VALUES ('operator_password', ?1)
        ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    t.prepare_cached(SQL)?.execute([&password.sealed])?;
    Ok(())
}

/// Forgets what has ended, and the session that is one too many.
fn make_room(
    t: &Transaction<'_>,
    now: Timestamp,
    surplus: Option<SessionId>,
) -> rusqlite::Result<()> {
    const ENDED: &str = "-- carehook.session_writes.forget_ended
        DELETE FROM sessions WHERE expires_at <= ?1";
    const SURPLUS: &str = "-- carehook.session_writes.forget_surplus
        DELETE FROM sessions WHERE id = ?1";
    t.prepare_cached(ENDED)?.execute([now.0])?;
    if let Some(id) = surplus {
        t.prepare_cached(SURPLUS)?.execute([id.0.to_bytes()])?;
    }
    Ok(())
}

fn insert(
    t: &Transaction<'_>,
    columns: &HolderColumns,
    session: &Session,
    digest: &Digest,
) -> rusqlite::Result<()> {
    const SQL: &str = "-- carehook.session_writes.insert
        INSERT INTO sessions (digest, id, organization, granted, person, created_at,
            last_used_at, expires_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    let Session {
        id,
        holder: _,
        person: _,
        created_at,
        expires_at,
        last_use,
    } = session;
    t.prepare_cached(SQL)?.execute(params![
        digest,
        id.0.to_bytes(),
        columns.organization,
        columns.granted,
        columns.person,
        created_at.0,
        last_use.at().map(|at| at.0),
        expires_at.0,
    ])?;
    Ok(())
}
