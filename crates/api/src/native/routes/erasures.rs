//! Routes: erasures of what is kept about a subject.

use axum::extract::State;
use carehook_app::App;
use carehook_core::ErasureId;

use crate::native::errors::Problem;
use crate::native::types::{ErasureIn, ErasureOut, ListOut, PageQuery};
use crate::native::{Access, Id, Json, Query};
use crate::reply::Reply;

/// Erases what was accepted about a subject
///
/// Makes a job, which survives restarts. It overwrites the payloads of all events with this
/// subject that were accepted before it was made, calls off their deliveries (reason `erased`),
/// and forgets the answers to them, their idempotency keys and mails, and the answers kept for
/// repeated requests of the organization. The events stay in lists with `data` null. Those that are
/// published later are not touched. Needs the scope `admin`.
#[utoipa::path(post, path = "/v1/organizations/{org}/erasures", tag = "Erasures",
    request_body = ErasureIn,
    responses((status = 202, description = "The job was made", body = ErasureOut)))]
pub(super) async fn create_erasure(
    State(app): State<App>,
    access: Access,
    body: Json<ErasureIn>,
) -> Result<Reply<ErasureOut, 202>, Problem> {
    let made = app.create_erasure(&access, body.0.subject).await?;
    Ok(Reply(made.into()))
}

/// Lists erasures, newest first
///
/// Needs the scope `admin`.
#[utoipa::path(get, path = "/v1/organizations/{org}/erasures", tag = "Erasures",
    params(PageQuery),
    responses((status = 200, description = "A page", body = ListOut<ErasureOut>)))]
pub(super) async fn list_erasures(
    State(app): State<App>,
    access: Access,
    query: Query<PageQuery>,
) -> Result<Reply<ListOut<ErasureOut>>, Problem> {
    let page = app.list_erasures(&access, &query.0.try_into()?).await?;
    Ok(Reply(ListOut::of(page, ErasureOut::from)))
}

/// Shows an erasure
///
/// Needs the scope `admin`.
#[utoipa::path(get, path = "/v1/organizations/{org}/erasures/{id}", tag = "Erasures",
    responses((status = 200, description = "The job", body = ErasureOut)))]
pub(super) async fn get_erasure(
    State(app): State<App>,
    access: Access,
    id: Id<ErasureId>,
) -> Result<Reply<ErasureOut>, Problem> {
    let found = app.erasure(&access, id.0).await?;
    Ok(Reply(found.into()))
}
