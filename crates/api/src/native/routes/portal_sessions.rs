//! Routes: links through which people of an organization come into the console.

use axum::extract::State;
use carehook_app::App;

use crate::native::errors::Problem;
use crate::native::types::{PortalSessionIn, PortalSessionOut};
use crate::native::{Access, Json};
use crate::reply::ShownOnce;

/// Makes a link into the console
///
/// For somebody of this organization, who then sees it alone, with these rights, for at most eight
/// hours. The link is good once and for a minute, so make it when the person asks for it. It gives
/// no right that the caller lacks. Needs the scope `keys`.
#[utoipa::path(post, path = "/v1/organizations/{org}/portal-sessions", tag = "Keys",
    request_body = PortalSessionIn,
    responses((status = 201, description = "It was made", body = PortalSessionOut)))]
pub(super) async fn create_portal_session(
    State(app): State<App>,
    access: Access,
    body: Json<PortalSessionIn>,
) -> Result<ShownOnce<PortalSessionOut, 201>, Problem> {
    let made = app.make_portal_link(&access, body.0.try_into()?).await?;
    let (once, again) = PortalSessionOut::once_and_again(&made);
    Ok(ShownOnce { once, again })
}
