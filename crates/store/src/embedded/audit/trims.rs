//! Journals past their years: the oldest entries go, and a signed trim says up to where.

use carehook_core::{
    AuditBook, AuditEntry, ChainHash, ChainHead, ChainVerifier, Checkpoint, Timestamp, Trim,
};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::chains::start_of;
use super::kept::KeptRow;
use super::{Result, kept, owner_of, signing};
use crate::embedded::files;
use crate::embedded::shared::Shared;
use crate::embedded::writer::Writer;

const OP: &str = "trim the journal";
/// Entries that go in one commit.
const CHUNK: usize = 1_000;

/// The trim of a journal, if there is one.
pub(super) fn trim_of(
    control: &Connection,
    organization: i64,
) -> rusqlite::Result<Option<StoredTrim>> {
    const SQL: &str = "-- carehook.audit_control.trim
        SELECT count, hash, at, signature FROM audit_checkpoints
        WHERE organization = ?1 AND book = ?2";
    let read = |row: &rusqlite::Row<'_>| {
        let count: i64 = row.get(0)?;
        let hash: Vec<u8> = row.get(1).unwrap_or_default();
        Ok(StoredTrim {
            head: ChainHead {
                count: count.cast_unsigned(),
                hash: ChainHash(hash.as_slice().try_into().unwrap_or_default()),
            },
            at: Timestamp(row.get(2).unwrap_or_default()),
            signature: row.get(3).unwrap_or_default(),
        })
    };
    control
        .prepare_cached(SQL)?
        .query_row(params![organization, signing::TRIM], read)
        .optional()
}

/// A trim without whose it is.
pub(super) struct StoredTrim {
    pub(super) head: ChainHead,
    pub(super) at: Timestamp,
    pub(super) signature: Vec<u8>,
}

/// Up to where a journal can go: the end of the next entries that are older than `before`. The chain
/// is checked on the way, because a trim must not hide that something was changed.
pub(in crate::embedded) fn trimmable(
    shared: &Shared,
    organization: i64,
    before: Timestamp,
) -> rusqlite::Result<Option<ChainHead>> {
    let control = files::open_reader(&shared.dir.join(files::CONTROL))?;
    let trimmed = trim_of(&control, organization)?.map(|trim| trim.head);
    let start = trimmed.or_else(|| start_of(shared, (organization, AuditBook::Journal)));
    let Some(start) = start else { return Ok(None) };
    let is_young = |row: &KeptRow| {
        let entry = AuditEntry::from_canonical(&row.entry);
        entry.is_ok_and(|(_, entry)| entry.at >= before)
    };
    let next = |limit| kept::journal_after(&control, organization, start.count, limit);
    // Mostly the first one is young, and so are all others.
    if next(1)?.iter().all(is_young) {
        return Ok(None);
    }
    let signed = signing::checkpoint_of(shared, &control, (organization, AuditBook::Journal))?;
    let mut verifier = ChainVerifier::new(start, signed.as_ref());
    for row in next(CHUNK)? {
        if is_young(&row) {
            break;
        }
        if let Err(fault) = verifier.entry(row.number, Some(&row.entry), &row.hash) {
            tracing::error!(%fault, "a journal of the audit trail was changed: it is kept");
            break;
        }
    }
    let head = verifier.head();
    Ok((head.count > start.count).then_some(head))
}

impl Writer {
    /// Takes away the entries of a journal up to one of them, and signs that in the same commit.
    pub(in crate::embedded) fn trim_journal(
        &mut self,
        organization: i64,
        head: ChainHead,
    ) -> Result<()> {
        const SQL: &str = "-- carehook.audit_control.trim_journal
            DELETE FROM audit_journal WHERE organization = ?1 AND number <= ?2";
        let owner = owner_of(&self.shared.control.read(), organization);
        let Some(owner) = owner else { return Ok(()) };
        let Trim(signed) = self.shared.checkpoint_key().sign_trim(Trim(Checkpoint {
            organization: owner,
            incarnation: organization,
            book: AuditBook::Journal,
            head,
            at: self.now(),
            signature: Vec::new(),
        }));
        self.control_transaction(OP, |t| {
            let last = head.count.cast_signed();
            t.prepare_cached(SQL)?
                .execute(params![organization, last])?;
            signing::put(t, signing::TRIM, &signed)
        })
    }
}
