//! A disk that fills up: publishing is refused, nothing acknowledged is lost, and room helps.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use super::check::{Evidence, Verdict};
use super::journals;
use super::world::not_genuine;
use crate::lab::{Folder, Lab, Launch, Load, Receiver, text_of, whole_number};
use crate::process::Tool;

/// The server keeps a reserve of 64 MiB free, so that deliveries can go on.
const SMALL: &str = "size=96m";
const LARGE: &str = "size=512m";
/// Longest time until the disk is full, and until everything is delivered.
const PATIENCE: Duration = Duration::from_mins(1);
/// What is delivered in spite of a full disk is delivered soon.
const WHILE_FULL: Duration = Duration::from_secs(10);

/// A small file system in memory, gone with its owner.
struct SmallDisk(PathBuf);

impl SmallDisk {
    /// Nothing when this process may not mount.
    fn mount(path: &Path) -> Result<Option<Self>> {
        std::fs::create_dir_all(path)?;
        let options = format!("{SMALL},mode=0700");
        let mount = Tool::new("mount").args(["-t", "tmpfs", "-o", &options, "tmpfs"]);
        Ok(mount.args([path]).succeeds().then(|| Self(path.to_owned())))
    }

    fn enlarge(&self) -> Result<()> {
        let options = format!("remount,{LARGE}");
        Tool::new("mount")
            .args(["-o", &options])
            .args([&self.0])
            .run()
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        Tool::new("umount")
            .args(["--lazy"])
            .args([&self.0])
            .succeeds();
    }
}

pub(super) fn run(lab: &Lab) -> Result<Verdict> {
    let folder = lab.folder("full")?;
    let mount = folder.join("disk");
    let disk = SmallDisk::mount(&mount)?;
    let mut launch = Launch::new(lab, &mount.join("data")).retry_schedule("1,1,1,1,1");
    if disk.is_none() {
        println!("disk full:  no right to mount a small disk, so strace plays one");
        launch = launch.inject("pwrite64:error=ENOSPC:when=4000..4400".to_owned());
    }
    let (server, address) = launch.start()?;
    let receiver = Receiver::start(lab, Some(&folder.join("received")))?;
    let mut full = Full {
        lab,
        folder,
        receiver,
        server: address,
        journals: Vec::new(),
    };
    let paths = full.make_endpoint()?;
    let refused = full.fill()?;
    println!("disk full:  {refused} requests were answered with 507, the server lives");
    let went_on = full.drain(WHILE_FULL, None)?;
    let words = if went_on { "went on" } else { "waited" };
    println!("disk full:  deliveries {words} while it was full");
    if let Some(disk) = &disk {
        // The reserve is there for this.
        if !went_on {
            bail!("deliveries did not go on while the disk was full");
        }
        disk.enlarge()?;
    }
    full.publish_again()?;
    let verdict = Verdict::of(&full.evidence(&paths)?);
    println!("{verdict}");
    server.kill()?;
    Ok(verdict)
}

/// A server whose disk fills up.
struct Full<'a> {
    lab: &'a Lab,
    folder: Folder,
    receiver: Receiver,
    server: SocketAddr,
    journals: Vec<PathBuf>,
}

impl Full<'_> {
    fn load(&self, name: &str) -> Load {
        Load::at(self.lab, name, self.server)
    }

    fn make_endpoint(&mut self) -> Result<HashMap<String, String>> {
        let load = self.load("set-up").set("receiver", self.receiver.address());
        let made = load.set("path", "/full").run()?;
        let endpoint = made
            .pointer("/endpoints/0")
            .context("no endpoint was made")?;
        let secret = text_of(endpoint, "/secret")?;
        self.receiver.order(&format!("secret /full {secret}"))?;
        let id = text_of(endpoint, "/id")?.to_owned();
        Ok(HashMap::from([(id, "/full".to_owned())]))
    }

    /// Publishes until the disk is full; returns how many requests were refused for that.
    fn fill(&mut self) -> Result<u64> {
        let end = Instant::now() + PATIENCE;
        let mut first = 0;
        while Instant::now() < end {
            let journal = self.folder.join(&format!("filling-{first}"));
            let load = self
                .load("publish")
                .set("connections", 8)
                .set("size", 8_000);
            let load = load.set("count", 1_000).set("first", first);
            let report = load.file("journal", &journal).run()?;
            self.journals.push(journal);
            first += 1_000;
            let statuses = report.pointer("/statuses").and_then(Value::as_object);
            let statuses = statuses.context("a publisher reported no statuses")?;
            if let Some(other) = statuses.keys().find(|status| *status != "507") {
                bail!(
                    "a full disk was answered with {other}: {}",
                    report["refusal"]
                );
            }
            if let Some(full) = statuses.get("507").and_then(Value::as_u64) {
                return Ok(full);
            }
        }
        bail!("the disk did not fill up within {PATIENCE:?}")
    }

    /// With room, everything must be accepted and delivered again.
    fn publish_again(&mut self) -> Result<()> {
        let journal = self.folder.join("again");
        let load = self
            .load("publish")
            .set("count", 200)
            .set("first", 1_u64 << 40);
        let report = load.flag("retry").file("journal", &journal).run()?;
        let acknowledged = whole_number(&report, "/acknowledged")?;
        println!("disk full:  with room again, {acknowledged} of 200 were acknowledged");
        self.journals.push(journal);
        Ok(())
    }

    /// Waits until nothing is pending; says whether that came.
    fn drain(&self, patience: Duration, out: Option<&Path>) -> Result<bool> {
        let mut load = self.load("deliveries").set("wait", patience.as_secs());
        if let Some(path) = out {
            load = load.file("out", path);
        }
        let report = load.patience(PATIENCE * 2).run()?;
        Ok(report.get("pending") == Some(&Value::Bool(false)))
    }

    fn evidence(&mut self, paths: &HashMap<String, String>) -> Result<Evidence> {
        let rows = self.folder.join("deliveries");
        if !self.drain(PATIENCE, Some(&rows))? {
            bail!("deliveries did not go on when there was room again");
        }
        let report = self.receiver.report()?;
        let mut acknowledged = Vec::new();
        for journal in &self.journals {
            acknowledged.extend(journals::acknowledged(journal)?);
        }
        Ok(Evidence {
            acknowledged,
            received: journals::received(&self.folder.join("received"))?,
            deliveries: journals::deliveries(&rows, paths)?,
            fan_out: 1,
            endpoints: 1,
            interruptions: 0,
            not_genuine: not_genuine(&report)?,
        })
    }
}
