//! Lists on the wire: `limit` and `offset`, and what follows.

use std::sync::Arc;

use carehook_app::{AppError, Faults, Range, RangeOf};
use carehook_core::{Endpoint, Limits};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{Meta, WebhookOut};

/// Which part of the list is wanted.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListQuery {
    /// Entries at most.
    #[param(value_type = Option<u8>, minimum = 1, maximum = 100, default = 20)]
    limit: Option<String>,
    /// How many entries to leave out before them: the `next_offset` of the page before.
    #[param(value_type = Option<u64>, minimum = 0, default = 0)]
    offset: Option<String>,
}

impl TryFrom<ListQuery> for Range {
    type Error = AppError;

    fn try_from(query: ListQuery) -> Result<Self, AppError> {
        let ListQuery { limit, offset } = query;
        let mut faults = Faults::default();
        let limit = limit.map(|text| match text.parse() {
            Ok(limit) if (1..=Limits::PAGE).contains(&limit) => Ok(limit),
            _ => Err(format!("must be 1 to {}", Limits::PAGE)),
        });
        let limit = faults.take_optional("/limit", limit);
        let offset = offset.map(|text| text.parse().map_err(|_| "must be a number from 0 on"));
        let offset = faults.take_optional("/offset", offset);
        faults.finish(Some(Self {
            skip: offset.unwrap_or(0),
            take: limit.unwrap_or(Limits::PAGE_DEFAULT),
        }))
    }
}

/// A part of the list.
#[derive(Serialize, ToSchema)]
#[schema(as = WebhookList)]
pub(crate) struct ListOut {
    /// The webhook endpoints, oldest first.
    data: Vec<WebhookOut>,
    /// About the request and the page.
    meta: PageMeta,
}

/// About the request and the page.
#[derive(Serialize, ToSchema)]
#[schema(as = PageMeta)]
struct PageMeta {
    /// Entries at most.
    limit: usize,
    /// The `offset` of the next page; null on the last one.
    #[schema(required = true)]
    next_offset: Option<usize>,
    /// Whether there is a next page.
    has_more: bool,
    #[serde(flatten)]
    request: Meta,
}

impl From<RangeOf<Arc<Endpoint>>> for ListOut {
    fn from(part: RangeOf<Arc<Endpoint>>) -> Self {
        let next_offset = part.next();
        let RangeOf {
            range: Range { skip: _, take },
            items,
            total: _,
        } = part;
        let meta = PageMeta {
            limit: take,
            next_offset,
            has_more: next_offset.is_some(),
            request: Meta::default(),
        };
        let data = items.iter().map(|endpoint| endpoint.as_ref().into());
        Self {
            data: data.collect(),
            meta,
        }
    }
}
