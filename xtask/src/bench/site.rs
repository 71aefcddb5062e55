//! A server with a receiver of its own, and runs of load through both.

use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use super::proc_figures::ProcFigures;
use crate::lab::{Folder, Lab, Launch, Load, Receiver, Server, whole_number};

/// Payload bytes of each event.
pub(super) const PAYLOAD: u64 = 600;
/// Longest time for the deliveries of one run.
const PATIENCE: Duration = Duration::from_mins(2);
/// Results are on disk soon after the last delivery.
const SETTLE: Duration = Duration::from_millis(200);

/// Events that are sent through a server as fast as it takes them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Flow {
    pub(super) prefix: &'static str,
    pub(super) organizations: u64,
    pub(super) accounts: u64,
    pub(super) batch: u64,
    pub(super) events: u64,
    /// Endpoints that get each event.
    pub(super) fan_out: u64,
}

impl Flow {
    /// Single events to one endpoint.
    pub(super) fn single(prefix: &'static str, events: u64) -> Self {
        Self {
            prefix,
            organizations: 1,
            accounts: 0,
            batch: 1,
            events,
            fan_out: 1,
        }
    }

    pub(super) fn batch(self, batch: u64) -> Self {
        Self { batch, ..self }
    }

    pub(super) fn fan_out(self, fan_out: u64) -> Self {
        Self { fan_out, ..self }
    }

    pub(super) fn over(self, organizations: u64, accounts: u64) -> Self {
        Self {
            organizations,
            accounts,
            ..self
        }
    }

    pub(super) fn events(self, events: u64) -> Self {
        Self { events, ..self }
    }
}

/// What a flow cost.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sample {
    /// Microseconds of the server's CPU for each delivery.
    pub(super) cpu: f64,
    /// The share of it in the store's thread.
    pub(super) store_share: f64,
    /// Deliveries a second, between the first and the last.
    pub(super) rate: f64,
    /// Bytes given to the disk for each byte of payload.
    pub(super) written: f64,
}

pub(super) struct Site<'a> {
    lab: &'a Lab,
    pub(super) folder: Folder,
    pub(super) receiver: Receiver,
    launch: Launch,
    server: Server,
    address: SocketAddr,
}

impl<'a> Site<'a> {
    /// A server without data.
    pub(super) fn start(lab: &'a Lab, name: &str) -> Result<Self> {
        let folder = lab.folder(name)?;
        let receiver = Receiver::start(lab, None)?;
        let launch = Launch::new(lab, &folder.join("data"));
        let (server, address) = launch.start()?;
        Ok(Self {
            lab,
            folder,
            receiver,
            launch: launch.listen(address),
            server,
            address,
        })
    }

    /// Kills the server; its data stays.
    pub(super) fn stop(&mut self) -> Result<()> {
        self.server.end()
    }

    /// Starts the server again, on the same data and the same port.
    pub(super) fn resume(&mut self) -> Result<()> {
        let (server, _) = self.launch.start()?;
        self.server = server;
        Ok(())
    }

    /// Stops and starts the server.
    pub(super) fn restart(&mut self) -> Result<()> {
        self.stop()?;
        self.resume()
    }

    /// A command of the load program for this server.
    pub(super) fn load(&self, name: &str, prefix: &str) -> Load {
        Load::at(self.lab, name, self.address).set("prefix", prefix)
    }

    /// Makes organizations with endpoints that lead to `paths`.
    pub(super) fn set_up(
        &self,
        (prefix, organizations, accounts): (&str, u64, u64),
        paths: &[&str],
    ) -> Result<()> {
        let mut load = self
            .load("set-up", prefix)
            .set("receiver", self.receiver.address())
            .set("organizations", organizations)
            .set("accounts", accounts);
        for path in paths {
            load = load.set("path", path);
        }
        load.patience(PATIENCE).run()?;
        Ok(())
    }

    pub(super) fn figures(&self) -> Result<ProcFigures> {
        let pid = self.server.pid().context("the server has ended")?;
        ProcFigures::of(pid)
    }

