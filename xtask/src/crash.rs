//! `cargo xtask crash`: kills the server again and again, and proves that nothing was lost.
//!
//! A publisher and a receiver keep a journal each. The server between them is killed at random
//! moments, while it starts, and at chosen syncs of the disk; then its disk fails, then it is told
//! to stop. In the end everything drains, and the journals are compared with each other and with
//! what the server says.

mod chance;
mod check;
mod disk_full;
mod faults;
mod journals;
mod kill;
mod world;

use anyhow::{Result, bail};
use clap::Args;

use crate::lab::{Lab, Profile};
use crate::test::meet_needs;
use chance::Chance;
use check::Verdict;
use kill::Kill;
use world::World;

#[derive(Args)]
pub(crate) struct CrashArguments {
    /// How often the server is killed
    #[arg(long, value_name = "COUNT", default_value_t = 20)]
    kills: u32,
    /// For every change: the debug build, and no full disk
    #[arg(long)]
    short: bool,
    /// Repeats the choices of an earlier run
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
    /// Takes the programs as they were built last
    #[arg(long)]
    no_build: bool,
}

/// The short variant as a step of the other checks.
pub(crate) fn run_short() -> Result<()> {
    run(&CrashArguments {
        kills: 6,
        short: true,
        seed: None,
        no_build: false,
    })
}

pub(crate) fn run(arguments: &CrashArguments) -> Result<()> {
    meet_needs()?;
    let profile = if arguments.short {
        Profile::Debug
    } else {
        Profile::Release
    };
    let lab = if arguments.no_build {
        Lab::as_built(profile)?
    } else {
        Lab::build(profile)?
    };
    let mut chance = Chance::new(arguments.seed);
    println!("seed {}", chance.seed());
    let mut verdicts = vec![kills(&lab, &mut chance, arguments.kills)?];
    if !arguments.short {
        verdicts.push(disk_full::run(&lab)?);
    }
    if verdicts.iter().any(|verdict| !verdict.holds()) {
        bail!("the promise was broken; seed {}", chance.seed());
    }
    Ok(())
}

fn kills(lab: &Lab, chance: &mut Chance, count: u32) -> Result<Verdict> {
    let mut world = World::start(lab)?;
    let mut happened = Vec::new();
    for number in 1..=count {
        let kill = Kill::choose(number, chance);
        let outcome = world.suffer(kill)?;
        println!("kill {number:>3} of {count}: {kill}: {outcome}");
        happened.push(outcome);
    }
    println!("sync fails: {}", faults::failing_sync(&mut world, chance)?);
    println!("SIGTERM:    {}", faults::termination(&mut world)?);
    let interruptions = u64::from(count) + 1;
    let verdict = world.finish(interruptions)?;
    println!("\n{}", Kill::summary(&happened));
    println!("{verdict}");
    Ok(verdict)
}
