//! A receiver: a process that answers deliveries and can be asked what came in.

use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use serde_json::Value;

use super::load::{Load, text_of, whole_number};
use super::{Child, Lab};

const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct Receiver {
    child: Child,
    address: SocketAddr,
}

impl Receiver {
    pub(crate) fn start(lab: &Lab, journal: Option<&Path>) -> Result<Self> {
        let mut load = Load::new(lab, "receive");
        if let Some(path) = journal {
            load = load.file("journal", path);
        }
        let mut child = load.start()?;
        let hello = child.result(PATIENCE)?;
        let address = text_of(&hello, "/listening")?.parse()?;
        Ok(Self { child, address })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Gives a command and returns its answer.
    pub(crate) fn order(&mut self, line: &str) -> Result<Value> {
        self.child.tell(line)?;
        self.child.result(PATIENCE)
    }

    pub(crate) fn report(&mut self) -> Result<Value> {
        self.order("report")
    }

    /// Waits until a path got so many requests, and returns the report.
    pub(crate) fn wait_for(&mut self, path: &str, count: u64, patience: Duration) -> Result<Value> {
        let end = Instant::now() + patience;
        let pointer = format!("/paths/{}/requests", path.replace('/', "~1"));
        loop {
            let report = self.report()?;
            let requests = whole_number(&report, &pointer).unwrap_or(0);
            if requests >= count {
                return Ok(report);
            }
            if Instant::now() > end {
                bail!("{requests} of {count} requests came to {path} within {patience:?}");
            }
            // Asking costs the receiver little, but not nothing.
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}
