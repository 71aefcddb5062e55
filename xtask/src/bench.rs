//! `cargo xtask bench`: measures what the design promises, and writes `docs/benchmarks.md`.
//!
//! All of it runs on this machine's loopback, so load, receivers and server share its cores.
//! What is compared is measured in turn (A B A B) in one run, and medians are shown.

mod answers;
mod backlog;
mod effort;
mod figures;
mod growth;
mod isolation;
mod latency;
mod machine;
mod median;
mod memory;
mod other_work;
mod pages;
mod proc_figures;
mod report;
mod site;
mod throughput;

use std::fs;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, Result, bail, ensure};
use clap::Args;

use crate::lab::{Lab, Profile};
use crate::workspace::root;
use effort::Effort;
use machine::Machine;
use other_work::OtherWork;
use report::{Report, Row};
use site::Site;

const FILE: &str = "docs/benchmarks.md";

#[derive(Args)]
pub(crate) struct BenchArguments {
    /// A look in about a minute; writes no document
    #[arg(long, conflicts_with = "full")]
    quick: bool,
    /// 10,000 endpoints and a million pending deliveries; takes long
    #[arg(long)]
    full: bool,
    /// Takes the programs as they were built last; writes no document
    #[arg(long)]
    no_build: bool,
    /// Only the measurements whose names hold one of these words; writes no document
    #[arg(long, value_name = "WORD", value_delimiter = ',')]
    only: Vec<String>,
}

/// One group of measurements.
type Measure = fn(&mut Bench<'_>) -> Result<Vec<Row>>;

/// In the order of the design's table.
const MEASURES: &[(&str, Measure)] = &[
    ("throughput and CPU", throughput::measure),
    ("latency", latency::measure),
    ("isolation", isolation::measure),
    ("memory with many endpoints", memory::measure),
    ("backlog and restart", backlog::measure),
    ("cost as work grows", growth::measure),
    ("what pages ask for", figures::measure),
    ("pages of the console", pages::measure),
];

/// What the measurements share.
struct Bench<'a> {
    lab: &'a Lab,
    effort: Effort,
    /// A server that was made for the first measurement and is used by later ones.
    site: Site<'a>,
}

pub(crate) fn run(arguments: &BenchArguments) -> Result<()> {
    let effort = match (arguments.quick, arguments.full) {
        (true, _) => Effort::QUICK,
        (_, true) => Effort::FULL,
        _ => Effort::DEFAULT,
    };
    let lab = if arguments.no_build {
        Lab::as_built(Profile::Release)?
    } else {
        Lab::build(Profile::Release)?
    };
    // Now, because the sources may change while their programs are measured.
    let machine = Machine::look()?;
    let (start, others) = (Instant::now(), OtherWork::begin()?);
    let site = Site::start(&lab, "bench")?;
    let mut bench = Bench {
        lab: &lab,
        effort,
        site,
    };
    let mut rows = Vec::new();
    let chosen = chosen(&arguments.only)?;
    for (number, (name, measure)) in chosen.iter().enumerate() {
        let elapsed = start.elapsed().as_secs();
        let (number, all) = (number + 1, chosen.len());
        println!("[{number}/{all}] {name} (after {elapsed} s)");
        let_disk_rest().context("cannot let the disk come to rest")?;
        let measured = measure(&mut bench).with_context(|| format!("cannot measure {name}"))?;
        for row in &measured {
            println!("      {row}");
        }
        rows.extend(measured);
    }
    // Its processes count as ours when they have ended.
    drop(bench);
    rows.push(Row::told(
        "cores that other work kept busy during the run (0 is quiet)",
        format!("{:.1}", others.cores()?),
    ));
    rows.push(Row::not_measured(
        "PostgreSQL engine, CPU of its server included",
        "≤ 12x the bare client",
        "there is no such engine yet",
    ));
    let report = Report {
        machine,
        effort,
        rows,
        seconds: start.elapsed().as_secs(),
    };
    println!("\n{report}");
    // The document names a revision, so the programs must have been built from it.
    if effort != Effort::QUICK && !arguments.no_build && arguments.only.is_empty() {
        let path = root().join(FILE);
        fs::write(&path, report.markdown()).with_context(|| format!("cannot write {FILE}"))?;
        println!("written to {FILE}");
    }
    Ok(())
}

/// The measurements whose names hold a word that was asked for; all when none was.
fn chosen(words: &[String]) -> Result<Vec<(&'static str, Measure)>> {
    let wanted = |name: &str| words.is_empty() || words.iter().any(|word| name.contains(word));
    let chosen: Vec<_> = MEASURES
        .iter()
        .filter(|(name, _)| wanted(name))
        .copied()
        .collect();
    if chosen.is_empty() {
        let names: Vec<_> = MEASURES.iter().map(|(name, _)| *name).collect();
        bail!(
            "no measurement has such a name; there are: {}",
            names.join(", ")
        );
    }
    Ok(chosen)
}

/// Waits until what was written before is on the disk: on its way there it would be measured as
/// delays of whatever comes next.
fn let_disk_rest() -> Result<()> {
    let ended = Command::new("sync").status()?;
    ensure!(ended.success(), "`sync` ended with {ended}");
    Ok(())
}
