//! Strings: printable ASCII stays, everything else gets the one escape that Python has for it.

use crate::reprint::escape::{unit, write_escaped};

/// Writes the string whose opening quote has been taken, and gives what follows its closing quote.
pub(super) fn write<'t>(json: &'t [u8], out: &mut Vec<u8>) -> &'t [u8] {
    out.push(b'"');
    let mut rest = json;
    loop {
        let plain = rest.iter().take_while(|byte| is_plain(**byte)).count();
        let (run, after) = rest.split_at(plain);
        out.extend_from_slice(run);
        rest = match after {
            [b'"', after @ ..] => {
                out.push(b'"');
                return after;
            }
            [b'\\', after @ ..] => write_escape(after, out),
            [0x80..=0xff, ..] => write_beyond_ascii(after, out),
            [control, after @ ..] => {
                write_unit(u16::from(*control), out);
                after
            }
            [] => return after,
        };
    }
}

/// Whether Python prints a byte inside a string as it is.
fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\'
}

/// Writes the escape whose backslash has been taken.
fn write_escape<'t>(json: &'t [u8], out: &mut Vec<u8>) -> &'t [u8] {
    match json {
        [b'u', a, b, c, d, rest @ ..] => {
            write_unit(unit([*a, *b, *c, *d]), out);
            rest
        }
        [b'/', rest @ ..] => {
            out.push(b'/');
            rest
        }
        // The others are spelled the same by Python.
        [letter, rest @ ..] => {
            out.extend_from_slice(&[b'\\', *letter]);
            rest
        }
        [] => json,
    }
}

/// Writes the characters up to the next ASCII one.
fn write_beyond_ascii<'t>(json: &'t [u8], out: &mut Vec<u8>) -> &'t [u8] {
    let length = json.iter().take_while(|byte| !byte.is_ascii()).count();
    let (run, rest) = json.split_at(length);
    for chunk in run.utf8_chunks() {
        for unit in chunk.valid().encode_utf16() {
            write_unit(unit, out);
        }
        if !chunk.invalid().is_empty() {
            write_unit(u16::from_be_bytes([0xff, 0xfd]), out);
        }
    }
    rest
}

/// Writes one UTF-16 unit; surrogates need no pairing, because Python prints a pair as two escapes, too.
fn write_unit(unit: u16, out: &mut Vec<u8>) {
    match u8::try_from(unit) {
        Ok(printable) if is_plain(printable) => out.push(printable),
        _ => write_escaped(unit, out),
    }
}
