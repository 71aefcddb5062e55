//! Strings: printable ASCII stays, everything else gets the one escape that Python has for it.

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
            let digit = |hex: &u8| char::from(*hex).to_digit(16).unwrap_or_default();
            let unit = [a, b, c, d]
                .into_iter()
                .fold(0, |unit, hex| unit << 4 | digit(hex));
            write_unit(u16::try_from(unit).expect("four hex digits"), out);
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
    let [high, low] = unit.to_be_bytes();
    let short = match (high, low) {
        (0, b'"' | b'\\') => low,
        (0, 0x08) => b'b',
        (0, 0x0c) => b'f',
        (0, b'\n') => b'n',
        (0, b'\r') => b'r',
        (0, b'\t') => b't',
        (0, b' '..=b'~') => return out.push(low),
        _ => {
            out.extend_from_slice(b"\\u");
            out.extend([high >> 4, high & 0xf, low >> 4, low & 0xf].map(hex_digit));
            return;
        }
    };
    out.extend_from_slice(&[b'\\', short]);
}

fn hex_digit(nibble: u8) -> u8 {
    match nibble {
        0..=9 => b'0' + nibble,
        _ => b'a' + (nibble - 10),
    }
}
