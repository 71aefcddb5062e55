//! What an event holds and what a receiver answered, made readable; both are strangers' text.

use carehook_core::Event;

use crate::indented::indented;

/// Characters of a text that a page shows.
const SHOWN: usize = 100_000;

/// What an event holds.
pub(super) struct Payload {
    /// `None` when it is no longer kept.
    pub(super) data: Option<String>,
    pub(super) previous: Option<String>,
    pub(super) subject: Option<String>,
}

impl Payload {
    pub(super) fn of(event: &Event) -> Self {
        let body = &event.body;
        let text =
            |json: &carehook_core::JsonText| indented(&String::from_utf8_lossy(json.bytes()));
        Self {
            data: (!body.is_gone()).then(|| cut(text(&body.data))),
            previous: body.previous.as_ref().map(|json| cut(text(json))),
            subject: body.subject.as_deref().map(str::to_owned),
        }
    }
}

/// Bytes of a receiver as text: what is not UTF-8 and what controls a terminal is replaced.
pub(super) fn readable(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let shown = text.chars().map(|letter| match letter {
        '\n' | '\t' => letter,
        letter if letter.is_control() => char::REPLACEMENT_CHARACTER,
        letter => letter,
    });
    cut(shown.collect())
}

fn cut(mut text: String) -> String {
    if let Some((at, _)) = text.char_indices().nth(SHOWN) {
        text.truncate(at);
        text.push_str("\n… (cut off)");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_text_of_bounded_length() {
        assert_eq!(
            readable(b"a\x1b[31m\0\xff\tb"),
            "a\u{fffd}[31m\u{fffd}\u{fffd}\tb"
        );
        let long = readable(&vec![b'x'; SHOWN + 1]);
        assert!(long.ends_with("x\n… (cut off)"));
    }
}
