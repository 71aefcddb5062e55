//! What is waiting, by when it is due.

use askama::Template;
use askama::filters::HtmlSafe;
use carehook_app::{Ahead, Backlog};

use crate::figures::{bounded, grouped};
use crate::moment::Moment;

/// Units of the longest bar.
const LONGEST: u64 = 100;

/// A part of a page: a table with a bar for each time.
#[derive(Template)]
#[template(path = "parts/waits.html")]
pub(crate) struct Waits {
    pending: String,
    /// Why the rows are less than all of it.
    is_part: bool,
    oldest: Option<Moment>,
    rows: Vec<Row>,
}

struct Row {
    when: &'static str,
    number: String,
    /// How long its bar is, in hundredths.
    long: u64,
}

// Its template escapes what it shows.
impl HtmlSafe for Waits {}

impl Waits {
    /// What is pending.
    pub(crate) fn of(ahead: &Ahead) -> Self {
        let Ahead {
            backlog,
            when_active,
        } = *ahead;
        let Backlog {
            pending,
            oldest,
            due,
            in_a_minute,
            in_an_hour,
            later,
        } = backlog;
        let mut rows = vec![
            ("due now", due),
            ("within the next minute", in_a_minute),
            ("within the next hour", in_an_hour),
            ("later", later),
        ];
        if when_active > 0 {
            rows.push(("when the webhook is active again", when_active));
        }
        let longest = rows.iter().map(|(_, number)| *number).max();
        let longest = longest.unwrap_or_default().max(1);
        Self {
            pending: bounded(pending),
            is_part: pending.more,
            oldest: oldest.map(Moment),
            rows: (rows.into_iter())
                .map(|(when, number)| Row {
                    when,
                    number: grouped(number),
                    long: (number * LONGEST).div_ceil(longest),
                })
                .collect(),
        }
    }

    fn is_nothing(&self) -> bool {
        self.oldest.is_none()
    }
}

#[cfg(test)]
mod tests {
    use carehook_app::Bounded;
    use carehook_core::Timestamp;

    use super::*;

    #[test]
    fn what_waits_is_told_by_when_it_is_due() {
        let backlog = Backlog {
            pending: Bounded {
                number: 12_000,
                more: true,
            },
            oldest: Some(Timestamp(1_773_656_465_007)),
            due: 2,
            in_a_minute: 0,
            in_an_hour: 11_000,
            later: 998,
        };
        let html = Waits::of(&Ahead {
            backlog,
            when_active: 0,
        })
        .to_string();
        for part in [
            "more than 12,000",
            "11,000",
            "within the next hour",
            "<time",
        ] {
            assert!(html.contains(part), "{part}: {html}");
        }
        // Two of eleven thousand are still seen.
        assert!(html.contains("width=\"1\""), "{html}");
        assert!(html.contains("width=\"100\""), "{html}");
    }

    #[test]
    fn nothing_that_waits_is_a_sentence() {
        let html = Waits::of(&Ahead::default()).to_string();
        assert!(html.contains("Nothing is waiting"), "{html}");
        assert!(!html.contains("<table"), "{html}");
    }
}
