//! Numbers: integers stay as they are, everything else is printed as ECMA-262's `Number::toString` does.

use std::io::Write as _;

use crate::reprint::number::{Number, read, shortest};

/// Writes the number at the beginning of `json` and gives what follows it.
pub(super) fn write<'t>(json: &'t [u8], out: &mut Vec<u8>) -> &'t [u8] {
    let (number, rest) = read(json);
    match number {
        // Neither zero has a sign.
        Number::Integer(b"-0") => out.push(b'0'),
        Number::Float(value, _) if value.is_finite() => write_float(value, out),
        Number::Integer(spelled) | Number::Float(_, spelled) => out.extend_from_slice(spelled),
    }
    rest
}

/// The point stands where it is while the exponent is from -6 to 20; beyond, there is an exponent with a sign.
fn write_float(value: f64, out: &mut Vec<u8>) {
    if value == 0.0 {
        out.push(b'0');
        return;
    }
    if value.is_sign_negative() {
        out.push(b'-');
    }
    let mut buffer = [0; 32];
    let (digits, exponent) = shortest(value.abs(), &mut buffer);
    let (lead, tail) = digits.split_once('.').unwrap_or((digits, ""));
    match (exponent, usize::try_from(exponent)) {
        (0..21, Ok(places)) => {
            let (whole, fraction) = tail.split_at(tail.len().min(places));
            out.extend_from_slice(lead.as_bytes());
            out.extend_from_slice(whole.as_bytes());
            out.extend(std::iter::repeat_n(b'0', places - whole.len()));
            if !fraction.is_empty() {
                out.push(b'.');
                out.extend_from_slice(fraction.as_bytes());
            }
        }
        (-6..0, _) => {
            out.extend_from_slice(b"0.");
            out.extend((exponent + 1..0).map(|_| b'0'));
            out.extend_from_slice(lead.as_bytes());
            out.extend_from_slice(tail.as_bytes());
        }
        _ => write!(out, "{digits}e{exponent:+}").expect("writing to a Vec cannot fail"),
    }
}
