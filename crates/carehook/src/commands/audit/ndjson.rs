//! Entries and checkpoints as JSON objects.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use carehook_api::AuditEntryOut;
use carehook_core::{Checkpoint, OrganizationId, SignedLine, Trim};
use carehook_store::{AuditRecord, OwnedBook};
use serde::Serialize;
use serde_json::{Value, json};

/// An entry as the API shows it, and what a file needs besides.
#[derive(Serialize)]
pub(super) struct EntryLine<'a> {
    organization: &'a OrganizationId,
    /// Tells organizations apart that had the same id one after the other.
    incarnation: i64,
    #[serde(flatten)]
    entry: AuditEntryOut,
    /// Whom it is about, to those who can make the hash again.
    subject_hash: Option<String>,
}

impl<'a> EntryLine<'a> {
    pub(super) fn new(book: &'a OwnedBook, record: AuditRecord) -> Self {
        Self {
            organization: &book.organization,
            incarnation: book.incarnation,
            subject_hash: record.entry.subject.map(|subject| hex(&subject)),
            entry: record.into(),
        }
    }
}

/// Up to where a journal went because of its age.
pub(super) fn trim(Trim(trim): &Trim) -> Value {
    json!({
        "organization": trim.organization.as_str(),
        "trim": signed(trim),
    })
}

/// A checkpoint, for those who keep it elsewhere.
pub(super) fn checkpoint(checkpoint: &Checkpoint) -> Value {
    json!({
        "organization": checkpoint.organization.as_str(),
        "checkpoint": signed(checkpoint),
        // What `verify --checkpoint` reads.
        "signed": SignedLine::Checkpoint(checkpoint.clone()).to_string(),
    })
}

fn signed(checkpoint: &Checkpoint) -> Value {
    json!({
        "book": checkpoint.book.to_string(),
        "incarnation": checkpoint.incarnation,
        "count": checkpoint.head.count,
        "hash": checkpoint.head.hash.to_string(),
        "at": checkpoint.at,
        "signature": STANDARD.encode(&checkpoint.signature),
    })
}

/// Bytes as hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        write!(text, "{byte:02x}").expect("writing to a string cannot fail");
    }
    text
}
