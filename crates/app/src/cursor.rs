//! Pages of lists: their limits, and cursors that a caller cannot mix up between lists.

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use carehook_core::{Limits, RecordId};
use carehook_store::PageRequest;

use crate::{AppError, Faults};

/// Which part of a list is wanted, as the caller said it.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// Entries at most.
    pub limit: Option<usize>,
    /// The `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// A part of a list.
#[derive(Clone, Debug)]
pub struct PageOf<T> {
    /// The entries.
    pub items: Vec<T>,
    /// Where the next page begins, if there is one.
    pub next_cursor: Option<String>,
}

/// A list, for which cursors are made; those of one list are refused by all others.
#[derive(Clone, Copy)]
pub(crate) struct List<'a> {
    pub(crate) kind: &'static str,
    /// Whose list it is; empty for lists over all organizations.
    pub(crate) owner: &'a str,
}

/// A place in a list that can be put into a cursor.
pub(crate) trait Place: Sized {
    fn to_text(&self) -> String;
    fn from_text(text: &str) -> Option<Self>;
}

impl Place for RecordId {
    fn to_text(&self) -> String {
        self.to_string()
    }

    fn from_text(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

impl Place for String {
    fn to_text(&self) -> String {
        self.clone()
    }

    fn from_text(text: &str) -> Option<Self> {
        Some(text.to_owned())
    }
}

const CHECKSUM_BYTES: usize = 6;

impl List<'_> {
    /// Checks what the caller said.
    pub(crate) fn request<P: Place>(self, page: &Page) -> Result<PageRequest<P>, AppError> {
        let mut faults = Faults::default();
        let limit = page.limit.unwrap_or(Limits::PAGE_DEFAULT);
        if !(1..=Limits::PAGE).contains(&limit) {
            faults.add("/limit", format!("must be 1 to {}", Limits::PAGE));
        }
        let after = page.cursor.as_deref().map(|cursor| {
            self.read(cursor)
                .ok_or("is not a cursor that this list has given")
        });
        let after = faults.take_optional("/cursor", after);
        faults.check()?;
        Ok(PageRequest { limit, after })
    }

    /// The cursor that leads to what comes after `place`.
    pub(crate) fn cursor<P: Place>(self, place: &P) -> String {
        let text = place.to_text();
        let mut bytes = self.checksum(&text).to_vec();
        bytes.extend_from_slice(text.as_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// A page out of a list that is at hand completely, in its order.
    pub(crate) fn cut<T, P: Place>(
        self,
        rest: impl Iterator<Item = T>,
        limit: usize,
        place: impl Fn(&T) -> P,
    ) -> PageOf<T> {
        let mut items: Vec<T> = rest.take(limit + 1).collect();
        let more = items.len() > limit;
        items.truncate(limit);
        let last = items.last().filter(|_| more);
        let next_cursor = last.map(|item| self.cursor(&place(item)));
        PageOf { items, next_cursor }
    }

    fn read<P: Place>(self, cursor: &str) -> Option<P> {
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (checksum, text) = bytes.split_at_checked(CHECKSUM_BYTES)?;
        let text = std::str::from_utf8(text).ok()?;
        if *checksum != self.checksum(text) {
            return None;
        }
        P::from_text(text)
    }

    /// Not a protection, for a list shows only its owner's entries anyway: it tells a cursor that
    /// was given from one that was guessed, damaged, or meant for another list.
    fn checksum(self, text: &str) -> [u8; CHECKSUM_BYTES] {
        let whole = format!("{}\n{}\n{text}", self.kind, self.owner);
        let digest = digest::digest(&digest::SHA256, whole.as_bytes());
        let mut checksum = [0; CHECKSUM_BYTES];
        for (to, from) in checksum.iter_mut().zip(digest.as_ref()) {
            *to = *from;
        }
        checksum
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const EVENTS: List<'_> = List {
        kind: "events",
        owner: "northside",
    };

    fn after(list: List<'_>, cursor: &str) -> Result<Option<RecordId>, AppError> {
        let page = Page {
            limit: None,
            cursor: Some(cursor.to_owned()),
        };
        list.request(&page).map(|request| request.after)
    }

    proptest! {
        #[test]
        fn a_cursor_leads_back_to_its_place(millis in 0i64..1 << 40, number in 0u64..1 << 40, salt: u32) {
            let place = RecordId::new(millis, number, salt);
            let cursor = EVENTS.cursor(&place);
            prop_assert_eq!(after(EVENTS, &cursor).unwrap(), Some(place));
        }

        #[test]
        fn any_other_text_is_refused(text in ".{0,60}") {
            prop_assert!(after(EVENTS, &text).is_err());
        }
    }

    #[test]
    fn a_cursor_of_another_list_is_refused() {
        let cursor = EVENTS.cursor(&RecordId::new(1, 2, 3));
        let deliveries = List {
            kind: "deliveries",
            ..EVENTS
        };
        let southside = List {
            owner: "southside",
            ..EVENTS
        };
        assert!(after(EVENTS, &cursor).is_ok());
        assert!(after(deliveries, &cursor).is_err());
        assert!(after(southside, &cursor).is_err());
    }

    #[test]
    fn a_limit_is_1_to_100() {
        let with = |limit| {
            let page = Page {
                limit,
                cursor: None,
            };
            EVENTS
                .request::<RecordId>(&page)
                .map(|request| request.limit)
        };
        assert_eq!(with(None).unwrap(), 20);
        assert_eq!(with(Some(100)).unwrap(), 100);
        assert!(with(Some(0)).is_err());
        assert!(with(Some(101)).is_err());
    }

    #[test]
    fn only_a_page_with_more_behind_it_has_a_cursor() {
        let cut = |limit| EVENTS.cut(1..=3u64, limit, |n| RecordId::new(0, *n, 0));
        assert_eq!(cut(3).next_cursor, None);
        assert_eq!(cut(2).items, [1, 2]);
        let next = cut(2).next_cursor.unwrap();
        assert_eq!(after(EVENTS, &next).unwrap(), Some(RecordId::new(0, 2, 0)));
    }
}
