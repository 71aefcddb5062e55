//! The description of the Decoda API, from the routes themselves.
//!
//! What holds for all operations alike (headers, path names, refusals) is added here in one place.

use serde::Serialize;
use utoipa::openapi::HttpMethod;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityRequirement, SecurityScheme};
use utoipa::{OpenApi, ToSchema};
use utoipa_axum::router::OpenApiRouter;

use super::errors::FieldError;
use super::routes::routes;
use super::tenant::{API_KEY, TENANT};
use crate::openapi::{PossibleError, add_errors, add_parameters, complete_all, path_parameters};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Carehook: Decoda",
        description = "Webhooks as clients of Decoda know them. Times are RFC 3339 in UTC, \
            refusals have the form of FastAPI's, unknown fields and parameters are refused.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    components(schemas(HttpError, HttpValidationError)),
    tags(
        (name = "Webhooks", description = "Receivers"),
        (name = "Events", description = "What webhooks are owed, and what became of it"),
    ),
)]
struct Description;

/// A refusal in words.
#[derive(Serialize, ToSchema)]
#[schema(as = HTTPError, example = json!({"detail": "Webhook not found"}))]
struct HttpError {
    /// What is wrong.
    detail: String,
}

/// Fields that are not acceptable.
#[derive(Serialize, ToSchema)]
#[schema(as = HTTPValidationError)]
struct HttpValidationError {
    /// Each of them.
    detail: Vec<FieldError>,
}

/// The description of this dialect.
pub(crate) fn description() -> utoipa::openapi::OpenApi {
    let router = OpenApiRouter::with_openapi(Description::openapi()).merge(routes());
    let mut description = router.into_openapi();
    complete_all(&mut description, complete);
    let components = description.components.get_or_insert_default();
    for (name, text) in [
        (TENANT, "The organization's id"),
        (API_KEY, "A key of the organization, or the operator's"),
    ] {
        let value = ApiKeyValue::with_description(name, text);
        components.add_security_scheme(name, SecurityScheme::ApiKey(ApiKey::Header(value)));
    }
    description
}

/// Adds what follows from an operation's path and method.
fn complete(path: &str, method: &HttpMethod, operation: &mut Operation) {
    let names = path_parameters(path, |_| {
        if path.contains("/events/") {
            "The event's id, or the id of one delivery of it"
        } else {
            "The webhook's id"
        }
    });
    let has_body = operation.request_body.is_some();
    let changes = *method != HttpMethod::Get || path.ends_with("/send");
    let errors: [PossibleError<'_>; 10] = [
        (true, "401", "The key is not valid"),
        (true, "403", "The key does not give this right"),
        (!names.is_empty(), "404", "There is no such thing"),
        (changes, "409", "It contradicts what is stored"),
        (has_body, "413", "The body is too large"),
        (has_body, "415", "The body is not declared to be JSON"),
        (true, "429", "Too many requests; see `Retry-After`"),
        (true, "500", "A fault of the server"),
        (true, "503", "Not available; see `Retry-After`"),
        (changes, "507", "No room is left on the server"),
    ];
    add_errors(operation, ("application/json", "HTTPError"), &errors);
    let fields = "Headers are missing, or fields are not acceptable";
    let schema = ("application/json", "HTTPValidationError");
    add_errors(operation, schema, &[(true, "422", fields)]);
    add_parameters(operation, names, None);
    let both = SecurityRequirement::new(TENANT, Vec::<String>::new());
    operation.security = Some(vec![both.add(API_KEY, Vec::<String>::new())]);
}
