//! Numbers as people read them.

use carehook_app::{Bounded, Counts};

/// A number with a comma after every three digits.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number that may be larger than it says.
pub(crate) fn bounded(number: Bounded) -> String {
    let more = if number.more { "more than " } else { "" };
    format!("{more}{}", grouped(number.number))
}

/// A number of things, such as `1 attempt` and `2,000 attempts`; `many` is the word for several.
pub(crate) fn of_things(number: u64, one: &str, many: &str) -> String {
    let word = if number == 1 { one } else { many };
    format!("{} {word}", grouped(number))
}

/// The part of the attempts that were delivered, such as `98.2 %`; `None` without attempts.
///
/// Rounded down, so that only a time without any failure has 100 %.
pub(crate) fn success_rate(counts: &Counts) -> Option<String> {
    let permille = (counts.delivered * 1_000).checked_div(counts.attempts())?;
    let text = match (permille / 10, permille % 10) {
        (percent, 0) => format!("{percent} %"),
        (percent, tenth) => format!("{percent}.{tenth} %"),
    };
    Some(text)
}

/// The beginning of a text that may be long.
pub(crate) fn shortened(text: &str, characters: usize) -> String {
    match text.char_indices().nth(characters) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        for (number, text) in [(0, "0"), (999, "999"), (1_000, "1,000")] {
            assert_eq!(grouped(number), text);
        }
        assert_eq!(grouped(1_234_567), "1,234,567");
        assert_eq!(of_things(1, "attempt", "attempts"), "1 attempt");
        assert_eq!(of_things(2_000, "attempt", "attempts"), "2,000 attempts");
    }

    #[test]
    fn a_rate_is_never_better_than_it_was() {
        let rate = |delivered, failed| {
            success_rate(&Counts {
                delivered,
                failed,
                ..Counts::default()
            })
        };
        assert_eq!(rate(0, 0), None);
        assert_eq!(rate(3, 0).as_deref(), Some("100 %"));
        assert_eq!(rate(99_999, 1).as_deref(), Some("99.9 %"));
        assert_eq!(rate(1, 2).as_deref(), Some("33.3 %"));
    }

    #[test]
    fn long_texts_end_with_dots() {
        assert_eq!(shortened("äöü", 2), "äö…");
        assert_eq!(shortened("äöü", 3), "äöü");
    }
}
