//! A receiver that is down: memory for what waits, and a restart in the middle of it.

use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result};

use super::Bench;
use super::memory::resident;
use super::report::Row;
use super::site::{PAYLOAD, Site, all_acknowledged, number};
use crate::lab::whole_number;

const PATIENCE: Duration = Duration::from_mins(10);
/// What is still to be freed after a load is freed by then.
const SETTLE: Duration = Duration::from_secs(2);
const MIB: f64 = 1_048_576.0;

pub(super) fn measure(bench: &mut Bench<'_>) -> Result<Vec<Row>> {
    let mut site = Site::start(bench.lab, "backlog")?;
    site.set_up(("late", 1, 0), &["/late"])?;
    site.set_up(("probe", 1, 0), &[])?;
    site.receiver.order("answer /late fail")?;
    // Buffers and caches grow to their size before the first look.
    let warm = bench.effort.backlog / 5;
    publish(&site, 0, warm)?;
    let before = resident(&site)?;
    publish(&site, warm, bench.effort.backlog)?;
    let after = resident(&site)?;
    let each = (after - before).max(0.0) * MIB / number(bench.effort.backlog);
    let pending = thousands(warm + bench.effort.backlog);
    let (accept, deliver, restarted) = restart(&mut site)?;
    Ok(vec![
        Row::judged(
            format!("memory per pending delivery, {pending} of them"),
            "≤ 64 B",
            format!(
                "{each:.0} B ({before:.0} → {after:.0} MiB; {restarted:.0} MiB after a restart)"
            ),
            each <= 64.0,
        ),
        Row::judged(
            format!("restart with {pending} pending: first publish acknowledged"),
            "< 1 s",
            format!("{accept:.2} s"),
            accept < 1.0,
        ),
        Row::judged(
            format!("restart with {pending} pending: first delivery"),
            "< 2 s",
            format!("{deliver:.2} s"),
            deliver < 2.0,
        ),
    ])
}

fn publish(site: &Site<'_>, first: u64, count: u64) -> Result<()> {
    let load = site
        .load("publish", "late")
        .set("first", first)
        .set("count", count);
    let load = load
        .set("batch", 100)
        .set("connections", 4)
        .set("size", PAYLOAD);
    all_acknowledged(&load.patience(PATIENCE).run()?, count)?;
    thread::sleep(SETTLE);
    Ok(())
}

/// Kills the server, lets the receiver work again, and returns the seconds from the start to the
/// first acknowledgement and to the first delivery, and the memory then.
fn restart(site: &mut Site<'_>) -> Result<(f64, f64, f64)> {
    site.stop()?;
    site.receiver.order("answer /late ok")?;
    site.receiver.order("reset")?;
    let probe = site
        .load("publish", "probe")
        .set("count", 1)
        .set("connections", 1);
    let mut probe = probe.flag("retry").start()?;
    site.resume()?;
    let report = probe
        .result(Duration::from_mins(1))
        .context("nothing was acknowledged")?;
    let started = whole_number(&report, "/started_at")?;
    let accepted = whole_number(&report, "/first_ack_at")?;
    let arrived = site.receiver.wait_for("/late", 1, Duration::from_mins(1))?;
    let delivered = whole_number(&arrived, "/paths/~1late/first_at")?;
    let seconds = |at: u64| number(at.saturating_sub(started)) / 1e6;
    thread::sleep(SETTLE);
    Ok((seconds(accepted), seconds(delivered), resident(site)?))
}

/// `200000` as `200,000`.
pub(super) fn thousands(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_numbers_can_be_read() {
        assert_eq!(thousands(7), "7");
        assert_eq!(thousands(1_000), "1,000");
        assert_eq!(thousands(1_234_567), "1,234,567");
    }
}
