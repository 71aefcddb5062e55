//! How long things took, in classes that grow with the duration, so that percentiles of any span
//! follow from small sums.

use std::time::Duration;

/// Everything shorter than this is one class: 64 µs.
const SHORTEST_BITS: u32 = 6;
/// Each doubling is cut into eight classes, so a percentile is wrong by 6 % at most.
const PART_BITS: u32 = 3;
const PARTS: u64 = 1 << PART_BITS;

/// The last class that a duration has; longer than a day and a half is in it too.
const LAST: u8 = u8::MAX - 1;
/// In bytes, what stands for the longest duration in place of a class and its number.
const LONGEST: u8 = u8::MAX;

/// A histogram of durations, and the longest of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Durations {
    /// Classes with their numbers, the shortest first.
    classes: Vec<(u8, u64)>,
    /// In microseconds; no percentile is above it. 0 where it is not known.
    longest: u64,
}

impl Durations {
    /// Counts one.
    pub fn count(&mut self, duration: Duration) {
        let micros = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        self.longest = self.longest.max(micros);
        self.put(class_of(micros), 1);
    }

    /// Adds what was counted elsewhere.
    pub fn add(&mut self, other: &Self) {
        let Self { classes, longest } = other;
        for (class, number) in classes {
            self.put(*class, *number);
        }
        self.longest = self.longest.max(*longest);
    }

    /// How many were counted.
    pub fn total(&self) -> u64 {
        self.classes.iter().map(|(_, number)| number).sum()
    }

    /// The duration that `percent` of 100 stay below, and never longer than the longest; `None`
    /// when nothing was counted.
    pub fn percentile(&self, percent: u8) -> Option<Duration> {
        let total = self.total();
        let wanted = (total * u64::from(percent.min(100))).div_ceil(100).max(1);
        let mut seen = 0;
        let most = Some(self.longest).filter(|longest| *longest > 0);
        self.classes.iter().find_map(|(class, number)| {
            seen += number;
            let middle = middle_of(*class);
            let micros = most.map_or(middle, |most| middle.min(most));
            (seen >= wanted).then(|| Duration::from_micros(micros))
        })
    }

    fn put(&mut self, class: u8, number: u64) {
        match (self.classes).binary_search_by_key(&class, |(class, _)| *class) {
            Ok(place) => {
                if let Some((_, known)) = self.classes.get_mut(place) {
                    *known += number;
                }
            }
            Err(place) => self.classes.insert(place, (class, number)),
        }
    }

    /// As bytes: each class, followed by its number in groups of seven bits, the lowest first;
    /// the longest duration stands like that of a last class.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.classes.len() * 3 + 5);
        let longest = Some((LONGEST, self.longest)).filter(|(_, longest)| *longest > 0);
        for (class, number) in self.classes.iter().copied().chain(longest) {
            bytes.push(class);
            let mut rest = number;
            while rest >= 0x80 {
                bytes.push(0x80 | u8::try_from(rest & 0x7f).unwrap_or_default());
                rest >>= 7;
            }
            bytes.push(u8::try_from(rest).unwrap_or_default());
        }
        bytes
    }

    /// Reads those bytes; what is damaged is left out.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Self {
        let mut durations = Self::default();
        let mut bytes = bytes.iter().copied();
        while let Some(class) = bytes.next() {
            let (mut number, mut shift) = (0_u64, 0);
            for byte in bytes.by_ref() {
                number |= u64::from(byte & 0x7f).checked_shl(shift).unwrap_or(0);
                shift += 7;
                if byte < 0x80 {
                    break;
                }
            }
            if class == LONGEST {
                durations.longest = durations.longest.max(number);
            } else {
                durations.put(class, number);
            }
        }
        durations
    }
}

fn class_of(micros: u64) -> u8 {
    let bits = u64::BITS - micros.leading_zeros();
    if bits <= SHORTEST_BITS {
        return 0;
    }
    let doubling = u64::from(bits - 1 - SHORTEST_BITS);
    let part = (micros >> (bits - 1 - PART_BITS)) & (PARTS - 1);
    u8::try_from(1 + doubling * PARTS + part).map_or(LAST, |class| class.min(LAST))
}

/// The middle of a class, in microseconds.
fn middle_of(class: u8) -> u64 {
    let Some(place) = u64::from(class).checked_sub(1) else {
        return 1 << (SHORTEST_BITS - 1);
    };
    let start = 1_u64 << (u64::from(SHORTEST_BITS) + place / PARTS);
    let part = start / PARTS;
    start + part * (place % PARTS) + part / 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_wrong_by_six_percent_at_most() {
        for micros in [
            64, 65, 100, 999, 4_321, 25_000, 1_000_000, 14_999_999, 30_000_000,
        ] {
            let mut durations = Durations::default();
            durations.count(Duration::from_micros(micros));
            let found = durations.percentile(50).unwrap().as_micros();
            let apart = found.abs_diff(u128::from(micros));
            assert!(apart * 100 <= u128::from(micros) * 7, "{micros}: {found}");
        }
    }

    #[test]
    fn percentiles_leave_their_part_below_them() {
        let mut durations = Durations::default();
        assert_eq!(durations.percentile(50), None);
        for _ in 0..94 {
            durations.count(Duration::from_millis(10));
        }
        for _ in 0..6 {
            durations.count(Duration::from_secs(2));
        }
        let near = |percent, millis: u128| {
            let found = durations.percentile(percent).unwrap().as_micros();
            assert!(
                found.abs_diff(millis * 1_000) * 15 <= millis * 1_000,
                "{percent}: {found}"
            );
        };
        near(50, 10);
        near(94, 10);
        near(95, 2_000);
        near(99, 2_000);
    }

    #[test]
    fn no_percentile_is_above_the_longest_duration() {
        let mut durations = Durations::default();
        for micros in [14_200_000, 15_001_000, 15_002_000] {
            durations.count(Duration::from_micros(micros));
        }
        let read = Durations::from_bytes(&durations.to_bytes());
        let mut added = Durations::default();
        added.add(&read);
        for found in [durations, read, added].map(|one| one.percentile(99)) {
            assert_eq!(found, Some(Duration::from_millis(15_002)));
        }
        // What was counted before the longest was kept.
        let older = Durations::from_bytes(&[70, 3]);
        assert!(older.percentile(99) > Some(Duration::ZERO));
    }

    #[test]
    fn bytes_hold_what_was_counted() {
        let mut durations = Durations::default();
        for micros in [0, 70, 70, 5_000, u64::MAX] {
            durations.count(Duration::from_micros(micros));
        }
        durations.put(40, 1_000_000);
        let read = Durations::from_bytes(&durations.to_bytes());
        assert_eq!(read, durations);
        assert_eq!(read.total(), 1_000_005);
        let cut = Durations::from_bytes(&durations.to_bytes()[..1]);
        assert_eq!(cut.total(), 0);
    }
}
