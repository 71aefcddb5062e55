//! Who acts, for the audit trail: an id that means one caller, and what the person is called.

use std::sync::Arc;

use carehook_core::{AuditAction, AuditEntry, PersonName, Timestamp};

/// Whoever does something.
///
/// The id is made by Carehook and cannot be another's; the name is what somebody else has said.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Actor {
    id: Arc<str>,
    name: Option<PersonName>,
}

impl Actor {
    /// One of whom only the id is known.
    pub(crate) fn of(id: impl Into<Arc<str>>) -> Self {
        Self {
            id: id.into(),
            name: None,
        }
    }

    /// The same with what the person is called, if that is known.
    pub(crate) fn called(self, name: Option<PersonName>) -> Self {
        Self { name, ..self }
    }

    /// The id: see [`crate::OrganizationAccess::actor`].
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// An entry about something that succeeded, done by this one.
    pub(crate) fn entry(&self, at: Timestamp, action: AuditAction, object: String) -> AuditEntry {
        let entry = AuditEntry::new(at, &self.id, action, object);
        match &self.name {
            Some(name) => entry.with(AuditEntry::ACTOR_NAME, name),
            None => entry,
        }
    }
}
