//! MYCURE's API (`/webhook-events`): a Feathers service of webhooks, whose one path also makes pings.
//!
//! Source: its guide "Webhooks". What the guide is silent about (answers, lists, errors) is as
//! clients of Feathers expect it. Callers see the webhooks that were made through this API.

mod access;
mod description;
mod errors;
mod routes;
mod types;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::any;
use carehook_app::App;

use crate::extract::{self, RequestError, Single, counted, repeatable};

pub(crate) use description::description;
pub(crate) use errors::FeathersError;

/// The extractors, which answer refusals as Feathers does.
type AnyCaller = extract::AnyCaller<FeathersError>;
type Id<T> = extract::Id<T, FeathersError>;
type Json<T> = extract::Json<T, FeathersError>;
type Query<T> = extract::Query<T, FeathersError>;

/// Everything below `/webhook-events`, with what does not exist there.
pub(crate) fn router(app: App) -> Router {
    let once = from_fn_with_state(app.clone(), repeatable::<FeathersError, Single>);
    let counted = from_fn_with_state(app.clone(), counted::<FeathersError>);
    let unknown = any(async || FeathersError::from(RequestError::UnknownPath));
    let routes = routes::routes().route_layer(once).route_layer(counted);
    let (routes, _) = routes.split_for_parts();
    routes
        .route("/webhook-events/", unknown.clone())
        .route("/webhook-events/{id}/{*rest}", unknown)
        .method_not_allowed_fallback(async || FeathersError::from(RequestError::Method))
        .with_state(app)
}
