//! The text that Python's `json.dumps(json.loads(text))` prints: some receivers verify a signature of exactly that.

mod number;
mod string;

#[cfg(test)]
mod tests;

use crate::reprint::{Spelling, write};

/// Appends what Python 3 prints for `json.dumps(json.loads(json))`, all options at their defaults.
///
/// `json` must be a JSON text (RFC 8259) in UTF-8; for anything else the output means nothing, but nothing panics.
///
/// Integers of any size are kept. Python itself refuses to read those of more than 4300 digits
/// (`sys.set_int_max_str_digits`) and, depending on its version, nesting of about a thousand levels.
pub fn write_python_json(json: &[u8], out: &mut Vec<u8>) {
    // Most texts grow by the spaces alone.
    out.reserve(json.len() + json.len() / 4);
    write::<Python>(json, out);
}

struct Python;

impl Spelling for Python {
    const COMMA: &'static [u8] = b", ";
    const COLON: &'static [u8] = b": ";

    fn write_string<'t>(json: &'t [u8], out: &mut Vec<u8>) -> &'t [u8] {
        string::write(json, out)
    }

    fn write_number<'t>(json: &'t [u8], out: &mut Vec<u8>) -> &'t [u8] {
        number::write(json, out)
    }
}
