//! `carehook demo`: everything at work, with nothing prepared and nothing left behind.
//!
//! A real server on a temporary store, a real receiver for each dialect, and the sample events
//! sent through the real API. A receiver believes nothing: it verifies every request as a
//! customer's would, with the secret that the API gave it.

mod endpoints;
mod journal;
mod publisher;
mod receiver;
mod world;

use std::time::Duration;

use anyhow::Context as _;
use carehook_core::sample_events;
use clap::Args;
use tokio::time::{Instant, interval_at, timeout_at};

use crate::config::Environment;
use crate::exit::Exit;
use crate::output;
use crate::server::{Signals, raise_file_limit};
use crate::telemetry::{silence_panics, start_logs};
use journal::Journal;
use world::World;

/// Everything together takes a second; on a machine that needs longer than this, something is wrong.
const BOUND: Duration = Duration::from_secs(30);
/// Between two events when the demo stays up.
const INTERVAL: Duration = Duration::from_secs(5);

#[derive(Args)]
pub(crate) struct Arguments {
    /// End when every delivery has arrived and was verified; fail when one was not
    #[arg(long)]
    once: bool,
}

pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    let filter = Environment::read()?.log_or("warn")?;
    start_logs(&filter);
    silence_panics();
    raise_file_limit();
    let mut signals = Signals::listen()?;
    let end = Instant::now() + BOUND;
    let world = timeout_at(end, World::start()).await;
    let mut world = world.context("start the demo in time")??;
    output::line(&world)?;
    let exit = tokio::select! {
        exit = show(&mut world, arguments.once, end) => exit,
        _ = signals.next() => Ok(Exit::Done),
    };
    world.stop().await;
    exit
}

async fn show(world: &mut World, once: bool, end: Instant) -> anyhow::Result<Exit> {
    let mut journal = Journal::default();
    let started = Instant::now();
    let all = async {
        for sample in sample_events() {
            world.publish(sample, &mut journal).await?;
        }
        while !journal.is_complete() {
            let arrival = world.next_arrival().await?;
            output::line(journal.arrived(arrival)?)?;
        }
        world.wait_until_recorded(&journal).await
    };
    match timeout_at(end, all).await {
        Ok(result) => result?,
        Err(_) => anyhow::bail!("{}", world.explain(&journal, BOUND).await),
    }
    let deliveries = journal.verified();
    let seconds = started.elapsed().as_secs_f64();
    output::line(format_args!(
        "\nAll {deliveries} deliveries arrived, were verified, and are recorded. {seconds:.1} s."
    ))?;
    if once {
        return Ok(Exit::Done);
    }
    world.add_one_that_is_off().await?;
    output::line(world.way_in().await?)?;
    output::line("An event follows every 5 seconds. Ctrl-C ends the demo.\n")?;
    stay(world, journal).await
}

/// Sends one sample after the other until the demo is ended.
async fn stay(world: &mut World, mut journal: Journal) -> anyhow::Result<Exit> {
    let mut ticks = interval_at(Instant::now() + INTERVAL, INTERVAL);
    let mut samples = sample_events().iter().cycle();
    loop {
        tokio::select! {
            _ = ticks.tick() => {
                if let Some(sample) = samples.next() {
                    world.publish(sample, &mut journal).await?;
                }
            }
            arrival = world.next_arrival() => match journal.arrived(arrival?) {
                Ok(row) => output::line(row)?,
                // Whoever clicks around in the console sends tests, and sends again.
                Err(reason) => output::line(format_args!("  besides   {reason}"))?,
            },
        }
    }
}
