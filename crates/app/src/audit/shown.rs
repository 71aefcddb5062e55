//! An entry of the audit trail as it is shown: the same in every API, page and file.

use std::collections::BTreeMap;
use std::net::IpAddr;

use carehook_core::{AuditEntry, Timestamp};
use carehook_store::AuditRecord;
use serde::Serialize;

/// What is shown of an entry. The keyed hash of its subject says nothing to anybody outside.
#[derive(Clone, Debug, Serialize)]
pub struct ShownAuditEntry {
    /// Its book and its number there.
    pub id: String,
    /// When.
    pub at: Timestamp,
    /// Who, as an id.
    pub actor: String,
    /// What the actor is called, where that is known.
    pub actor_name: Option<String>,
    /// What was done.
    pub action: &'static str,
    /// To what: kind and id.
    pub object: String,
    /// How it ended.
    pub outcome: &'static str,
    /// The address that it was asked from; none for what the server did by itself.
    pub source: Option<IpAddr>,
    /// More about it, by name.
    pub details: BTreeMap<String, String>,
    /// Its hash.
    pub hash: String,
    /// The hash of the entry before.
    pub previous_hash: String,
}

impl From<AuditRecord> for ShownAuditEntry {
    fn from(record: AuditRecord) -> Self {
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
            subject: _,
            mut details,
        } = entry;
        Self {
            id: id.to_string(),
            at,
            actor,
            actor_name: details.remove(AuditEntry::ACTOR_NAME),
            action: action.as_str(),
            object,
            outcome: outcome.as_str(),
            source,
            details,
            hash: hash.to_string(),
            previous_hash: previous_hash.to_string(),
        }
    }
}
