//! The description of ECG's API, from the routes themselves.
//!
//! What holds for many operations alike (path names, keys, errors) is added here in one place.

use utoipa::OpenApi;
use utoipa::openapi::path::{Operation, Parameter, ParameterIn};
use utoipa::openapi::schema::Ref;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{ContentBuilder, HttpMethod, RefOr, Required, ResponseBuilder};
use utoipa_axum::router::OpenApiRouter;

use super::errors::NestErrorBody;
use super::routes::{routes, unsigned_routes};
use crate::openapi::{operations_of, text_parameter};

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
    for (path, item) in &mut description.paths.paths {
        for (method, operation) in operations_of(item) {
            complete(path, &method, operation);
        }
    }
    description.merge(unsigned_routes().into_openapi());
    let scheme = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("JWT")
        .description(Some("A JWT, a key of the organization, or the operator's"))
        .build();
    let components = description.components.get_or_insert_default();
    components.add_security_scheme(BEARER, SecurityScheme::Http(scheme));
    description
}

/// Adds what follows from an operation's path and method.
fn complete(path: &str, method: &HttpMethod, operation: &mut Operation) {
    let named = path
        .split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let mut parameters: Vec<RefOr<Parameter>> =
        named.map(|name| path_parameter(name).into()).collect();
    let has_names = !parameters.is_empty();
    let own = operation.parameters.take().unwrap_or_default();
    let has_query = !own.is_empty();
    parameters.extend(own);
    operation.parameters = (!parameters.is_empty()).then_some(parameters);
    add_errors(operation, method, (has_names, has_query));
    let bearer = SecurityRequirement::new(BEARER, Vec::<String>::new());
    operation.security = Some(vec![bearer]);
}

fn path_parameter(name: &str) -> Parameter {
    let description = match name {
        "eventCode" => "The event's code or id",
        "eventId" => "The event's id or code",
        _ => "Its id",
    };
    text_parameter(name, ParameterIn::Path, description)
        .required(Required::True)
        .build()
}

fn add_errors(
    operation: &mut Operation,
    method: &HttpMethod,
    (has_names, has_query): (bool, bool),
) {
    let has_body = operation.request_body.is_some();
    let changes = *method != HttpMethod::Get;
    let errors: [(bool, &str, &str); 9] = [
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
        (true, "500", "Internal Server Error"),
        (true, "503", "Service Unavailable; see `Retry-After`"),
    ];
    for (_, status, description) in errors.into_iter().filter(|(applies, ..)| *applies) {
        let content = ContentBuilder::new()
            .schema(Some(Ref::from_schema_name("Error")))
            .build();
        let response = ResponseBuilder::new()
            .description(description)
            .content("application/json", content);
        let responses = &mut operation.responses.responses;
        responses.insert(status.to_owned(), response.build().into());
    }
}
