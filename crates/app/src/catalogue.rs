//! The catalogue: read by every caller, changed by those who may.

mod changes;
mod in_use;
mod removals;
mod samples;

use std::sync::Arc;

use carehook_core::{
    Audit, Catalogue, CatalogueVersion, CategoryCode, CategoryDefinition, CategoryId, EventType,
    EventTypeDefinition, EventTypeId, JsonText, Timestamp,
};
use carehook_store::PageRequest;

use crate::cursor::{List, Page, PageOf};
use crate::{App, AppError, Caller};

pub(crate) use in_use::check_subscribable;

pub use changes::{CategoryChange, EventTypeChange};
pub use samples::Sample;

const CATEGORIES: List<'static> = List {
    kind: "event categories",
    owner: "",
};
const EVENT_TYPES: List<'static> = List {
    kind: "event types",
    owner: "",
};

/// Reading.
impl App {
    /// The catalogue as it is now.
    pub fn catalogue(&self, _caller: &Caller) -> Arc<Catalogue> {
        self.store().catalogue()
    }

    /// The versions of the entries that come with the program, oldest first.
    pub fn catalogue_versions(&self, _caller: &Caller) -> &'static [CatalogueVersion] {
        Catalogue::built_in_versions()
    }

    /// All categories, by code.
    pub fn list_categories(
        &self,
        caller: &Caller,
        page: &Page,
    ) -> Result<PageOf<CategoryDefinition>, AppError> {
        let PageRequest { limit, after } = CATEGORIES.request::<String>(page)?;
        let catalogue = self.catalogue(caller);
        let rest = catalogue
            .categories()
            .filter(|category| {
                after
                    .as_deref()
                    .is_none_or(|place| category.code.as_str() > place)
            })
            .cloned();
        Ok(CATEGORIES.cut(rest, limit, |category| category.code.to_string()))
    }

    /// The event types, by code; those of one category when it is named.
    pub fn list_event_types(
        &self,
        caller: &Caller,
        category: Option<&CategoryCode>,
        page: &Page,
    ) -> Result<PageOf<EventTypeDefinition>, AppError> {
        let PageRequest { limit, after } = EVENT_TYPES.request::<String>(page)?;
        let catalogue = self.catalogue(caller);
        let rest = catalogue
            .event_types()
            .filter(|definition| category.is_none_or(|category| definition.category == *category))
            .filter(|definition| {
                after
                    .as_deref()
                    .is_none_or(|place| definition.code.as_str() > place)
            })
            .cloned();
        Ok(EVENT_TYPES.cut(rest, limit, |definition| definition.code.to_string()))
    }

    /// One category.
    pub fn category(
        &self,
        caller: &Caller,
        code: &CategoryCode,
    ) -> Result<CategoryDefinition, AppError> {
        Ok(self.catalogue(caller).existing_category(code)?.clone())
    }

    /// The category with this id.
    pub fn category_by_id(
        &self,
        caller: &Caller,
        id: CategoryId,
    ) -> Result<CategoryDefinition, AppError> {
        let catalogue = self.catalogue(caller);
        let found = catalogue.category_by_id(id).cloned();
        found.ok_or(AppError::NotFound { kind: "category" })
    }

    /// All categories that are not archived, oldest first.
    pub fn current_categories(&self, caller: &Caller) -> Vec<CategoryDefinition> {
        let catalogue = self.catalogue(caller);
        let current = catalogue.categories().filter(|c| !c.status.archived);
        let mut current: Vec<_> = current.cloned().collect();
        current.sort_by_cached_key(|c| age(&c.status.audit));
        current
    }

    /// One event type.
    pub fn event_type(
        &self,
        caller: &Caller,
        code: &EventType,
    ) -> Result<EventTypeDefinition, AppError> {
        Ok(self.catalogue(caller).existing_event_type(code)?.clone())
    }

    /// The JSON Schema of a version of an event type; of its default version when none is named.
    pub fn schema(
        &self,
        caller: &Caller,
        code: &EventType,
        version: Option<&str>,
    ) -> Result<JsonText, AppError> {
        let definition = self.event_type(caller, code)?;
        let version = version.unwrap_or_else(|| definition.default_version());
        let known = definition.has_version(version);
        let schema = definition.schema_of(version).filter(|_| known);
        let schema = schema.cloned();
        schema.ok_or(AppError::NotFound { kind: "schema" })
    }

    /// The event type of a category with this id.
    pub fn event_type_by_id(
        &self,
        caller: &Caller,
        of: &CategoryCode,
        id: EventTypeId,
    ) -> Result<EventTypeDefinition, AppError> {
        let catalogue = self.catalogue(caller);
        let found = catalogue.event_type_by_id(id);
        let found = found.filter(|definition| definition.category == *of);
        found
            .cloned()
            .ok_or(AppError::NotFound { kind: "event type" })
    }

    /// The event types of a category that are not archived, oldest first.
    pub fn current_event_types(
        &self,
        caller: &Caller,
        of: &CategoryCode,
    ) -> Vec<EventTypeDefinition> {
        let catalogue = self.catalogue(caller);
        let current = catalogue.event_types_in(of).filter(|d| !d.status.archived);
        let mut current: Vec<_> = current.cloned().collect();
        current.sort_by_cached_key(|d| age(&d.status.audit));
        current
    }
}

/// What lists that begin with the oldest are sorted by; entries of one time stay in the order of
/// their codes.
fn age(audit: &Audit) -> Timestamp {
    audit.created_at
}
