//! Numbers: integers stay as they are, everything else is a float and is printed by its `repr`.

use std::fmt::Arguments;
use std::io::Write as _;

/// Writes the number at the beginning of `json` and gives what follows it.
pub(super) fn write<'t>(json: &'t [u8], out: &mut Vec<u8>) -> &'t [u8] {
    let belongs = |byte: &u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
    let length = json.iter().take_while(|byte| belongs(byte)).count();
    let (number, rest) = json.split_at(length);
    let is_float = number.iter().any(|byte| matches!(byte, b'.' | b'e' | b'E'));
    let float = || std::str::from_utf8(number).ok()?.parse::<f64>().ok();
    match is_float.then(float).flatten() {
        Some(value) => write_repr(value, out),
        // Python's integers have no negative zero.
        None if number == b"-0" => out.push(b'0'),
        None => out.extend_from_slice(number),
    }
    rest
}

/// Writes a float as `float.__repr__` does: the shortest digits that read back as the same value.
///
/// The rule for the place of the point is `float_repr_style` "short" (`Python/pystrtod.c`, format code `r`):
/// an exponent below -4 or from 16 on, written with a sign and at least two digits.
fn write_repr(value: f64, out: &mut Vec<u8>) {
    if value.is_sign_negative() {
        out.push(b'-');
    }
    if value.is_infinite() {
        // Not JSON, but what Python prints; reading turned a number beyond the floats into it.
        out.extend_from_slice(b"Infinity");
        return;
    }
    let mut buffer = [0; 32];
    let (digits, exponent) = shortest(value.abs(), &mut buffer);
    let (lead, tail) = digits.split_once('.').unwrap_or((digits, ""));
    let zeros = |count: usize| std::iter::repeat_n(b'0', count);
    match (exponent, usize::try_from(exponent)) {
        (0..16, Ok(places)) => {
            let (whole, fraction) = tail.split_at(tail.len().min(places));
            out.extend_from_slice(lead.as_bytes());
            out.extend_from_slice(whole.as_bytes());
            out.extend(zeros(places - whole.len()));
            out.push(b'.');
            let fraction = if fraction.is_empty() { "0" } else { fraction };
            out.extend_from_slice(fraction.as_bytes());
        }
        (-4..0, _) => {
            out.extend_from_slice(b"0.");
            out.extend((exponent + 1..0).map(|_| b'0'));
            out.extend_from_slice(lead.as_bytes());
            out.extend_from_slice(tail.as_bytes());
        }
        _ => write!(out, "{digits}e{exponent:+03}").expect("writing to a Vec cannot fail"),
    }
}

/// The fewest digits of a finite float that read back as it, with a point after the first, and its decimal exponent.
fn shortest(value: f64, buffer: &mut [u8; 32]) -> (&str, i32) {
    let mut written = format(format_args!("{value:e}"), buffer);
    let digits = parts(buffer, written).0.len() - 1;
    // Two texts of as many digits can be equally near. Then Python takes the even one, as formatting to a given
    // number of digits does; the formatting above takes the upper one. With fewer digits there are no such ties.
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
