//! The one router: every dialect, and what an operator's machines ask for.

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse as _, Response};
use carehook_app::App;
use carehook_core::Dialect;
use http::Uri;

use crate::decoda::{self, Refused};
use crate::ecg::{self, NestError};
use crate::extract::{Batch, RequestError, Single, counted, repeatable};
use crate::jump::{self, Failure};
use crate::mycure::{self, FeathersError};
use crate::native::{self, Problem};
use crate::operations::Operations;
use crate::{docs, operations};

/// All routes over `app`; `operations` answers for the rest of the process.
pub fn router(app: App, operations: Operations) -> Router {
    let batches = from_fn_with_state(app.clone(), repeatable::<Problem, Batch>);
    let others = from_fn_with_state(app.clone(), repeatable::<Problem, Single>);
    let counting = from_fn_with_state(app.clone(), counted::<Problem>);
    let counting_decoda = from_fn_with_state(app.clone(), counted::<Refused>);
    // Publishing has a limit of its own, which the use case counts.
    let (native, _) = native::publishing_routes()
        .merge(native::batch_routes().route_layer(batches))
        .merge(
            native::routes()
                .route_layer(others)
                .route_layer(counting.clone()),
        )
        .merge(native::introspection_routes().route_layer(counting))
        .split_for_parts();
    let decoda = decoda::routes().route_layer(counting_decoda);
    let (decoda, _) = decoda.split_for_parts();
    let (operating, _) = operations::routes().split_for_parts();
    let probes = operations::Probes::new(app.clone(), operations);
    let (describing, _) = docs::routes().split_for_parts();
    native
        .merge(decoda)
        .with_state(app.clone())
        .merge(jump::router(app.clone()))
        .merge(mycure::router(app.clone()))
        .merge(ecg::router(app, probes.clone()))
        .merge(operating.with_state(probes))
        .merge(describing.with_state(docs::Descriptions::default()))
        .merge(docs::files())
        .fallback(async |uri: Uri| refused(&uri, RequestError::UnknownPath))
        .method_not_allowed_fallback(async |uri: Uri| refused(&uri, RequestError::Method))
}

/// A refusal in the words of the dialect that the path belongs to.
pub(crate) fn refused(uri: &Uri, error: RequestError) -> Response {
    match dialect_of(uri.path()) {
        Dialect::Decoda => Refused::from(error).into_response(),
        Dialect::Jump => Failure::from(error).into_response(),
        Dialect::Mycure => FeathersError::from(error).into_response(),
        Dialect::Ecg => NestError::from(error).into_response(),
        Dialect::Native => Problem::from(error).into_response(),
    }
}

/// Whose path it is.
fn dialect_of(path: &str) -> Dialect {
    const PLACES: [(&str, Dialect); 5] = [
        ("/api-v1", Dialect::Jump),
        ("/v1/webhook", Dialect::Decoda),
        ("/webhook-events", Dialect::Mycure),
        ("/api", Dialect::Ecg),
        ("/healthcheck", Dialect::Ecg),
    ];
    let is_below = |place: &str| {
        path.strip_prefix(place)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let place = PLACES.iter().find(|(place, _)| is_below(place));
    place.map_or(Dialect::Native, |(_, dialect)| *dialect)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_belongs_to_the_dialect_that_it_is_below() {
        for (path, dialect) in [
            ("/api-v1/webhooks", Dialect::Jump),
            ("/api-v10/webhooks", Dialect::Native),
            ("/v1/webhook/create", Dialect::Decoda),
            ("/v1/webhooks", Dialect::Native),
            ("/webhook-events", Dialect::Mycure),
            ("/webhook-events/1", Dialect::Mycure),
            ("/api/seed-data/versions", Dialect::Ecg),
            ("/healthcheck", Dialect::Ecg),
            ("/v1/organizations", Dialect::Native),
            ("/", Dialect::Native),
        ] {
            assert_eq!(dialect_of(path), dialect, "{path}");
        }
    }
}
