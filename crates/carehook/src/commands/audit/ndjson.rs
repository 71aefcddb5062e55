//! Entries and checkpoints as JSON objects.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use carehook_core::{AuditEntry, Checkpoint, OrganizationId, Trim};
use carehook_store::AuditRecord;
use serde_json::{Value, json};

/// An entry with its place in the chain.
pub(super) fn entry(organization: &OrganizationId, record: &AuditRecord) -> Value {
    let AuditRecord {
        id,
        entry,
        hash,
        previous_hash,
    } = record;
    let AuditEntry {
        at,
        actor,
        action,
        object,
        outcome,
        source,
        subject,
        details,
    } = entry;
    json!({
        "organization": organization.as_str(),
        "id": id.to_string(),
        "at": at,
        "actor": actor,
        "action": action.as_str(),
        "object": object,
        "outcome": outcome.as_str(),
        "source": source,
        "subject_hash": subject.map(|subject| hex(&subject)),
        "details": details,
        "hash": hash.to_string(),
        "previous_hash": previous_hash.to_string(),
    })
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
