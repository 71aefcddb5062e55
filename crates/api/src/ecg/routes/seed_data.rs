//! Routes: the versions of the catalogue that comes with the program.

use axum::extract::State;
use carehook_app::App;

use crate::ecg::AnyCaller;
use crate::ecg::types::SeedVersionOut;
use crate::reply::Reply;

/// Lists the versions of the built-in catalogue, oldest first
#[utoipa::path(get, path = "/api/seed-data/versions", tag = "SeedData",
    responses((status = 200, description = "The versions", body = [SeedVersionOut])))]
pub(super) async fn list_versions(
    State(app): State<App>,
    caller: AnyCaller,
) -> Reply<Vec<SeedVersionOut>> {
    let versions = app.catalogue_versions(&caller);
    Reply(versions.iter().map(SeedVersionOut::from).collect())
}
