//! Parts of the list of endpoints by number, for faces whose pages have an offset and no cursor.

use std::sync::Arc;

use carehook_core::{Endpoint, Scope};

use crate::{App, AppError, OrganizationAccess};

/// Which part of a list is wanted, by number. The face has checked that it allows so many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// How many entries come before it.
    pub skip: usize,
    /// Entries at most.
    pub take: usize,
}

/// A part of a list, and how long the list is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RangeOf<T> {
    /// The part that was asked for.
    pub range: Range,
    /// Its entries.
    pub items: Vec<T>,
    /// The entries of the whole list.
    pub total: usize,
}

impl<T> RangeOf<T> {
    fn of(all: Vec<T>, range: Range) -> Self {
        let total = all.len();
        let items = all.into_iter().skip(range.skip).take(range.take).collect();
        Self {
            range,
            items,
            total,
        }
    }

    /// Where the next part begins, if there is one.
    pub fn next(&self) -> Option<usize> {
        let end = self.range.skip.saturating_add(self.items.len());
        (end < self.total).then_some(end)
    }
}

impl App {
    /// A part of the endpoints that the caller may see, oldest first.
    pub fn endpoint_range(
        &self,
        access: &OrganizationAccess,
        range: Range,
    ) -> Result<RangeOf<Arc<Endpoint>>, AppError> {
        access.require(Scope::Read)?;
        Ok(RangeOf::of(self.endpoints(access)?, range))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_ends_with_the_list_and_tells_what_follows() {
        let part = |skip, take| {
            let part = RangeOf::of(vec!['a', 'b', 'c'], Range { skip, take });
            let next = part.next();
            assert_eq!(part.total, 3);
            (part.items.into_iter().collect::<String>(), next)
        };
        assert_eq!(part(0, 2), ("ab".to_owned(), Some(2)));
        assert_eq!(part(2, 2), ("c".to_owned(), None));
        assert_eq!(part(1, 2), ("bc".to_owned(), None));
        assert_eq!(part(3, 2), (String::new(), None));
        assert_eq!(part(usize::MAX, 9), (String::new(), None));
    }
}
