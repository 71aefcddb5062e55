//! What goes into the audit trail, and how it is read.

use carehook_core::{
    AuditAction, AuditBook, AuditEntry, AuditFault, AuditId, ChainHash, ChainHead, Checkpoint,
    OrganizationId, Timestamp,
};

/// An entry for the journal of an organization.
#[derive(Clone, Debug)]
pub struct AuditNote {
    /// Whose journal; `None` is that of the installation.
    pub organization: Option<OrganizationId>,
    /// What happened; its `subject` is filled in from the field below.
    pub entry: AuditEntry,
    /// Whom it is about, in clear: only its keyed hash is kept.
    pub subject: Option<Box<str>>,
}

/// Which entries are wanted.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// Of this action.
    pub action: Option<AuditAction>,
    /// About this subject, in clear.
    pub subject: Option<Box<str>>,
    /// At this time or later.
    pub since: Option<Timestamp>,
    /// Before this time.
    pub until: Option<Timestamp>,
}

/// Where a list of entries goes on: below this number of the journal, and below this number in the
/// disclosures of this day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuditPosition {
    /// Journal entries below this number are still to come.
    pub journal: u64,
    /// Of the books of disclosures, this one is next.
    pub day: i64,
    /// Entries of it below this number are still to come.
    pub disclosure: u64,
}

/// An entry as it is kept.
#[derive(Clone, Debug)]
pub struct AuditRecord {
    /// Its book and number.
    pub id: AuditId,
    /// What happened.
    pub entry: AuditEntry,
    /// Its hash.
    pub hash: ChainHash,
    /// The hash of the entry before, or that of the book's beginning.
    pub previous_hash: ChainHash,
}

/// What the verification of one book found.
#[derive(Clone, Debug)]
pub struct BookReport {
    /// Whose book; of the installation's own, the word `installation`.
    pub organization: OrganizationId,
    /// Tells organizations apart that had the same id one after the other; 0 is the installation.
    pub incarnation: i64,
    /// Which book.
    pub book: AuditBook,
    /// Entries before the first one, which went because of their age.
    pub trimmed: u64,
    /// The newest checkpoint.
    pub checkpoint: Option<Checkpoint>,
    /// Where the book ends, or the first thing that is wrong with it.
    pub result: Result<ChainHead, AuditFault>,
}
