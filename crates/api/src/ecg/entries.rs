//! The catalogue's entries that a path names by their ids.

use axum::extract::FromRequestParts;
use carehook_app::{App, AppError};
use carehook_core::{CategoryDefinition, CategoryId, EventTypeDefinition, EventTypeId};
use http::request::Parts;

use super::AnyCaller;
use super::errors::NestError;
use crate::extract::Names;

/// The category in the path.
pub(super) struct Category(pub(super) CategoryDefinition);

impl FromRequestParts<App> for Category {
    type Rejection = NestError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, NestError> {
        let caller = AnyCaller::from_request_parts(parts, app).await?;
        let names = Names::of(parts).await;
        let id = names.get("webhookCategoryId");
        let id: Option<CategoryId> = id.and_then(|id| id.parse().ok());
        let unknown = AppError::NotFound { kind: "category" };
        Ok(Self(app.category_by_id(&caller, id.ok_or(unknown)?)?))
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
        let names = Names::of(parts).await;
        let id = names.get("webhookEventId");
        let id: Option<EventTypeId> = id.and_then(|id| id.parse().ok());
        let unknown = AppError::NotFound { kind: "event type" };
        let event_type = app.event_type_by_id(&caller, &category.code, id.ok_or(unknown)?)?;
        Ok(Self {
            event_type,
            category,
        })
    }
}
