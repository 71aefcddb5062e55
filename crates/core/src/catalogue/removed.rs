//! Which entries were removed, so that removing one again differs from removing what never was.
//!
//! An entry is forgotten when one of the same code is made, or when what it belonged to goes.

use serde::{Deserialize, Serialize};

use super::{Catalogue, CategoryCode, CategoryId, EventTypeDefinition, EventTypeId};
use crate::EventType;

/// An entry that was removed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum RemovedEntry {
    /// A category.
    Category {
        /// Its code.
        code: CategoryCode,
    },
    /// An event type.
    EventType {
        /// Its code.
        code: EventType,
        /// The category that it belonged to.
        category: CategoryCode,
    },
    /// A sample payload.
    Sample {
        /// The event type that it belonged to.
        event_type: EventType,
        /// The version that it was a sample of.
        version: String,
    },
}

impl Catalogue {
    /// Whether a category with this id was removed.
    pub fn had_category(&self, id: CategoryId) -> bool {
        self.removed.iter().any(|entry| match entry {
            RemovedEntry::Category { code } => CategoryId::of(code) == id,
            RemovedEntry::EventType { .. } | RemovedEntry::Sample { .. } => false,
        })
    }

    /// Whether an event type with this id was removed from this category.
    pub fn had_event_type(&self, of: &CategoryCode, id: EventTypeId) -> bool {
        self.removed.iter().any(|entry| match entry {
            RemovedEntry::EventType { code, category } => {
                category == of && EventTypeId::of(code) == id
            }
            RemovedEntry::Category { .. } | RemovedEntry::Sample { .. } => false,
        })
    }

    /// Whether the sample of this version was removed from this event type.
    pub fn had_sample(&self, of: &EventType, version: &str) -> bool {
        self.removed.contains(&RemovedEntry::Sample {
            event_type: of.clone(),
            version: version.to_owned(),
        })
    }

    pub(super) fn note_removed_category(&mut self, gone: &CategoryCode) {
        self.removed.retain(|entry| match entry {
            RemovedEntry::EventType { category, .. } => category != gone,
            RemovedEntry::Category { .. } | RemovedEntry::Sample { .. } => true,
        });
        let code = gone.clone();
        self.removed.insert(RemovedEntry::Category { code });
    }

    pub(super) fn note_removed_event_type(&mut self, gone: &EventTypeDefinition) {
        self.forget_removed_event_type(&gone.code);
        self.removed.insert(RemovedEntry::EventType {
            code: gone.code.clone(),
            category: gone.category.clone(),
        });
    }

    /// Notes which samples of an event type its new form no longer has, and forgets which it has.
    pub(super) fn note_samples(&mut self, new: &EventTypeDefinition) {
        let sample = |version: &str| RemovedEntry::Sample {
            event_type: new.code.clone(),
            version: version.to_owned(),
        };
        if let Some(old) = self.event_types.get(&new.code) {
            let old = old.samples.iter();
            self.removed.extend(old.map(|old| sample(&old.version)));
        }
        for kept in &new.samples {
            self.removed.remove(&sample(&kept.version));
        }
    }

    pub(super) fn forget_removed_category(&mut self, made: &CategoryCode) {
        let code = made.clone();
        self.removed.remove(&RemovedEntry::Category { code });
    }

    pub(super) fn forget_removed_event_type(&mut self, made: &EventType) {
        self.removed.retain(|entry| match entry {
            RemovedEntry::EventType { code, .. } => code != made,
            RemovedEntry::Sample { event_type, .. } => event_type != made,
            RemovedEntry::Category { .. } => true,
        });
    }
}

#[cfg(test)]
mod tests;
