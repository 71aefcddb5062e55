//! One value and where it came from.

use std::fmt;
use std::path::PathBuf;

use super::ConfigError;

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    Default,
    /// What `--dev` sets when nothing else does.
    Development,
    File {
        path: PathBuf,
        key: String,
    },
    Environment(&'static str),
    Flag(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::Development => f.write_str("--dev"),
            Self::File { path, key } => write!(f, "{}: {key}", path.display()),
            Self::Environment(variable) => f.write_str(variable),
            Self::Flag(flag) => f.write_str(flag),
        }
    }
}

/// A value and where it came from.
#[derive(Debug, Clone)]
pub(crate) struct Setting<T> {
    pub(crate) value: T,
    pub(crate) origin: Origin,
}

impl<T> Setting<T> {
    pub(super) fn new(value: T, origin: Origin) -> Self {
        Self { value, origin }
    }

    /// Reads the value; the error says where the text stands.
    pub(super) fn parse<U, E: fmt::Display>(
        self,
        read: impl FnOnce(T) -> Result<U, E>,
    ) -> Result<Setting<U>, ConfigError> {
        let Self { value, origin } = self;
        match read(value) {
            Ok(value) => Ok(Setting { value, origin }),
            Err(reason) => Err(ConfigError::Invalid {
                origin,
                reason: reason.to_string(),
            }),
        }
    }
}
