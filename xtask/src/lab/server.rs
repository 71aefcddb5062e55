//! A running server, with or without `strace` between it and the kernel.

use std::fs::{self, File};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use super::{Child, Lab, OPERATOR_KEY};
use crate::process::Tool;

/// A server that does not listen after so long never will.
const START: Duration = Duration::from_secs(30);

/// How a server is started.
#[derive(Clone)]
pub(crate) struct Launch {
    carehook: PathBuf,
    data: PathBuf,
    log: PathBuf,
    listen: SocketAddr,
    retry_schedule: Option<&'static str>,
    /// Faults that `strace` injects.
    inject: Vec<String>,
}

impl Launch {
    /// With its data in `data` and its log beside it.
    pub(crate) fn new(lab: &Lab, data: &Path) -> Self {
        Self {
            carehook: lab.carehook.clone(),
            data: data.to_owned(),
            log: data.with_extension("log"),
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            retry_schedule: None,
            inject: Vec::new(),
        }
    }

    pub(crate) fn listen(mut self, address: SocketAddr) -> Self {
        self.listen = address;
        self
    }

    /// Seconds between attempts, instead of the default.
    pub(crate) fn retry_schedule(mut self, seconds: &'static str) -> Self {
        self.retry_schedule = Some(seconds);
        self
    }

    /// Injects a fault, in the words of `strace -e inject=`.
    pub(crate) fn inject(mut self, fault: String) -> Self {
        self.inject.push(fault);
        self
    }

    /// Starts the process and does not wait for anything.
    pub(crate) fn spawn(&self) -> Result<Server> {
        let log = File::options().create(true).append(true).open(&self.log);
        let log = log.with_context(|| format!("cannot write {}", self.log.display()))?;
        let mut command = self.command();
        command.stderr(log);
        Ok(Server {
            child: Child::start("carehook", &mut command)?,
            traced: !self.inject.is_empty(),
            log: self.log.clone(),
        })
    }

    /// Starts the process and waits until it listens.
    pub(crate) fn start(&self) -> Result<(Server, SocketAddr)> {
        let mut server = self.spawn()?;
        match server.listening()? {
            Some(address) => Ok((server, address)),
            None => bail!("the server did not start:\n{}", server.log_end()),
        }
    }

    fn command(&self) -> Command {
        let mut command = if self.inject.is_empty() {
            Command::new(&self.carehook)
        } else {
            let mut strace = Command::new("strace");
            // With `--seccomp-bpf`, which would be faster, strace 6.1 does not count the calls.
            strace.args(["-f", "-qq", "-o", "/dev/null"]);
            let calls = self
                .inject
                .iter()
                .filter_map(|fault| fault.split(':').next());
            strace.arg(format!("--trace={}", calls.collect::<Vec<_>>().join(",")));
            for fault in &self.inject {
                strace.arg(format!("--inject={fault}"));
            }
            strace.arg(&self.carehook);
            strace
        };
        command
            .args(["serve", "--dev", "--data"])
            .arg(&self.data)
            .args(["--listen", &self.listen.to_string()])
            .env("CAREHOOK_OPERATOR_KEY", OPERATOR_KEY)
            .env("CAREHOOK_LOG", "warn");
        if let Some(seconds) = self.retry_schedule {
            command.env("CAREHOOK_RETRY_SCHEDULE", seconds);
        }
        command
    }
}

/// A server process.
pub(crate) struct Server {
    child: Child,
    traced: bool,
    log: PathBuf,
}

impl Server {
    /// Waits until it listens; nothing when it ends before.
    pub(crate) fn listening(&mut self) -> Result<Option<SocketAddr>> {
        let end = Instant::now() + START;
        while let Some(line) = self
            .child
            .line(end.saturating_duration_since(Instant::now()))?
        {
            if let Some((_, address)) = line.split_once("listens on http://") {
                return Ok(Some(address.trim().parse().context("read the address")?));
            }
        }
        Ok(None)
    }

    /// The server's own process, not the one that traces it.
    pub(crate) fn pid(&self) -> Option<u32> {
        let id = self.child.id();
        if !self.traced {
            return Some(id);
        }
        let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children")).ok()?;
        children.split_whitespace().next()?.parse().ok()
    }

    /// Sends a signal by its name.
    pub(crate) fn signal(&self, name: &str) -> Result<()> {
        let Some(pid) = self.pid() else {
            return Ok(());
        };
        // The shell's own `kill`: there may be no other.
        Tool::new("sh")
            .args(["-c", &format!("kill -{name} {pid}")])
            .run()
    }

    /// Kills it, as a power switch would.
    pub(crate) fn kill(mut self) -> Result<()> {
        self.end()
    }

    /// Kills it, and keeps the handle.
    pub(crate) fn end(&mut self) -> Result<()> {
        if self.child.wait(Duration::ZERO)?.is_none() {
            self.signal("KILL")?;
            self.child
                .wait(START)?
                .context("the server outlived SIGKILL")?;
        }
        Ok(())
    }

    /// Waits for its end.
    pub(crate) fn wait(&mut self, patience: Duration) -> Result<Option<ExitStatus>> {
        self.child.wait(patience)
    }

    /// The last lines of its log.
    pub(crate) fn log_end(&self) -> String {
        let text = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(5)..].join("\n")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // When `strace` ends first, what it traced would live on.
        if self.traced
            && self
                .child
                .wait(Duration::ZERO)
                .is_ok_and(|end| end.is_none())
        {
            let _ = self.signal("KILL");
        }
    }
}
