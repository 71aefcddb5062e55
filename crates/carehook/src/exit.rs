//! Exit codes: what the program tells the shell, and the one place that maps errors to them.

use std::error::Error;
use std::fmt::Write as _;
use std::io;
use std::process::ExitCode;

use crate::client::ClientError;
use crate::config::ConfigError;
use crate::server::OpenDataError;

/// Why the program ended. The numbers are part of the command line's contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// Everything was done.
    Done = 0,
    /// The work could not be done; the message says why.
    Failed = 1,
    /// The command line is wrong. This is the number that `clap` uses.
    Usage = 2,
    /// A setting is missing or wrong.
    Configuration = 3,
    /// The data directory cannot be used.
    Data = 4,
    /// No server answered.
    Unreachable = 5,
    /// The server refused the request, or an event of it.
    Refused = 6,
    /// The request's signature, or the audit trail, does not verify.
    NotVerified = 7,
    /// A check of `doctor` failed.
    Unhealthy = 8,
}

impl Exit {
    const ALL: [Self; 9] = [
        Self::Done,
        Self::Failed,
        Self::Usage,
        Self::Configuration,
        Self::Data,
        Self::Unreachable,
        Self::Refused,
        Self::NotVerified,
        Self::Unhealthy,
    ];

    /// The code that an error ends with.
    pub(crate) fn of(error: &anyhow::Error) -> Self {
        error
            .chain()
            .find_map(Self::of_cause)
            .unwrap_or(Self::Failed)
    }

    fn of_cause(cause: &(dyn Error + 'static)) -> Option<Self> {
        if cause.is::<ConfigError>() {
            return Some(Self::Configuration);
        }
        if cause.is::<OpenDataError>() {
            return Some(Self::Data);
        }
        if let Some(io) = cause.downcast_ref::<io::Error>() {
            // Whoever read our output has seen enough (`carehook events list | head`).
            return (io.kind() == io::ErrorKind::BrokenPipe).then_some(Self::Done);
        }
        match cause.downcast_ref::<ClientError>()? {
            ClientError::Unreachable { .. } => Some(Self::Unreachable),
            ClientError::Refused(_) => Some(Self::Refused),
            ClientError::Url { .. } | ClientError::Key => Some(Self::Configuration),
            ClientError::Setup(_) | ClientError::Answer { .. } => Some(Self::Failed),
        }
    }

    fn meaning(self) -> &'static str {
        match self {
            Self::Done => "everything was done",
            Self::Failed => "the work could not be done; the message says why",
            Self::Usage => "the command line is wrong",
            Self::Configuration => "a setting is missing or wrong",
            Self::Data => "the data directory cannot be used",
            Self::Unreachable => "no server answered",
            Self::Refused => "the server refused the request, or an event of it",
            Self::NotVerified => {
                "`verify`: the signature does not fit; `audit verify`: the trail was changed"
            }
            Self::Unhealthy => "`doctor`: a check failed",
        }
    }

    /// The list for the end of `--help`.
    pub(crate) fn help() -> String {
        let mut text = String::from("Exit codes:\n");
        for exit in Self::ALL {
            let line = writeln!(text, "  {}  {}", exit as u8, exit.meaning());
            line.expect("writing to a string cannot fail");
        }
        text
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

#[cfg(test)]
mod tests {
    use anyhow::Context as _;

    use super::*;

    #[test]
    fn an_error_keeps_its_code_below_added_context() {
        let missing = ConfigError::missing_data_directory();
        let error = Err::<(), _>(missing).context("start").unwrap_err();
        assert_eq!(Exit::of(&error), Exit::Configuration);
        assert_eq!(Exit::of(&anyhow::anyhow!("other")), Exit::Failed);
    }

    #[test]
    fn a_reader_that_went_away_is_no_failure() {
        let error = anyhow::Error::from(io::Error::from(io::ErrorKind::BrokenPipe));
        assert_eq!(Exit::of(&error), Exit::Done);
        let error = anyhow::Error::from(io::Error::from(io::ErrorKind::NotFound));
        assert_eq!(Exit::of(&error), Exit::Failed);
    }

    #[test]
    fn help_lists_every_code_once() {
        let help = Exit::help();
        for (code, exit) in Exit::ALL.into_iter().enumerate() {
            assert_eq!(usize::from(exit as u8), code);
            assert!(help.contains(&format!("  {code}  {}\n", exit.meaning())));
        }
    }
}
