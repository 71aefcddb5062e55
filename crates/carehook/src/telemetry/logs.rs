//! Logs on stderr: for people on a terminal, as JSON lines elsewhere.

use std::io::{self, IsTerminal as _};
use std::str::FromStr;

use tracing::{Level, Metadata};
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, fmt};

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
    let logs = tracing_subscriber::registry()
        .with(EnvFilter::new(filter.as_str()))
        .with(filter_fn(is_discreet));
    let lines = fmt::layer().with_writer(io::stderr);
    let started = if io::stderr().is_terminal() {
        logs.with(lines.compact().with_target(false)).try_init()
    } else {
        let lines = lines.json().flatten_event(true).with_ansi(false);
        logs.with(lines).try_init()
    };
    // Somebody else's subscriber is as good as ours.
    drop(started);
}

/// Whether a line may be written, however much is asked for: what libraries of others put into
/// their debug lines is not ours to promise.
fn is_discreet(line: &Metadata<'_>) -> bool {
    line.target().starts_with("carehook") || *line.level() <= Level::INFO
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
