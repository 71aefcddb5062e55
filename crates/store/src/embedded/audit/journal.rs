//! The journal: entries appended by the writer thread, in the same transaction as the change that
//! they are about where there is one.

use std::sync::Arc;

use carehook_core::{AuditBook, AuditEntry};
use rusqlite::{Connection, params};

use super::chains::{AuditChains, head_of_journal};
use super::{AUDIT, Result};
use crate::embedded::shared::Shared;
use crate::embedded::work::AuditWork;
use crate::embedded::writer::Writer;
use crate::keys::{CONFIGURATION, INSTALLATION};
use crate::{AuditNote, Refusal, StoreError};

impl Writer {
    /// Runs a change, and leaves the entry with it if it is made.
    pub(super) fn change_noting<T>(
        &mut self,
        note: Arc<AuditNote>,
        change: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        self.note = Some(note);
        let result = change(self);
        // What changed no organization, endpoint, key or catalogue has taken no note along.
        if let Some(note) = self.note.take()
            && result.is_ok()
        {
            self.write_notes(&[&note])?;
        }
        result
    }

    /// Writes the entries that wait, in one commit.
    pub(in crate::embedded) fn answer_audits(&mut self, work: Vec<AuditWork>) {
        let health = self.shared.health();
        let notes: Vec<&AuditNote> = work.iter().flat_map(|work| &work.notes).collect();
        let written = match health {
            Ok(()) => self.write_notes(&notes),
            Err(reason) => Err(crate::embedded::failure::corrupt(AUDIT, reason)),
        };
        match written {
            Ok(found) => {
                let mut found = found.into_iter();
                for AuditWork { notes, reply } in work {
                    let unknown = || StoreError::from(Refusal::NotFound("organization"));
                    let missing = found.by_ref().take(notes.len()).filter(|found| !found);
                    let result = if missing.count() == 0 {
                        Ok(())
                    } else {
                        Err(unknown())
                    };
                    // A caller that has gone away misses nothing.
                    drop(reply.send(result));
                }
            }
            Err(error) => {
                for AuditWork { notes: _, reply } in work {
                    drop(reply.send(Err(error.clone())));
                }
            }
        }
    }

    /// For each note whether its organization was found.
    fn write_notes(&mut self, notes: &[&AuditNote]) -> Result<Vec<bool>> {
        let shared = Arc::clone(&self.shared);
        self.audited_transaction(AUDIT, |t, chains| {
            let append = |note: &&AuditNote| append(&shared, chains, t, note);
            notes.iter().map(append).collect()
        })
    }
}

/// Appends an entry inside a transaction of the control file; false when its organization is
/// unknown.
pub(in crate::embedded) fn append(
    shared: &Shared,
    chains: &mut AuditChains,
    control: &Connection,
    note: &AuditNote,
) -> rusqlite::Result<bool> {
    const SQL: &str = "-- carehook.audit_control.append
        INSERT INTO audit_journal (organization, number, entry, hash) VALUES (?1, ?2, ?3, ?4)";
    let Some(organization) = number_of(shared, control, note)? else {
        return Ok(false);
    };
    let name = (organization, AuditBook::Journal);
    let head = match chains.known(name) {
        Some(head) => head,
        None => head_of(shared, control, note, organization)?,
    };
    let number = head.count + 1;
    let canonical = entry_of(shared, organization, note).canonical(number);
    let head = head.after(&canonical);
    control.prepare_cached(SQL)?.execute(params![
        organization,
        number.cast_signed(),
        canonical,
        head.hash.0
    ])?;
    chains.advance(name, head);
    Ok(true)
}

/// A new organization is in memory only after this transaction.
fn head_of(
    shared: &Shared,
    control: &Connection,
    note: &AuditNote,
    organization: i64,
) -> rusqlite::Result<carehook_core::ChainHead> {
    if let Some(head) = head_of_journal(shared, control, organization)? {
        return Ok(head);
    }
    let owner = note.organization.as_ref();
    let owner = owner.ok_or(rusqlite::Error::InvalidQuery)?;
    let book = AuditBook::Journal;
    Ok(carehook_core::ChainHead::start(owner, organization, book))
}

fn number_of(
    shared: &Shared,
    control: &Connection,
    note: &AuditNote,
) -> rusqlite::Result<Option<i64>> {
    // The newest of those that had the id; after its deletion as well.
    const SQL: &str = "-- carehook.audit_control.organization_number
        SELECT max(number) FROM organizations WHERE id = ?1";
    let Some(id) = &note.organization else {
        return Ok(Some(INSTALLATION));
    };
    let known = shared.control.read().entry(id).map(|entry| entry.number);
    match known {
        Some(number) => Ok(Some(number)),
        None => control
            .prepare_cached(SQL)?
            .query_row([id.as_str()], |row| row.get(0)),
    }
}

fn entry_of(shared: &Shared, organization: i64, note: &AuditNote) -> AuditEntry {
    let key = || shared.keys.get(organization, CONFIGURATION);
    let subject = note
        .subject
        .as_ref()
        .zip(note.subject.as_ref().and_then(|_| key()));
    AuditEntry {
        subject: subject.map(|(subject, key)| key.keyed_hash(subject.as_bytes())),
        ..note.entry.clone()
    }
}
