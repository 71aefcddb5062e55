//! Retry schedules as people write them: `5 s, 5 min, 2 h`.

const UNITS: [(&str, u32); 4] = [("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)];

/// Reads delays, which have commas between them; a bare number is in seconds, `none` means a single
/// attempt.
pub(super) fn read(text: &str) -> Result<Vec<u32>, &'static str> {
    if text.trim().eq_ignore_ascii_case("none") {
        return Ok(Vec::new());
    }
    text.split(',').map(read_one).collect()
}

fn read_one(text: &str) -> Result<u32, &'static str> {
    const WRONG: &str = "must be delays such as `5 s, 5 min, 2 h`, or `none`";
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit());
    let (number, unit) = text.split_at(end.unwrap_or(text.len()));
    let unit = match unit.trim() {
        "" => "s",
        "m" => "min",
        unit => unit,
    };
    let seconds = UNITS.iter().find(|(name, _)| *name == unit);
    let (_, seconds) = seconds.ok_or(WRONG)?;
    let number: u32 = number.parse().map_err(|_| WRONG)?;
    number.checked_mul(*seconds).ok_or(WRONG)
}

/// Writes delays so that they are read back.
pub(super) fn written(delays: &[u32]) -> String {
    if delays.is_empty() {
        return "none".to_owned();
    }
    let texts: Vec<_> = delays.iter().map(|delay| written_one(*delay)).collect();
    texts.join(", ")
}

fn written_one(seconds: u32) -> String {
    // Hours rather than days: people say 24 h.
    let units = UNITS.iter().skip(1);
    let mut fitting = units.filter(|(_, unit)| seconds.is_multiple_of(*unit));
    let (name, unit) = fitting.next().unwrap_or(&("s", 1));
    format!("{} {name}", seconds / unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_are_read_and_written_with_their_units() {
        for (text, delays) in [
            ("5 s, 5 min, 2 h", vec![5, 300, 7_200]),
            ("90 s", vec![90]),
            ("24 h", vec![86_400]),
            ("none", vec![]),
        ] {
            assert_eq!(read(text).as_ref(), Ok(&delays));
            assert_eq!(written(&delays), text);
        }
        assert_eq!(read("5,10m,1d"), Ok(vec![5, 600, 86_400]));
    }

    #[test]
    fn what_is_no_delay_is_refused() {
        for text in ["", "5,,6", "soon", "5 weeks", "-5", "4294967295 d", "é"] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
