//! The program as a shell sees it: arguments and environment in, output and exit code out.

use std::fmt;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// A run of `carehook` that has no variables but those given.
pub(crate) struct Carehook {
    command: Command,
    input: Vec<u8>,
}

/// How a run ended.
pub(crate) struct Outcome {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

pub(crate) fn carehook(arguments: &[&str]) -> Carehook {
    Carehook {
        command: bare_command(arguments),
        input: Vec::new(),
    }
}

/// The program with an environment in which it behaves the same everywhere.
pub(crate) fn bare_command(arguments: &[&str]) -> Command {
    command_through(&[], arguments)
}

/// The same, started by another program that takes ours as its last arguments.
pub(crate) fn command_through(starter: &[&str], arguments: &[&str]) -> Command {
    let mut words = starter.to_vec();
    words.push(env!("CARGO_BIN_EXE_carehook"));
    words.extend(arguments);
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).env_clear().env("TZ", "UTC");
    // Only where programs are, so that a starter is found.
    command.envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
    command
}

impl Carehook {
    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    pub(crate) fn arg(mut self, argument: &Path) -> Self {
        self.command.arg(argument);
        self
    }

    pub(crate) fn dir(mut self, dir: &Path) -> Self {
        self.command.current_dir(dir);
        self
    }

    pub(crate) fn input(mut self, input: impl Into<Vec<u8>>) -> Self {
        self.input = input.into();
        self
    }

    pub(crate) fn run(mut self) -> Outcome {
        let mut child = self
            .command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program was built with the tests");
        let mut stdin = child.stdin.take().expect("stdin is piped");
        // A program that does not read its input has closed it.
        let _ = stdin.write_all(&self.input);
        drop(stdin);
        child.wait_with_output().unwrap().into()
    }
}

impl From<Output> for Outcome {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Outcome {
    /// Checks the exit code; a failure shows everything.
    #[track_caller]
    pub(crate) fn ends_with(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self}");
        self
    }

    /// The output of a run that must have succeeded.
    #[track_caller]
    pub(crate) fn good(self) -> String {
        self.ends_with(0).stdout
    }

    pub(crate) fn json(self) -> serde_json::Value {
        let stdout = self.good();
        serde_json::from_str(&stdout).unwrap_or_else(|error| panic!("{error}: {stdout}"))
    }
}

/// For snapshots.
impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.code {
            Some(code) => writeln!(f, "exit {code}")?,
            None => writeln!(f, "ended by a signal")?,
        }
        write!(f, "{}{}", self.stdout, self.stderr)
    }
}
