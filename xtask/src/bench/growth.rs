//! Whether a delivery costs more CPU when endpoints, organizations or stored events are many.

use anyhow::Result;

use super::Bench;
use super::backlog::thousands;
use super::median::{median, range};
use super::memory::PER_ORGANIZATION;
use super::report::Row;
use super::site::{Flow, Site};

/// How much more a delivery may cost.
const LIMIT: f64 = 1.2;

pub(super) fn measure(bench: &mut Bench<'_>) -> Result<Vec<Row>> {
    let effort = bench.effort;
    let mut small = Site::start(bench.lab, "small")?;
    small.set_up(("one", 1, 0), &["/one"])?;
    let one = Flow::single("one", effort.events);
    small.run(one.events(effort.events / 3))?;

    let endpoints = effort.clinics * PER_ORGANIZATION;
    let mut large = Site::start(bench.lab, "endpoints")?;
    large.set_up(("clinic", effort.clinics, PER_ORGANIZATION), &["/many"])?;
    let many = Flow::single("clinic", effort.events).over(effort.clinics, PER_ORGANIZATION);
    let by_endpoints = compare(bench, (&mut small, one), (&mut large, many))?;
    drop(large);

    let mut large = Site::start(bench.lab, "organizations")?;
    large.set_up(("org", effort.organizations, 0), &["/many"])?;
    let many = Flow::single("org", effort.events).over(effort.organizations, 0);
    let by_organizations = compare(bench, (&mut small, one), (&mut large, many))?;
    drop(large);

    let mut grown = Site::start(bench.lab, "stored")?;
    grown.set_up(("one", 1, 0), &["/one"])?;
    grown.run(one.batch(100).events(effort.stored))?;
    let mut fresh = Site::start(bench.lab, "fresh")?;
    fresh.set_up(("one", 1, 0), &["/one"])?;
    let by_stored = compare(bench, (&mut fresh, one), (&mut grown, one))?;
    Ok(vec![
        row(
            &format!("1 → {} endpoints", thousands(endpoints)),
            &by_endpoints,
        ),
        row(
            &format!("1 → {} organizations", thousands(effort.organizations)),
            &by_organizations,
        ),
        row(
            &format!("0 → {} stored events", thousands(effort.stored)),
            &by_stored,
        ),
    ])
}

/// CPU for each delivery on both sides.
struct Comparison {
    small: Vec<f64>,
    large: Vec<f64>,
}

fn compare(
    bench: &Bench<'_>,
    (small, few): (&mut Site<'_>, Flow),
    (large, many): (&mut Site<'_>, Flow),
) -> Result<Comparison> {
    large.run(many.events(many.events / 3))?;
    let (mut costs, mut large_costs) = (Vec::new(), Vec::new());
    for _ in 0..bench.effort.rounds {
        costs.push(small.run(few)?.cpu);
        large_costs.push(large.run(many)?.cpu);
    }
    Ok(Comparison {
        small: costs,
        large: large_costs,
    })
}

fn row(growth: &str, comparison: &Comparison) -> Row {
    let (small, large) = (median(&comparison.small), median(&comparison.large));
    let (low, high) = range(&comparison.large);
    let ratio = large / small;
    Row::judged(
        format!("CPU per delivery, {growth}"),
        format!("≤ {LIMIT}x"),
        format!("{ratio:.2}x ({small:.1} → {large:.1} µs, {low:.1}–{high:.1})"),
        ratio <= LIMIT,
    )
}
