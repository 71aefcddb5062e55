//! Numbers as they are read: integers of any size, and floats with their shortest digits.

use std::fmt::Arguments;
use std::io::Write as _;

/// A number of a JSON text.
pub(crate) enum Number<'t> {
    /// One without a point and an exponent, as it is spelled.
    Integer(&'t [u8]),
    /// Any other, and how it is spelled; infinite when no float is as large.
    Float(f64, &'t [u8]),
}

/// Reads the number at the beginning of `json`, and gives what follows it.
pub(crate) fn read(json: &[u8]) -> (Number<'_>, &[u8]) {
    let belongs = |byte: &u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
    let length = json.iter().take_while(|byte| belongs(byte)).count();
    let (number, rest) = json.split_at(length);
    let is_float = number.iter().any(|byte| matches!(byte, b'.' | b'e' | b'E'));
    let float = || std::str::from_utf8(number).ok()?.parse::<f64>().ok();
    let read = match is_float.then(float).flatten() {
        Some(value) => Number::Float(value, number),
        None => Number::Integer(number),
    };
    (read, rest)
}

/// The fewest digits of a finite float that read back as it, with a point after the first, and its decimal exponent.
pub(crate) fn shortest(value: f64, buffer: &mut [u8; 32]) -> (&str, i32) {
    let mut written = format(format_args!("{value:e}"), buffer);
    let digits = parts(buffer, written).0.len() - 1;
    // Two texts of as many digits can be equally near. Then Python takes the even one, and so do the engines of
    // JavaScript (ECMA-262, Number::toString, note 2), as formatting to a given number of digits does; the formatting above takes the upper one. With fewer digits there are no such ties.
    if digits >= 16 {
        let mut rounded = [0; 32];
        let length = format(format_args!("{value:.*e}", digits - 1), &mut rounded);
        // Next to a power of two the nearest text may read back as another float.
        if text(&rounded, length).parse() == Ok(value) {
            (*buffer, written) = (rounded, length);
        }
    }
    let (digits, exponent) = parts(buffer, written);
    (
        digits,
        exponent.parse().expect("a float's exponent is small"),
    )
}

/// Formats into `buffer` and gives the length.
fn format(float: Arguments<'_>, buffer: &mut [u8; 32]) -> usize {
    let mut free = buffer.as_mut_slice();
    // 17 digits, a point and `e-308` are 23 bytes.
    free.write_fmt(float)
        .expect("a float's shortest form fits into 32 bytes");
    let unused = free.len();
    buffer.len() - unused
}

fn text(buffer: &[u8; 32], written: usize) -> &str {
    let written = buffer.get(..written).unwrap_or_default();
    std::str::from_utf8(written).expect("formatted floats are ASCII")
}

fn parts(buffer: &[u8; 32], written: usize) -> (&str, &str) {
    text(buffer, written)
        .split_once('e')
        .expect("`{:e}` prints an exponent")
}
