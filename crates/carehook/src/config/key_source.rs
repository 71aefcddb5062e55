//! Where a master key comes from: the setting itself, a file, or a command.

use std::fmt;
use std::io::Read as _;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use carehook_store::MasterKey;
use zeroize::Zeroizing;

use super::environment::PREFIX;
use super::values;

/// How long the command may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// What is read of its output: a key has 44 characters.
const OUTPUT_BYTES: u64 = 4_096;
/// How often it is looked whether the command has ended.
const LOOK: Duration = Duration::from_millis(10);

/// Where a master key comes from.
#[derive(Clone)]
pub(crate) enum KeySource {
    Text(MasterKey),
    File(PathBuf),
    Command(KeyCommand),
}

/// A program with its arguments; no shell reads them.
#[derive(Clone)]
pub(crate) struct KeyCommand {
    program: String,
    arguments: Vec<String>,
}

impl KeyCommand {
    /// Takes words that are separated by blanks.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        let mut words = text.split_whitespace().map(str::to_owned);
        let program = words.next().ok_or("names no program")?;
        Ok(Self {
            program,
            arguments: words.collect(),
        })
    }
}

impl fmt::Display for KeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(_) => f.write_str("set, not shown"),
            Self::File(path) => write!(f, "{}", path.display()),
            // Its arguments may be secrets.
            Self::Command(command) => write!(f, "{} …", command.program),
        }
    }
}

impl KeySource {
    /// Reads the key. A reason tells nothing of what was read.
    pub(crate) fn read(&self) -> Result<MasterKey, String> {
        match self {
            Self::Text(key) => Ok(key.clone()),
            Self::File(path) => {
                let text = std::fs::read_to_string(path).map(Zeroizing::new);
                let text =
                    text.map_err(|error| format!("cannot read {}: {error}", path.display()))?;
                let key = values::master_key(&text);
                key.map_err(|reason| format!("{}: {reason}", path.display()))
            }
            Self::Command(command) => command.run(PATIENCE),
        }
    }
}

impl KeyCommand {
    /// Runs the program and takes what it prints.
    fn run(&self, patience: Duration) -> Result<MasterKey, String> {
        let Self { program, arguments } = self;
        let deadline = Instant::now() + patience;
        let mut command = Command::new(program);
        command
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        // Our other secrets are none of its business.
        for (name, _) in std::env::vars_os() {
            if name.to_str().is_some_and(|name| name.starts_with(PREFIX)) {
                command.env_remove(name);
            }
        }
        let child = command.spawn();
        let mut child = child.map_err(|error| format!("cannot run `{program}`: {error}"))?;
        let ended = wait(&mut child, deadline);
        if ended.is_none() {
            // It may have ended by itself just now.
            let _ = child.kill();
            let _ = child.wait();
        }
        let (status, output) = ended.ok_or_else(|| {
            let seconds = patience.as_secs();
            format!("`{program}` printed no key and did not end within {seconds} seconds")
        })?;
        if !status.success() {
            // What it says about it goes to our own stderr.
            return Err(format!("`{program}` failed ({status})"));
        }
        values::master_key(&output)
            .map_err(|reason| format!("`{program}` printed no key: {reason}"))
    }
}

/// How the program ended, and what it printed; `None` when it did not end in time.
fn wait(child: &mut Child, deadline: Instant) -> Option<(ExitStatus, Zeroizing<String>)> {
    let output = child.stdout.take()?;
    let (sender, printed) = mpsc::channel();
    // A thread of its own: reading has no deadline. What it reads late nobody takes.
    thread::spawn(move || {
        let mut text = Zeroizing::new(String::new());
        let read = output.take(OUTPUT_BYTES).read_to_string(&mut text);
        let _ = sender.send(read.map_or_else(|_| Zeroizing::default(), |_| text));
    });
    let left = || deadline.saturating_duration_since(Instant::now());
    let text = printed.recv_timeout(left()).ok()?;
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some((status, text)),
            Ok(None) if left().is_zero() => return None,
            Ok(None) => thread::sleep(LOOK.min(left())),
            Err(_) => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    fn run(text: &str, patience: Duration) -> Result<MasterKey, String> {
        KeyCommand::parse(text).unwrap().run(patience)
    }

    #[test]
    fn a_command_prints_the_key_and_no_shell_reads_its_words() {
        assert!(run(&format!("echo {KEY}"), PATIENCE).is_ok());
        let marks = tempfile::tempdir().unwrap();
        let mark = marks.path().join("mark");
        let refused = run(&format!("echo {KEY}; touch {}", mark.display()), PATIENCE);
        assert!(refused.is_err());
        assert!(!mark.exists());
    }

    #[test]
    fn a_command_that_fails_or_hangs_or_prints_something_else_is_told_without_its_output() {
        let reason = |text: &str, patience| run(text, patience).err().unwrap();
        assert_eq!(reason("false", PATIENCE), "`false` failed (exit status: 1)");
        let other = reason("echo canary", PATIENCE);
        assert!(other.starts_with("`echo` printed no key: "), "{other}");
        assert!(!other.contains("canary"), "{other}");
        let missing = reason("/nowhere/kms", PATIENCE);
        assert!(
            missing.starts_with("cannot run `/nowhere/kms`: "),
            "{missing}"
        );
        let hangs = reason("sleep 600", Duration::from_millis(50));
        assert!(hangs.contains("did not end within"), "{hangs}");
        assert!(KeyCommand::parse("  ").is_err());
    }

    #[test]
    fn a_file_may_end_with_a_line_feed_and_must_hold_a_key() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        let source = KeySource::File(path.clone());
        let missing = source.read().err().unwrap();
        assert!(missing.starts_with("cannot read "), "{missing}");
        std::fs::write(&path, format!("{KEY}\n")).unwrap();
        assert!(source.read().is_ok());
        std::fs::write(&path, "canary").unwrap();
        let reason = source.read().err().unwrap();
        assert!(reason.contains("32 bytes"), "{reason}");
        assert!(!reason.contains("canary"), "{reason}");
    }
}
