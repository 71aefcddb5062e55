//! The audit trail: whether it goes on from where it was signed last.

use std::path::Path;

use carehook_store::DirectoryAudit;

use super::finding::Finding;

const SUBJECT: &str = "audit trail";

/// Looks at the end of every book; nothing is said of a directory without a trail.
pub(super) fn check(directory: &Path) -> Option<Finding> {
    // What keeps the files from being read is said of the data.
    let audit = DirectoryAudit::open(directory).ok()?;
    let found = audit.glance(&audit.public_key()?);
    let advice = "run `carehook audit verify`, and keep a copy of the directory as evidence";
    Some(match found {
        Err(error) => Finding::failed(SUBJECT, format!("cannot be read: {error}"), advice),
        Ok(faults) => match faults.first() {
            None => Finding::fine(SUBJECT, "goes on from where it was signed"),
            Some((book, fault)) => {
                let detail = format!(
                    "was changed: {}, {}: {fault} (books: {})",
                    book.organization,
                    book.book,
                    faults.len()
                );
                Finding::failed(SUBJECT, detail, advice)
            }
        },
    })
}
