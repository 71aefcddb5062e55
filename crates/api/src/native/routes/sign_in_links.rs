//! Routes: the way back for an operator who has forgotten the password of the console.

use axum::extract::State;
use carehook_app::App;

use crate::native::AsOperator;
use crate::native::errors::Problem;
use crate::native::types::SignInLinkOut;
use crate::reply::ShownOnce;

/// Makes a link to set the operator's password with
///
/// For an operator who has forgotten the password of the console, or has not set one yet. The link
/// is good once and for ten minutes, and takes the place of every earlier one. Setting the password
/// ends the operator's other sessions. Needs the operator's key.
#[utoipa::path(post, path = "/v1/sign-in-links", tag = "Keys",
    responses((status = 201, description = "It was made", body = SignInLinkOut)))]
pub(super) async fn create_sign_in_link(
    State(app): State<App>,
    operator: AsOperator,
) -> Result<ShownOnce<SignInLinkOut, 201>, Problem> {
    let made = app.make_password_link(&operator).await?;
    let (once, again) = SignInLinkOut::once_and_again(&made);
    Ok(ShownOnce { once, again })
}
