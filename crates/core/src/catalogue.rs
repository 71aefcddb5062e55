//! The catalogue: which event types exist, what they mean, and what their payloads look like.
//!
//! [`Catalogue::built_in`] holds the union of what all dialects know; an operator's own categories
//! and event types are merged into a copy of it. The codes, categories, versions, wire names and
//! schemas of built-in entries are the same in every installation: they cannot be changed or
//! removed, and an operator's entry cannot hide one. Their names, descriptions, samples and
//! status can be changed; what was changed is laid over the program's own entries at the start.

mod built_in;
mod changes;
mod definition;
mod error;
mod identity;
mod json_field;
mod removed;
mod status;
mod stored;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::{EventType, Pattern};

pub use built_in::{CatalogueVersion, SampleEvent, example_events, sample_events};
pub use definition::{CategoryDefinition, EventTypeDefinition, SamplePayload, WireNames};
pub use error::CatalogueError;
pub use identity::{CategoryCode, CategoryCodeError, CategoryId, EventTypeId, SampleId};
pub use removed::RemovedEntry;
pub use status::{Audit, Edit, EntryStatus};
pub use stored::{CategoryOverlay, EventTypeOverlay, StoredEntry};

/// Categories and event types, each in the order of their codes.
///
/// A clone shares its entries with the original, so a snapshot per change is cheap.
#[derive(Clone, Debug, PartialEq)]
pub struct Catalogue {
    categories: BTreeMap<CategoryCode, Arc<CategoryDefinition>>,
    event_types: BTreeMap<EventType, Arc<EventTypeDefinition>>,
    removed: BTreeSet<RemovedEntry>,
}

impl Catalogue {
    /// The entries that come with the program.
    pub fn built_in() -> &'static Self {
        built_in::catalogue()
    }

    /// The versions of the entries that come with the program, oldest first.
    pub fn built_in_versions() -> &'static [CatalogueVersion] {
        built_in::versions()
    }

    /// All categories.
    pub fn categories(&self) -> impl Iterator<Item = &CategoryDefinition> {
        self.categories.values().map(Arc::as_ref)
    }

    /// One category.
    pub fn category(&self, code: &CategoryCode) -> Option<&CategoryDefinition> {
        self.categories.get(code).map(Arc::as_ref)
    }

    /// The category with this id.
    pub fn category_by_id(&self, id: CategoryId) -> Option<&CategoryDefinition> {
        self.categories().find(|category| category.id() == id)
    }

    /// All event types.
    pub fn event_types(&self) -> impl Iterator<Item = &EventTypeDefinition> {
        self.event_types.values().map(Arc::as_ref)
    }

    /// One event type.
    pub fn event_type(&self, code: &EventType) -> Option<&EventTypeDefinition> {
        self.event_types.get(code).map(Arc::as_ref)
    }

    /// The event type with this id.
    pub fn event_type_by_id(&self, id: EventTypeId) -> Option<&EventTypeDefinition> {
        self.event_types().find(|definition| definition.id() == id)
    }

    /// The event types of one category.
    pub fn event_types_in(
        &self,
        category: &CategoryCode,
    ) -> impl Iterator<Item = &EventTypeDefinition> {
        self.event_types()
            .filter(move |definition| definition.category == *category)
    }

    /// The event types that a subscription by `pattern` gets.
    pub fn matching(&self, pattern: &Pattern) -> impl Iterator<Item = &EventTypeDefinition> {
        self.event_types()
            .filter(move |definition| pattern.matches(&definition.code))
    }

    /// Whether there is such an event type, in use or not.
    pub fn knows(&self, code: &EventType) -> bool {
        self.event_types.contains_key(code)
    }

    /// Whether events of this type may be published and newly subscribed.
    ///
    /// # Errors
    /// [`CatalogueError::Closed`] when the event type or its category is inactive or archived.
    pub fn check_open(&self, definition: &EventTypeDefinition) -> Result<(), CatalogueError> {
        let closed = |kind, code: &str, state: Option<&'static str>| match state {
            Some(state) => Err(CatalogueError::Closed {
                kind,
                code: code.to_owned(),
                state,
            }),
            None => Ok(()),
        };
        let (code, category) = (&definition.code, &definition.category);
        closed("event type", code.as_str(), definition.status.closed())?;
        let of_category = self.category(category).and_then(|c| c.status.closed());
        closed("category", category.as_str(), of_category)
    }

    /// Whether an event type that `pattern` matches is in use.
    pub fn matches_open(&self, pattern: &Pattern) -> bool {
        let in_use = |definition| self.check_open(definition).is_ok();
        match pattern {
            Pattern::Exactly(code) => self.event_type(code).is_some_and(in_use),
            Pattern::All | Pattern::Below(_) => self.matching(pattern).any(in_use),
        }
    }

    /// Whether a subscription by `pattern` can ever get an event.
    pub fn matches_any(&self, pattern: &Pattern) -> bool {
        match pattern {
            Pattern::Exactly(code) => self.knows(code),
            Pattern::All | Pattern::Below(_) => self.matching(pattern).next().is_some(),
        }
    }
}

#[cfg(test)]
mod tests;
