//! Routes: event categories and event types.

use axum::extract::State;
use carehook_app::App;
use carehook_core::{CategoryCode, EventType};

use crate::native::errors::Problem;
use crate::native::types::{
    CategoryIn, CategoryOut, CategoryPatch, EventTypeIn, EventTypeOut, EventTypePatch,
    EventTypesQuery, ListOut, PageQuery, SampleOut, SchemaQuery, VersionOut, Whole,
};
use crate::native::{AnyCaller, AsCatalogueEditor, Id, Json, Query};
use crate::reply::{JsonText, Nothing, Reply};

/// Adds an event category
#[utoipa::path(post, path = "/v1/event-categories", tag = "Catalogue",
    request_body = CategoryIn,
    responses((status = 201, description = "It was added", body = CategoryOut)))]
pub(super) async fn create_category(
    State(app): State<App>,
    editor: AsCatalogueEditor,
    body: Json<CategoryIn>,
) -> Result<Reply<CategoryOut, 201>, Problem> {
    let made = app.create_category(&editor, body.0.try_into()?).await?;
    Ok(Reply(made.into()))
}

/// Lists event categories by code
#[utoipa::path(get, path = "/v1/event-categories", tag = "Catalogue",
    params(PageQuery),
    responses((status = 200, description = "A page", body = ListOut<CategoryOut>)))]
pub(super) async fn list_categories(
    State(app): State<App>,
    caller: AnyCaller,
    query: Query<PageQuery>,
) -> Result<Reply<ListOut<CategoryOut>>, Problem> {
    let page = app.list_categories(&caller, &query.0.try_into()?)?;
    Ok(Reply(ListOut::of(page, CategoryOut::from)))
}

/// Shows an event category
#[utoipa::path(get, path = "/v1/event-categories/{category}", tag = "Catalogue",
    responses((status = 200, description = "The category", body = CategoryOut)))]
pub(super) async fn get_category(
    State(app): State<App>,
    caller: AnyCaller,
    code: Id<CategoryCode>,
) -> Result<Reply<CategoryOut>, Problem> {
    let found = app.category(&caller, &code.0)?;
    Ok(Reply(found.into()))
}

/// Changes an event category, switches it on or off, or puts it away
#[utoipa::path(patch, path = "/v1/event-categories/{category}", tag = "Catalogue",
    request_body = CategoryPatch,
    responses((status = 200, description = "The category", body = CategoryOut)))]
pub(super) async fn change_category(
    State(app): State<App>,
    editor: AsCatalogueEditor,
    code: Id<CategoryCode>,
    body: Json<CategoryPatch>,
) -> Result<Reply<CategoryOut>, Problem> {
    let changed = app
        .change_category(&editor, &code.0, body.0.try_into()?)
        .await?;
    Ok(Reply(changed.into()))
}

/// Removes an event category
///
/// Those that still have event types cannot be removed (409), nor built-in ones, which can be
/// archived instead.
#[utoipa::path(delete, path = "/v1/event-categories/{category}", tag = "Catalogue",
    responses((status = 204, description = "It is gone")))]
pub(super) async fn delete_category(
    State(app): State<App>,
    editor: AsCatalogueEditor,
    code: Id<CategoryCode>,
) -> Result<Nothing, Problem> {
    app.delete_category(&editor, &code.0).await?;
    Ok(Nothing)
}

/// Adds an event type
#[utoipa::path(post, path = "/v1/event-types", tag = "Catalogue",
    request_body = EventTypeIn,
    responses((status = 201, description = "It was added", body = EventTypeOut)))]
pub(super) async fn create_event_type(
    State(app): State<App>,
    editor: AsCatalogueEditor,
    body: Json<EventTypeIn>,
) -> Result<Reply<EventTypeOut, 201>, Problem> {
    let made = app.create_event_type(&editor, body.0.try_into()?).await?;
    Ok(Reply(made.into()))
}

/// Lists event types by code
#[utoipa::path(get, path = "/v1/event-types", tag = "Catalogue",
    params(EventTypesQuery),
    responses((status = 200, description = "A page", body = ListOut<EventTypeOut>)))]
