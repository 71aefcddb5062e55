//! Strings: characters stand for themselves, but for quotes, backslashes, control characters and lone surrogates.

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
            [control, after @ ..] => {
                write_escaped(u16::from(*control), out);
                after
            }
            [] => return after,
        };
    }
}

/// Whether a byte inside a string stays as it is: printable ASCII, and the parts of longer characters.
fn is_plain(byte: u8) -> bool {
    byte >= b' ' && byte != b'"' && byte != b'\\'
}

/// Writes what stands for the escape whose backslash has been taken.
fn write_escape<'t>(json: &'t [u8], out: &mut Vec<u8>) -> &'t [u8] {
    match json {
        [b'u', a, b, c, d, rest @ ..] => write_units(unit([*a, *b, *c, *d]), rest, out),
        [b'/', rest @ ..] => {
            out.push(b'/');
            rest
        }
        // The others are spelled the same by JavaScript.
        [letter, rest @ ..] => {
            out.extend_from_slice(&[b'\\', *letter]);
            rest
        }
        [] => json,
    }
}

/// Writes a UTF-16 unit, with the one after it when both are one character.
fn write_units<'t>(first: u16, json: &'t [u8], out: &mut Vec<u8>) -> &'t [u8] {
    let (second, after) = match json {
        [b'\\', b'u', a, b, c, d, after @ ..] => (Some(unit([*a, *b, *c, *d])), after),
        _ => (None, json),
    };
    let decoded = |units: &[u16]| char::decode_utf16(units.iter().copied()).next();
    let alone = decoded(&[first]).and_then(Result::ok);
    let paired = || decoded(&[first, second?]).and_then(Result::ok);
    match (alone, alone.is_none().then(paired).flatten()) {
        (Some(character), _) => {
            write_character(character, out);
            json
        }
        (None, Some(character)) => {
            write_character(character, out);
            after
        }
        (None, None) => {
            write_escaped(first, out);
            json
        }
    }
}

fn write_character(character: char, out: &mut Vec<u8>) {
    if character < ' ' || matches!(character, '"' | '\\') {
        // These characters are one unit each.
        let mut units = [0; 2];
        for unit in character.encode_utf16(&mut units) {
            write_escaped(*unit, out);
        }
    } else {
        let mut bytes = [0; 4];
        out.extend_from_slice(character.encode_utf8(&mut bytes).as_bytes());
    }
}
