//! Routes: the audit trail of an organization.

use axum::extract::State;
use carehook_app::App;

use crate::native::errors::Problem;
use crate::native::types::{AuditEntryOut, AuditKeyOut, AuditQuery, ListOut};
use crate::native::{Access, Query};
use crate::reply::Reply;

/// Lists the audit trail, newest first
///
/// Who did what, and who received what about whom. A disclosure stands under the day on which its
/// event was accepted. A page may be short, even empty, although there is a next one. Needs the
/// scope `audit`; reading leaves an entry itself.
#[utoipa::path(get, path = "/v1/organizations/{org}/audit", tag = "Audit",
    params(AuditQuery),
    responses((status = 200, description = "A page", body = ListOut<AuditEntryOut>)))]
pub(super) async fn list_audit(
    State(app): State<App>,
    access: Access,
    query: Query<AuditQuery>,
) -> Result<Reply<ListOut<AuditEntryOut>>, Problem> {
    let (filter, page) = query.0.try_into()?;
    let found = app.list_audit(&access, &filter, &page).await?;
    Ok(Reply(ListOut::of(found, AuditEntryOut::from)))
}

/// Shows the public key that the trail is verified with
///
/// To be noted where nobody can change it together with the data. Needs the scope `audit`.
#[utoipa::path(get, path = "/v1/organizations/{org}/audit/key", tag = "Audit",
    responses((status = 200, description = "The key", body = AuditKeyOut)))]
pub(super) async fn get_audit_key(
    State(app): State<App>,
    access: Access,
) -> Result<Reply<AuditKeyOut>, Problem> {
    Ok(Reply(app.audit_public_key(&access)?.into()))
}
