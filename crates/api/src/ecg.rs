//! ECG's Webhooks Module API: `/api/…` and `/healthcheck`, errors as `NestJS` prints them.

mod access;
mod description;
mod entries;
mod errors;
mod lists;
mod patch;
mod query;
mod routes;
mod types;

use axum::Router;
use axum::middleware::from_fn_with_state;
use carehook_app::App;

use crate::extract::{self, Single, counted, repeatable};
use crate::operations::Probes;

pub(crate) use description::description;
pub(crate) use errors::NestError;

/// The extractors, which answer refusals in the body of this API.
type AnyCaller = extract::AnyCaller<NestError>;
type Editor = extract::AsCatalogueEditor<NestError>;
type Json<T> = extract::Json<T, NestError>;

/// All operations of ECG's document.
pub(crate) fn router(app: App, probes: Probes) -> Router {
    let once = from_fn_with_state(app.clone(), repeatable::<NestError, Single>);
    let counted = from_fn_with_state(app.clone(), counted::<NestError>);
    let signed = routes::routes().route_layer(once).route_layer(counted);
    let (signed, _) = signed.split_for_parts();
    let (unsigned, _) = routes::unsigned_routes().split_for_parts();
    signed.with_state(app).merge(unsigned.with_state(probes))
}
