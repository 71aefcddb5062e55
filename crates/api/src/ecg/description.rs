//! The description of ECG's API, from the routes themselves.
//!
//! What holds for many operations alike (path names, keys, errors) is added here in one place.

use utoipa::OpenApi;
use utoipa::openapi::HttpMethod;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::SecurityRequirement;
use utoipa_axum::router::OpenApiRouter;

use super::errors::NestErrorBody;
use super::routes::{routes, unsigned_routes};
use crate::openapi::{
    PossibleError, add_errors, add_parameters, add_scheme, bearer, complete_all, path_parameters,
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Carehook: ECG Webhooks Module API",
        description = "ECG's webhooks module, served by Carehook. Lists are arrays, with the \
            number of all entries in `X-Total-Count`. Patches are RFC 6902. Errors have the form \
            of NestJS, unknown fields and parameters are refused.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    components(schemas(NestErrorBody)),
    tags(
        (name = "Health", description = "Whether the server works"),
        (name = "WebhookCategories", description = "Groups of events"),
        (name = "SeedData", description = "The catalogue that comes with the program"),
        (name = "WebhookEvents", description = "Kinds of events"),
        (name = "WebhookSubscriptions", description = "Receivers of events"),
        (name = "SampleWebhookPayloads", description = "Payloads to look at"),
        (name = "WebhookActivities", description = "Tries to bring a payload to a subscription"),
        (name = "WebhookProcessors", description = "Targets for tests"),
        (name = "WebhookPayloadHash", description = "Hashes of payloads"),
        (name = "WebhookSecretHistories", description = "Secret keys and when each was in force"),
        (name = "WebhookDeliveries", description = "Payloads to try a receiver with"),
    ),
)]
struct Description;

/// The name of the security scheme, as in ECG's document.
const BEARER: &str = "bearer";

/// The description of everything below `/api`, and of `/healthcheck`.
pub(crate) fn description() -> utoipa::openapi::OpenApi {
    let signed = OpenApiRouter::with_openapi(Description::openapi()).merge(routes());
    let mut description = signed.into_openapi();
    complete_all(&mut description, complete);
    description.merge(unsigned_routes().into_openapi());
    let scheme = bearer("A JWT, a key of the organization, or the operator's").bearer_format("JWT");
    add_scheme(&mut description, BEARER, scheme);
    description
}

/// Adds what follows from an operation's path and method.
fn complete(path: &str, method: &HttpMethod, operation: &mut Operation) {
    let names = path_parameters(path, |name| match name {
        "eventCode" => "The event's code or id",
        "eventId" => "The event's id or code",
        _ => "Its id",
    });
    let errors = possible_errors(operation, !names.is_empty(), method);
    add_errors(operation, ("application/json", "Error"), &errors);
    add_parameters(operation, names, None);
    let bearer = SecurityRequirement::new(BEARER, Vec::<String>::new());
    operation.security = Some(vec![bearer]);
}

fn possible_errors(
    operation: &Operation,
    has_names: bool,
    method: &HttpMethod,
) -> [PossibleError<'static>; 10] {
    let has_query = operation.parameters.is_some();
    let has_body = operation.request_body.is_some();
    let changes = *method != HttpMethod::Get;
    [
        (
            has_body || has_query,
            "400",
            "Bad Request: `message` names the fields",
        ),
        (true, "401", "Unauthorized: no valid token or key"),
        (true, "403", "Forbidden: the token lacks a scope"),
        (has_names, "404", "Not Found: there is no such thing"),
        (changes, "409", "Conflict: it contradicts what is stored"),
        (has_body, "413", "Payload Too Large: more than 256 KiB"),
        (
            has_body,
            "415",
            "Unsupported Media Type: not declared to be JSON",
        ),
        (true, "429", "Too Many Requests; see `Retry-After`"),
        (true, "500", "Internal Server Error"),
        (true, "503", "Service Unavailable; see `Retry-After`"),
    ]
}
