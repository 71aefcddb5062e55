//! A server that is killed again and again, between publishers and a receiver that live on.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use super::check::{Evidence, Verdict};
use super::journals;
use super::kill::{Hit, Kill};
use crate::lab::{Child, Folder, Lab, Launch, Load, Receiver, Server, text_of, whole_number};

/// Longest time for everything that is left to be delivered.
const DRAIN: Duration = Duration::from_mins(2);
/// A server that was told to die at some sync gets there soon, or is idle.
const SYNC: Duration = Duration::from_secs(20);
const ORGANIZATIONS: u64 = 2;
const PATHS: [&str; 2] = ["/steady", "/flaky"];
/// Attempts come soon, so that failures do not make a run longer.
const RETRIES: &str = "1,1,1,2,2,2,5,5";

/// A publisher at work, and where it writes what was acknowledged.
struct Publisher {
    child: Child,
    journal: String,
}

pub(super) struct World<'a> {
    lab: &'a Lab,
    folder: Folder,
    receiver: Receiver,
    launch: Launch,
    address: SocketAddr,
    /// Where the endpoint with this id leads.
    paths: HashMap<String, String>,
    publishers: Vec<Publisher>,
}

impl<'a> World<'a> {
    /// Makes endpoints on a new server, stops it, and lets publishers begin.
    pub(super) fn start(lab: &'a Lab) -> Result<Self> {
        let folder = lab.folder("crash")?;
        let receiver = Receiver::start(lab, Some(&folder.join("received")))?;
        let launch = Launch::new(lab, &folder.join("data")).retry_schedule(RETRIES);
        let (server, address) = launch.start()?;
        let mut world = Self {
            lab,
            folder,
            receiver,
            launch: launch.listen(address),
            address,
            paths: HashMap::new(),
            publishers: Vec::new(),
        };
        world.make_endpoints()?;
        // Singles and batches, each with keys of their own.
        world.add_publisher(|load| load.set("connections", 12).set("rate", 600))?;
        world.add_publisher(|load| {
            let load = load.set("connections", 2).set("rate", 300);
            load.set("batch", 20).set("first", 1_000_000_000)
        })?;
        server.kill()?;
        Ok(world)
    }

    fn load(&self, name: &str) -> Load {
        Load::at(self.lab, name, self.address).set("organizations", ORGANIZATIONS)
    }

    fn make_endpoints(&mut self) -> Result<()> {
        let mut load = self.load("set-up").set("receiver", self.receiver.address());
        for path in PATHS {
            load = load.set("path", path);
        }
        let made = load.flag("own-paths").run()?;
        let endpoints = made.pointer("/endpoints").and_then(Value::as_array);
        for endpoint in endpoints.context("set-up made no endpoints")? {
            let (id, path) = (text_of(endpoint, "/id")?, text_of(endpoint, "/path")?);
            let secret = text_of(endpoint, "/secret")?;
            self.receiver.order(&format!("secret {path} {secret}"))?;
            if path.starts_with("/flaky") {
                self.receiver.order(&format!("answer {path} flaky"))?;
            }
            self.paths.insert(id.to_owned(), path.to_owned());
        }
        Ok(())
    }

    fn add_publisher(&mut self, rate: impl FnOnce(Load) -> Load) -> Result<()> {
        let journal = format!("acknowledged-{}", self.publishers.len());
        let load = rate(self.load("publish"))
            .flag("retry")
            .flag("until-stdin-ends")
            .file("journal", self.folder.join(&journal));
        let child = load.start()?;
        self.publishers.push(Publisher { child, journal });
        Ok(())
    }

    /// How the server is started now; the same port and the same data each time.
    pub(super) fn launch(&self) -> Launch {
        self.launch.clone()
    }

    /// Starts the server and kills it.
    pub(super) fn suffer(&mut self, kill: Kill) -> Result<Hit> {
        let launch = match kill.injection() {
            Some(fault) => self.launch().inject(fault),
            None => self.launch(),
        };
        let mut server = launch.spawn()?;
        if let Kill::Starting(after) = kill {
            thread::sleep(after);
            server.kill()?;
            return Ok(Hit::Starting);
        }
        let Some(_) = server.listening()? else {
            return match kill {
                Kill::AtSync(_) => killed_at_start(server),
                _ => bail!("the server did not start again:\n{}", server.log_end()),
            };
        };
        if let Kill::Running(after) = kill {
            thread::sleep(after);
        } else if server.wait(SYNC)?.is_none() {
            bail!("the server came through {SYNC:?} without that sync");
        }
        server.kill()?;
        Ok(Hit::Listening)
    }

    /// Lets everything drain and compares the journals.
    pub(super) fn finish(mut self, interruptions: u64) -> Result<Verdict> {
        let (server, _) = self.launch().start()?;
        let mut acknowledged = Vec::new();
        for publisher in &mut self.publishers {
            publisher.child.close_stdin();
            let report = publisher
                .child
                .result(DRAIN)
                .context("a publisher did not finish")?;
            let known = whole_number(&report, "/duplicates")?;
            let retries = whole_number(&report, "/retries")?;
            println!(
                "publisher: {retries} requests sent again, {known} of them were known already"
            );
            acknowledged.extend(journals::acknowledged(
                &self.folder.join(&publisher.journal),
            )?);
        }
        let rows = self.folder.join("deliveries");
        let drain = self.load("deliveries").set("wait", DRAIN.as_secs());
        drain.file("out", &rows).patience(DRAIN * 3).run()?;
        let report = self.receiver.report()?;
        let evidence = Evidence {
            acknowledged,
            received: journals::received(&self.folder.join("received"))?,
            deliveries: journals::deliveries(&rows, &self.paths)?,
            fan_out: PATHS.len() as u64,
            endpoints: self.paths.len() as u64,
            interruptions,
            not_genuine: not_genuine(&report)?,
        };
        server.kill()?;
        let verdict = Verdict::of(&evidence);
        if !verdict.holds() {
            self.folder.keep();
            println!("the evidence is kept in {}", self.folder.path().display());
        }
        Ok(verdict)
    }
}

/// The tracer passes on how the server ended: an end of its own is a failed start.
fn killed_at_start(mut server: Server) -> Result<Hit> {
    let status = server
        .wait(SYNC)?
        .context("the server closed its output and lives")?;
    if status.code().is_some() {
        bail!("the server ended with {status}:\n{}", server.log_end());
    }
    Ok(Hit::Starting)
}

/// Requests of all paths whose signature or payload was wrong.
pub(super) fn not_genuine(report: &Value) -> Result<u64> {
    let paths = report.pointer("/paths").and_then(Value::as_object);
    let paths = paths.context("the receiver reported no paths")?;
    paths.values().map(|path| whole_number(path, "/bad")).sum()
}
