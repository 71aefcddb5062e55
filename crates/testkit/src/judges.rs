//! Judges: programs that others wrote to verify webhook requests, asked by the scripts in `judges/`.
//!
//! `cargo xtask test` installs them and says where they are.
//! Without that announcement the place of its last installation is tried; without a judge the test fails.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use http::HeaderMap;

const REPOSITORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// A verifying library in another language, pinned in `judges/`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Judge {
    /// The Python library `standardwebhooks`.
    Python,
    /// The JavaScript library `standardwebhooks`.
    Node,
}

/// What a judge says about a request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum JudgeVerdict {
    Accepted,
    /// With the library's reason.
    Refused(String),
}

impl Judge {
    pub const ALL: [Self; 2] = [Self::Python, Self::Node];

    /// Lets the judge verify a request, which must have been signed in the last five minutes.
    ///
    /// # Panics
    ///
    /// When the judge is not installed or gives no verdict.
    #[track_caller]
    pub fn verify(self, secret: &str, headers: &HeaderMap, body: &str) -> JudgeVerdict {
        let text = |value: &http::HeaderValue| value.to_str().ok().map(str::to_owned);
        let headers: serde_json::Map<String, serde_json::Value> = headers
            .iter()
            .filter_map(|(name, value)| Some((name.to_string(), text(value)?.into())))
            .collect();
        let question = serde_json::json!({"secret": secret, "headers": headers, "body": body});
        let output = ask(self.command(), &question.to_string());
        let reason = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        match output.status.code() {
            Some(0) => JudgeVerdict::Accepted,
            Some(1) => JudgeVerdict::Refused(reason),
            _ => panic!("{self:?} gave no verdict: {reason}"),
        }
    }

    #[track_caller]
    fn command(self) -> Command {
        let mut command = self.interpreter();
        match self {
            Self::Python => command.arg(script("verify.py")),
            Self::Node => {
                let modules = place("CAREHOOK_JUDGE_NODE_MODULES", "node/node_modules");
                command
                    .arg(script("verify.mjs"))
                    .env("CAREHOOK_JUDGE_NODE_MODULES", modules)
            }
        };
        command
    }

    /// Runs the `verify` of a receiver's example in the judge's language: one verdict for each
    /// request `{"headers", "body", "secrets", "now"}`.
    ///
    /// # Panics
    ///
    /// When the judge is not installed or the example breaks.
    #[track_caller]
    pub fn run_example(self, example: &Path, requests: &serde_json::Value) -> Vec<bool> {
        let driver = match self {
            Self::Python => "example.py",
            Self::Node => "example.mjs",
        };
        let mut command = self.interpreter();
        command.arg(script(driver)).arg(example);
        let output = ask(command, &requests.to_string());
        let (stdout, stderr) = (
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr),
        );
        assert!(output.status.success(), "{}: {stderr}", example.display());
        serde_json::from_str(&stdout).unwrap_or_else(|error| panic!("{error}: {stdout}"))
    }

    #[track_caller]
    fn interpreter(self) -> Command {
        match self {
            Self::Python => Command::new(python()),
            Self::Node => Command::new(node()),
        }
    }
}

/// Starts a program, tells it everything on stdin and waits for its end.
#[track_caller]
fn ask(mut program: Command, question: &str) -> Output {
    let mut child = program
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| {
            panic!("cannot start {program:?}: {error}; run `cargo xtask test`")
        });
    let mut stdin = child.stdin.take().expect("stdin is piped");
    // A program that broke early has closed its stdin; its exit code and stderr say more.
    let _ = stdin.write_all(question.as_bytes());
    drop(stdin);
    child.wait_with_output().expect("a started program ends")
}

/// The Python interpreter of the judges.
#[track_caller]
pub(crate) fn python() -> PathBuf {
    place("CAREHOOK_JUDGE_PYTHON", "python/bin/python")
}

/// The Node of the judges.
pub(crate) fn node() -> PathBuf {
    announced("CAREHOOK_JUDGE_NODE").unwrap_or_else(|| "node".into())
}

/// A file of `judges/`.
pub(crate) fn script(name: &str) -> PathBuf {
    PathBuf::from(REPOSITORY).join("judges").join(name)
}

/// The announced place, or the one of the last installation.
#[track_caller]
fn place(variable: &str, installed: &str) -> PathBuf {
    let place = announced(variable).unwrap_or_else(|| {
        PathBuf::from(REPOSITORY)
            .join("target/judges")
            .join(installed)
    });
    assert!(
        place.exists(),
        "no judge at {} ({variable}): run `cargo xtask test`, which installs it",
        place.display()
    );
    place
}

fn announced(variable: &str) -> Option<PathBuf> {
    std::env::var_os(variable).map(PathBuf::from)
}
