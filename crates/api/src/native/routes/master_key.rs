//! Routes: the master key.

use axum::extract::State;
use carehook_app::App;

use crate::native::AsOperator;
use crate::native::errors::Problem;
use crate::native::types::RotatedMasterKeyOut;
use crate::reply::Reply;

/// Goes over to the next master key
///
/// The server reads the next key from where its configuration says; no key is in this request or
/// its answer. All data keys are wrapped anew in one step, and nothing has to be stopped. Before the
/// next start `CAREHOOK_MASTER_KEY` has to be set to the new key. Needs the operator's key.
#[utoipa::path(post, path = "/v1/master-key/rotate", tag = "Keys",
    responses((status = 200, description = "It is in use", body = RotatedMasterKeyOut)))]
pub(super) async fn rotate_master_key(
    State(app): State<App>,
    operator: AsOperator,
) -> Result<Reply<RotatedMasterKeyOut>, Problem> {
    let data_keys = app.rotate_master_key(&operator).await?;
    Ok(Reply(RotatedMasterKeyOut { data_keys }))
}
