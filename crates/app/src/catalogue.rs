//! The catalogue: read by every caller, added to by the operator.

use std::sync::Arc;

use carehook_core::{
    Catalogue, CatalogueError, CategoryCode, CategoryDefinition, EventType, EventTypeDefinition,
    JsonText, SamplePayload,
};
use carehook_store::{PageRequest, Refusal, StoreError};

use crate::cursor::{List, Page, PageOf};
use crate::endpoints::CHANGE_ATTEMPTS;
use crate::{App, AppError, Caller, Change, Operator};

/// A change of a category; what is left out stays.
#[derive(Clone, Debug, Default)]
pub struct CategoryChange {
    /// Its name for people.
    pub name: Option<String>,
    /// What belongs to it.
    pub description: Option<String>,
}

/// A change of an event type; what is left out stays.
#[derive(Clone, Default)]
pub struct EventTypeChange {
    /// The category that it belongs to.
    pub category: Option<CategoryCode>,
    /// What has happened when such an event is published.
    pub description: Option<String>,
    /// The versions of its payload, oldest first.
    pub versions: Option<Vec<String>>,
    /// Payloads to look at and to test with.
    pub samples: Option<Vec<SamplePayload>>,
    /// The JSON Schema of its payload.
    pub schema: Change<JsonText>,
}

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
        found_category(&self.catalogue(caller), code)
    }

    /// One event type.
    pub fn event_type(
        &self,
        caller: &Caller,
        code: &EventType,
    ) -> Result<EventTypeDefinition, AppError> {
        found_event_type(&self.catalogue(caller), code)
    }
}

/// Changing.
impl App {
    /// Adds a category.
    pub async fn create_category(
        &self,
        _operator: &Operator,
        new: CategoryDefinition,
    ) -> Result<CategoryDefinition, AppError> {
        let code = new.code.clone();
        let changed = self
            .changed_catalogue(|c| c.add_category(new.clone()))
            .await?;
        found_category(&changed, &code)
    }

    /// Changes an operator's category.
    pub async fn change_category(
        &self,
        _operator: &Operator,
        code: &CategoryCode,
        change: CategoryChange,
    ) -> Result<CategoryDefinition, AppError> {
        let CategoryChange { name, description } = change;
        let apply = |catalogue: &mut Catalogue| {
            let mut new = category_of(catalogue, code)?;
            name.clone_into_some(&mut new.name);
            description.clone_into_some(&mut new.description);
            catalogue.change_category(new)
        };
        let changed = self.changed_catalogue(apply).await?;
        found_category(&changed, code)
    }

    /// Removes an operator's category that has no event types.
    pub async fn delete_category(
        &self,
        _operator: &Operator,
        code: &CategoryCode,
    ) -> Result<(), AppError> {
        self.changed_catalogue(|c| c.remove_category(code)).await?;
        Ok(())
    }

    /// Adds an event type.
    pub async fn create_event_type(
        &self,
        _operator: &Operator,
        new: EventTypeDefinition,
    ) -> Result<EventTypeDefinition, AppError> {
        let code = new.code.clone();
        let changed = self
            .changed_catalogue(|c| c.add_event_type(new.clone()))
            .await?;
        found_event_type(&changed, &code)
    }

    /// Changes an operator's event type.
    pub async fn change_event_type(
        &self,
        _operator: &Operator,
        code: &EventType,
        change: EventTypeChange,
    ) -> Result<EventTypeDefinition, AppError> {
        let EventTypeChange {
            category,
            description,
            versions,
            samples,
            schema,
        } = change;
        let apply = |catalogue: &mut Catalogue| {
            let mut new = event_type_of(catalogue, code)?;
            category.clone_into_some(&mut new.category);
            description.clone_into_some(&mut new.description);
            versions.clone_into_some(&mut new.versions);
            samples.clone_into_some(&mut new.samples);
            schema.when_changed(|schema| new.schema = schema.cloned());
            catalogue.change_event_type(new)
        };
        let changed = self.changed_catalogue(apply).await?;
        found_event_type(&changed, code)
    }

    /// Removes an operator's event type.
    pub async fn delete_event_type(
        &self,
        _operator: &Operator,
        code: &EventType,
    ) -> Result<(), AppError> {
        self.changed_catalogue(|c| c.remove_event_type(code))
            .await?;
        Ok(())
    }

    /// Changes the catalogue, again when somebody else changed it meanwhile.
    async fn changed_catalogue(
        &self,
        change: impl Fn(&mut Catalogue) -> Result<(), CatalogueError>,
    ) -> Result<Arc<Catalogue>, AppError> {
        for _ in 0..CHANGE_ATTEMPTS {
            let old = self.store().catalogue();
            let mut new = (*old).clone();
            change(&mut new)?;
            match self.store().replace_catalogue(&old, new.clone()).await {
                Err(StoreError::Refused(Refusal::Changed(_))) => {}
                Err(error) => return Err(error.into()),
                Ok(()) => {
                    tracing::info!("catalogue changed");
                    return Ok(Arc::new(new));
                }
            }
        }
        Err(Refusal::Changed("catalogue").into())
    }
}

/// Sets a field to the value that a change has for it.
trait CloneIntoSome<T> {
    fn clone_into_some(&self, field: &mut T);
}

impl<T: Clone> CloneIntoSome<T> for Option<T> {
    fn clone_into_some(&self, field: &mut T) {
        if let Some(value) = self {
            field.clone_from(value);
        }
    }
}

fn category_of(
    catalogue: &Catalogue,
    code: &CategoryCode,
) -> Result<CategoryDefinition, CatalogueError> {
    let found = catalogue.category(code).cloned();
    found.ok_or_else(|| CatalogueError::NotFound {
        kind: "category",
        code: code.to_string(),
    })
}

fn event_type_of(
    catalogue: &Catalogue,
    code: &EventType,
) -> Result<EventTypeDefinition, CatalogueError> {
    let found = catalogue.event_type(code).cloned();
    found.ok_or_else(|| CatalogueError::NotFound {
        kind: "event type",
        code: code.to_string(),
    })
}

fn found_category(
    catalogue: &Catalogue,
    code: &CategoryCode,
) -> Result<CategoryDefinition, AppError> {
    Ok(category_of(catalogue, code)?)
}

fn found_event_type(
    catalogue: &Catalogue,
    code: &EventType,
) -> Result<EventTypeDefinition, AppError> {
    Ok(event_type_of(catalogue, code)?)
}
