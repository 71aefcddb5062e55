//! Jump's API (`/api-v1`): its webhooks, with everything in an envelope that names the request.
//!
//! Sources: its reference "Webhooks" and its guide "API Keys & Webhooks". Callers sign in with an
//! organization's key and see the endpoints of that key's mode that were made through this API.

mod access;
mod description;
mod envelope;
mod errors;
mod routes;
mod types;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::any;
use carehook_app::App;

use crate::extract::{self, RequestError, Single, counted, repeatable};

pub(crate) use description::description;
pub(crate) use errors::Failure;

/// The extractors, which answer refusals as failures.
type AnyCaller = extract::AnyCaller<Failure>;
type Id<T> = extract::Id<T, Failure>;
type Json<T> = extract::Json<T, Failure>;
type OptionalJson<T> = extract::OptionalJson<T, Failure>;
type Query<T> = extract::Query<T, Failure>;

/// Everything below `/api-v1`, with what does not exist there.
///
/// All of it passes the envelope, so every answer has its headers.
pub(crate) fn router(app: App) -> Router {
    let once = from_fn_with_state(app.clone(), repeatable::<Failure, Single>);
    let counted = from_fn_with_state(app.clone(), counted::<Failure>);
    let enveloped = from_fn_with_state(app.clone(), envelope::enveloped);
    let unknown = any(async || Failure::from(RequestError::UnknownPath));
    let (routes, _) = routes::routes().route_layer(once).split_for_parts();
    routes
        .route("/api-v1", unknown.clone())
        .route("/api-v1/", unknown.clone())
        .route("/api-v1/{*rest}", unknown)
        .method_not_allowed_fallback(async || Failure::from(RequestError::Method))
        .layer(counted)
        .layer(enveloped)
        .with_state(app)
}
