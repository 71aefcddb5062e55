//! The one router: every dialect, and what an operator's machines ask for.

use axum::Router;
use axum::middleware::from_fn_with_state;
use carehook_app::App;

use crate::extract::{Batch, RequestError, Single, repeatable};
use crate::native::{self, Problem};
use crate::operations::Operations;
use crate::{docs, openapi, operations};

/// All routes over `app`; `operations` answers for the rest of the process.
pub fn router(app: App, operations: Operations) -> Router {
    let batches = from_fn_with_state(app.clone(), repeatable::<Problem, Batch>);
    let others = from_fn_with_state(app.clone(), repeatable::<Problem, Single>);
    let (native, _) = native::publishing_routes()
        .merge(native::batch_routes().route_layer(batches))
        .merge(native::routes().route_layer(others))
        .split_for_parts();
    let (operating, _) = operations::routes().split_for_parts();
    let (describing, _) = docs::routes().split_for_parts();
    let description = docs::Description(openapi::openapi_json().into());
    native
        .with_state(app.clone())
        .merge(operating.with_state(operations::Probes::new(app, operations)))
        .merge(describing.with_state(description))
        .merge(docs::files())
        .fallback(async || Problem::from(RequestError::UnknownPath))
        .method_not_allowed_fallback(async || Problem::from(RequestError::Method))
}
