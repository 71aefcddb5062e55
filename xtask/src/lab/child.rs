//! A process that was started here: its lines can be waited for, and it ends with its handle.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{self, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

/// How often the end of a process is looked for.
const LOOK: Duration = Duration::from_millis(2);

pub(crate) struct Child {
    name: &'static str,
    process: process::Child,
    stdin: Option<process::ChildStdin>,
    lines: mpsc::Receiver<String>,
}

impl Child {
    /// Starts a command without any setting of the caller's own server.
    pub(crate) fn start(name: &'static str, command: &mut Command) -> Result<Self> {
        for (variable, _) in std::env::vars_os() {
            let text = variable.to_string_lossy();
            let is_set_here = command.get_envs().any(|(set, _)| set == variable);
            if text.starts_with("CAREHOOK_") && !is_set_here {
                command.env_remove(&variable);
            }
        }
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {name}"))?;
        let stdin = process.stdin.take();
        let stdout = process.stdout.take().context("stdout is not there")?;
        let (tx, lines) = mpsc::channel();
        thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                // Nobody listens any more; reading on keeps the pipe empty.
                let _ = tx.send(line);
            }
        });
        Ok(Self {
            name,
            process,
            stdin,
            lines,
        })
    }

    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    /// The next line of stdout, or nothing when it has ended.
    pub(crate) fn line(&mut self, patience: Duration) -> Result<Option<String>> {
        match self.lines.recv_timeout(patience) {
            Ok(line) => Ok(Some(line)),
            Err(RecvTimeoutError::Disconnected) => Ok(None),
            Err(RecvTimeoutError::Timeout) => {
                bail!("{} was silent for {patience:?}", self.name)
            }
        }
    }

    /// Writes a line to stdin.
    pub(crate) fn tell(&mut self, line: &str) -> Result<()> {
        let stdin = self.stdin.as_mut().context("stdin is closed")?;
        let written = writeln!(stdin, "{line}");
        if written.is_err()
            && let Some(status) = self.wait(LOOK * 50)?
        {
            bail!("{} has ended with {status}", self.name);
        }
        written.with_context(|| format!("cannot write to {}", self.name))
    }

    pub(crate) fn close_stdin(&mut self) {
        self.stdin = None;
    }

    /// Waits for the end; nothing when it did not come in time.
    pub(crate) fn wait(&mut self, patience: Duration) -> Result<Option<ExitStatus>> {
        let end = Instant::now() + patience;
        loop {
            if let Some(status) = self.process.try_wait().context("cannot wait")? {
                return Ok(Some(status));
            }
            if Instant::now() > end {
                return Ok(None);
            }
            thread::sleep(LOOK);
        }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_secs(20);

    fn shell(script: &str) -> Child {
        Child::start("a shell", Command::new("sh").args(["-c", script])).unwrap()
    }

    #[test]
    fn lines_come_one_by_one_and_end_with_the_process() {
        let mut child = shell("read a; echo $a; echo two");
        child.tell("one").unwrap();
        assert_eq!(child.line(PATIENCE).unwrap().as_deref(), Some("one"));
        assert_eq!(child.line(PATIENCE).unwrap().as_deref(), Some("two"));
        assert_eq!(child.line(PATIENCE).unwrap(), None);
        let status = child.wait(PATIENCE).unwrap().unwrap();
        assert!(status.success());
    }

    #[test]
    fn a_process_that_does_not_end_is_not_waited_for() {
        let mut child = shell("read a");
        assert_eq!(child.wait(Duration::ZERO).unwrap(), None);
        child.close_stdin();
        assert!(child.wait(PATIENCE).unwrap().is_some());
    }
}
