//! Escapes in strings, which Python and JavaScript spell alike.

/// The UTF-16 unit of a `\u` escape.
pub(crate) fn unit(digits: [u8; 4]) -> u16 {
    let digit = |hex: u8| char::from(hex).to_digit(16).unwrap_or_default();
    let unit = digits
        .into_iter()
        .fold(0, |unit, hex| unit << 4 | digit(hex));
    u16::try_from(unit).expect("four hex digits")
}

/// Writes the escape of a UTF-16 unit: the short one where there is one, else four small hex digits.
pub(crate) fn write_escaped(unit: u16, out: &mut Vec<u8>) {
    let [high, low] = unit.to_be_bytes();
    let short = match (high, low) {
        (0, b'"' | b'\\') => low,
        (0, 0x08) => b'b',
        (0, 0x0c) => b'f',
        (0, b'\n') => b'n',
        (0, b'\r') => b'r',
        (0, b'\t') => b't',
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
