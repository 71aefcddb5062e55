//! The description of MYCURE's API, from the routes themselves.
//!
//! What holds for many operations alike (the id, errors) is added here in one place.

use utoipa::OpenApi;
use utoipa::openapi::HttpMethod;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::SecurityRequirement;
use utoipa_axum::router::OpenApiRouter;

use super::errors::FeathersError;
use super::routes::routes;
use crate::openapi::{
    PossibleError, add_errors, add_parameters, add_scheme, bearer, complete_all, idempotency_key,
    path_parameters,
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Carehook: MYCURE",
        description = "MYCURE's webhooks, served by Carehook. Lists and errors have the form of \
            Feathers. Times are milliseconds since 1970, unknown fields and parameters are \
            refused.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    components(schemas(FeathersError)),
    tags((name = "Webhooks", description = "Receivers of events, and their pings")),
)]
struct Description;

/// The name of the security scheme.
const KEY: &str = "key";

/// The description of everything below `/webhook-events`.
pub(crate) fn description() -> utoipa::openapi::OpenApi {
    let router = OpenApiRouter::with_openapi(Description::openapi()).merge(routes());
    let mut description = router.into_openapi();
    complete_all(&mut description, complete);
    let scheme = bearer("A key of the organization, the operator's, or a JWT");
    add_scheme(&mut description, KEY, scheme);
    description
}

/// Adds what follows from an operation's path and method.
fn complete(path: &str, method: &HttpMethod, operation: &mut Operation) {
    let errors = possible_errors(operation, method);
    add_errors(operation, ("application/json", "Error"), &errors);
    let repeats = "The same key within 24 hours gives the same answer once more";
    let key = (*method == HttpMethod::Post).then(|| idempotency_key(repeats));
    let names = path_parameters(path, |_| "The webhook's id");
    add_parameters(operation, names, key);
    let key = SecurityRequirement::new(KEY, Vec::<String>::new());
    operation.security = Some(vec![key]);
}

fn possible_errors(operation: &Operation, method: &HttpMethod) -> [PossibleError<'static>; 10] {
    let has_query = operation.parameters.is_some();
    let has_body = operation.request_body.is_some();
    let changes = *method != HttpMethod::Get;
    [
        (
            has_body || has_query,
            "400",
            "BadRequest: `errors` names the fields",
        ),
        (true, "401", "NotAuthenticated: no valid key or token"),
        (true, "403", "Forbidden: the key lacks a right"),
        (true, "404", "NotFound: no such webhook or organization"),
        (changes, "409", "Conflict: it contradicts what is stored"),
        (has_body, "413", "PayloadTooLarge: more than 256 KiB"),
        (
            has_body,
            "415",
            "UnsupportedMediaType: not declared to be JSON",
        ),
        (true, "429", "TooManyRequests: see `Retry-After`"),
        (true, "500", "GeneralError: a fault of the server"),
        (
            true,
            "503",
            "Unavailable: not possible now; see `Retry-After`",
        ),
    ]
}
