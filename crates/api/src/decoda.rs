//! The Decoda API: `/v1/webhook`, camel case, refusals as `FastAPI` prints them.

mod description;
mod errors;
mod fields;
mod parameters;
mod routes;
mod tenant;
mod types;

pub(crate) use description::description;
pub(crate) use errors::Refused;
pub(crate) use routes::routes;

/// The name in a path, whose refusal is in the words of this dialect.
type Id<T> = crate::extract::Id<T, Refused>;
