//! Runs `carehook-load` and reads what it prints.

use std::ffi::OsStr;
use std::fmt::{self, Display};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use super::{Child, Lab, OPERATOR_KEY};

/// A run of the load program.
pub(crate) struct Load {
    command: Command,
    patience: Duration,
}

impl Load {
    /// Prepares a command; it may take a minute unless told otherwise.
    pub(crate) fn new(lab: &Lab, name: &str) -> Self {
        let mut command = Command::new(&lab.load);
        command.arg(name).env("CAREHOOK_OPERATOR_KEY", OPERATOR_KEY);
        Self {
            command,
            patience: Duration::from_mins(1),
        }
    }

    /// Prepares a command that talks to a server.
    pub(crate) fn at(lab: &Lab, name: &str, server: SocketAddr) -> Self {
        Self::new(lab, name).set("server", server)
    }

    /// Adds `--name value`.
    pub(crate) fn set(mut self, name: &str, value: impl Display) -> Self {
        self.command
            .arg(format!("--{name}"))
            .arg(format!("{value}"));
        self
    }

    /// Adds `--name path`.
    pub(crate) fn file(mut self, name: &str, path: impl Into<PathBuf>) -> Self {
        self.command.arg(format!("--{name}")).arg(path.into());
        self
    }

    /// Adds `--name`.
    pub(crate) fn flag(mut self, name: &str) -> Self {
        self.command.arg(format!("--{name}"));
        self
    }

    pub(crate) fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Runs it and returns what it prints.
    pub(crate) fn run(self) -> Result<Value> {
        let patience = self.patience;
        let shown = self.to_string();
        let mut child = self.start()?;
        child.close_stdin();
        result(&mut child, patience).with_context(|| format!("{shown} failed"))
    }

    /// Starts it for somebody who waits with [`result`].
    pub(crate) fn start(mut self) -> Result<Child> {
        Child::start("carehook-load", &mut self.command)
    }
}

impl Display for Load {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = self.command.get_args().map(OsStr::to_string_lossy);
        write!(f, "`carehook-load {}`", words.collect::<Vec<_>>().join(" "))
    }
}

/// The next line that a load program prints.
pub(super) fn result(child: &mut Child, patience: Duration) -> Result<Value> {
    let line = child.line(patience)?.context("it printed nothing")?;
    let value: Value = serde_json::from_str(&line).with_context(|| format!("read `{line}`"))?;
    match value.get("error") {
        Some(error) => bail!("{error}"),
        None => Ok(value),
    }
}

impl Child {
    /// The next line of a load program.
    pub(crate) fn result(&mut self, patience: Duration) -> Result<Value> {
        result(self, patience)
    }
}

/// The whole number at `pointer`.
pub(crate) fn whole_number(value: &Value, pointer: &str) -> Result<u64> {
    let found = value.pointer(pointer).and_then(Value::as_u64);
    found.with_context(|| format!("no number at {pointer} of {value}"))
}

/// The text at `pointer`.
pub(crate) fn text_of<'a>(value: &'a Value, pointer: &str) -> Result<&'a str> {
    let found = value.pointer(pointer).and_then(Value::as_str);
    found.with_context(|| format!("no text at {pointer} of {value}"))
}
