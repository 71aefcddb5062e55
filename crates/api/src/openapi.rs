//! The OpenAPI description of each dialect, made from the routes themselves, and what the dialects
//! add to it in the same manner.

use carehook_core::Dialect;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Ref, Type};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{ContentBuilder, HttpMethod, OpenApi, PathItem, Required, ResponseBuilder};

use crate::{decoda, ecg, jump, mycure, native};

/// The description of a dialect as JSON with a line break at its end, as it is committed and
/// served.
pub fn openapi_json(dialect: Dialect) -> String {
    let description = match dialect {
        Dialect::Decoda => decoda::description(),
        Dialect::Jump => jump::description(),
        Dialect::Mycure => mycure::description(),
        Dialect::Ecg => ecg::description(),
        Dialect::Native => native::description(),
    };
    let mut text = description
        .to_pretty_json()
        .expect("a description consists of texts and numbers");
    text.push('\n');
    text
}

/// An error that an operation can answer with: whether it can, the status, what it means.
pub(crate) type PossibleError<'a> = (bool, &'a str, &'a str);

/// Completes every operation by its path and method.
pub(crate) fn complete_all(
    description: &mut OpenApi,
    complete: impl Fn(&str, &HttpMethod, &mut Operation),
) {
    for (path, item) in &mut description.paths.paths {
        for (method, operation) in operations_of(item) {
            complete(path, &method, operation);
        }
    }
}

/// The operations of a path, with their methods.
fn operations_of(item: &mut PathItem) -> impl Iterator<Item = (HttpMethod, &mut Operation)> {
    [
        (HttpMethod::Get, item.get.as_mut()),
        (HttpMethod::Post, item.post.as_mut()),
        (HttpMethod::Put, item.put.as_mut()),
        (HttpMethod::Patch, item.patch.as_mut()),
        (HttpMethod::Delete, item.delete.as_mut()),
    ]
    .into_iter()
    .filter_map(|(method, operation)| operation.map(|operation| (method, operation)))
}

/// The names in a path as parameters, each with its meaning.
pub(crate) fn path_parameters(path: &str, meaning: impl Fn(&str) -> &str) -> Vec<Parameter> {
    let names = path
        .split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    names
        .map(|name| {
            text_parameter(name, ParameterIn::Path, meaning(name))
                .required(Required::True)
                .build()
        })
        .collect()
}

/// The header that makes a request repeatable.
pub(crate) fn idempotency_key(meaning: &str) -> Parameter {
    text_parameter("Idempotency-Key", ParameterIn::Header, meaning)
        .required(Required::False)
        .build()
}

/// A parameter that is a text.
pub(crate) fn text_parameter(
    name: &str,
    place: ParameterIn,
    description: &str,
) -> ParameterBuilder {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(place)
        .description(Some(description))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
}

/// Puts parameters before those that are described at the route, and after them.
pub(crate) fn add_parameters(
    operation: &mut Operation,
    before: Vec<Parameter>,
    after: Option<Parameter>,
) {
    let own = operation.parameters.take().unwrap_or_default();
    let before = before.into_iter().map(Into::into);
    let all: Vec<_> = before.chain(own).chain(after.map(Into::into)).collect();
    operation.parameters = (!all.is_empty()).then_some(all);
}

/// Describes those errors that are possible, all with one media type and schema.
pub(crate) fn add_errors(
    operation: &mut Operation,
    (media_type, schema): (&str, &str),
    errors: &[PossibleError<'_>],
) {
    for (_, status, description) in errors.iter().filter(|(is_possible, ..)| *is_possible) {
        let content = ContentBuilder::new()
            .schema(Some(Ref::from_schema_name(schema)))
            .build();
        let response = ResponseBuilder::new()
            .description(*description)
            .content(media_type, content);
        let responses = &mut operation.responses.responses;
        responses.insert((*status).to_owned(), response.build().into());
    }
}

/// A bearer token or key.
pub(crate) fn bearer(description: &str) -> HttpBuilder {
    HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some(description))
}

/// Describes a way to sign in under a name.
pub(crate) fn add_scheme(description: &mut OpenApi, name: &str, scheme: HttpBuilder) {
    let components = description.components.get_or_insert_default();
    components.add_security_scheme(name, SecurityScheme::Http(scheme.build()));
}
