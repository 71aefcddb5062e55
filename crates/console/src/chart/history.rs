//! How attempts went over a time: by outcome and by duration, drawn and as a table.

use askama::Template;
use askama::filters::HtmlSafe;
use carehook_app::{Chart, Counts};
use carehook_core::Timestamp;

use super::Range;
use super::plot::{Plot, Step, percentiles};
use crate::figures::{grouped, success_rate};
use crate::moment::Moment;
use crate::words::time_taken;

/// A part of a page: the drawings, the choice of their range, and the same as a table.
#[derive(Template)]
#[template(path = "parts/history.html")]
pub(crate) struct History {
    range: Range,
    links: Vec<Link>,
    attempts: Plot,
    latency: Plot,
    /// The newest first; without the steps in which nothing was sent.
    rows: Vec<Row>,
}

/// Another range.
struct Link {
    word: &'static str,
    title: &'static str,
    address: String,
    is_shown: bool,
}

struct Row {
    from: Moment,
    delivered: String,
    retried: String,
    failed: String,
    rate: String,
    took: [String; 3],
}

// Its template escapes what it shows.
impl HtmlSafe for History {}

impl History {
    /// What was counted; `to` makes the address of the same page with a query such as `?range=1h`.
    pub(crate) fn of(chart: &Chart, range: Range, to: impl Fn(&str) -> String) -> Self {
        let starts = chart.steps.starts();
        let steps: Vec<_> = starts
            .zip(&chart.counts)
            .map(|(start, counts)| step(start, counts))
            .collect();
        let known = chart.steps.starts().zip(&chart.counts);
        let known = known.filter(|(_, counts)| counts.attempts() > 0);
        let mut rows: Vec<_> = known.map(|(start, counts)| row(start, counts)).collect();
        rows.reverse();
        let links = Range::ALL.map(|other| Link {
            word: other.word(),
            title: other.in_words(),
            address: to(&format!("?range={}", other.in_address())),
            is_shown: other == range,
        });
        Self {
            range,
            links: links.into(),
            attempts: Plot::attempts(&steps, attempts_in_words(&chart.total, range)),
            latency: Plot::latency(&steps, latency_in_words(&chart.total, range)),
            rows,
        }
    }
}

fn step(start: Timestamp, counts: &Counts) -> Step<'_> {
    let at = jiff::Timestamp::from_millisecond(start.0).unwrap_or_default();
    Step {
        at: at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        read: at.strftime("%e %b, %H:%M UTC").to_string(),
        counts,
    }
}

fn row(start: Timestamp, counts: &Counts) -> Row {
    let durations = percentiles(counts);
    Row {
        from: Moment(start),
        delivered: grouped(counts.delivered),
        retried: grouped(counts.retried),
        failed: grouped(counts.failed),
        rate: success_rate(counts).unwrap_or_default(),
        took: durations.map_or_else(Default::default, |all| all.map(time_taken)),
    }
}

fn attempts_in_words(total: &Counts, range: Range) -> String {
    format!(
        "Attempts {} in {}: {} delivered, {} failed and retried, {} failed for good",
        range.step(),
        range.in_words(),
        grouped(total.delivered),
        grouped(total.retried),
        grouped(total.failed)
    )
}

fn latency_in_words(total: &Counts, range: Range) -> String {
    let Some(all) = percentiles(total) else {
        return "No attempts".to_owned();
    };
    let [half, most, nearly] = all.map(time_taken);
    format!(
        "How long attempts took in {}: half of them up to {half}, 95 % up to {most}, 99 % up to \
         {nearly}",
        range.in_words()
    )
}
