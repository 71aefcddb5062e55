//! The CPU time that this process has used.

use std::fs;

use anyhow::{Context as _, Result};

/// Nanoseconds on a CPU so far, user and system, of all threads that live.
pub(crate) fn own_nanos() -> Result<u64> {
    let mut sum = 0;
    for thread in fs::read_dir("/proc/self/task").context("list the threads")? {
        // A thread may end while it is looked at.
        if let Ok(text) = fs::read_to_string(thread?.path().join("schedstat")) {
            sum += first_number(&text).context("schedstat has an unknown form")?;
        }
    }
    Ok(sum)
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
