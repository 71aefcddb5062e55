//! The description of Jump's API, from the routes themselves.
//!
//! What holds for many operations alike (the id, headers, errors) is added here in one place.

use utoipa::OpenApi;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::Operation;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{HttpMethod, RefOr};
use utoipa_axum::router::OpenApiRouter;

use super::errors::FailureBody;
use super::routes::routes;
use crate::openapi::{
    PossibleError, add_errors, add_parameters, add_scheme, bearer, complete_all, idempotency_key,
    path_parameters,
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Carehook: Jump",
        description = "Jump EHR's webhooks, served by Carehook. Every answer is an envelope of \
            `data`, `meta` with the request's id, and, when something is wrong, `error` with \
            `code` and `message`. Unknown fields and parameters are refused. The headers about \
            the rate limit show its size; requests are not counted.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    components(schemas(FailureBody)),
    tags((name = "Webhooks", description = "Endpoints that get events, and their tests")),
)]
struct Description;

/// The name of the security scheme.
const KEY: &str = "key";

const HEADERS: [(&str, &str); 3] = [
    (
        "X-Request-Id",
        "Names the request, as `meta.request_id` does",
    ),
    ("X-RateLimit-Limit", "Requests per hour that a key has"),
    (
        "X-RateLimit-Remaining",
        "How many of them remain until the full hour",
    ),
];

/// The description of everything below `/api-v1`.
pub(crate) fn description() -> utoipa::openapi::OpenApi {
    let router = OpenApiRouter::with_openapi(Description::openapi()).merge(routes());
    let mut description = router.into_openapi();
    complete_all(&mut description, complete);
    let scheme = bearer("A key of the organization: `pk_live_…` or `pk_test_…`");
    add_scheme(&mut description, KEY, scheme);
    description
}

/// Adds what follows from an operation's path and method.
fn complete(path: &str, method: &HttpMethod, operation: &mut Operation) {
    let names = path_parameters(path, |_| "The endpoint's id");
    let errors = possible_errors(operation, !names.is_empty(), method);
    add_errors(operation, ("application/json", "Error"), &errors);
    let repeats = "The same key within 24 hours gives the same answer once more";
    let key = (*method == HttpMethod::Post).then(|| idempotency_key(repeats));
    add_parameters(operation, names, key);
    for response in operation.responses.responses.values_mut() {
        if let RefOr::T(response) = response {
            for (name, description) in HEADERS {
                let text = ObjectBuilder::new().schema_type(Type::String);
                let header = HeaderBuilder::new()
                    .schema(Some(text))
                    .description(Some(description));
                response
                    .headers
                    .insert(name.to_owned(), header.build().into());
            }
        }
    }
    let key = SecurityRequirement::new(KEY, Vec::<String>::new());
    operation.security = Some(vec![key]);
}

/// Every error of an operation, with whether it is possible.
type Errors = [PossibleError<'static>; 10];

fn possible_errors(operation: &Operation, has_id: bool, method: &HttpMethod) -> Errors {
    let has_body = operation.request_body.is_some();
    let changes = *method != HttpMethod::Get;
    let has_query = operation.parameters.is_some();
    let validates = has_body || has_query || *method == HttpMethod::Post;
    [
        (
            validates,
            "400",
            "VALIDATION_ERROR: the message names the field",
        ),
        (true, "401", "UNAUTHORIZED: the request has no valid key"),
        (
            true,
            "403",
            "FORBIDDEN: the key lacks a right, which the message names",
        ),
        (has_id, "404", "NOT_FOUND: there is no such endpoint"),
        (changes, "409", "CONFLICT: it contradicts what is stored"),
        (
            has_body,
            "413",
            "VALIDATION_ERROR: the body is larger than 256 KiB",
        ),
        (
            has_body,
            "415",
            "VALIDATION_ERROR: the body is not declared to be JSON",
        ),
        (
            true,
            "429",
            "RATE_LIMITED: the requests of the hour are used up; see `Retry-After`",
        ),
        (true, "500", "INTERNAL_ERROR: a fault of the server"),
        (
            true,
            "503",
            "UNAVAILABLE: not possible now; see `Retry-After`",
        ),
    ]
}
