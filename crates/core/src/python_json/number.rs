//! Numbers: integers stay as they are, everything else is a float and is printed by its `repr`.

use std::io::Write as _;

use crate::reprint::number::{Number, read, shortest};

/// Writes the number at the beginning of `json` and gives what follows it.
pub(super) fn write<'t>(json: &'t [u8], out: &mut Vec<u8>) -> &'t [u8] {
    let (number, rest) = read(json);
    match number {
        Number::Float(value, _) => write_repr(value, out),
        // Python's integers have no negative zero.
        Number::Integer(b"-0") => out.push(b'0'),
        Number::Integer(digits) => out.extend_from_slice(digits),
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
