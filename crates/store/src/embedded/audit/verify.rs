//! The audit trail of a data directory, read without opening the store: beside a running server,
//! from a copy, and without the master key.

mod directory;
mod stored;

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;

use carehook_core::{
    AuditBook, AuditEntry, AuditFault, AuditId, ChainHash, ChainHead, ChainVerifier, Checkpoint,
    CheckpointPublicKey, OrganizationId, Register, RegisterSum, Trim,
};
use rusqlite::Connection;

use super::{disclosures, signing, trims};
use crate::embedded::files;
use crate::embedded::open::control_error;
use crate::{AuditRecord, BookReport, OpenError};

pub(super) use directory::of_log;

type Result<T> = std::result::Result<T, OpenError>;

/// A data directory whose trail is read.
pub struct DirectoryAudit {
    pub(super) dir: PathBuf,
    pub(super) control: Connection,
    owners: HashMap<i64, OrganizationId>,
    checkpoints: HashMap<(i64, AuditBook), Checkpoint>,
    key: Option<CheckpointPublicKey>,
    /// What is stated of all books, with the copy of it; `None` before there were such statements.
    pub(super) register: Option<StatedRegister>,
}

/// The register as it was found.
pub(super) struct StatedRegister {
    pub(super) stated: Option<Register>,
    pub(super) copy: Option<Register>,
    pub(super) found: RegisterSum,
}

/// A book and whose it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct OwnedBook {
    /// Whose book; of the installation's own, the word `installation`.
    pub organization: OrganizationId,
    /// Tells organizations apart that had the same id one after the other; 0 is the installation.
    pub incarnation: i64,
    /// Which book.
    pub book: AuditBook,
}

impl DirectoryAudit {
    /// The key that the directory itself names. Who can change the files can change it too: one
    /// that was noted elsewhere proves more.
    pub fn public_key(&self) -> Option<CheckpointPublicKey> {
        self.key
    }

    /// All books, also those that are known from their checkpoints alone.
    pub fn books(&self) -> Result<Vec<OwnedBook>> {
        let mut names: BTreeSet<(i64, AuditBook)> = self.checkpoints.keys().copied().collect();
        let journals = signing::journals(&self.control).map_err(control_error)?;
        names.extend(journals.into_iter().map(|of| (of, AuditBook::Journal)));
        for day in files::log_days(&self.dir)? {
            let Some(log) = self.log(day)? else { continue };
            let mut owner = i64::MIN;
            while let Some(next) =
                disclosures::next_owner(&log, owner).map_err(|error| of_log(&self.dir, error))?
            {
                names.insert((next, AuditBook::Disclosures(day)));
                owner = next;
            }
        }
        if let Some(kept) = self.kept()? {
            let days = kept_books(&kept).map_err(|error| of_log(&self.dir, error))?;
            names.extend(
                days.into_iter()
                    .map(|(of, day)| (of, AuditBook::Disclosures(day))),
            );
        }
        let owned = |(incarnation, book)| OwnedBook {
            organization: self.owner(incarnation),
            incarnation,
            book,
        };
        let mut books: Vec<_> = names.into_iter().map(owned).collect();
        books.sort();
        Ok(books)
    }

    /// The newest checkpoint of a book.
    pub fn checkpoint(&self, book: &OwnedBook) -> Option<&Checkpoint> {
        self.checkpoints.get(&(book.incarnation, book.book))
    }

    /// Up to where a book was taken away because of its age; only journals are, bit by bit.
    pub fn trim(&self, book: &OwnedBook) -> Result<Option<Trim>> {
        if book.book != AuditBook::Journal {
            return Ok(None);
        }
        let stored = trims::trim_of(&self.control, book.incarnation).map_err(control_error)?;
        Ok(stored.map(|stored| {
            Trim(Checkpoint {
                organization: book.organization.clone(),
                incarnation: book.incarnation,
                book: book.book,
                head: stored.head,
                at: stored.at,
                signature: stored.signature,
            })
        }))
    }

    /// Checks a book from its beginning to its end, and its checkpoint with `key`.
    pub fn verify(&self, book: &OwnedBook, key: &CheckpointPublicKey) -> Result<BookReport> {
        self.verify_with(book, key, &[])
    }

    /// The same against checkpoints that were kept elsewhere as well; those of other books and
    /// those that `key` has not signed say nothing.
    pub fn verify_with(
        &self,
        book: &OwnedBook,
        key: &CheckpointPublicKey,
        elsewhere: &[Checkpoint],
    ) -> Result<BookReport> {
        // Of one moment: a running server may take away the oldest entries meanwhile.
        let snapshot = self.control.unchecked_transaction();
        let _snapshot = snapshot.map_err(control_error)?;
        let checkpoint = self.checkpoint(book);
        let trim = self.trim(book)?;
        let start = start_after(trim.as_ref(), book);
        let is_of_it = |kept: &&Checkpoint| {
            (kept.incarnation, kept.book) == (book.incarnation, book.book) && kept.is_signed_by(key)
        };
        let elsewhere = elsewhere.iter().filter(is_of_it);
        let mut verifier = ChainVerifier::new(start, checkpoint.into_iter().chain(elsewhere));
        let mut fault = None;
        self.walk(book, |stored| {
            let canonical = stored.canonical.as_deref();
            let checked = verifier.entry(stored.number, canonical, &stored.hash);
            fault = checked.err();
            fault.is_none()
        })?;
        let forged_trim = trim.filter(|trim| !trim.is_signed_by(key));
        let forged = checkpoint.filter(|checkpoint| !checkpoint.is_signed_by(key));
        let result = match (forged_trim, fault, forged) {
            (Some(Trim(forged)), ..) => Err(AuditFault::Signature(forged.head.count)),
            (None, Some(fault), _) => Err(fault),
            (None, None, Some(forged)) => Err(AuditFault::Signature(forged.head.count)),
            (None, None, None) => verifier.end(),
        };
        Ok(BookReport {
            organization: book.organization.clone(),
            incarnation: book.incarnation,
            book: book.book,
            trimmed: start.count,
            checkpoint: checkpoint.cloned(),
            result,
        })
    }

    /// Gives every readable entry of a book, oldest first.
    pub fn entries(&self, book: &OwnedBook, mut each: impl FnMut(AuditRecord)) -> Result<()> {
        let snapshot = self.control.unchecked_transaction();
        let _snapshot = snapshot.map_err(control_error)?;
        let trim = self.trim(book)?;
        let mut previous = start_after(trim.as_ref(), book).hash;
        self.walk(book, |stored| {
            let hash = ChainHash(stored.hash.as_slice().try_into().unwrap_or_default());
            let bytes = stored.canonical.unwrap_or_default();
            if let Ok((_, entry)) = AuditEntry::from_canonical(&bytes) {
                each(AuditRecord {
                    id: AuditId {
                        book: book.book,
                        number: stored.number,
                    },
                    entry,
                    hash,
                    previous_hash: previous,
                });
            }
            previous = hash;
            true
        })
    }
}

/// Where the first entry of a book follows on.
fn start_after(trim: Option<&Trim>, book: &OwnedBook) -> ChainHead {
    let start = || ChainHead::start(&book.organization, book.incarnation, book.book);
    trim.map_or_else(start, |Trim(signed)| signed.head)
}

/// All organizations and days that something was kept of.
fn kept_books(kept: &Connection) -> rusqlite::Result<Vec<(i64, i64)>> {
    const SQL: &str = "-- carehook.audit_kept.books
        SELECT DISTINCT organization, day FROM disclosures";
    let mut statement = kept.prepare(SQL)?;
    statement
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}
