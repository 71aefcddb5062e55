//! Interpreters that say what their language prints for a JSON text that it has parsed, asked by `judges/python_json.py` and `judges/javascript_json.mjs`.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use crate::judges;

/// One process for many questions: starting an interpreter costs more than a thousand answers.
///
/// The process ends when this is dropped.
#[derive(Debug)]
pub struct JsonPrinter {
    process: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl JsonPrinter {
    /// Starts the interpreter of [`Judge::Python`](crate::Judge::Python), which says what
    /// `json.dumps(json.loads(text))` is.
    ///
    /// # Panics
    ///
    /// When it is not installed.
    #[track_caller]
    pub fn python() -> Self {
        let mut command = Command::new(judges::python());
        command.arg(judges::script("python_json.py"));
        Self::start(command)
    }

    /// Starts the interpreter of [`Judge::Node`](crate::Judge::Node), which says what
    /// `JSON.stringify(JSON.parse(text))` is.
    ///
    /// # Panics
    ///
    /// When it is not installed.
    #[track_caller]
    pub fn node() -> Self {
        let mut command = Command::new(judges::node());
        command.arg(judges::script("javascript_json.mjs"));
        Self::start(command)
    }

    #[track_caller]
    fn start(mut command: Command) -> Self {
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| {
                panic!("cannot start {command:?}: {error}; run `cargo xtask test`")
            });
        Self {
            questions: process.stdin.take().expect("stdin is piped"),
            answers: BufReader::new(process.stdout.take().expect("stdout is piped")),
            process,
        }
    }

    /// What the language prints for `text`.
    ///
    /// # Panics
    ///
    /// When it refuses the text; its reason is on stderr.
    #[track_caller]
    pub fn print(&mut self, text: &str) -> String {
        let question = serde_json::Value::from(text);
        // A process that broke has closed its stdin; the missing answer and its stderr say more.
        let _ = writeln!(self.questions, "{question}");
        let mut answer = String::new();
        let read = self.answers.read_line(&mut answer);
        let whole = read.is_ok() && answer.pop() == Some('\n');
        assert!(whole, "there is no answer for {text:?}");
        answer
    }
}

impl Drop for JsonPrinter {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
