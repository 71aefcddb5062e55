//! The description of the Decoda API, from the routes themselves.
//!
//! What holds for all operations alike (headers, path names, refusals) is added here in one place.

use serde::Serialize;
use utoipa::openapi::path::{Operation, Parameter, ParameterIn};
use utoipa::openapi::schema::Ref;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{ContentBuilder, HttpMethod, RefOr, Required, ResponseBuilder};
use utoipa::{OpenApi, ToSchema};
use utoipa_axum::router::OpenApiRouter;

use super::errors::FieldError;
use super::routes::routes;
use super::tenant::{API_KEY, TENANT};
use crate::openapi::{operations_of, text_parameter};

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
    for (path, item) in &mut description.paths.paths {
        for (method, operation) in operations_of(item) {
            complete(path, &method, operation);
        }
    }
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
    let has_id = path.contains("{id}");
    if has_id {
        let text = if path.contains("/events/") {
            "The event's id, or the id of one delivery of it"
        } else {
            "The webhook's id"
        };
        let id = text_parameter("id", ParameterIn::Path, text).required(Required::True);
        let own = operation.parameters.take().unwrap_or_default();
        let all: Vec<RefOr<Parameter>> = [id.build().into()].into_iter().chain(own).collect();
        operation.parameters = Some(all);
    }
    let has_body = operation.request_body.is_some();
    let changes = *method != HttpMethod::Get || path.ends_with("/send");
    for (_, status, schema, description) in [
        (true, "401", "HTTPError", "The key is not valid"),
        (true, "403", "HTTPError", "The key does not give this right"),
        (has_id, "404", "HTTPError", "There is no such thing"),
        (changes, "409", "HTTPError", "It contradicts what is stored"),
        (has_body, "413", "HTTPError", "The body is too large"),
        (
            has_body,
            "415",
            "HTTPError",
            "The body is not declared to be JSON",
        ),
        (
            true,
            "422",
            "HTTPValidationError",
            "Headers are missing, or fields are not acceptable",
        ),
        (true, "500", "HTTPError", "A fault of the server"),
        (true, "503", "HTTPError", "Not available; see `Retry-After`"),
        (changes, "507", "HTTPError", "No room is left on the server"),
    ]
    .into_iter()
    .filter(|(applies, ..)| *applies)
    {
        let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(schema)));
        let response = ResponseBuilder::new()
            .description(description)
            .content("application/json", content.build());
        let responses = &mut operation.responses.responses;
        responses.insert(status.to_owned(), response.build().into());
    }
    let both = SecurityRequirement::new(TENANT, Vec::<String>::new());
    operation.security = Some(vec![both.add(API_KEY, Vec::<String>::new())]);
}
