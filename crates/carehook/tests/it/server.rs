//! A running server: the real binary on a free port with a directory of its own.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::api::Api;
use crate::command::{Carehook, bare_command, carehook, command_through};

pub(crate) const OPERATOR_KEY: &str = "op_the-key-of-these-tests-0123456789";
/// A start takes milliseconds; a lost one must not hang the tests.
const PATIENCE: Duration = Duration::from_secs(30);

/// A server that is killed, if it still runs, when dropped.
pub(crate) struct Server {
    child: Child,
    url: String,
    /// What it printed before and with its address.
    pub(crate) banner: String,
    folder: Folder,
    log: PathBuf,
}

/// Where a server works; it can outlive the server.
pub(crate) enum Folder {
    Own(TempDir),
    Given(PathBuf),
}

impl Folder {
    fn path(&self) -> &Path {
        match self {
            Self::Own(folder) => folder.path(),
            Self::Given(path) => path,
        }
    }
}

impl Server {
    /// Starts `serve --dev` in a new folder.
    pub(crate) fn start() -> Self {
        Self::start_in(Folder::Own(tempfile::tempdir().unwrap()), &["--dev"], &[])
    }

    /// Starts `serve --dev` on the data that an earlier server has left in `path`.
    pub(crate) fn start_again(path: &Path) -> Self {
        Self::start_in(Folder::Given(path.to_owned()), &["--dev"], &[])
    }

    /// Starts `serve --dev` by another program, which may take something from it.
    pub(crate) fn start_through(starter: &[&str]) -> Self {
        let words = ["serve", "--listen", "127.0.0.1:0", "--dev"];
        let folder = Folder::Own(tempfile::tempdir().unwrap());
        Self::spawn(folder, command_through(starter, &words), &[])
    }

    pub(crate) fn start_in(folder: Folder, flags: &[&str], variables: &[(&str, &str)]) -> Self {
        let words = [&["serve", "--listen", "127.0.0.1:0"], flags].concat();
        Self::spawn(folder, bare_command(&words), variables)
    }

    fn spawn(folder: Folder, mut command: Command, variables: &[(&str, &str)]) -> Self {
        let log = folder.path().join("log");
        let mut child = command
            .current_dir(folder.path())
            .env("CAREHOOK_OPERATOR_KEY", OPERATOR_KEY)
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(File::create(&log).unwrap())
            .spawn()
            .unwrap();
        let stdout = child.stdout.take().expect("stdout is piped");
        let Some((url, banner)) = wait_for_address(stdout) else {
            let _ = child.kill();
            panic!("no server: {}", fs::read_to_string(&log).unwrap());
        };
        Self {
            child,
            url,
            banner,
            folder,
            log,
        }
    }

    /// Host and port, for connections without HTTP.
    pub(crate) fn address(&self) -> &str {
        self.url.strip_prefix("http://").unwrap()
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The folder that it works in; the data is below it.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }

    pub(crate) fn api(&self) -> Api {
        Api::new(&self.url, OPERATOR_KEY)
    }

    /// A client command that talks to this server.
    pub(crate) fn client(&self, arguments: &[&str]) -> Carehook {
        carehook(arguments)
            .env("CAREHOOK_URL", &self.url)
            .env("CAREHOOK_KEY", OPERATOR_KEY)
    }

    /// Sends `SIGTERM` and does not wait.
    pub(crate) fn terminate(&self) {
        send_signal(Signal::TERM, self.child.id());
    }

    pub(crate) fn wait(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }

    /// Stops it as a supervisor does; it must end well.
    #[track_caller]
    pub(crate) fn stop(&mut self) {
        self.terminate();
        let status = self.wait();
        assert_eq!(status.code(), Some(0), "{}", self.log());
    }

    /// Stops it as a power cut does, and keeps its data.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends a signal; the standard library has only `SIGKILL`.
pub(crate) fn send_signal(signal: Signal, process: u32) {
    let process = Pid::from_raw(i32::try_from(process).unwrap()).unwrap();
    kill_process(process, signal).unwrap();
}

/// Reads the banner up to the line with the data directory, then drains what follows.
fn wait_for_address(stdout: impl std::io::Read + Send + 'static) -> Option<(String, String)> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            let _ = sender.send(line);
        }
    });
    let mut banner = String::new();
    let mut url = None;
    // The banner is written in one piece, so its lines follow each other at once.
    while let Ok(line) = receiver.recv_timeout(PATIENCE) {
        banner.push_str(&line);
        banner.push('\n');
        if let Some((_, address)) = line.split_once(" listens on ") {
            url = Some(address.to_owned());
        }
        if line.trim_start().starts_with("data ") {
            return url.map(|url| (url, banner));
        }
    }
    None
}
