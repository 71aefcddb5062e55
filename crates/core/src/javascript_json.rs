//! The text that JavaScript's `JSON.stringify(JSON.parse(text))` prints: the spelling in which payloads are compared.

mod number;
mod string;

#[cfg(test)]
mod tests;

use crate::reprint::{Spelling, write};

/// Appends what JavaScript prints for `JSON.stringify(JSON.parse(json))`, where that loses nothing.
///
/// Integers stay as they are, digit for digit, where JavaScript rounds those beyond 2^53. A number with a point or
/// an exponent that is too large for a float stays as it is, where JavaScript prints `null`. Keys stay in their
/// order, where JavaScript sorts those that are array indices to the front.
///
/// `json` must be a JSON text (RFC 8259) in UTF-8; for anything else the output means nothing, but nothing panics.
pub fn write_javascript_json(json: &[u8], out: &mut Vec<u8>) {
    out.reserve(json.len());
    write::<JavaScript>(json, out);
}

struct JavaScript;

impl Spelling for JavaScript {
    const COMMA: &'static [u8] = b",";
    const COLON: &'static [u8] = b":";

    fn write_string<'t>(json: &'t [u8], out: &mut Vec<u8>) -> &'t [u8] {
        string::write(json, out)
    }

    fn write_number<'t>(json: &'t [u8], out: &mut Vec<u8>) -> &'t [u8] {
        number::write(json, out)
    }
}
