//! The catalogue: which event types exist, what they mean, and what their payloads look like.
//!
//! [`Catalogue::built_in`] holds the union of what all dialects know; an operator's own categories
//! and event types are merged into a copy of it. Built-in entries are the same in every
//! installation: they cannot be changed or removed, and an operator's entry cannot hide one.

mod built_in;
mod changes;
mod definition;
mod json_field;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::{EventType, Pattern};

pub use built_in::{SampleEvent, sample_events};
pub use changes::CatalogueError;
pub use definition::{
    CategoryCode, CategoryCodeError, CategoryDefinition, EventTypeDefinition, SamplePayload,
    WireNames,
};

/// Categories and event types, each in the order of their codes.
///
/// A clone shares its entries with the original, so a snapshot per change is cheap.
#[derive(Clone, Debug, PartialEq)]
pub struct Catalogue {
    categories: BTreeMap<CategoryCode, Arc<CategoryDefinition>>,
    event_types: BTreeMap<EventType, Arc<EventTypeDefinition>>,
}

impl Catalogue {
    /// The entries that come with the program.
    pub fn built_in() -> &'static Self {
        built_in::catalogue()
    }

    /// All categories.
    pub fn categories(&self) -> impl Iterator<Item = &CategoryDefinition> {
        self.categories.values().map(Arc::as_ref)
    }

    /// One category.
    pub fn category(&self, code: &CategoryCode) -> Option<&CategoryDefinition> {
        self.categories.get(code).map(Arc::as_ref)
    }

    /// All event types.
    pub fn event_types(&self) -> impl Iterator<Item = &EventTypeDefinition> {
        self.event_types.values().map(Arc::as_ref)
    }

    /// One event type.
    pub fn event_type(&self, code: &EventType) -> Option<&EventTypeDefinition> {
        self.event_types.get(code).map(Arc::as_ref)
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

    /// Whether events of this type may be published.
    pub fn knows(&self, code: &EventType) -> bool {
        self.event_types.contains_key(code)
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
