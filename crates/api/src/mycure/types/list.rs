//! Lists as Feathers pages them: `$limit` and `$skip`, and how long the whole list is.

use std::sync::Arc;

use carehook_app::{AppError, Faults, Range, RangeOf};
use carehook_core::{Endpoint, Limits};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::WebhookOut;

/// Entries of a page when the caller names no limit.
const LIMIT_DEFAULT: usize = 10;

/// Which part of the list is wanted.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListQuery {
    /// Whose webhooks; those of the key's organization unless given.
    organization: Option<String>,
    /// Entries at most; a larger number counts as 100, and 0 gives the total alone.
    #[serde(rename = "$limit")]
    #[param(value_type = Option<u8>, minimum = 0, maximum = 100, default = 10)]
    limit: Option<String>,
    /// How many entries to leave out before them.
    #[serde(rename = "$skip")]
    #[param(value_type = Option<u64>, minimum = 0, default = 0)]
    skip: Option<String>,
}

/// What a list is wanted of: an organization, if one is named, and a part.
pub(crate) struct Wanted {
    pub(crate) organization: Option<String>,
    pub(crate) range: Range,
}

impl TryFrom<ListQuery> for Wanted {
    type Error = AppError;

    fn try_from(query: ListQuery) -> Result<Self, AppError> {
        let ListQuery {
            organization,
            limit,
            skip,
        } = query;
        let mut faults = Faults::default();
        let number = |text: String| {
            let number = text.parse::<usize>();
            number.map_err(|_| "must be a number from 0 on")
        };
        let limit = faults.take_optional("/$limit", limit.map(number));
        let skip = faults.take_optional("/$skip", skip.map(number));
        // Feathers lowers a limit that is too large instead of refusing it.
        let take = limit.unwrap_or(LIMIT_DEFAULT).min(Limits::PAGE);
        let range = Range {
            skip: skip.unwrap_or(0),
            take,
        };
        faults.finish(Some(Self {
            organization,
            range,
        }))
    }
}

/// A part of the list.
#[derive(Serialize, ToSchema)]
#[schema(as = WebhookPage)]
pub(crate) struct ListOut {
    /// How many webhooks there are.
    total: usize,
    /// Entries at most.
    limit: usize,
    /// How many were left out before them.
    skip: usize,
    /// The webhooks, oldest first.
    data: Vec<WebhookOut>,
}

impl From<RangeOf<Arc<Endpoint>>> for ListOut {
    fn from(part: RangeOf<Arc<Endpoint>>) -> Self {
        let RangeOf {
            range: Range { skip, take },
            items,
            total,
        } = part;
        let data = items.iter().map(|endpoint| endpoint.as_ref().into());
        Self {
            total,
            limit: take,
            skip,
            data: data.collect(),
        }
    }
}
