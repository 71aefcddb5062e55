//! Whether a catalogue entry is in use, and who made and changed it.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// Who changes the catalogue, and when.
#[derive(Clone, Copy, Debug)]
pub struct Edit<'a> {
    /// The caller, as the audit fields show it.
    pub by: &'a str,
    /// The time of the change.
    pub at: Timestamp,
}

/// Who made something, and who changed it last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Audit {
    /// When it was made.
    pub created_at: Timestamp,
    /// Who made it.
    pub created_by: Box<str>,
    /// When it was changed last; when it was made, if never.
    pub updated_at: Timestamp,
    /// Who changed it last; who made it, if nobody.
    pub updated_by: Box<str>,
}

impl Audit {
    /// Who has made the built-in entries.
    pub const BUILT_IN_BY: &str = "carehook";
    /// When the built-in entries were made: 2026-01-01T00:00:00Z, before any installation.
    pub const BUILT_IN_AT: Timestamp = Timestamp(1_767_225_600_000);

    /// Of something that is made now.
    pub fn made(edit: Edit<'_>) -> Self {
        Self {
            created_at: edit.at,
            created_by: edit.by.into(),
            updated_at: edit.at,
            updated_by: edit.by.into(),
        }
    }

    /// Notes a change.
    pub fn change(&mut self, edit: Edit<'_>) {
        self.updated_at = edit.at;
        self.updated_by = edit.by.into();
    }
}

/// What comes with the program, and what was stored before this was noted.
impl Default for Audit {
    fn default() -> Self {
        Self::made(Edit {
            by: Self::BUILT_IN_BY,
            at: Self::BUILT_IN_AT,
        })
    }
}

/// Whether an entry is in use, and who made and changed it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EntryStatus {
    /// Whether it may be published and newly subscribed.
    pub active: bool,
    /// When that changed last.
    pub active_changed_at: Option<Timestamp>,
    /// Whether it was put away: not in use, and in no list of those that are.
    pub archived: bool,
    /// When that changed last.
    pub archived_changed_at: Option<Timestamp>,
    /// Who made and changed the entry.
    pub audit: Audit,
}

impl EntryStatus {
    /// Of an entry that is made now.
    pub fn made(edit: Edit<'_>) -> Self {
        Self::of(Audit::made(edit))
    }

    fn of(audit: Audit) -> Self {
        Self {
            active: true,
            active_changed_at: None,
            archived: false,
            archived_changed_at: None,
            audit,
        }
    }

    /// Switches the entry on or off; nothing changes when it is so already.
    pub fn set_active(&mut self, active: bool, edit: Edit<'_>) {
        if self.active != active {
            self.active = active;
            self.active_changed_at = Some(edit.at);
            self.audit.change(edit);
        }
    }

    /// Puts the entry away or takes it out again; nothing changes when it is so already.
    pub fn set_archived(&mut self, archived: bool, edit: Edit<'_>) {
        if self.archived != archived {
            self.archived = archived;
            self.archived_changed_at = Some(edit.at);
            self.audit.change(edit);
        }
    }

    /// What keeps the entry out of use.
    pub(super) fn closed(&self) -> Option<&'static str> {
        if self.archived {
            Some("archived")
        } else if self.active {
            None
        } else {
            Some("inactive")
        }
    }
}

impl Default for EntryStatus {
    fn default() -> Self {
        Self::of(Audit::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANA: Edit<'static> = Edit {
        by: "ana",
        at: Timestamp(1),
    };
    const BEN: Edit<'static> = Edit {
        by: "ben",
        at: Timestamp(2),
    };

    #[test]
    fn a_switch_that_changes_nothing_leaves_no_trace() {
        let made = EntryStatus::made(ANA);
        let mut status = made.clone();
        status.set_active(true, BEN);
        status.set_archived(false, BEN);
        assert_eq!(status, made);
        assert_eq!(status.closed(), None);
    }

    #[test]
    fn a_switch_tells_when_and_by_whom() {
        let mut status = EntryStatus::made(ANA);
        status.set_active(false, BEN);
        assert_eq!(status.active_changed_at, Some(BEN.at));
        assert_eq!(status.archived_changed_at, None);
        assert_eq!(status.closed(), Some("inactive"));
        status.set_archived(true, BEN);
        assert_eq!(status.archived_changed_at, Some(BEN.at));
        assert_eq!(status.closed(), Some("archived"));
        let audit = &status.audit;
        assert_eq!((&*audit.created_by, audit.created_at), ("ana", ANA.at));
        assert_eq!((&*audit.updated_by, audit.updated_at), ("ben", BEN.at));
    }

    #[test]
    fn the_built_in_date_is_the_first_of_2026() {
        let date: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        assert_eq!(Audit::BUILT_IN_AT, date);
    }
}
