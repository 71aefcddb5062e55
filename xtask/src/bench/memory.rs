//! Memory of an idle server that has many endpoints.

use std::thread;
use std::time::Duration;

use anyhow::Result;

use super::Bench;
use super::report::Row;
use super::site::{Site, number};

/// Endpoints that an organization may have.
pub(super) const PER_ORGANIZATION: u64 = 50;
/// After this a server that has just started has nothing more to do.
const IDLE: Duration = Duration::from_secs(2);
const MIB: f64 = 1_048_576.0;

pub(super) fn measure(bench: &mut Bench<'_>) -> Result<Vec<Row>> {
    let mut site = Site::start(bench.lab, "memory")?;
    site.set_up(("clinic", 20, PER_ORGANIZATION), &["/many"])?;
    let made = resident(&site)?;
    site.restart()?;
    thread::sleep(IDLE);
    let idle = resident(&site)?;
    Ok(vec![Row::judged(
        "memory, idle with 1,000 endpoints",
        "≤ 60 MiB",
        format!("{idle:.0} MiB ({made:.0} MiB after they were made)"),
        idle.max(made) <= 60.0,
    )])
}

pub(super) fn resident(site: &Site<'_>) -> Result<f64> {
    Ok(number(site.figures()?.resident) / MIB)
}
