//! Checkpoints: every so often the writer signs how far each book has come.

use std::time::Duration;

use carehook_core::{AuditBook, ChainHash, ChainHead, Checkpoint, SignedLine, Timestamp};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::chains::{BookName, head_in_log, head_of_journal};
use super::{Result, disclosures, owner_of};
use crate::OpenError;
use crate::embedded::open::control_error;
use crate::embedded::shared::Shared;
use crate::embedded::writer::Writer;

const SIGN: &str = "sign the audit trail";
/// A book that grows is signed at least this often.
const AT_LEAST_EVERY: Duration = Duration::from_hours(1);
/// With this many new entries it is signed earlier,
const MANY_ENTRIES: u64 = 100_000;
/// but no more often than this, so that the syncs cost nothing.
const AT_MOST_EVERY: Duration = Duration::from_mins(1);
/// Stands for a book where the row is the trim of the journal instead of a checkpoint.
pub(super) const TRIM: i64 = -2;
/// The newest files that are looked at when the store opens.
const RECENT_FILES: usize = 3;

impl Writer {
    /// Signs when it is time to.
    pub(in crate::embedded) fn sign_when_due(&mut self) {
        let passed = self.now().since(self.audit.signed_at);
        let many = self.audit.entries >= MANY_ENTRIES && passed >= AT_MOST_EVERY;
        if many || passed >= AT_LEAST_EVERY {
            self.sign_what_is_unsigned();
        }
    }

    /// Signs now; when the disk refuses it is tried again later.
    pub(in crate::embedded) fn sign_what_is_unsigned(&mut self) {
        if self.audit.unsigned.is_empty() || self.shared.health().is_err() {
            return;
        }
        if let Err(error) = self.sign_books() {
            tracing::warn!(%error, "the audit trail was not signed");
        }
    }

    pub(super) fn sign_books(&mut self) -> Result<()> {
        let names = std::mem::take(&mut self.audit.unsigned);
        let signed = self.sign_these(names.iter().copied());
        match &signed {
            Ok(()) => {
                self.audit.entries = 0;
                self.audit.signed_at = self.now();
            }
            Err(_) => self.audit.unsigned.extend(names),
        }
        self.logs.close_spare();
        signed
    }

    fn sign_these(&mut self, names: impl Iterator<Item = BookName>) -> Result<()> {
        let (now, key) = (self.now(), self.shared.checkpoint_key());
        let mut signed = Vec::new();
        for (organization, book) in names {
            let continues = self.continues((organization, book));
            if !continues.map_err(|error| self.classify(SIGN, &error))? {
                continue;
            }
            let head = self.head_of_book((organization, book));
            let head = head.map_err(|error| self.classify(SIGN, &error))?;
            let owner = owner_of(&self.shared.control.read(), organization);
            let (Some(head), Some(owner)) = (head, owner) else {
                continue;
            };
            signed.push(key.sign(Checkpoint {
                organization: owner,
                incarnation: organization,
                book,
                head,
                at: now,
                signature: Vec::new(),
            }));
        }
        if signed.is_empty() {
            return Ok(());
        }
        let codes = signed.iter().map(|signed| signed.book.code()).collect();
        self.change_checkpoints(SIGN, &codes, |t| {
            signed
                .iter()
                .try_for_each(|signed| put(t, signed.book.code(), signed))
        })?;
        for signed in signed {
            let signed = SignedLine::Checkpoint(signed);
            tracing::info!(%signed, "signed the audit trail");
        }
        Ok(())
    }

    pub(super) fn head_of_book(
        &mut self,
        (organization, book): BookName,
    ) -> rusqlite::Result<Option<ChainHead>> {
        let shared = std::sync::Arc::clone(&self.shared);
        match book {
            AuditBook::Journal => head_of_journal(&shared, &self.control, organization),
            // Without its file a book is closed, and was signed when it was written last.
            AuditBook::Disclosures(day) if !shared.days.has(day) => Ok(None),
            AuditBook::Disclosures(day) => {
                head_in_log(&shared, self.log(day)?, (organization, book))
            }
        }
    }

    /// After a kill: looks for books that have grown since they were signed. After anything: looks
    /// whether they still go on from there.
    pub(in crate::embedded) fn find_unsigned(&mut self) -> rusqlite::Result<()> {
        let signed = stored_counts(&self.control)?;
        let organizations = journals(&self.control)?;
        let mut names: Vec<BookName> = Vec::new();
        names.extend(organizations.into_iter().map(|of| (of, AuditBook::Journal)));
        let mut days = self.shared.days.with_pending();
        days.extend(
            self.shared
                .days
                .newest_first()
                .into_iter()
                .take(RECENT_FILES),
        );
        days.sort_unstable();
        days.dedup();
        for day in days.iter().copied() {
            let mut owner = i64::MIN;
            while let Some(next) = disclosures::next_owner(self.log(day)?, owner)? {
                names.push((next, AuditBook::Disclosures(day)));
                owner = next;
            }
        }
        // Of a book that is gone as a whole only the checkpoint tells.
        let is_near = |code| code == AuditBook::Journal.code() || days.contains(&code);
        let near = signed.keys().filter(|(_, code)| is_near(*code));
        names.extend(near.map(|(of, code)| (*of, AuditBook::of_code(*code))));
        names.sort_unstable();
        names.dedup();
        for (organization, book) in names {
            if !self.continues((organization, book))? {
                continue;
            }
            let head = self.head_of_book((organization, book))?;
            let count = signed.get(&(organization, book.code())).copied();
            if head.is_some_and(|head| head.count != count.unwrap_or_default()) {
                self.audit.unsigned.insert((organization, book));
            }
        }
        self.logs.close_spare();
        Ok(())
    }
}

