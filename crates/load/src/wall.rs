//! The wall clock, which publisher and receiver of one machine share.

use std::time::{SystemTime, UNIX_EPOCH};

/// Microseconds since 1970.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place of this program that reads the wall clock"
)]
pub(crate) fn now_micros() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let since = since.expect("the clock is not set before 1970");
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}
