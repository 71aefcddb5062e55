//! Routes: introspection of credentials (RFC 7662).

use axum::extract::State;
use carehook_app::App;

use crate::native::errors::Problem;
use crate::native::types::{IntrospectionIn, IntrospectionOut};
use crate::native::{AsKeyOperator, Form};
use crate::reply::Reply;

/// Tells what a key or token is worth
///
/// So that your own API can accept the same keys and share their rate limits (RFC 7662): ask once
/// for each of its requests. An active credential is counted with one request; without any left it
/// stays active, and `rate_limit_remaining` is 0. What is unknown, has expired or was revoked is
/// `{"active": false}`. Needs a key of the operator with the scope `keys`. `Idempotency-Key` has no
/// effect here.
#[utoipa::path(post, path = "/v1/introspect", tag = "Keys",
    request_body(content = IntrospectionIn, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, description = "What it is worth", body = IntrospectionOut)))]
pub(super) async fn introspect(
    State(app): State<App>,
    operator: AsKeyOperator,
    form: Form<IntrospectionIn>,
) -> Result<Reply<IntrospectionOut>, Problem> {
    let found = app.introspect(&operator, &form.0.token()?).await?;
    Ok(Reply(found.into()))
}
