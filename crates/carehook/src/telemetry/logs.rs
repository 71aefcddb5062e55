//! Logs on stderr: for people on a terminal, as JSON lines elsewhere.

use std::io::{self, IsTerminal as _};
use std::str::FromStr;

use tracing_subscriber::EnvFilter;

/// Which log lines are written, such as `info` or `warn,carehook_engine=debug`.
#[derive(Debug, Clone)]
pub(crate) struct LogFilter(String);

impl LogFilter {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for LogFilter {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        EnvFilter::try_new(text)
            .map(|_| Self(text.to_owned()))
            .map_err(|error| {
                format!("`{text}` is not a log filter such as `info` or `warn,carehook_engine=debug`: {error}")
            })
    }
}

/// Starts logging; a second call changes nothing.
pub(crate) fn start_logs(filter: &LogFilter) {
    let filter = EnvFilter::new(filter.as_str());
    let logs = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr);
    let started = if io::stderr().is_terminal() {
        logs.compact().with_target(false).try_init()
    } else {
        logs.json().flatten_event(true).with_ansi(false).try_init()
    };
    // Somebody else's subscriber is as good as ours.
    drop(started);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_checked_before_it_is_used() {
        assert!("warn,carehook_engine=debug".parse::<LogFilter>().is_ok());
        let error = "carehook=loud".parse::<LogFilter>().unwrap_err();
        assert!(
            error.starts_with("`carehook=loud` is not a log filter"),
            "{error}"
        );
    }
}
