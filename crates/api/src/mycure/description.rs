//! The description of MYCURE's API, from the routes themselves.
//!
//! What holds for many operations alike (the id, errors) is added here in one place.

use utoipa::OpenApi;
use utoipa::openapi::path::{Operation, Parameter, ParameterIn};
use utoipa::openapi::schema::Ref;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{ContentBuilder, HttpMethod, RefOr, Required, ResponseBuilder};
use utoipa_axum::router::OpenApiRouter;

use super::errors::FeathersError;
use super::routes::routes;
use crate::openapi::{operations_of, text_parameter};

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
    for (path, item) in &mut description.paths.paths {
        for (method, operation) in operations_of(item) {
            complete(path, &method, operation);
        }
    }
    let scheme = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("A key of the organization, the operator's, or a JWT"))
        .build();
    let components = description.components.get_or_insert_default();
    components.add_security_scheme(KEY, SecurityScheme::Http(scheme));
    description
}

/// Adds what follows from an operation's path and method.
fn complete(path: &str, method: &HttpMethod, operation: &mut Operation) {
    let mut parameters: Vec<RefOr<Parameter>> = Vec::new();
    let has_id = path.contains("{id}");
    if has_id {
        let id = text_parameter("id", ParameterIn::Path, "The webhook's id");
        parameters.push(id.required(Required::True).build().into());
    }
    let own = operation.parameters.take().unwrap_or_default();
    let has_query = !own.is_empty();
    parameters.extend(own);
    if *method == HttpMethod::Post {
        let description = "The same key within 24 hours gives the same answer once more";
        let key = text_parameter("Idempotency-Key", ParameterIn::Header, description);
        parameters.push(key.required(Required::False).build().into());
    }
    operation.parameters = (!parameters.is_empty()).then_some(parameters);
    add_errors(operation, has_query, method);
    let key = SecurityRequirement::new(KEY, Vec::<String>::new());
    operation.security = Some(vec![key]);
}

fn add_errors(operation: &mut Operation, has_query: bool, method: &HttpMethod) {
    let has_body = operation.request_body.is_some();
    let changes = *method != HttpMethod::Get;
    let errors: [(bool, &str, &str); 9] = [
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
        (true, "500", "GeneralError: a fault of the server"),
        (
            true,
            "503",
            "Unavailable: not possible now; see `Retry-After`",
        ),
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
