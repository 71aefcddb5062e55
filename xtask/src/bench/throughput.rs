//! CPU for each delivery compared with a bare client, and deliveries a second.

use anyhow::Result;

use super::Bench;
use super::median::{median, range};
use super::report::Row;
use super::site::{Flow, PAYLOAD, Sample, number};
use crate::lab::{Load, whole_number};

/// The yardstick has the same kind of runtime as the server.
const THREADS: u64 = 2;
/// Events of each batch.
const BATCH: u64 = 100;

/// The samples of one kind of flow.
#[derive(Default)]
struct Samples(Vec<Sample>);

impl Samples {
    fn values(&self, of: impl Fn(&Sample) -> f64) -> Vec<f64> {
        self.0.iter().map(of).collect()
    }

    fn median(&self, of: impl Fn(&Sample) -> f64) -> f64 {
        median(&self.values(of))
    }
}

pub(super) fn measure(bench: &mut Bench<'_>) -> Result<Vec<Row>> {
    let events = bench.effort.events;
    let site = &mut bench.site;
    site.set_up(("one", 1, 0), &["/one"])?;
    site.set_up(("three", 1, 0), &["/a", "/b", "/c"])?;
    let one = Flow::single("one", events);
    let batched = one.batch(BATCH).events(events * 2);
    let three = Flow::single("three", events).batch(BATCH).fan_out(3);
    for flow in [one, batched, three] {
        site.run(flow.events(events / 2))?;
    }
    let (mut bare, mut lean) = (Vec::new(), Vec::new());
    let (mut single, mut batch, mut wide) =
        (Samples::default(), Samples::default(), Samples::default());
    for _ in 0..bench.effort.rounds {
        bare.push(bare_client(bench, events * 2, THREADS)?);
        lean.push(bare_client(bench, events * 2, 1)?);
        single.0.push(bench.site.run(one)?);
        batch.0.push(bench.site.run(batched)?);
        wide.0.push(bench.site.run(three)?);
    }
    let yardstick = median(&bare);
    let (low, high) = range(&bare);
    let lean = median(&lean);
    let mut rows = vec![Row::told(
        "CPU of the bare client for each request",
        format!("{yardstick:.1} µs ({low:.1}–{high:.1}; {lean:.1} µs on a single thread)"),
    )];
    rows.push(cpu_row(
        "CPU per delivered event, single publish",
        &single,
        yardstick,
        4.0,
    ));
    rows.push(cpu_row(
        "CPU per delivered event, batches of 100",
        &batch,
        yardstick,
        2.5,
    ));
    let wide_cpu = wide.median(|sample| sample.cpu);
    rows.push(Row::told(
        "CPU per delivery, batches of 100, three endpoints",
        format!("{:.2}x ({wide_cpu:.1} µs)", wide_cpu / yardstick),
    ));
    rows.push(Row::told(
        "share of the store's thread in that CPU",
        format!(
            "single {:.0} %, batches {:.0} %",
            100.0 * single.median(|sample| sample.store_share),
            100.0 * batch.median(|sample| sample.store_share)
        ),
    ));
    rows.push(rate_row(
        "deliveries per second, single publish",
        &single,
        15_000.0,
    ));
    rows.push(rate_row(
        "deliveries per second, batches of 100, one endpoint",
        &batch,
        30_000.0,
    ));
    rows.push(rate_row(
        "deliveries per second, batches of 100, three endpoints",
        &wide,
        30_000.0,
    ));
    rows.push(written_row("single publish", &single));
    rows.push(written_row("batches of 100", &batch));
    Ok(rows)
}

/// Microseconds of CPU for each request.
fn bare_client(bench: &Bench<'_>, count: u64, threads: u64) -> Result<f64> {
    let report = Load::new(bench.lab, "bare")
        .set("receiver", bench.site.receiver.address())
        .set("count", count)
        .set("size", PAYLOAD)
        .set("threads", threads)
        .run()?;
    let cpu = whole_number(&report, "/cpu_ns")?;
    Ok(number(cpu) / 1e3 / number(count))
}

fn cpu_row(measure: &str, samples: &Samples, yardstick: f64, limit: f64) -> Row {
    let cpu = samples.median(|sample| sample.cpu);
    let (low, high) = range(&samples.values(|sample| sample.cpu));
    let ratio = cpu / yardstick;
    let measured = format!("{ratio:.2}x ({cpu:.1} µs, {low:.1}–{high:.1})");
    Row::judged(
        measure,
        format!("≤ {limit}x the bare client"),
        measured,
        ratio <= limit,
    )
}

fn rate_row(measure: &str, samples: &Samples, limit: f64) -> Row {
    let rate = samples.median(|sample| sample.rate);
    let (low, high) = range(&samples.values(|sample| sample.rate));
    let measured = format!("{rate:.0} ({low:.0}–{high:.0})");
    Row::judged(measure, format!("≥ {limit:.0}"), measured, rate >= limit)
}

fn written_row(how: &str, samples: &Samples) -> Row {
    let written = samples.median(|sample| sample.written);
    let measure = format!("bytes written per payload byte, {how}");
    Row::judged(measure, "≤ 2.5", format!("{written:.2}"), written <= 2.5)
}
