//! A disk that fills up: publishing is refused, nothing acknowledged is lost, and room helps.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use super::check::{Evidence, Verdict};
use super::journals;
use super::world::not_genuine;
use crate::lab::{Lab, Launch, Load, Receiver, text_of, whole_number};
use crate::process::Tool;

const SMALL: &str = "size=24m";
const LARGE: &str = "size=256m";
/// Longest time until the disk is full, and until everything is delivered.
const PATIENCE: Duration = Duration::from_mins(1);

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
    let mut receiver = Receiver::start(lab, Some(&folder.join("received")))?;
    let paths = make_endpoint(lab, &mut receiver, address)?;
    let mut journals = Vec::new();
    let refused = fill(lab, address, &folder.join("filling"), &mut journals)?;
    println!("disk full:  {refused} requests were answered with 507, the server lives");
    let drained = drain(lab, address, None)?;
    println!(
        "disk full:  deliveries {} while it is full",
        if drained { "went on" } else { "waited" }
    );
    if let Some(disk) = &disk {
        disk.enlarge()?;
    }
    let last = folder.join("last");
    let load = Load::at(lab, "publish", address)
        .set("count", 200)
        .set("first", 1_u64 << 40);
    let report = load.flag("retry").file("journal", &last).run()?;
    println!(
        "disk full:  with room again, {} of 200 were acknowledged",
        whole_number(&report, "/acknowledged")?
    );
    journals.push(last);
    let rows = folder.join("deliveries");
    if !drain(lab, address, Some(&rows))? {
        bail!("deliveries did not go on when there was room again");
    }
    let report = receiver.report()?;
    let mut acknowledged = Vec::new();
    for journal in &journals {
        acknowledged.extend(journals::acknowledged(journal)?);
    }
    let verdict = Verdict::of(&Evidence {
        acknowledged,
        received: journals::received(&folder.join("received"))?,
        deliveries: journals::deliveries(&rows, &paths)?,
        fan_out: 1,
        endpoints: 1,
        interruptions: 0,
        not_genuine: not_genuine(&report)?,
    });
    println!("{verdict}");
    server.kill()?;
    Ok(verdict)
}

fn make_endpoint(
    lab: &Lab,
    receiver: &mut Receiver,
    server: std::net::SocketAddr,
) -> Result<HashMap<String, String>> {
    let load = Load::at(lab, "set-up", server).set("receiver", receiver.address());
    let made = load.set("path", "/full").run()?;
    let endpoint = made
        .pointer("/endpoints/0")
        .context("no endpoint was made")?;
    let secret = text_of(endpoint, "/secret")?;
    receiver.order(&format!("secret /full {secret}"))?;
    let id = text_of(endpoint, "/id")?.to_owned();
    Ok(HashMap::from([(id, "/full".to_owned())]))
}

/// Publishes until the disk is full; returns how many requests were refused for that.
fn fill(
    lab: &Lab,
    server: std::net::SocketAddr,
    name: &Path,
    journals: &mut Vec<PathBuf>,
) -> Result<u64> {
    let end = Instant::now() + PATIENCE;
    for round in 0_u64.. {
        let journal = name.with_extension(round.to_string());
        let load = Load::at(lab, "publish", server)
            .set("connections", 8)
            .set("size", 8_000);
        let load = load.set("count", 1_000).set("first", round * 1_000);
        let report = load.file("journal", &journal).run()?;
        journals.push(journal);
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
        if Instant::now() > end {
            break;
        }
    }
    bail!("the disk did not fill up within {PATIENCE:?}")
}

/// Waits until nothing is pending; says whether that came.
fn drain(lab: &Lab, server: std::net::SocketAddr, out: Option<&Path>) -> Result<bool> {
    let seconds = if out.is_some() {
        PATIENCE.as_secs()
    } else {
        10
    };
    let mut load = Load::at(lab, "deliveries", server).set("wait", seconds);
    if let Some(path) = out {
        load = load.file("out", path);
    }
    let report = load.patience(PATIENCE * 2).run()?;
    Ok(report.get("pending") == Some(&Value::Bool(false)))
}
