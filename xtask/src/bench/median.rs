//! Medians of few, noisy values.

/// The middle one, or the mean of the two in the middle; 0 when there are none.
pub(super) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match (sorted.get(middle), sorted.len().is_multiple_of(2)) {
        (None, _) => 0.0,
        (Some(upper), true) => f64::midpoint(sorted[middle - 1], *upper),
        (Some(value), false) => *value,
    }
}

/// The lowest and the highest value, for a reader who wants to know how noisy they were.
pub(super) fn range(values: &[f64]) -> (f64, f64) {
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(0.0, f64::max);
    (low, high)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is(found: f64, expected: f64) -> bool {
        (found - expected).abs() < 1e-9
    }

    #[test]
    fn the_median_ignores_outliers() {
        assert!(is(median(&[3.0, 1_000.0, 1.0]), 3.0));
        assert!(is(median(&[1.0, 2.0, 4.0, 1_000.0]), 3.0));
        assert!(is(median(&[]), 0.0));
    }

    #[test]
    fn the_range_has_both_ends() {
        let (low, high) = range(&[2.0, 1.0, 5.0]);
        assert!(is(low, 1.0) && is(high, 5.0));
    }
}
