//! Lists of ECG's API: plain arrays, with the number of all entries in `X-Total-Count`.

use axum::response::{IntoResponse, Response};
use carehook_app::{Faults, Order};
use carehook_core::Limits;
use http::{HeaderName, HeaderValue};
use serde::Serialize;

use crate::reply::Reply;

const TOTAL: HeaderName = HeaderName::from_static("x-total-count");
const TAKE: usize = 10;

/// A part of a list.
pub(super) struct List<T> {
    items: Vec<T>,
    total: u64,
}

impl<T> List<T> {
    /// Entries out of so many.
    pub(super) fn of(items: Vec<T>, total: u64) -> Self {
        Self { items, total }
    }

    /// All entries there are.
    pub(super) fn all(items: Vec<T>) -> Self {
        let total = u64::try_from(items.len()).unwrap_or(u64::MAX);
        Self { items, total }
    }

    /// Translates every entry.
    pub(super) fn map<O>(self, out: impl FnMut(T) -> O) -> List<O> {
        let items = self.items.into_iter().map(out).collect();
        List::of(items, self.total)
    }
}

impl<T: Serialize> IntoResponse for List<T> {
    fn into_response(self) -> Response {
        let mut response = Reply::<_>(self.items).into_response();
        let headers = response.headers_mut();
        headers.insert(TOTAL, HeaderValue::from(self.total));
        response
    }
}

/// Which part of a list is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Paging {
    pub(super) order: Order,
    pub(super) skip: u64,
    pub(super) take: usize,
}

impl Paging {
    /// Reads `order_by`, `skip` and `take`, which every list has.
    pub(super) fn read(
        order_by: Option<&str>,
        skip: Option<&str>,
        take: Option<&str>,
        faults: &mut Faults,
    ) -> Self {
        let order = faults.take_optional("/order_by", order_by.map(order));
        let skip = faults.take_optional("/skip", skip.map(whole));
        let take = faults.take_optional("/take", take.map(page_size));
        Self {
            order: order.unwrap_or_default(),
            skip: skip.unwrap_or(0),
            take: take.unwrap_or(TAKE),
        }
    }

    /// Cuts the wanted part out of a list that is at hand, oldest first.
    pub(super) fn cut<T>(self, mut all: Vec<T>) -> List<T> {
        let total = u64::try_from(all.len()).unwrap_or(u64::MAX);
        if self.order == Order::Descending {
            all.reverse();
        }
        let skip = usize::try_from(self.skip).unwrap_or(usize::MAX);
        let items = all.into_iter().skip(skip).take(self.take).collect();
        List::of(items, total)
    }
}

fn order(text: &str) -> Result<Order, &'static str> {
    match text {
        "ASC" => Ok(Order::Ascending),
        "DESC" => Ok(Order::Descending),
        _ => Err("must be one of the following values: ASC, DESC"),
    }
}

fn whole(text: &str) -> Result<u64, &'static str> {
    text.parse()
        .map_err(|_| "must be a whole number and not less than 0")
}

fn page_size(text: &str) -> Result<usize, String> {
    let most = Limits::PAGE;
    let size = text.parse().ok().filter(|size| (1..=most).contains(size));
    size.ok_or_else(|| format!("must be a whole number from 1 to {most}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(order_by: Option<&str>, skip: Option<&str>, take: Option<&str>) -> Option<Paging> {
        let mut faults = Faults::default();
        let paging = Paging::read(order_by, skip, take, &mut faults);
        faults.check().ok().map(|()| paging)
    }

    #[test]
    fn a_list_has_ten_entries_unless_the_caller_says_otherwise() {
        let usual = read(None, None, None).unwrap();
        assert_eq!((usual.skip, usual.take), (0, 10));
        assert_eq!(usual.order, Order::Ascending);
        let other = read(Some("DESC"), Some("3"), Some("100")).unwrap();
        assert_eq!((other.skip, other.take), (3, 100));
        for (skip, take) in [("-1", "1"), ("x", "1"), ("0", "0"), ("0", "101"), ("0", "")] {
            assert_eq!(read(None, Some(skip), Some(take)), None, "{skip} {take}");
        }
        assert_eq!(read(Some("asc"), None, None), None);
    }

    #[test]
    fn a_part_is_cut_in_its_order() {
        let cut = |order_by, skip, take| {
            let paging = read(Some(order_by), Some(skip), Some(take)).unwrap();
            let List { items, total } = paging.cut(vec![1, 2, 3, 4]);
            assert_eq!(total, 4);
            items
        };
        assert_eq!(cut("ASC", "1", "2"), [2, 3]);
        assert_eq!(cut("DESC", "1", "2"), [3, 2]);
        assert!(cut("DESC", "9", "2").is_empty());
    }
}
