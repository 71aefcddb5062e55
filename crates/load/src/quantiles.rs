//! Quantiles of durations, exact: all samples are kept.

use serde::Serialize;

/// More samples than any run needs; later ones are not kept.
const MOST_SAMPLES: usize = 4_000_000;

/// Durations in microseconds.
#[derive(Default)]
pub(crate) struct Samples(Vec<u32>);

/// What is told about them.
#[derive(Serialize, Debug, PartialEq, Eq)]
pub(crate) struct Quantiles {
    samples: usize,
    p50_us: u32,
    p90_us: u32,
    p99_us: u32,
    max_us: u32,
}

impl Samples {
    pub(crate) fn add(&mut self, micros: u64) {
        if self.0.len() < MOST_SAMPLES {
            self.0.push(u32::try_from(micros).unwrap_or(u32::MAX));
        }
    }

    /// Nothing when there are no samples.
    pub(crate) fn quantiles(&self) -> Option<Quantiles> {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        Some(Quantiles {
            samples: sorted.len(),
            p50_us: at(&sorted, 50)?,
            p90_us: at(&sorted, 90)?,
            p99_us: at(&sorted, 99)?,
            max_us: *sorted.last()?,
        })
    }
}

/// The smallest sample that `percent` of all samples do not exceed (nearest rank).
fn at(sorted: &[u32], percent: usize) -> Option<u32> {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_samples_by_nearest_rank() {
        let mut samples = Samples::default();
        for micros in (1..=200).rev() {
            samples.add(micros);
        }
        let expected = Quantiles {
            samples: 200,
            p50_us: 100,
            p90_us: 180,
            p99_us: 198,
            max_us: 200,
        };
        assert_eq!(samples.quantiles(), Some(expected));
    }

    #[test]
    fn one_sample_is_every_quantile_and_none_is_no_quantile() {
        assert_eq!(at(&[7], 50), Some(7));
        assert_eq!(at(&[7], 99), Some(7));
        assert_eq!(Samples::default().quantiles(), None);
    }
}