pub(super) async fn list_event_types(
    State(app): State<App>,
    caller: AnyCaller,
    query: Query<EventTypesQuery>,
) -> Result<Reply<ListOut<EventTypeOut>>, Problem> {
    let (category, page) = query.0.try_into()?;
    let found = app.list_event_types(&caller, category.as_ref(), &page)?;
    Ok(Reply(ListOut::of(found, EventTypeOut::from)))
}

/// Shows an event type
#[utoipa::path(get, path = "/v1/event-types/{type}", tag = "Catalogue",
    responses((status = 200, description = "The event type", body = EventTypeOut)))]
pub(super) async fn get_event_type(
    State(app): State<App>,
    caller: AnyCaller,
    code: Id<EventType>,
) -> Result<Reply<EventTypeOut>, Problem> {
    let found = app.event_type(&caller, &code.0)?;
    Ok(Reply(found.into()))
}

/// Changes an event type, switches it on or off, or puts it away
///
/// One that is inactive or archived can be neither published nor newly subscribed (409). The
/// category and the versions of built-in ones cannot be changed (409).
#[utoipa::path(patch, path = "/v1/event-types/{type}", tag = "Catalogue",
    request_body = EventTypePatch,
    responses((status = 200, description = "The event type", body = EventTypeOut)))]
pub(super) async fn change_event_type(
    State(app): State<App>,
    editor: AsCatalogueEditor,
    code: Id<EventType>,
    body: Json<EventTypePatch>,
) -> Result<Reply<EventTypeOut>, Problem> {
    let changed = app
        .change_event_type(&editor, &code.0, body.0.try_into()?)
        .await?;
    Ok(Reply(changed.into()))
}

/// Removes an event type
///
/// Those that were delivered cannot be removed (409), nor built-in ones; they can be archived
/// instead.
#[utoipa::path(delete, path = "/v1/event-types/{type}", tag = "Catalogue",
    responses((status = 204, description = "It is gone")))]
pub(super) async fn delete_event_type(
    State(app): State<App>,
    editor: AsCatalogueEditor,
    code: Id<EventType>,
) -> Result<Nothing, Problem> {
    app.delete_event_type(&editor, &code.0).await?;
    Ok(Nothing)
}

/// Shows the JSON Schema of an event type's payload
///
/// That of a version is its own, or else the one that all versions share.
#[utoipa::path(get, path = "/v1/event-types/{type}/schema", tag = "Catalogue",
    params(SchemaQuery),
    responses((status = 200, description = "The schema", body = Object)))]
pub(super) async fn get_schema(
    State(app): State<App>,
    caller: AnyCaller,
    code: Id<EventType>,
    query: Query<SchemaQuery>,
) -> Result<JsonText, Problem> {
    let schema = app.schema(&caller, &code.0, query.0.version.as_deref())?;
    Ok(JsonText(schema.bytes().clone()))
}

/// Lists the sample payloads of an event type
#[utoipa::path(get, path = "/v1/event-types/{type}/samples", tag = "Catalogue",
    responses((status = 200, description = "All samples", body = Whole<SampleOut>)))]
pub(super) async fn list_samples(
    State(app): State<App>,
    caller: AnyCaller,
    code: Id<EventType>,
) -> Result<Reply<Whole<SampleOut>>, Problem> {
    let samples = app.event_type(&caller, &code.0)?.samples;
    let data = samples
        .into_iter()
        .map(SampleOut::try_from)
        .collect::<Result<_, _>>()?;
    Ok(Reply(Whole { data }))
}

/// Lists the versions of an event type's payload
#[utoipa::path(get, path = "/v1/event-types/{type}/versions", tag = "Catalogue",
    responses((status = 200, description = "All versions", body = Whole<VersionOut>)))]
pub(super) async fn list_versions(
    State(app): State<App>,
    caller: AnyCaller,
    code: Id<EventType>,
) -> Result<Reply<Whole<VersionOut>>, Problem> {
    let definition = app.event_type(&caller, &code.0)?;
    let data = VersionOut::all(&definition);
    Ok(Reply(Whole { data }))
}