    /// Sends a flow through the server and waits for all of its deliveries.
    pub(super) fn run(&mut self, flow: Flow) -> Result<Sample> {
        self.receiver.order("reset")?;
        let before = self.figures()?;
        // Batches are large, so a few connections keep the server busy.
        let connections = if flow.batch == 1 { 64 } else { 8 };
        let report = self
            .load("publish", flow.prefix)
            .set("organizations", flow.organizations)
            .set("accounts", flow.accounts)
            .set("batch", flow.batch)
            .set("count", flow.events)
            .set("connections", connections)
            .set("size", PAYLOAD)
            .patience(PATIENCE)
            .run()?;
        all_acknowledged(&report, flow.events)?;
        let deliveries = flow.events * flow.fan_out;
        let seconds = self.wait_for_all(deliveries)?;
        thread::sleep(SETTLE);
        let after = self.figures()?;
        let cpu = after.cpu - before.cpu;
        let payload = number(flow.events * PAYLOAD);
        Ok(Sample {
            cpu: cpu * 1e6 / number(deliveries),
            store_share: (after.store_cpu - before.store_cpu) / cpu.max(1e-9),
            rate: number(deliveries) / seconds.max(1e-6),
            written: number(after.written - before.written) / payload,
        })
    }

    /// Waits for so many requests on all paths; returns the seconds from the first to the last.
    fn wait_for_all(&mut self, count: u64) -> Result<f64> {
        let end = Instant::now() + PATIENCE;
        loop {
            let report = self.receiver.report()?;
            let arrivals = Arrivals::of(&report)?;
            if arrivals.requests >= count {
                return Ok(number(arrivals.last_at - arrivals.first_at) / 1e6);
            }
            if Instant::now() > end {
                bail!(
                    "{} of {count} deliveries arrived in time",
                    arrivals.requests
                );
            }
            thread::sleep(Duration::from_millis(20));
        }
    }
}

/// All paths of a receiver together.
#[derive(Debug, PartialEq, Eq)]
struct Arrivals {
    requests: u64,
    first_at: u64,
    last_at: u64,
}

impl Arrivals {
    fn of(report: &Value) -> Result<Self> {
        let paths = report.pointer("/paths").and_then(Value::as_object);
        let mut all = Self {
            requests: 0,
            first_at: u64::MAX,
            last_at: 0,
        };
        for path in paths.context("the receiver reported no paths")?.values() {
            let requests = whole_number(path, "/requests")?;
            if requests > 0 {
                all.requests += requests;
                all.first_at = all.first_at.min(whole_number(path, "/first_at")?);
                all.last_at = all.last_at.max(whole_number(path, "/last_at")?);
            }
        }
        all.first_at = all.first_at.min(all.last_at);
        Ok(all)
    }
}

/// A load that is not taken completely measures something else.
pub(super) fn all_acknowledged(report: &Value, events: u64) -> Result<()> {
    let acknowledged = whole_number(report, "/acknowledged")?;
    if acknowledged != events {
        bail!("{acknowledged} of {events} events were acknowledged: {report}");
    }
    Ok(())
}

/// Counts are far below the numbers that a float cannot hold.
#[expect(
    clippy::cast_precision_loss,
    reason = "for display, from counts below 2^52"
)]
pub(super) fn number(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn arrivals_of_all_paths_are_joined_and_silent_paths_do_not_count() {
        let report = json!({"paths": {
            "/a": {"requests": 2, "first_at": 10, "last_at": 30},
            "/b": {"requests": 3, "first_at": 5, "last_at": 20},
            "/c": {"requests": 0, "first_at": 0, "last_at": 0},
        }});
        let expected = Arrivals {
            requests: 5,
            first_at: 5,
            last_at: 30,
        };
        assert_eq!(Arrivals::of(&report).unwrap(), expected);
    }

    #[test]
    fn a_load_that_was_refused_in_part_is_an_error() {
        let report = json!({"acknowledged": 9, "refusal": "no room"});
        let error = all_acknowledged(&report, 10).unwrap_err().to_string();
        assert!(error.contains("no room"), "{error}");
        assert!(all_acknowledged(&report, 9).is_ok());
    }
}
