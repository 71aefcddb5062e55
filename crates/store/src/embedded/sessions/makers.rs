//! What a key has let in goes with the key: sessions, and links that wait to be used.

use carehook_core::{GrantMaker, SessionHolder, SessionId, Timestamp};
use rusqlite::Transaction;

use super::super::Result;
use super::super::api_keys::Digest;
use super::super::writer::Writer;
use super::Sessions;
use crate::Refusal;

/// The sessions and links that a key has made.
pub(in crate::embedded) struct Made {
    sessions: Vec<SessionId>,
    links: Vec<Digest>,
}

impl Made {
    /// Deletes them from the control file, within the transaction that revokes the key.
    pub(in crate::embedded) fn delete(&self, t: &Transaction<'_>) -> rusqlite::Result<()> {
        const SESSION: &str = "-- carehook.session_makers.end
            DELETE FROM sessions WHERE id = ?1";
        const LINK: &str = "-- carehook.session_makers.forget_link
            DELETE FROM sign_in_links WHERE digest = ?1";
        for id in &self.sessions {
            t.prepare_cached(SESSION)?.execute([id.0.to_bytes()])?;
        }
        for digest in &self.links {
            t.prepare_cached(LINK)?.execute([digest])?;
        }
        Ok(())
    }
}

impl Sessions {
    /// What a key has made.
    pub(in crate::embedded) fn made_by(&self, maker: GrantMaker) -> Made {
        let sessions = self.by_id.iter();
        let links = self.links.iter();
        Made {
            sessions: sessions
                .filter(|(_, (_, session))| is_by(&session.holder, maker))
                .map(|(id, _)| *id)
                .collect(),
            links: links
                .filter(|(_, link)| is_by(&link.holder, maker))
                .map(|(digest, _)| *digest)
                .collect(),
        }
    }

    /// Forgets what was deleted.
    pub(in crate::embedded) fn forget(&mut self, made: &Made) {
        for id in &made.sessions {
            self.remove(*id);
        }
        for digest in &made.links {
            self.links.remove(digest);
        }
    }
}

fn is_by(holder: &SessionHolder, maker: GrantMaker) -> bool {
    match holder {
        SessionHolder::Operator => false,
        SessionHolder::Portal(grant) => grant.made_by == Some(maker),
    }
}

impl Writer {
    /// Refuses a link whose maker has been revoked since it was asked: nothing would end what comes
    /// of it.
    pub(super) fn check_maker(&self, holder: &SessionHolder, now: Timestamp) -> Result<()> {
        let SessionHolder::Portal(grant) = holder else {
            return Ok(());
        };
        let control = self.shared.control.read();
        let valid = match grant.made_by {
            None => true,
            Some(GrantMaker::Key(id)) => {
                let key = control.api_keys.get(&grant.organization, id);
                key.is_some_and(|key| key.is_valid_at(now))
            }
            Some(GrantMaker::OperatorKey(id)) => {
                let key = control.operator_keys.get(id);
                key.is_some_and(|key| key.is_valid_at(now))
            }
        };
        if valid {
            Ok(())
        } else {
            Err(Refusal::NotFound("key").into())
        }
    }
}
