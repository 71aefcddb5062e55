//! Amounts of bytes and of time, as people read them.

use std::time::Duration;

/// Bytes with a unit in which they have one to four digits.
pub(super) fn bytes(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    let (mut tenths, mut unit) = (u128::from(bytes) * 10, "bytes");
    for next in UNITS {
        if tenths < 10_240 {
            break;
        }
        (tenths, unit) = (tenths / 1_024, next);
    }
    if unit == "bytes" {
        format!("{bytes} bytes")
    } else {
        format!("{}.{} {unit}", tenths / 10, tenths % 10)
    }
}

/// A long time, in its two largest units.
pub(super) fn long(time: Duration) -> String {
    let seconds = time.as_secs();
    let (days, hours) = (seconds / 86_400, seconds / 3_600 % 24);
    let (minutes, seconds) = (seconds / 60 % 60, seconds % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, minutes) => format!("{minutes} min"),
        (0, hours, minutes) => format!("{hours} h {minutes} min"),
        (1, hours, _) => format!("1 day {hours} h"),
        (days, hours, _) => format!("{days} days {hours} h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_have_a_unit() {
        for (number, text) in [
            (0, "0 bytes"),
            (1_023, "1023 bytes"),
            (1_536, "1.5 KiB"),
            (5 << 30, "5.0 GiB"),
            (u64::MAX, "16777215.9 TiB"),
        ] {
            assert_eq!(bytes(number), text);
        }
    }

    #[test]
    fn long_times_have_two_units() {
        for (seconds, text) in [
            (0, "0 s"),
            (61, "1 min"),
            (3_720, "1 h 2 min"),
            (90_000, "1 day 1 h"),
            (1_000_000, "11 days 13 h"),
        ] {
            assert_eq!(long(Duration::from_secs(seconds)), text);
        }
    }
}