/// Keeps a checkpoint, or what stands for a book; an older one goes.
pub(super) fn put(
    control: &Connection,
    book: i64,
    checkpoint: &Checkpoint,
) -> rusqlite::Result<()> {
    const SQL: &str = "-- carehook.audit_control.put_checkpoint
        INSERT INTO audit_checkpoints (organization, book, count, hash, at, signature)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6)
        ON CONFLICT (organization, book) DO UPDATE SET count = excluded.count,
            hash = excluded.hash, at = excluded.at, signature = excluded.signature
        WHERE excluded.count >= count";
    control.prepare_cached(SQL)?.execute(params![
        checkpoint.incarnation,
        book,
        checkpoint.head.count.cast_signed(),
        checkpoint.head.hash.0,
        checkpoint.at.0,
        checkpoint.signature,
    ])?;
    Ok(())
}

impl Writer {
    /// Forgets the checkpoints of books that go.
    pub(in crate::embedded) fn forget_checkpoints(
        &mut self,
        organization: i64,
        days: &[i64],
    ) -> Result<()> {
        const SQL: &str = "-- carehook.audit_control.forget_checkpoint
            DELETE FROM audit_checkpoints WHERE organization = ?1 AND book = ?2";
        let codes = days.iter().copied().collect();
        self.change_checkpoints("forget checkpoints", &codes, |t| {
            let mut delete = t.prepare_cached(SQL)?;
            let mut delete = |day: &i64| delete.execute([organization, *day]).map(drop);
            days.iter().try_for_each(&mut delete)
        })
    }
}

/// The newest checkpoint of a book.
pub(super) fn checkpoint_of(
    shared: &Shared,
    control: &Connection,
    (organization, book): BookName,
) -> rusqlite::Result<Option<Checkpoint>> {
    const SQL: &str = "-- carehook.audit_control.checkpoint
        SELECT count, hash, at, signature FROM audit_checkpoints
        WHERE organization = ?1 AND book = ?2";
    let owner = owner_of(&shared.control.read(), organization);
    let Some(owner) = owner else { return Ok(None) };
    let read = |row: &rusqlite::Row<'_>| {
        let (count, hash): (i64, Vec<u8>) = (row.get(0)?, row.get(1).unwrap_or_default());
        Ok(Checkpoint {
            organization: owner,
            incarnation: organization,
            book,
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
        .query_row(params![organization, book.code()], read)
        .optional()
}

/// How many entries of each book were signed.
fn stored_counts(
    control: &Connection,
) -> rusqlite::Result<std::collections::HashMap<(i64, i64), u64>> {
    const SQL: &str = "-- carehook.audit_control.checkpoint_counts
        SELECT organization, book, count FROM audit_checkpoints WHERE book >= -1";
    let read = |row: &rusqlite::Row<'_>| {
        let count: i64 = row.get(2)?;
        Ok(((row.get(0)?, row.get(1)?), count.cast_unsigned()))
    };
    control.prepare(SQL)?.query_map([], read)?.collect()
}

/// The organizations that have a journal.
pub(super) fn journals(control: &Connection) -> rusqlite::Result<Vec<i64>> {
    const SQL: &str = "-- carehook.audit_control.journals
        WITH RECURSIVE owners (owner) AS (
            SELECT min(organization) FROM audit_journal
            UNION ALL
            SELECT (SELECT min(organization) FROM audit_journal WHERE organization > owner)
            FROM owners WHERE owner IS NOT NULL)
        SELECT owner FROM owners WHERE owner IS NOT NULL";
    let mut statement = control.prepare(SQL)?;
    statement.query_map([], |row| row.get(0))?.collect()
}

/// Keeps the public key where `carehook audit verify` finds it without the master key.
pub(in crate::embedded) fn publish_key(
    control: &Connection,
    shared: &Shared,
) -> std::result::Result<(), OpenError> {
    const SQL: &str = "-- carehook.audit_control.publish_key
        INSERT INTO meta (name, value) VALUES ('audit_public_key', ?1)
        ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE value <> excluded.value";
    let key = shared.checkpoint_key().public();
    let published = control.execute(SQL, [key.0]);
    published.map(drop).map_err(control_error)
}
