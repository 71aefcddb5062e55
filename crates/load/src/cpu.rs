//! The CPU time that this process has used.

use std::fs;

use anyhow::{Context as _, Result};

/// Nanoseconds on a CPU so far, user and system.
///
/// The kernel counts them exactly for the main thread, and this program has no other that works.
pub(crate) fn own_nanos() -> Result<u64> {
    let path = "/proc/self/schedstat";
    let text = fs::read_to_string(path).with_context(|| format!("read {path}"))?;
    first_number(&text).with_context(|| format!("{path} has an unknown form"))
}

fn first_number(text: &str) -> Option<u64> {
    text.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_figure_is_the_time_on_a_cpu() {
        assert_eq!(first_number("123456 78 9\n"), Some(123_456));
        assert_eq!(first_number("\n"), None);
    }

    #[test]
    fn work_takes_time() {
        let before = own_nanos().unwrap();
        let sum: u64 = (0..1_000_000_u64).map(std::hint::black_box).sum();
        assert_eq!(sum, 499_999_500_000);
        assert!(own_nanos().unwrap() >= before);
    }
}
