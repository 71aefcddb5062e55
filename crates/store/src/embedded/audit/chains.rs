//! The ends of all chains as the writer knows them, read from the files when first needed.

use std::collections::{BTreeSet, HashMap};

use carehook_core::{AuditBook, ChainHash, ChainHead, Timestamp};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::registering::KnownRegister;
use super::{kept, owner_of, trims};
use crate::embedded::shared::Shared;

/// Ends that are remembered; more are read again when they are needed.
const REMEMBERED: usize = 8_192;

/// A book: the organization's number, and which one.
pub(super) type BookName = (i64, AuditBook);

/// What the writer knows of the chains.
pub(in crate::embedded) struct AuditChains {
    heads: HashMap<BookName, ChainHead>,
    /// Those that changed since the last [`Self::begin`].
    touched: Vec<BookName>,
    /// Those that have grown since they were last signed.
    pub(super) unsigned: BTreeSet<BookName>,
    /// Those that do not go on from where they were signed.
    pub(super) broken: BTreeSet<BookName>,
    pub(super) register: KnownRegister,
    /// Entries since the last checkpoints.
    pub(super) entries: u64,
    /// When the last checkpoints were made.
    pub(super) signed_at: Timestamp,
    /// Where canonical bytes are put together.
    pub(super) scratch: Vec<u8>,
}

impl AuditChains {
    pub(in crate::embedded) fn new(now: Timestamp) -> Self {
        Self {
            heads: HashMap::new(),
            touched: Vec::new(),
            unsigned: BTreeSet::new(),
            broken: BTreeSet::new(),
            register: KnownRegister::default(),
            entries: 0,
            signed_at: now,
            scratch: Vec::new(),
        }
    }

    /// A transaction begins.
    pub(in crate::embedded) fn begin(&mut self) {
        self.touched.clear();
        if self.heads.len() > REMEMBERED {
            self.heads.clear();
        }
    }

    /// The transaction failed, or a part of it: what the files hold is read again.
    pub(in crate::embedded) fn roll_back(&mut self) {
        for book in self.touched.drain(..) {
            self.heads.remove(&book);
        }
    }

    /// Whether any book has grown since it was signed.
    pub(in crate::embedded) fn has_unsigned(&self) -> bool {
        !self.unsigned.is_empty()
    }

    pub(super) fn known(&self, book: BookName) -> Option<ChainHead> {
        self.heads.get(&book).copied()
    }

    pub(super) fn remember(&mut self, book: BookName, head: ChainHead) {
        self.heads.insert(book, head);
    }

    /// Moves the end of a chain inside a transaction.
    pub(super) fn advance(&mut self, book: BookName, head: ChainHead) {
        self.heads.insert(book, head);
        self.touched.push(book);
        self.unsigned.insert(book);
        self.entries += 1;
    }
}

/// Where the book of a log file ends; `None` when its organization never was.
pub(super) fn head_in_log(
    shared: &Shared,
    log: &Connection,
    (organization, book): BookName,
) -> rusqlite::Result<Option<ChainHead>> {
    const SQL: &str = "-- carehook.audit.head_in_log
        SELECT disclosure, hash FROM attempts INDEXED BY attempts_by_disclosure
        WHERE organization = ?1 AND disclosure IS NOT NULL ORDER BY disclosure DESC LIMIT 1";
    let last = last(log, SQL, params![organization])?;
    // The last rows may have gone to the long-lived file meanwhile.
    let kept = kept::head(shared, organization, book.code())?;
    let last = last.into_iter().chain(kept).max_by_key(|head| head.count);
    Ok(last.or_else(|| start_of(shared, (organization, book))))
}

/// Where the journal ends.
pub(super) fn head_of_journal(
    shared: &Shared,
    control: &Connection,
    organization: i64,
) -> rusqlite::Result<Option<ChainHead>> {
    const SQL: &str = "-- carehook.audit_control.head_of_journal
        SELECT number, hash FROM audit_journal WHERE organization = ?1
        ORDER BY number DESC LIMIT 1";
    let mut last = last(control, SQL, params![organization])?;
    if last.is_none() {
        last = trims::trim_of(control, organization)?.map(|trim| trim.head);
    }
    Ok(last.or_else(|| start_of(shared, (organization, AuditBook::Journal))))
}

/// Where a book begins; `None` when its organization never was.
pub(super) fn start_of(shared: &Shared, (organization, book): BookName) -> Option<ChainHead> {
    let owner = owner_of(&shared.control.read(), organization)?;
    Some(ChainHead::start(&owner, organization, book))
}

/// Reads the number and the hash of a last entry.
pub(super) fn last(
    file: &Connection,
    sql: &str,
    values: impl rusqlite::Params,
) -> rusqlite::Result<Option<ChainHead>> {
    file.prepare_cached(sql)?
        .query_row(values, |row| {
            let count: i64 = row.get(0)?;
            Ok(ChainHead {
                count: count.cast_unsigned(),
                hash: ChainHash(row.get(1)?),
            })
        })
        .optional()
}
