//! The native API: `/v1`, JSON in snake case, errors as RFC 9457 problems.

mod description;
mod errors;
mod rate_limit;
mod routes;
mod types;

use crate::extract;

pub(crate) use description::description;
pub(crate) use errors::{Problem, ProblemBody};
pub(crate) use routes::{batch_routes, introspection_routes, publishing_routes, routes};
pub use types::AuditEntryOut;

/// The extractors, which answer refusals as problems.
type Access = extract::Access<Problem>;
type AnyCaller = extract::AnyCaller<Problem>;
type AsCatalogueEditor = extract::AsCatalogueEditor<Problem>;
type AsKeyOperator = extract::AsKeyOperator<Problem>;
type AsOperator = extract::AsOperator<Problem>;
type Form<T> = extract::Form<T, Problem>;
type Id<T> = extract::Id<T, Problem>;
type Json<T> = extract::Json<T, Problem>;
type OptionalJson<T> = extract::OptionalJson<T, Problem>;
type PublishKey = extract::PublishKey<Problem>;
type Query<T> = extract::Query<T, Problem>;
