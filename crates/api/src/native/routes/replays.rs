//! Routes: replays of an endpoint.

use axum::extract::State;
use carehook_app::App;
use carehook_core::{EndpointId, ReplayId};

use crate::native::errors::Problem;
use crate::native::types::{ListOut, PageQuery, ReplayIn, ReplayOut};
use crate::native::{Access, Id, Json, Query};
use crate::reply::Reply;

/// Starts a replay
///
/// A job, which survives restarts, makes deliveries of the endpoint due: failed ones again (same
/// `webhook-id`, a new round of the schedule), and new ones for events that it was never owed. It
/// never has more pending than the endpoint takes, and waits while the endpoint is paused. One
/// replay of an endpoint runs at a time; another one is answered with 409. Needs the scope `manage`.
#[utoipa::path(post, path = "/v1/organizations/{org}/endpoints/{id}/replay", tag = "Replays",
    request_body = ReplayIn,
    responses((status = 202, description = "The job was made", body = ReplayOut)))]
pub(super) async fn start_replay(
    State(app): State<App>,
    access: Access,
    id: Id<EndpointId>,
    body: Json<ReplayIn>,
) -> Result<Reply<ReplayOut, 202>, Problem> {
    let made = app.start_replay(&access, id.0, body.0.try_into()?).await?;
    Ok(Reply(made.into()))
}

/// Lists the replays of an endpoint, newest first
#[utoipa::path(get, path = "/v1/organizations/{org}/endpoints/{id}/replays", tag = "Replays",
    params(PageQuery),
    responses((status = 200, description = "A page", body = ListOut<ReplayOut>)))]
pub(super) async fn list_replays(
    State(app): State<App>,
    access: Access,
    id: Id<EndpointId>,
    query: Query<PageQuery>,
) -> Result<Reply<ListOut<ReplayOut>>, Problem> {
    let page = query.0.try_into()?;
    let page = app.list_replays(&access, id.0, &page).await?;
    Ok(Reply(ListOut::of(page, ReplayOut::from)))
}

/// Shows a replay
#[utoipa::path(get, path = "/v1/organizations/{org}/endpoints/{id}/replays/{job}", tag = "Replays",
    responses((status = 200, description = "The job", body = ReplayOut)))]
pub(super) async fn get_replay(
    State(app): State<App>,
    access: Access,
    id: Id<EndpointId>,
    job: Id<ReplayId>,
) -> Result<Reply<ReplayOut>, Problem> {
    let found = app.replay(&access, id.0, job.0).await?;
    Ok(Reply(found.into()))
}

/// Stops a replay
///
/// Nothing more becomes due; what is due already is still sent, and counted. One that has ended is
/// answered with 409. Needs the scope `manage`.
#[utoipa::path(post, path = "/v1/organizations/{org}/endpoints/{id}/replays/{job}/stop",
    tag = "Replays",
    responses((status = 200, description = "The job", body = ReplayOut)))]
pub(super) async fn stop_replay(
    State(app): State<App>,
    access: Access,
    id: Id<EndpointId>,
    job: Id<ReplayId>,
) -> Result<Reply<ReplayOut>, Problem> {
    let stopped = app.stop_replay(&access, id.0, job.0).await?;
    Ok(Reply(stopped.into()))
}
