//! Lists on the wire: `{"data": […], "next_cursor": …}`, with `limit` and `cursor`.

use carehook_app::{AppError, Faults, Page, PageOf};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A part of a list.
#[derive(Serialize, ToSchema)]
#[schema(as = PageOf)]
pub(crate) struct ListOut<T> {
    /// The entries.
    data: Vec<T>,
    /// The `cursor` of the next page; null on the last one.
    #[schema(required = true)]
    next_cursor: Option<String>,
}

impl<T> ListOut<T> {
    /// Translates a page, entry by entry.
    pub(crate) fn of<S>(page: PageOf<S>, out: impl Fn(S) -> T) -> Self {
        let PageOf { items, next_cursor } = page;
        Self {
            data: items.into_iter().map(out).collect(),
            next_cursor,
        }
    }

    /// The same for a translation that can fail.
    pub(crate) fn try_of<S>(
        page: PageOf<S>,
        out: impl Fn(S) -> Result<T, AppError>,
    ) -> Result<Self, AppError> {
        let PageOf { items, next_cursor } = page;
        let data = items.into_iter().map(out).collect::<Result<_, _>>()?;
        Ok(Self { data, next_cursor })
    }
}

/// A list that is always given completely.
#[derive(Serialize, ToSchema)]
#[schema(as = All)]
pub(crate) struct Whole<T> {
    /// The entries.
    pub(crate) data: Vec<T>,
}

/// Which part of a list is wanted.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageQuery {
    /// Entries at most.
    #[param(value_type = Option<u8>, minimum = 1, maximum = 100, default = 20)]
    limit: Option<String>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
}

impl TryFrom<PageQuery> for Page {
    type Error = AppError;

    fn try_from(query: PageQuery) -> Result<Self, AppError> {
        let PageQuery { limit, cursor } = query;
        let mut faults = Faults::default();
        let page = page(limit.as_deref(), cursor, &mut faults);
        faults.check()?;
        Ok(page)
    }
}

/// Reads the part of a query that all lists have.
pub(super) fn page(limit: Option<&str>, cursor: Option<String>, faults: &mut Faults) -> Page {
    let limit = limit.map(|text| text.parse().map_err(|_| "must be 1 to 100"));
    Page {
        limit: faults.take_optional("/limit", limit),
        cursor,
    }
}
