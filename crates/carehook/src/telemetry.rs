//! Logs and figures. Neither ever holds a payload, a secret or a header value.

mod logs;
mod metrics;
mod panics;
mod process;

pub(crate) use self::logs::{LogFilter, start_logs};
pub(crate) use self::metrics::Metrics;
pub(crate) use self::panics::silence_panics;
