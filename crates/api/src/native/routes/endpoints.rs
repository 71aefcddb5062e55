//! Routes: endpoints and test events.

use axum::extract::State;
use carehook_app::App;
use carehook_core::EndpointId;

use crate::native::errors::Problem;
use crate::native::types::{
    EndpointIn, EndpointOut, EndpointPatch, ListOut, NewEndpointOut, PageQuery, TestIn, TestSentOut,
};
use crate::native::{Access, Id, Json, OptionalJson, Query};
use crate::reply::{Nothing, Reply};

/// Makes an endpoint
///
/// The answer has the secret with which its deliveries are signed.
#[utoipa::path(post, path = "/v1/organizations/{org}/endpoints", tag = "Endpoints",
    request_body = EndpointIn,
    responses((status = 201, description = "It was made", body = NewEndpointOut)))]
pub(super) async fn create_endpoint(
    State(app): State<App>,
    access: Access,
    body: Json<EndpointIn>,
) -> Result<Reply<NewEndpointOut, 201>, Problem> {
    let made = app.create_endpoint(&access, body.0.try_into()?).await?;
    Ok(Reply(made.as_ref().into()))
}

/// Lists endpoints, oldest first
#[utoipa::path(get, path = "/v1/organizations/{org}/endpoints", tag = "Endpoints",
    params(PageQuery),
    responses((status = 200, description = "A page", body = ListOut<EndpointOut>)))]
pub(super) async fn list_endpoints(
    State(app): State<App>,
    access: Access,
    query: Query<PageQuery>,
) -> Result<Reply<ListOut<EndpointOut>>, Problem> {
    let page = app.list_endpoints(&access, &query.0.try_into()?)?;
    Ok(Reply(ListOut::of(page, |item| item.as_ref().into())))
}

/// Shows an endpoint
#[utoipa::path(get, path = "/v1/organizations/{org}/endpoints/{id}", tag = "Endpoints",
    responses((status = 200, description = "The endpoint", body = EndpointOut)))]
pub(super) async fn get_endpoint(
    State(app): State<App>,
    access: Access,
    id: Id<EndpointId>,
) -> Result<Reply<EndpointOut>, Problem> {
    let found = app.endpoint(&access, id.0)?;
    Ok(Reply(found.as_ref().into()))
}

/// Changes an endpoint
///
/// What is left out stays; null clears what can be cleared.
#[utoipa::path(patch, path = "/v1/organizations/{org}/endpoints/{id}", tag = "Endpoints",
    request_body = EndpointPatch,
    responses((status = 200, description = "The endpoint", body = EndpointOut)))]
pub(super) async fn change_endpoint(
    State(app): State<App>,
    access: Access,
    id: Id<EndpointId>,
    body: Json<EndpointPatch>,
) -> Result<Reply<EndpointOut>, Problem> {
    let changed = app
        .change_endpoint(&access, id.0, body.0.try_into()?)
        .await?;
    Ok(Reply(changed.as_ref().into()))
}

/// Deletes an endpoint
///
/// What it is still owed fails in the same step.
#[utoipa::path(delete, path = "/v1/organizations/{org}/endpoints/{id}", tag = "Endpoints",
    responses((status = 204, description = "It is gone")))]
pub(super) async fn delete_endpoint(
    State(app): State<App>,
    access: Access,
    id: Id<EndpointId>,
) -> Result<Nothing, Problem> {
    app.delete_endpoint(&access, id.0).await?;
    Ok(Nothing)
}

/// Sends a test event to an endpoint
///
/// To this endpoint alone, whatever it is subscribed to. One that is not active gets none (409).
#[utoipa::path(post, path = "/v1/organizations/{org}/endpoints/{id}/test", tag = "Endpoints",
    request_body(content = Option<TestIn>, description = "May be left out"),
    responses((status = 202, description = "It is on its way", body = TestSentOut)))]
pub(super) async fn test_endpoint(
    State(app): State<App>,
    access: Access,
    id: Id<EndpointId>,
    body: OptionalJson<TestIn>,
) -> Result<Reply<TestSentOut, 202>, Problem> {
    let event_type = body.0.event_type.as_deref();
    let sent = app.send_test(&access, id.0, event_type).await?;
    Ok(Reply(sent.into()))
}

/// Asks an endpoint for the ownership challenge again
///
/// At once, and with a new schedule. An endpoint without a challenge, or one that has passed it, is
/// answered with 409.
#[utoipa::path(post, path = "/v1/organizations/{org}/endpoints/{id}/challenge", tag = "Endpoints",
    responses((status = 202, description = "It is asked", body = EndpointOut)))]
pub(super) async fn challenge_endpoint(
    State(app): State<App>,
    access: Access,
    id: Id<EndpointId>,
) -> Result<Reply<EndpointOut, 202>, Problem> {
    let asked = app.challenge_endpoint(&access, id.0).await?;
    Ok(Reply(asked.as_ref().into()))
}
