//! How long an event takes to its receiver at a steady, moderate rate.

use anyhow::Result;
use serde_json::Value;

use super::Bench;
use super::median::median;
use super::report::Row;
use super::site::{PAYLOAD, Site, all_acknowledged, number};
use crate::lab::{Load, whole_number};

/// Events a second.
pub(super) const RATE: u64 = 200;

/// Delays in milliseconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Delays {
    pub(super) p50: f64,
    pub(super) p99: f64,
}

pub(super) fn measure(bench: &mut Bench<'_>) -> Result<Vec<Row>> {
    let sync = sync_millis(bench)?;
    let seconds = bench.effort.seconds;
    steady(&mut bench.site, "one", "/one", 1)?;
    let mut rounds = Vec::new();
    for _ in 0..bench.effort.rounds {
        rounds.push(steady(&mut bench.site, "one", "/one", seconds)?);
    }
    let p50 = median(&rounds.iter().map(|delays| delays.p50).collect::<Vec<_>>());
    let p99 = median(&rounds.iter().map(|delays| delays.p99).collect::<Vec<_>>());
    let budget = 3.0 + sync;
    Ok(vec![
        Row::told("one fdatasync of this disk, p50", format!("{sync:.2} ms")),
        Row::judged(
            "event to receiver at 200 events/s, p50",
            format!("≤ 3 ms + one sync = {budget:.2} ms"),
            format!("{p50:.2} ms"),
            p50 <= budget,
        ),
        Row::judged(
            "event to receiver at 200 events/s, p99",
            "≤ 10 ms",
            format!("{p99:.2} ms"),
            p99 <= 10.0,
        ),
    ])
}

/// Publishes at the rate, and returns the delays on one path.
pub(super) fn steady(
    site: &mut Site<'_>,
    prefix: &str,
    path: &str,
    seconds: u64,
) -> Result<Delays> {
    site.receiver.order("reset")?;
    let events = RATE * seconds;
    let report = site
        .load("publish", prefix)
        .set("rate", RATE)
        .set("count", events)
        .set("connections", 32)
        .set("size", PAYLOAD)
        .run()?;
    all_acknowledged(&report, events)?;
    let patience = std::time::Duration::from_secs(20);
    let report = site.receiver.wait_for(path, events, patience)?;
    delays(&report, path)
}

fn delays(report: &Value, path: &str) -> Result<Delays> {
    let path = path.replace('/', "~1");
    let millis = |quantile: &str| {
        let micros = whole_number(report, &format!("/paths/{path}/delay/{quantile}"))?;
        Ok::<f64, anyhow::Error>(number(micros) / 1e3)
    };
    Ok(Delays {
        p50: millis("p50_us")?,
        p99: millis("p99_us")?,
    })
}

fn sync_millis(bench: &Bench<'_>) -> Result<f64> {
    let folder = bench.site.folder.path();
    let report = Load::new(bench.lab, "disk").file("folder", folder).run()?;
    Ok(number(whole_number(&report, "/sync/p50_us")?) / 1e3)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn delays_are_read_for_the_path_that_is_asked_for() {
        let report = json!({"paths": {
            "/a": {"delay": {"p50_us": 1_500, "p99_us": 9_000}},
            "/b": {"delay": null},
        }});
        let found = delays(&report, "/a").unwrap();
        assert!((found.p50 - 1.5).abs() < 1e-9 && (found.p99 - 9.0).abs() < 1e-9);
        assert!(delays(&report, "/b").is_err());
    }
}
