//! The catalogue's entries that a path names by their ids.

use axum::extract::FromRequestParts;
use carehook_app::{App, AppError};
use carehook_core::{CategoryDefinition, CategoryId, EventTypeDefinition, EventTypeId};
use http::request::Parts;

use super::AnyCaller;
use super::errors::NestError;
use crate::extract::Names;

/// The id of the category in the path, which need not be there any more.
pub(super) struct CategoryName(pub(super) CategoryId);

impl<S: Sync> FromRequestParts<S> for CategoryName {
    type Rejection = NestError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, NestError> {
        let names = Names::of(parts).await;
        let id = names.get("webhookCategoryId");
        let unknown = AppError::NotFound { kind: "category" };
        Ok(Self(id.and_then(|id| id.parse().ok()).ok_or(unknown)?))
    }
}

/// The id of the event type in the path, which need not be there any more.
pub(super) struct EntryName(pub(super) EventTypeId);

impl<S: Sync> FromRequestParts<S> for EntryName {
    type Rejection = NestError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, NestError> {
        let names = Names::of(parts).await;
        let id = names.get("webhookEventId");
        let unknown = AppError::NotFound { kind: "event type" };
        Ok(Self(id.and_then(|id| id.parse().ok()).ok_or(unknown)?))
    }
}

/// The category in the path.
pub(super) struct Category(pub(super) CategoryDefinition);

impl FromRequestParts<App> for Category {
    type Rejection = NestError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, NestError> {
        let caller = AnyCaller::from_request_parts(parts, app).await?;
        let CategoryName(id) = CategoryName::from_request_parts(parts, app).await?;
        Ok(Self(app.category_by_id(&caller, id)?))
    }
}

/// The event type in the path, which belongs to the category in the path.
pub(super) struct Entry {
    pub(super) event_type: EventTypeDefinition,
    pub(super) category: CategoryDefinition,
}

impl FromRequestParts<App> for Entry {
    type Rejection = NestError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, NestError> {
        let Category(category) = Category::from_request_parts(parts, app).await?;
        let caller = AnyCaller::from_request_parts(parts, app).await?;
        let EntryName(id) = EntryName::from_request_parts(parts, app).await?;
        let event_type = app.event_type_by_id(&caller, &category.code, id)?;
        Ok(Self {
            event_type,
            category,
        })
    }
}
