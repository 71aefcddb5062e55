//! Routes: webhook categories.

use axum::extract::State;
use carehook_app::{App, CategoryChange};

use crate::ecg::entries::{Category, CategoryName};
use crate::ecg::errors::NestError;
use crate::ecg::lists::{List, Paging};
use crate::ecg::patch::{OperationIn, Patch};
use crate::ecg::query::Query;
use crate::ecg::types::{CategoryIn, CategoryOut, Done, PartQuery};
use crate::ecg::{AnyCaller, Editor, Json};
use crate::reply::Reply;

/// Adds a webhook category
#[utoipa::path(post, path = "/api/webhook-categories", tag = "WebhookCategories",
    request_body = CategoryIn,
    responses((status = 201, description = "It was added", body = CategoryOut)))]
pub(super) async fn add_category(
    State(app): State<App>,
    editor: Editor,
    body: Json<CategoryIn>,
) -> Result<Reply<CategoryOut, 201>, NestError> {
    let made = app.create_category(&editor, body.0.try_into()?).await?;
    Ok(Reply((&made).into()))
}

/// Lists the webhook categories that are not archived
#[utoipa::path(get, path = "/api/webhook-categories", tag = "WebhookCategories",
    params(PartQuery),
    responses((status = 200, description = "A part of the list", body = [CategoryOut])))]
pub(super) async fn list_categories(
    State(app): State<App>,
    caller: AnyCaller,
    query: Query<PartQuery>,
) -> Result<List<CategoryOut>, NestError> {
    let paging = Paging::try_from(query.0)?;
    let part = paging.cut(app.current_categories(&caller));
    Ok(part.map(|category| CategoryOut::from(&category)))
}

/// Shows a webhook category
#[utoipa::path(get, path = "/api/webhook-categories/{webhookCategoryId}", tag = "WebhookCategories",
    responses((status = 200, description = "The category", body = CategoryOut)))]
pub(super) async fn get_category(_: AnyCaller, Category(found): Category) -> Reply<CategoryOut> {
    Reply((&found).into())
}

/// Changes the name or the description of a webhook category
#[utoipa::path(patch, path = "/api/webhook-categories/{webhookCategoryId}", tag = "WebhookCategories",
    request_body = [OperationIn],
    responses((status = 200, description = "The category", body = CategoryOut)))]
pub(super) async fn patch_category(
    State(app): State<App>,
    editor: Editor,
    Category(of): Category,
    patch: Patch,
) -> Result<Reply<CategoryOut>, NestError> {
    let change = |old: &_| CategoryOut::change_by(&patch, old);
    let changed = app.edit_category(&editor, &of.code, change).await?;
    Ok(Reply((&changed).into()))
}

/// Removes a webhook category that has no events
#[utoipa::path(delete, path = "/api/webhook-categories/{webhookCategoryId}", tag = "WebhookCategories",
    responses((status = 200, description = "It is gone", body = Done)))]
pub(super) async fn delete_category(
    State(app): State<App>,
    editor: Editor,
    CategoryName(id): CategoryName,
) -> Result<Reply<Done>, NestError> {
    app.ensure_category_deleted(&editor, id).await?;
    Ok(Reply(Done::YES))
}

/// Puts a webhook category away: its events can be neither posted nor newly subscribed
#[utoipa::path(post, path = "/api/webhook-categories/{webhookCategoryId}/archive",
    tag = "WebhookCategories",
    responses((status = 200, description = "It was done", body = Done)))]
pub(super) async fn archive_category(
    State(app): State<App>,
    editor: Editor,
    Category(of): Category,
) -> Result<Reply<Done>, NestError> {
    let change = CategoryChange {
        archived: Some(true),
        ..CategoryChange::default()
    };
    app.change_category(&editor, &of.code, change).await?;
    Ok(Reply(Done::YES))
}

/// Takes a webhook category out of the archive
#[utoipa::path(post, path = "/api/webhook-categories/{webhookCategoryId}/restore",
    tag = "WebhookCategories",
    responses((status = 200, description = "It was done", body = Done)))]
pub(super) async fn restore_category(
    State(app): State<App>,
    editor: Editor,
    Category(of): Category,
) -> Result<Reply<Done>, NestError> {
    let change = CategoryChange {
        archived: Some(false),
        ..CategoryChange::default()
    };
    app.change_category(&editor, &of.code, change).await?;
    Ok(Reply(Done::YES))
}

/// Activates a webhook category
#[utoipa::path(post, path = "/api/webhook-categories/{webhookCategoryId}/activate",
    tag = "WebhookCategories",
    responses((status = 200, description = "It was done", body = Done)))]
pub(super) async fn activate_category(
    State(app): State<App>,
    editor: Editor,
    Category(of): Category,
) -> Result<Reply<Done>, NestError> {
    let change = CategoryChange {
        active: Some(true),
        ..CategoryChange::default()
    };
    app.change_category(&editor, &of.code, change).await?;
    Ok(Reply(Done::YES))
}

/// Deactivates a webhook category: its events can be neither posted nor newly subscribed
#[utoipa::path(post, path = "/api/webhook-categories/{webhookCategoryId}/deactivate",
    tag = "WebhookCategories",
    responses((status = 200, description = "It was done", body = Done)))]
pub(super) async fn deactivate_category(
    State(app): State<App>,
    editor: Editor,
    Category(of): Category,
) -> Result<Reply<Done>, NestError> {
    let change = CategoryChange {
        active: Some(false),
        ..CategoryChange::default()
    };
    app.change_category(&editor, &of.code, change).await?;
    Ok(Reply(Done::YES))
}
