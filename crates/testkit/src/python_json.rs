//! A Python interpreter that says what `json.dumps(json.loads(text))` prints, asked by `judges/python_json.py`.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use crate::judges;

/// One process for many questions: starting an interpreter costs more than a thousand answers.
///
/// The process ends when this is dropped.
#[derive(Debug)]
pub struct PythonJson {
    process: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl PythonJson {
    /// Starts the interpreter of [`Judge::Python`](crate::Judge::Python).
    ///
    /// # Panics
    ///
    /// When it is not installed.
    #[track_caller]
    pub fn start() -> Self {
        let mut process = Command::new(judges::python())
            .arg(judges::script("python_json.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start Python: {error}; run `cargo xtask test`"));
        Self {
            questions: process.stdin.take().expect("stdin is piped"),
            answers: BufReader::new(process.stdout.take().expect("stdout is piped")),
            process,
        }
    }

    /// What Python prints for `text`.
    ///
    /// # Panics
    ///
    /// When Python refuses the text; its reason is on stderr.
    #[track_caller]
    pub fn dumps(&mut self, text: &str) -> String {
        let question = serde_json::Value::from(text);
        // A process that broke has closed its stdin; the missing answer and its stderr say more.
        let _ = writeln!(self.questions, "{question}");
        let mut answer = String::new();
        let read = self.answers.read_line(&mut answer);
        let whole = read.is_ok() && answer.pop() == Some('\n');
        assert!(whole, "Python gave no answer for {text:?}");
        answer
    }
}

impl Drop for PythonJson {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
