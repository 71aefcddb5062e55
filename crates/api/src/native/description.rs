//! The description of the native API, from the routes themselves.
//!
//! What holds for many operations alike (path names, keys, problems) is added here in one place.

use utoipa::OpenApi;
use utoipa::openapi::path::{Operation, Parameter, ParameterIn};
use utoipa::openapi::schema::Ref;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{ContentBuilder, HttpMethod, RefOr, Required, ResponseBuilder};
use utoipa_axum::router::OpenApiRouter;

use super::ProblemBody;
use super::routes::{batch_routes, publishing_routes, routes};
use crate::openapi::{operations_of, text_parameter};
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
        .merge(routes());
    let mut description = router.into_openapi();
    for (path, item) in &mut description.paths.paths {
        for (method, operation) in operations_of(item) {
            complete(path, &method, operation);
        }
    }
    description.merge(operations::routes().into_openapi());
    description.merge(docs::routes().into_openapi());
    add_security_scheme(&mut description);
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
    // Only queries are described at the routes.
    let has_query = !own.is_empty();
    parameters.extend(own);
    let posts = *method == HttpMethod::Post;
    if posts {
        parameters.push(idempotency_key().into());
    }
    operation.parameters = (!parameters.is_empty()).then_some(parameters);

    let has_body = operation.request_body.is_some();
    let open = operation.security.is_some();
    let problems: [(bool, &str, &str); 11] = [
        (
            has_body || posts,
            "400",
            "The body is not JSON, or a header cannot be read",
        ),
        (!open, "401", "The request has no valid key"),
        (!open, "403", "The key does not give this right"),
        (has_names, "404", "There is no such thing"),
        (
            *method != HttpMethod::Get,
            "409",
            "It contradicts what is stored",
        ),
        (has_body, "413", "The body is too large; nothing was stored"),
        (has_body, "415", "The body is not declared to be JSON"),
        (
            has_body || has_query,
            "422",
            "Fields are not acceptable; each is named",
        ),
        (true, "500", "A fault of the server"),
        (
            true,
            "503",
            "Not available at the moment; see `Retry-After`",
        ),
        (
            *method != HttpMethod::Get,
            "507",
            "No room is left on the server",
        ),
    ];
    for (_, status, description) in problems.into_iter().filter(|(applies, ..)| *applies) {
        let response = ResponseBuilder::new().description(description).content(
            "application/problem+json",
            ContentBuilder::new()
                .schema(Some(Ref::from_schema_name("Problem")))
                .build(),
        );
        let responses = &mut operation.responses.responses;
        responses.insert(status.to_owned(), response.build().into());
    }
    if !open {
        operation.security = Some(vec![SecurityRequirement::new(KEY, Vec::<String>::new())]);
    }
}

fn path_parameter(name: &str) -> Parameter {
    let description = match name {
        "org" => "The organization's id",
        "type" => "The event type's code",
        "category" => "The category's code",
        _ => "Its id",
    };
    text_parameter(name, ParameterIn::Path, description)
        .required(Required::True)
        .build()
}

fn idempotency_key() -> Parameter {
    let description =
        "The same key within 24 hours gives the same answer, and nothing is done twice";
    text_parameter("Idempotency-Key", ParameterIn::Header, description)
        .required(Required::False)
        .build()
}

fn add_security_scheme(description: &mut utoipa::openapi::OpenApi) {
    let scheme = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some(
            "`Authorization: Bearer …` with the operator's key, an API key or a token",
        ))
        .build();
    let components = description.components.get_or_insert_default();
    components.add_security_scheme(KEY, SecurityScheme::Http(scheme));
}
