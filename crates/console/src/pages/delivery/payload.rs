//! What an event holds and what a receiver answered, made readable; both are strangers' text.

use carehook_core::Event;

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

/// Compact JSON on many lines. Not by way of a tree: order and spelling of what was published stay.
fn indented(json: &str) -> String {
    let mut out = String::with_capacity(json.len() * 2);
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    let mut letters = json.chars().peekable();
    while let Some(letter) = letters.next() {
        if in_string {
            out.push(letter);
            in_string = escaped || letter != '"';
            escaped = !escaped && letter == '\\';
            continue;
        }
        match letter {
            '{' | '[' if matches!(letters.peek(), Some('}' | ']')) => out.push(letter),
            '{' | '[' => {
                depth += 1;
                out.push(letter);
                new_line(&mut out, depth);
            }
            '}' | ']' if out.ends_with(['{', '[']) => out.push(letter),
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                new_line(&mut out, depth);
                out.push(letter);
            }
            ',' => {
                out.push(letter);
                new_line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            '"' => {
                in_string = true;
                out.push(letter);
            }
            _ => out.push(letter),
        }
    }
    out
}

fn new_line(out: &mut String, depth: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n("  ", depth));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_spread_out_and_nothing_in_it_changes() {
        for (compact, expected) in [
            ("{}", "{}"),
            ("[[],{}]", "[\n  [],\n  {}\n]"),
            (
                r#"{"b":1.50,"a":["x,{\"}",2],"c":"\\"}"#,
                "{\n  \"b\": 1.50,\n  \"a\": [\n    \"x,{\\\"}\",\n    2\n  ],\n  \"c\": \"\\\\\"\n}",
            ),
        ] {
            assert_eq!(indented(compact), expected);
        }
    }

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
