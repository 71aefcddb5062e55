//! Routes: webhook events, which are the event types of a category.

use axum::extract::State;
use carehook_app::{App, EventTypeChange};

use crate::ecg::entries::{Category, Entry, EntryName};
use crate::ecg::errors::NestError;
use crate::ecg::lists::{List, Paging};
use crate::ecg::patch::{OperationIn, Patch};
use crate::ecg::query::Query;
use crate::ecg::types::{Done, EventTypeIn, EventTypeOut, PartQuery};
use crate::ecg::{AnyCaller, Editor, Json};
use crate::reply::Reply;

/// Adds a webhook event to a category
#[utoipa::path(post, path = "/api/webhook-categories/{webhookCategoryId}/webhook-events",
    tag = "WebhookEvents", request_body = EventTypeIn,
    responses((status = 201, description = "It was added", body = EventTypeOut)))]
pub(super) async fn add_event_type(
    State(app): State<App>,
    editor: Editor,
    Category(of): Category,
    body: Json<EventTypeIn>,
) -> Result<Reply<EventTypeOut, 201>, NestError> {
    let new = body.0.in_category(of.code.clone())?;
    let made = app.create_event_type(&editor, new).await?;
    Ok(Reply((&made, &of).into()))
}

/// Lists the webhook events of a category that are not archived
#[utoipa::path(get, path = "/api/webhook-categories/{webhookCategoryId}/webhook-events",
    tag = "WebhookEvents", params(PartQuery),
    responses((status = 200, description = "A part of the list", body = [EventTypeOut])))]
pub(super) async fn list_event_types(
    State(app): State<App>,
    caller: AnyCaller,
    Category(of): Category,
    query: Query<PartQuery>,
) -> Result<List<EventTypeOut>, NestError> {
    let paging = Paging::try_from(query.0)?;
    let part = paging.cut(app.current_event_types(&caller, &of.code));
    Ok(part.map(|event_type| EventTypeOut::from((&event_type, &of))))
}

/// Shows a webhook event
#[utoipa::path(get, path = "/api/webhook-categories/{webhookCategoryId}/webhook-events/{webhookEventId}",
    tag = "WebhookEvents",
    responses((status = 200, description = "The event", body = EventTypeOut)))]
pub(super) async fn get_event_type(_: AnyCaller, found: Entry) -> Reply<EventTypeOut> {
    Reply((&found.event_type, &found.category).into())
}

/// Changes the name, the description or the newest version of a webhook event
#[utoipa::path(patch, path = "/api/webhook-categories/{webhookCategoryId}/webhook-events/{webhookEventId}",
    tag = "WebhookEvents", request_body = [OperationIn],
    responses((status = 200, description = "The event", body = EventTypeOut)))]
pub(super) async fn patch_event_type(
    State(app): State<App>,
    editor: Editor,
    of: Entry,
    patch: Patch,
) -> Result<Reply<EventTypeOut>, NestError> {
    let change = |old: &_| EventTypeOut::change_by(&patch, old, &of.category);
    let changed = app
        .edit_event_type(&editor, &of.event_type.code, change)
        .await?;
    Ok(Reply((&changed, &of.category).into()))
}

/// Removes a webhook event that was never posted
#[utoipa::path(delete, path = "/api/webhook-categories/{webhookCategoryId}/webhook-events/{webhookEventId}",
    tag = "WebhookEvents",
    responses((status = 200, description = "It is gone", body = Done)))]
pub(super) async fn delete_event_type(
    State(app): State<App>,
    editor: Editor,
    Category(of): Category,
    EntryName(id): EntryName,
) -> Result<Reply<Done>, NestError> {
    app.ensure_event_type_deleted(&editor, &of.code, id).await?;
    Ok(Reply(Done::YES))
}

/// Puts a webhook event away: it can be neither posted nor newly subscribed
#[utoipa::path(post,
    path = "/api/webhook-categories/{webhookCategoryId}/webhook-events/{webhookEventId}/archive",
    tag = "WebhookEvents",
    responses((status = 200, description = "It was done", body = Done)))]
pub(super) async fn archive_event_type(
    State(app): State<App>,
    editor: Editor,
    of: Entry,
) -> Result<Reply<Done>, NestError> {
    let change = EventTypeChange {
        archived: Some(true),
        ..EventTypeChange::default()
    };
    app.change_event_type(&editor, &of.event_type.code, change)
        .await?;
    Ok(Reply(Done::YES))
}

/// Takes a webhook event out of the archive
#[utoipa::path(post,
    path = "/api/webhook-categories/{webhookCategoryId}/webhook-events/{webhookEventId}/restore",
    tag = "WebhookEvents",
    responses((status = 200, description = "It was done", body = Done)))]
pub(super) async fn restore_event_type(
    State(app): State<App>,
    editor: Editor,
    of: Entry,
) -> Result<Reply<Done>, NestError> {
    let change = EventTypeChange {
        archived: Some(false),
        ..EventTypeChange::default()
    };
    app.change_event_type(&editor, &of.event_type.code, change)
        .await?;
    Ok(Reply(Done::YES))
}

/// Activates a webhook event
#[utoipa::path(post,
    path = "/api/webhook-categories/{webhookCategoryId}/webhook-events/{webhookEventId}/activate",
    tag = "WebhookEvents",
    responses((status = 200, description = "It was done", body = Done)))]
pub(super) async fn activate_event_type(
    State(app): State<App>,
    editor: Editor,
    of: Entry,
) -> Result<Reply<Done>, NestError> {
    let change = EventTypeChange {
        active: Some(true),
        ..EventTypeChange::default()
    };
    app.change_event_type(&editor, &of.event_type.code, change)
        .await?;
    Ok(Reply(Done::YES))
}

/// Deactivates a webhook event: it can be neither posted nor newly subscribed
#[utoipa::path(post,
    path = "/api/webhook-categories/{webhookCategoryId}/webhook-events/{webhookEventId}/deactivate",
    tag = "WebhookEvents",
    responses((status = 200, description = "It was done", body = Done)))]
pub(super) async fn deactivate_event_type(
    State(app): State<App>,
    editor: Editor,
    of: Entry,
) -> Result<Reply<Done>, NestError> {
    let change = EventTypeChange {
        active: Some(false),
        ..EventTypeChange::default()
    };
    app.change_event_type(&editor, &of.event_type.code, change)
        .await?;
    Ok(Reply(Done::YES))
}
