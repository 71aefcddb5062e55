//! Runs other programs, with errors that name the command and what went wrong.

use std::ffi::OsStr;
use std::fmt;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

use anyhow::{Context as _, Result, bail};

/// One program with its arguments, ready to run.
pub(crate) struct Tool {
    command: Command,
}

impl Tool {
    pub(crate) fn new(program: impl AsRef<OsStr>) -> Self {
        Self {
            command: Command::new(program),
        }
    }

    /// Starts a cargo command.
    pub(crate) fn cargo(arguments: &[&str]) -> Self {
        Self::new("cargo").args(arguments)
    }

    pub(crate) fn args<A: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        self.command.args(arguments);
        self
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Runs with an empty environment: the caller's settings must not show in the output.
    pub(crate) fn without_environment(mut self) -> Self {
        self.command.env_clear();
        self
    }

    pub(crate) fn dir(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// Runs with the caller's terminal; an exit code other than 0 is an error.
    pub(crate) fn run(mut self) -> Result<()> {
        let status = self
            .command
            .status()
            .with_context(|| format!("cannot start {self}"))?;
        self.check(status, "")
    }

    /// Runs with a captured stdout and returns it; stderr becomes part of the error.
    pub(crate) fn read(mut self) -> Result<String> {
        let output = self
            .command
            .stdin(Stdio::null())
            .output()
            .with_context(|| format!("cannot start {self}"))?;
        self.check(output.status, &String::from_utf8_lossy(&output.stderr))?;
        String::from_utf8(output.stdout).with_context(|| format!("{self} printed invalid UTF-8"))
    }

    /// Tells whether the program exists and succeeds; what it prints is dropped.
    pub(crate) fn succeeds(mut self) -> bool {
        self.command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    }

    fn check(&self, status: ExitStatus, stderr: &str) -> Result<()> {
        match (status.success(), stderr.trim()) {
            (true, _) => Ok(()),
            (false, "") => bail!("{self} ended with {status}"),
            (false, stderr) => bail!("{self} ended with {status}:\n{stderr}"),
        }
    }
}

impl fmt::Display for Tool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}", self.command.get_program().display())?;
        for argument in self.command.get_args() {
            write!(f, " {}", argument.display())?;
        }
        f.write_str("`")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_does_not_exist_is_named() {
        let error = Tool::new("no-such-program").args(["-x"]).run().unwrap_err();
        assert_eq!(error.to_string(), "cannot start `no-such-program -x`");
    }

    #[test]
    fn a_failing_program_brings_its_exit_code_and_its_complaint() {
        let tool = Tool::new("sh").args(["-c", "echo no space >&2; exit 3"]);
        let error = tool.read().unwrap_err().to_string();
        assert!(error.contains("exit status: 3"), "{error}");
        assert!(error.ends_with("no space"), "{error}");
    }

    #[test]
    fn what_a_program_prints_is_read() {
        let text = Tool::new("sh")
            .args(["-c", "echo $WORD"])
            .env("WORD", "hello");
        assert_eq!(text.read().unwrap(), "hello\n");
        assert!(!Tool::new("false").succeeds());
        assert!(Tool::new("true").succeeds());
    }
}
