//! Faults that the server has to notice itself: a sync that fails, and an order to stop.

use std::time::Duration;

use anyhow::{Result, bail};

use super::chance::Chance;
use super::kill::SYNCS;
use super::world::World;

/// A server that cannot write any more ends by itself, and so does one that was told to.
const END: Duration = Duration::from_secs(40);
/// How long a server works before it is told to stop.
const WORK: Duration = Duration::from_millis(1_500);

/// A sync fails once: the server says so and ends with a failure, and a restart recovers.
pub(super) fn failing_sync(world: &mut World<'_>, chance: &mut Chance) -> Result<String> {
    let n = chance.between(40, 120);
    let fault = format!("{SYNCS}:error=EIO:when={n}");
    let mut server = world.launch().inject(fault).spawn()?;
    if server.listening()?.is_none() {
        bail!("the server did not start:\n{}", server.log_end());
    }
    let Some(status) = server.wait(END)? else {
        bail!("the server lives on after its sync number {n} failed");
    };
    if status.code().is_none_or(|code| code == 0) {
        bail!("the server ended with {status} after a failed sync");
    }
    let words = server.log_end();
    if !words.contains("sync") && !words.contains("store") {
        bail!("the server did not say why it ended:\n{words}");
    }
    let (server, _) = world.launch().start()?;
    server.kill()?;
    Ok(format!(
        "EIO at sync number {n}: {status}, said so, started again"
    ))
}

/// An order to stop under load: the server ends with success within its grace.
pub(super) fn termination(world: &mut World<'_>) -> Result<String> {
    let (mut server, _) = world.launch().start()?;
    std::thread::sleep(WORK);
    let start = std::time::Instant::now();
    server.signal("TERM")?;
    let Some(status) = server.wait(END)? else {
        bail!("the server did not stop within {END:?}");
    };
    if !status.success() {
        bail!("the server ended with {status}:\n{}", server.log_end());
    }
    Ok(format!(
        "stopped after {} ms, {status}",
        start.elapsed().as_millis()
    ))
}
