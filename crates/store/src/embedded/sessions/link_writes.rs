//! New sign-in links, on the writer thread: the control file first and memory after.

use std::sync::Arc;

use carehook_core::{Limits, SessionHolder, SignInLink, Timestamp};
use rusqlite::params;

use super::super::Result;
use super::super::api_keys::Digest;
use super::super::writer::Writer;
use crate::Refusal;

impl Writer {
    pub(super) fn create_sign_in_link(
        &mut self,
        new: SignInLink,
        digest: Digest,
        now: Timestamp,
    ) -> Result<()> {
        const OF_OPERATOR: &str = "-- carehook.session_writes.replace_operator_links
            DELETE FROM sign_in_links WHERE organization IS NULL";
        const INSERT: &str = "-- carehook.session_writes.insert_link
            INSERT INTO sign_in_links (digest, organization, granted, person, expires_at)
            VALUES (?1, ?2, ?3, ?4, ?5)";
        let is_operators = new.holder == SessionHolder::Operator;
        {
            let sessions = &self.shared.control.read().sessions;
            if is_operators && new.expires_at.is_none() && sessions.password.is_some() {
                let reason = "the operator has a password".to_owned();
                return Err(Refusal::Conflict(reason).into());
            }
        }
        self.check_maker(&new.holder, now)?;
        let columns = self.columns_of((&new.holder, new.person.as_ref()), &digest)?;
        // Before they are counted: links live for a minute only.
        self.forget_ended_links(now)?;
        let waiting = {
            let sessions = &self.shared.control.read().sessions;
            sessions.links_of(new.holder.organization())
        };
        if !is_operators && waiting >= Limits::PORTAL_LINKS {
            let reason = format!("{waiting} links of this organization wait to be used");
            return Err(Refusal::Conflict(reason).into());
        }
        self.control_transaction("create a sign-in link", |t| {
            if is_operators {
                t.prepare_cached(OF_OPERATOR)?.execute([])?;
            }
            t.prepare_cached(INSERT)?.execute(params![
                digest,
                columns.organization,
                columns.granted,
                columns.person,
                new.expires_at.map(|at| at.0)
            ])
        })?;
        let links = &mut self.shared.control.write().sessions.links;
        if is_operators {
            links.retain(|_, link| link.holder != SessionHolder::Operator);
        }
        links.insert(digest, Arc::new(new));
        Ok(())
    }

    /// Not in the transaction of a change, whose refusal would bring them back.
    fn forget_ended_links(&mut self, now: Timestamp) -> Result<()> {
        const SQL: &str = "-- carehook.session_writes.forget_ended_links
            DELETE FROM sign_in_links WHERE expires_at <= ?1";
        let all_wait = {
            let sessions = &self.shared.control.read().sessions;
            sessions.links.values().all(|link| link.is_valid_at(now))
        };
        if all_wait {
            return Ok(());
        }
        // The entry of a change goes with the change itself.
        let note = self.note.take();
        let forgotten =
            self.control_transaction("forget links", |t| t.prepare_cached(SQL)?.execute([now.0]));
        self.note = note;
        forgotten?;
        let links = &mut self.shared.control.write().sessions.links;
        links.retain(|_, link| link.is_valid_at(now));
        Ok(())
    }
}
