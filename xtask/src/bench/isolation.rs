//! What a healthy endpoint feels of a neighbour that hangs or floods.

use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result};

use super::Bench;
use super::latency::{Delays, steady};
use super::median::{median, range};
use super::report::Row;
use super::site::{PAYLOAD, Site};

/// Events a second of the organization that floods: about 20 times the other's.
const FLOOD: u64 = 4_000;
/// The flood is under way after this.
const BEGIN: Duration = Duration::from_millis(700);

pub(super) fn measure(bench: &mut Bench<'_>) -> Result<Vec<Row>> {
    let (rounds, seconds) = (bench.effort.rounds, bench.effort.seconds);
    let site = &mut bench.site;
    site.set_up(("calm", 1, 0), &["/calm"])?;
    site.set_up(("mixed", 1, 0), &["/healthy", "/hang"])?;
    site.set_up(("flood", 1, 0), &["/flood"])?;
    site.receiver.order("answer /hang hang")?;
    steady(site, "calm", "/calm", 1)?;
    steady(site, "mixed", "/healthy", 1)?;
    let (mut alone, mut beside_hanging, mut beside_flood) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rounds {
        alone.push(steady(site, "calm", "/calm", seconds)?);
        beside_hanging.push(steady(site, "mixed", "/healthy", seconds)?);
        beside_flood.push(under_flood(site, seconds)?);
    }
    Ok(vec![
        row(
            "another endpoint of its organization hangs",
            &alone,
            &beside_hanging,
        ),
        row(
            "another organization publishes 4,000/s",
            &alone,
            &beside_flood,
        ),
    ])
}

fn under_flood(site: &mut Site<'_>, seconds: u64) -> Result<Delays> {
    let mut flood = site
        .load("publish", "flood")
        .set("rate", FLOOD)
        .set("seconds", seconds + 2)
        .set("batch", 20)
        .set("connections", 8)
        .set("size", PAYLOAD)
        .start()?;
    thread::sleep(BEGIN);
    let delays = steady(site, "calm", "/calm", seconds)?;
    let patience = Duration::from_secs(seconds + 20);
    flood.result(patience).context("the flood failed")?;
    Ok(delays)
}

fn row(neighbour: &str, alone: &[Delays], beside: &[Delays]) -> Row {
    let values = |delays: &[Delays]| delays.iter().map(|delays| delays.p99).collect::<Vec<_>>();
    let (without, with) = (values(alone), values(beside));
    let ratio = median(&with) / median(&without);
    let measured = format!(
        "{ratio:.2}x: {} instead of {}",
        shown(&with),
        shown(&without)
    );
    let measure = format!("healthy endpoint's p99 while {neighbour}");
    Row::judged(measure, "≤ 1.2x without", measured, ratio <= 1.2)
}

/// The median, with the least and the greatest: a disk of a shared machine stalls at times.
fn shown(values: &[f64]) -> String {
    let (low, high) = range(values);
    format!("{:.2} ms ({low:.2}–{high:.2})", median(values))
}
