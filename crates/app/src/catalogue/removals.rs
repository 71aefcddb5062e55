//! Removing entries of the catalogue by their ids: when that was done before, nothing changes.

use carehook_core::{CategoryCode, CategoryId, EventTypeId};

use crate::{App, AppError, CatalogueEditor};

impl App {
    /// Removes the category with this id, as [`App::delete_category`] does.
    ///
    /// # Errors
    /// [`AppError::NotFound`] when there never was one.
    pub async fn ensure_category_deleted(
        &self,
        editor: &CatalogueEditor,
        id: CategoryId,
    ) -> Result<(), AppError> {
        let catalogue = self.store().catalogue();
        let deleted = match catalogue.category_by_id(id) {
            Some(found) => self.delete_category(editor, &found.code).await,
            None => Err(AppError::NotFound { kind: "category" }),
        };
        let was_there = || self.store().catalogue().had_category(id);
        unless_it_was(deleted, was_there)
    }

    /// Removes the event type of a category with this id, as [`App::delete_event_type`] does.
    ///
    /// # Errors
    /// [`AppError::NotFound`] when this category never had one.
    pub async fn ensure_event_type_deleted(
        &self,
        editor: &CatalogueEditor,
        of: &CategoryCode,
        id: EventTypeId,
    ) -> Result<(), AppError> {
        let catalogue = self.store().catalogue();
        let found = catalogue.event_type_by_id(id);
        let deleted = match found.filter(|definition| definition.category == *of) {
            Some(found) => self.delete_event_type(editor, &found.code).await,
            None => Err(AppError::NotFound { kind: "event type" }),
        };
        let was_there = || self.store().catalogue().had_event_type(of, id);
        unless_it_was(deleted, was_there)
    }
}

/// Takes what cannot be found as deleted if it was there once; also when another caller was faster.
pub(super) fn unless_it_was(
    deleted: Result<(), AppError>,
    was_there: impl FnOnce() -> bool,
) -> Result<(), AppError> {
    match deleted {
        Err(AppError::NotFound { .. }) if was_there() => Ok(()),
        deleted => deleted,
    }
}
