//! Whether a book goes on from where it was signed last. Nothing is signed over one that does not:
//! its old checkpoint is what shows that it was cut.

use std::sync::Arc;

use carehook_core::{AuditBook, AuditFault, ChainHead, Checkpoint, Trim};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::chains::{BookName, start_of};
use super::signing::checkpoint_of;
use super::{kept, owner_of, trims};
use crate::embedded::writer::Writer;

impl Writer {
    /// What is wrong with a book where it was signed last; costs a look at that one entry.
    pub(super) fn fault_of(&mut self, name: BookName) -> rusqlite::Result<Option<AuditFault>> {
        let Some(signed) = checkpoint_of(&self.shared, &self.control, name)? else {
            return Ok(None);
        };
        let key = self.shared.checkpoint_key().public();
        let (head, count) = (signed.head, signed.head.count);
        if !signed.is_signed_by(&key) {
            return Ok(Some(AuditFault::Signature(count)));
        }
        let Some(end) = self.head_of_book(name)? else {
            return Ok(None);
        };
        if end.count < count {
            return Ok(Some(AuditFault::TailDropped(end.count + 1, count)));
        }
        let fits = self.has(name, head)?;
        Ok((!fits).then_some(AuditFault::Rewritten(count)))
    }

    /// Whether the entry of this number has this hash, or went because of its age.
    fn has(&mut self, name: BookName, signed: ChainHead) -> rusqlite::Result<bool> {
        let (organization, book) = name;
        if signed.count == 0 {
            return Ok(start_of(&self.shared, name) == Some(signed));
        }
        let shared = Arc::clone(&self.shared);
        let found = match book {
            AuditBook::Journal => match self.trim_past(name, signed.count)? {
                // What a trim covers was walked along when it was signed.
                Some(trim) if trim.count > signed.count => return Ok(true),
                Some(trim) => Some(trim.hash.0.to_vec()),
                None => kept::hash_in_journal(&self.control, organization, signed.count)?,
            },
            AuditBook::Disclosures(day) => {
                let in_log = hash_in_log(self.log(day)?, organization, signed.count)?;
                match in_log {
                    Some(hash) => Some(hash),
                    None => match kept::open(&shared)? {
                        None => None,
                        Some(kept) => kept::hash(&kept, (organization, day), signed.count)?,
                    },
                }
            }
        };
        Ok(found.is_some_and(|hash| hash == signed.hash.0))
    }

    /// The trim of a journal when it is genuine and reaches this number.
    fn trim_past(&self, name: BookName, number: u64) -> rusqlite::Result<Option<ChainHead>> {
        let (organization, book) = name;
        let stored = trims::trim_of(&self.control, organization)?;
        let owner = owner_of(&self.shared.control.read(), organization);
        let (Some(stored), Some(owner)) = (stored, owner) else {
            return Ok(None);
        };
        let trim = Trim(Checkpoint {
            organization: owner,
            incarnation: organization,
            book,
            head: stored.head,
            at: stored.at,
            signature: stored.signature,
        });
        let genuine = trim.is_signed_by(&self.shared.checkpoint_key().public());
        Ok((genuine && stored.head.count >= number).then_some(stored.head))
    }

    /// Whether a book may be signed; says it aloud when not.
    pub(super) fn continues(&mut self, name: BookName) -> rusqlite::Result<bool> {
        let fault = self.fault_of(name)?;
        let (organization, book) = name;
        let was = match &fault {
            Some(_) => !self.audit.broken.insert(name),
            None => self.audit.broken.remove(&name),
        };
        if let Some(fault) = fault {
            let owner = owner_of(&self.shared.control.read(), organization);
            tracing::error!(
                organization = owner.as_ref().map(carehook_core::OrganizationId::as_str), %book, %fault,
                "the audit trail was changed: this book is not signed any more; run `carehook audit verify`"
            );
        }
        if was != self.audit.broken.contains(&name) {
            self.tell_broken();
        }
        Ok(!self.audit.broken.contains(&name))
    }
}

pub(super) fn hash_in_log(
    log: &Connection,
    organization: i64,
    number: u64,
) -> rusqlite::Result<Option<Vec<u8>>> {
    const SQL: &str = "-- carehook.audit.hash_in_log
        SELECT hash FROM attempts INDEXED BY attempts_by_disclosure
        WHERE organization = ?1 AND disclosure = ?2";
    log.prepare_cached(SQL)?
        .query_row(params![organization, number.cast_signed()], |row| {
            row.get(0)
        })
        .optional()
}
