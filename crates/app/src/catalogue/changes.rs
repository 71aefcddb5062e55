//! Changes of the catalogue: entries of its own, and what is not fixed of built-in ones.

use std::collections::BTreeMap;
use std::sync::Arc;

use carehook_core::{
    Audit, AuditAction, Catalogue, CategoryCode, CategoryDefinition, Edit, EntryStatus, EventType,
    EventTypeDefinition, JsonText, SamplePayload,
};
use carehook_store::{Refusal, StoreError};

use crate::audit;
use crate::endpoints::CHANGE_ATTEMPTS;
use crate::schemas::check_schemas;
use crate::{App, AppError, CatalogueEditor, Change};

/// A change of a category; what is left out stays.
#[derive(Clone, Debug, Default)]
pub struct CategoryChange {
    /// Its name for people.
    pub name: Option<String>,
    /// What belongs to it.
    pub description: Option<String>,
    /// Whether its event types may be published and newly subscribed.
    pub active: Option<bool>,
    /// Whether it is put away.
    pub archived: Option<bool>,
}

/// A change of an event type; what is left out stays.
#[derive(Clone, Default)]
pub struct EventTypeChange {
    /// The category that it belongs to.
    pub category: Option<CategoryCode>,
    /// Its name for people.
    pub name: Option<String>,
    /// What has happened when such an event is published.
    pub description: Option<String>,
    /// The versions of its payload, oldest first.
    pub versions: Option<Vec<String>>,
    /// The version that shall be its newest: moved to the end of the versions, or added there.
    pub newest_version: Option<String>,
    /// Payloads to look at and to test with.
    pub samples: Option<Vec<SamplePayload>>,
    /// The JSON Schema of its payload.
    pub schema: Change<JsonText>,
    /// The JSON Schemas of versions that differ: all of them.
    pub schemas: Option<BTreeMap<String, JsonText>>,
    /// Whether it may be published and newly subscribed.
    pub active: Option<bool>,
    /// Whether it is put away.
    pub archived: Option<bool>,
}

/// Categories.
impl App {
    /// Adds a category.
    pub async fn create_category(
        &self,
        editor: &CatalogueEditor,
        new: CategoryDefinition,
    ) -> Result<CategoryDefinition, AppError> {
        let new = CategoryDefinition {
            status: EntryStatus::made(self.edit(editor)),
            ..new
        };
        let changed = self
            .changed_catalogue((editor, new.code.as_str()), |c| {
                Ok(c.add_category(new.clone())?)
            })
            .await?;
        Ok(changed.existing_category(&new.code)?.clone())
    }

    /// Changes a category.
    pub async fn change_category(
        &self,
        editor: &CatalogueEditor,
        code: &CategoryCode,
        change: CategoryChange,
    ) -> Result<CategoryDefinition, AppError> {
        self.edit_category(editor, code, |_| Ok(change.clone()))
            .await
    }

    /// Changes a category by what `change` makes of it as it is at that moment.
    pub async fn edit_category(
        &self,
        editor: &CatalogueEditor,
        code: &CategoryCode,
        change: impl Fn(&CategoryDefinition) -> Result<CategoryChange, AppError>,
    ) -> Result<CategoryDefinition, AppError> {
        let edit = self.edit(editor);
        let apply = |catalogue: &mut Catalogue| {
            let old = catalogue.existing_category(code)?;
            let new = change(old)?.applied_to(old, edit);
            Ok(catalogue.change_category(new)?)
        };
        let changed = self
            .changed_catalogue((editor, code.as_str()), apply)
            .await?;
        Ok(changed.existing_category(code)?.clone())
    }

    /// Removes a category that is not built in and has no event types.
    pub async fn delete_category(
        &self,
        editor: &CatalogueEditor,
        code: &CategoryCode,
    ) -> Result<(), AppError> {
        self.changed_catalogue((editor, code.as_str()), |c| Ok(c.remove_category(code)?))
            .await?;
        Ok(())
    }
}

/// Event types.
impl App {
    /// Adds an event type.
    pub async fn create_event_type(
        &self,
        editor: &CatalogueEditor,
        new: EventTypeDefinition,
    ) -> Result<EventTypeDefinition, AppError> {
        let edit = self.edit(editor);
        let mut new = EventTypeDefinition {
            status: EntryStatus::made(edit),
            ..new
        };
        for sample in &mut new.samples {
            sample.audit = Audit::made(edit);
        }
        check_schemas(&new, None)?;
        let changed = self
            .changed_catalogue((editor, new.code.as_str()), |c| {
                Ok(c.add_event_type(new.clone())?)
            })
            .await?;
        Ok(changed.existing_event_type(&new.code)?.clone())
    }

    /// Changes an event type.
    pub async fn change_event_type(
        &self,
        editor: &CatalogueEditor,
        code: &EventType,
        change: EventTypeChange,
    ) -> Result<EventTypeDefinition, AppError> {
        self.edit_event_type(editor, code, |_| Ok(change.clone()))
            .await
    }

