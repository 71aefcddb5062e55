//! The description of the native API, from the routes themselves.
//!
//! What holds for many operations alike (path names, keys, problems) is added here in one place.

use utoipa::OpenApi;
use utoipa::openapi::HttpMethod;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::SecurityRequirement;
use utoipa_axum::router::OpenApiRouter;

use super::ProblemBody;
use super::routes::{batch_routes, introspection_routes, publishing_routes, routes};
use crate::openapi::{
    PossibleError, add_errors, add_parameters, add_scheme, bearer, complete_all, idempotency_key,
    path_parameters,
};
use crate::{docs, operations};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Carehook",
        description = "Delivers the events of health software to other systems: durable, signed, \
            retried, recorded. Times are RFC 3339 in UTC, errors are problems (RFC 9457), \
            unknown fields and parameters are refused.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    components(schemas(ProblemBody)),
    tags(
        (name = "Organizations", description = "Tenants; everything else belongs to one"),
        (name = "Keys", description = "What an organization's programs sign in with"),
        (name = "Endpoints", description = "Receivers"),
        (name = "Secrets", description = "What deliveries are signed with (Standard Webhooks)"),
        (name = "Events", description = "What happened"),
        (name = "Deliveries", description = "Events owed to endpoints, and the attempts made"),
        (name = "Replays", description = "Jobs that send what was published earlier"),
        (name = "Audit", description = "Who did what, and who received what about whom"),
        (name = "Erasures", description = "Jobs that erase what is kept about a subject"),
        (name = "Catalogue", description = "Which kinds of events there are"),
        (name = "Operation", description = "For the machines of the operator; without a key"),
    ),
)]
struct Description;

/// The name of the security scheme.
const KEY: &str = "key";

/// The description of everything that is not a dialect's.
pub(crate) fn description() -> utoipa::openapi::OpenApi {
    let router = OpenApiRouter::with_openapi(Description::openapi())
        .merge(publishing_routes())
        .merge(batch_routes())
        .merge(introspection_routes())
        .merge(routes());
    let mut description = router.into_openapi();
    complete_all(&mut description, complete);
    description.merge(operations::routes().into_openapi());
    description.merge(docs::routes().into_openapi());
    let scheme = bearer("`Authorization: Bearer …` with the operator's key, an API key or a token");
    add_scheme(&mut description, KEY, scheme);
    description
}

/// Adds what follows from an operation's path and method.
fn complete(path: &str, method: &HttpMethod, operation: &mut Operation) {
    let names = path_parameters(path, |name| match name {
        "org" => "The organization's id",
        "type" => "The event type's code",
        "category" => "The category's code",
        "token" => "The last part of the link",
        "job" => "The job's id",
        _ => "Its id",
    });
    let errors = possible_errors(operation, !names.is_empty(), method);
    add_errors(operation, ("application/problem+json", "Problem"), &errors);
    let repeats = "The same key within 24 hours gives the same answer, and nothing is done twice";
    let repeatable = *method == HttpMethod::Post && path != "/v1/introspect";
    let key = repeatable.then(|| idempotency_key(repeats));
    add_parameters(operation, names, key);
    if !is_open(operation) {
        operation.security = Some(vec![SecurityRequirement::new(KEY, Vec::<String>::new())]);
    }
}

/// Whether it says itself who may call it.
fn is_open(operation: &Operation) -> bool {
    operation.security.is_some()
}

fn possible_errors(
    operation: &Operation,
    has_names: bool,
    method: &HttpMethod,
) -> [PossibleError<'static>; 12] {
    // Only queries are described at the routes.
    let has_query = operation.parameters.is_some();
    let has_body = operation.request_body.is_some();
    let posts = *method == HttpMethod::Post;
    let changes = *method != HttpMethod::Get;
    let open = is_open(operation);
    [
        (
            has_body || posts,
            "400",
            "The body is not JSON, or a header cannot be read",
        ),
        (!open, "401", "The request has no valid key"),
        (!open, "403", "The key does not give this right"),
        (has_names, "404", "There is no such thing"),
        (changes, "409", "It contradicts what is stored"),
        (has_body, "413", "The body is too large; nothing was stored"),
        (has_body, "415", "The body is not declared to be JSON"),
        (
            has_body || has_query,
            "422",
            "Fields are not acceptable; each is named",
        ),
        (
            !open,
            "429",
            "The limit of the key or organization is reached; see `Retry-After`",
        ),
        (true, "500", "A fault of the server"),
        (
            true,
            "503",
            "Not available at the moment; see `Retry-After`",
        ),
        (changes, "507", "No room is left on the server"),
    ]
}
