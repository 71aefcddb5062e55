//! The OpenAPI description of each dialect, made from the routes themselves.

use carehook_core::Dialect;
use utoipa::openapi::HttpMethod;
use utoipa::openapi::path::{Operation, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};

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

/// The operations of a path, with their methods.
pub(crate) fn operations_of(
    item: &mut utoipa::openapi::PathItem,
) -> impl Iterator<Item = (HttpMethod, &mut Operation)> {
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