    /// Changes an event type by what `change` makes of it as it is at that moment.
    pub async fn edit_event_type(
        &self,
        editor: &CatalogueEditor,
        code: &EventType,
        change: impl Fn(&EventTypeDefinition) -> Result<EventTypeChange, AppError>,
    ) -> Result<EventTypeDefinition, AppError> {
        let edit = self.edit(editor);
        let apply = |catalogue: &mut Catalogue| {
            let old = catalogue.existing_event_type(code)?;
            let new = change(old)?.applied_to(old, edit);
            check_schemas(&new, Some(old))?;
            Ok(catalogue.change_event_type(new)?)
        };
        let changed = self
            .changed_catalogue((editor, code.as_str()), apply)
            .await?;
        Ok(changed.existing_event_type(code)?.clone())
    }

    /// Removes an event type that is not built in and was never delivered.
    pub async fn delete_event_type(
        &self,
        editor: &CatalogueEditor,
        code: &EventType,
    ) -> Result<(), AppError> {
        // Whether it may go at all is cheaper to find out than whether it was delivered.
        (*self.store().catalogue())
            .clone()
            .remove_event_type(code)?;
        if self.store().has_deliveries_of(code).await? {
            let reason = format!("the event type `{code}` has deliveries; archive it instead");
            return Err(AppError::conflict(reason));
        }
        self.changed_catalogue((editor, code.as_str()), |c| Ok(c.remove_event_type(code)?))
            .await?;
        Ok(())
    }
}

/// What all changes share.
impl App {
    /// What a change by this caller leaves behind in the entry.
    pub(super) fn edit<'a>(&self, editor: &'a CatalogueEditor) -> Edit<'a> {
        Edit {
            by: editor.name(),
            at: self.now(),
        }
    }

    /// Changes the catalogue, again when somebody else changed it meanwhile.
    pub(super) async fn changed_catalogue(
        &self,
        (editor, object): (&CatalogueEditor, &str),
        change: impl Fn(&mut Catalogue) -> Result<(), AppError>,
    ) -> Result<Arc<Catalogue>, AppError> {
        for _ in 0..CHANGE_ATTEMPTS {
            let old = self.store().catalogue();
            let mut new = (*old).clone();
            change(&mut new)?;
            if new == *old {
                return Ok(old);
            }
            let action = AuditAction::CatalogueChanged;
            let entry = editor.entry(self.now(), action, object.to_owned());
            let entry = entry.with("changed", audit::changed_entries(&old, &new));
            let store = self.noting_for_all(entry);
            match store.replace_catalogue(&old, new.clone()).await {
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

impl CategoryChange {
    fn applied_to(&self, old: &CategoryDefinition, edit: Edit<'_>) -> CategoryDefinition {
        let Self {
            name,
            description,
            active,
            archived,
        } = self;
        let mut new = old.clone();
        name.clone_into_some(&mut new.name);
        description.clone_into_some(&mut new.description);
        if new != *old {
            new.status.audit.change(edit);
        }
        switch(&mut new.status, (*active, *archived), edit);
        new
    }
}

impl EventTypeChange {
    fn applied_to(&self, old: &EventTypeDefinition, edit: Edit<'_>) -> EventTypeDefinition {
        let Self {
            category,
            name,
            description,
            versions,
            newest_version,
            samples,
            schema,
            schemas,
            active,
            archived,
        } = self;
        let mut new = old.clone();
        category.clone_into_some(&mut new.category);
        name.clone_into_some(&mut new.name);
        description.clone_into_some(&mut new.description);
        versions.clone_into_some(&mut new.versions);
        if let Some(newest) = newest_version {
            new.versions.retain(|version| version != newest);
            new.versions.push(newest.clone());
        }
        if let Some(samples) = samples {
            new.samples = with_audit(samples, old, edit);
        }
        schema.when_changed(|schema| new.schema = schema.cloned());
        schemas.clone_into_some(&mut new.schemas);
        if new != *old {
            new.status.audit.change(edit);
        }
        switch(&mut new.status, (*active, *archived), edit);
        new
    }
}

/// New samples, each with the audit of the one that it replaces.
fn with_audit(
    samples: &[SamplePayload],
    old: &EventTypeDefinition,
    edit: Edit<'_>,
) -> Vec<SamplePayload> {
    let audited = |sample: &SamplePayload| {
        let audit = match old.sample(&sample.version) {
            None => Audit::made(edit),
            Some(before) => {
                let mut audit = before.audit.clone();
                if !sample.shows_the_same_as(before) {
                    audit.change(edit);
                }
                audit
            }
        };
        SamplePayload {
            audit,
            ..sample.clone()
        }
    };
    samples.iter().map(audited).collect()
}

fn switch(
    status: &mut EntryStatus,
    (active, archived): (Option<bool>, Option<bool>),
    edit: Edit<'_>,
) {
    if let Some(active) = active {
        status.set_active(active, edit);
    }
    if let Some(archived) = archived {
        status.set_archived(archived, edit);
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
