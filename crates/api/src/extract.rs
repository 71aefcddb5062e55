//! What every dialect reads out of a request; each dialect answers refusals in its own words.
//!
//! Extractors are generic over the error of the dialect (`E`), so none of them knows how an error
//! looks on the wire.

mod access;
mod body;
mod counted;
mod fault_text;
mod form;
mod headers;
mod json;
mod patch;
mod path;
mod query;
mod repeatable;
mod request_error;

pub(crate) use access::{
    Access, AnyCaller, AsCatalogueEditor, AsKeyOperator, AsOperator, known_caller,
};
pub(crate) use body::{Batch, Body, Single, drain};
pub(crate) use counted::counted;
pub(crate) use fault_text::{field_name, told};
pub(crate) use form::Form;
pub(crate) use headers::PublishKey;
pub(crate) use json::{Json, Object, OptionalJson, parse};
pub(crate) use patch::Patch;
pub(crate) use path::{Id, Names};
pub(crate) use query::Query;
pub(crate) use repeatable::{REPLAYED, YES, repeatable};
pub(crate) use request_error::{ErrorBody, RequestError, log_fault, retry_seconds};
