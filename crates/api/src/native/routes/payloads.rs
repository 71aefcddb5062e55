//! Routes: whole payloads behind the links that deliveries carry.

use axum::extract::State;
use carehook_app::App;

use crate::extract::Names;
use crate::native::AnyCaller;
use crate::native::errors::Problem;
use crate::reply::SentBody;

/// Shows the payload behind a link
///
/// The link comes with a delivery of an endpoint whose `payload` is `thin` or `id_only`. The answer
/// is the whole body, as the endpoint's dialect sends it. The link alone is not enough: this needs
/// a key of the same organization and mode with the scope `read:payload`; for an endpoint of
/// another dialect, one that reads and manages will do. A link that has expired or leads to nothing
/// any more is answered with 410.
#[utoipa::path(get, path = "/v1/payloads/{token}", tag = "Events",
    responses(
        (status = 200, description = "The whole body", body = Object),
        (status = 410, description = "The link has expired, or its payload is no longer kept",
            body = crate::native::ProblemBody, content_type = "application/problem+json"),
    ))]
pub(super) async fn fetch_payload(
    State(app): State<App>,
    caller: AnyCaller,
    names: Names,
) -> Result<SentBody, Problem> {
    let token = names.get("token").unwrap_or_default();
    let body = app.fetch_payload(&caller, token).await?;
    Ok(SentBody(body))
}
