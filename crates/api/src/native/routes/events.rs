//! Routes: events that were published.

use axum::extract::State;
use carehook_app::App;
use carehook_core::EventId;

use crate::native::errors::Problem;
use crate::native::types::{EventOut, EventsQuery, ListOut};
use crate::native::{Access, Id, Query};
use crate::reply::Reply;

/// Lists events, newest first
#[utoipa::path(get, path = "/v1/organizations/{org}/events", tag = "Events",
    params(EventsQuery),
    responses((status = 200, description = "A page", body = ListOut<EventOut>)))]
pub(super) async fn list_events(
    State(app): State<App>,
    access: Access,
    query: Query<EventsQuery>,
) -> Result<Reply<ListOut<EventOut>>, Problem> {
    let (filter, page) = query.0.try_into()?;
    let found = app.list_events(&access, &filter, &page).await?;
    Ok(Reply(ListOut::try_of(found, EventOut::try_from)?))
}

/// Shows an event
#[utoipa::path(get, path = "/v1/organizations/{org}/events/{id}", tag = "Events",
    responses((status = 200, description = "The event", body = EventOut)))]
pub(super) async fn get_event(
    State(app): State<App>,
    access: Access,
    id: Id<EventId>,
) -> Result<Reply<EventOut>, Problem> {
    let event = app.event(&access, &id.0).await?;
    Ok(Reply(event.try_into()?))
}
