//! The description of Jump's API, from the routes themselves.
//!
//! What holds for many operations alike (the id, headers, errors) is added here in one place.

use utoipa::OpenApi;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{Operation, Parameter, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Ref, Type};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{ContentBuilder, HttpMethod, RefOr, Required, ResponseBuilder};
use utoipa_axum::router::OpenApiRouter;

use super::errors::FailureBody;
use super::routes::routes;
use crate::openapi::{operations_of, text_parameter};

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
    ("X-RateLimit-Remaining", "How many of them remain"),
];

/// The description of everything below `/api-v1`.
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
        .description(Some(
            "A key of the organization: `pk_live_…` or `pk_test_…`",
        ))
        .build();
    let components = description.components.get_or_insert_default();
    components.add_security_scheme(KEY, SecurityScheme::Http(scheme));
    description
}

/// Adds what follows from an operation's path and method.
fn complete(path: &str, method: &HttpMethod, operation: &mut Operation) {
    let has_id = path.contains("{id}");
    let posts = *method == HttpMethod::Post;
    let mut parameters: Vec<RefOr<Parameter>> = Vec::new();
    if has_id {
        let id = text_parameter("id", ParameterIn::Path, "The endpoint's id");
        parameters.push(id.required(Required::True).build().into());
    }
    let own = operation.parameters.take().unwrap_or_default();
    let has_query = !own.is_empty();
    parameters.extend(own);
    if posts {
        let description = "The same key within 24 hours gives the same answer once more";
        let key = text_parameter("Idempotency-Key", ParameterIn::Header, description);
        parameters.push(key.required(Required::False).build().into());
    }
    operation.parameters = (!parameters.is_empty()).then_some(parameters);
    add_errors(operation, has_id, has_query, method);
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

fn add_errors(operation: &mut Operation, has_id: bool, has_query: bool, method: &HttpMethod) {
    let has_body = operation.request_body.is_some();
    let changes = *method != HttpMethod::Get;
    let validates = has_body || has_query || *method == HttpMethod::Post;
    let errors: [(bool, &str, &str); 9] = [
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
        (true, "500", "INTERNAL_ERROR: a fault of the server"),
        (
            true,
            "503",
            "UNAVAILABLE: not possible now; see `Retry-After`",
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
