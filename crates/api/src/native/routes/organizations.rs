//! Routes: organizations.

use axum::extract::State;
use carehook_app::App;

use crate::native::errors::Problem;
use crate::native::types::{
    ListOut, OrganizationIn, OrganizationOut, OrganizationPatch, PageQuery,
};
use crate::native::{Access, AsOperator, Json, Query};
use crate::reply::{Nothing, Reply};

/// Makes an organization
#[utoipa::path(post, path = "/v1/organizations", tag = "Organizations",
    request_body = OrganizationIn,
    responses((status = 201, description = "It was made", body = OrganizationOut)))]
pub(super) async fn create_organization(
    State(app): State<App>,
    operator: AsOperator,
    body: Json<OrganizationIn>,
) -> Result<Reply<OrganizationOut, 201>, Problem> {
    let made = app
        .create_organization(&operator, body.0.try_into()?)
        .await?;
    Ok(Reply(made.as_ref().into()))
}

/// Lists organizations by id
#[utoipa::path(get, path = "/v1/organizations", tag = "Organizations",
    params(PageQuery),
    responses((status = 200, description = "A page", body = ListOut<OrganizationOut>)))]
pub(super) async fn list_organizations(
    State(app): State<App>,
    operator: AsOperator,
    query: Query<PageQuery>,
) -> Result<Reply<ListOut<OrganizationOut>>, Problem> {
    let page = app.list_organizations(&operator, &query.0.try_into()?)?;
    Ok(Reply(ListOut::of(page, |item| item.as_ref().into())))
}

/// Shows an organization
#[utoipa::path(get, path = "/v1/organizations/{org}", tag = "Organizations",
    responses((status = 200, description = "The organization", body = OrganizationOut)))]
pub(super) async fn get_organization(
    State(app): State<App>,
    access: Access,
) -> Result<Reply<OrganizationOut>, Problem> {
    let found = app.organization(&access)?;
    Ok(Reply(found.as_ref().into()))
}

/// Changes an organization
#[utoipa::path(patch, path = "/v1/organizations/{org}", tag = "Organizations",
    request_body = OrganizationPatch,
    responses((status = 200, description = "The organization", body = OrganizationOut)))]
pub(super) async fn change_organization(
    State(app): State<App>,
    operator: AsOperator,
    access: Access,
    body: Json<OrganizationPatch>,
) -> Result<Reply<OrganizationOut>, Problem> {
    let changed = app
        .change_organization(&operator, &access, body.0.try_into()?)
        .await?;
    Ok(Reply(changed.as_ref().into()))
}

/// Deletes an organization
///
/// Its endpoints go, what is pending fails, and its payloads can no longer be read by anybody.
#[utoipa::path(delete, path = "/v1/organizations/{org}", tag = "Organizations",
    responses((status = 204, description = "It is gone")))]
pub(super) async fn delete_organization(
    State(app): State<App>,
    operator: AsOperator,
    access: Access,
) -> Result<Nothing, Problem> {
    app.delete_organization(&operator, &access).await?;
    Ok(Nothing)
}
