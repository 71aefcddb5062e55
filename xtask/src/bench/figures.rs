//! What pages of a console ask for, with many deliveries stored.

use anyhow::{Context as _, Result};

use super::Bench;
use super::answers::ask;
use super::backlog::thousands;
use super::report::Row;

/// A page has 100 ms; what it asks of the store is half of that at most.
const LIMIT: f64 = 50.0;

pub(super) fn measure(bench: &mut Bench<'_>) -> Result<Vec<Row>> {
    let stored = bench.effort.pages;
    let answers = ask("carehook-app", "figures", stored)?;
    let slowest = answers.first().context("nothing was asked")?;
    let worst = answers.iter().map(|answer| answer.longest);
    let worst = worst.fold(0.0, f64::max);
    Ok(vec![
        Row::judged(
            format!(
                "what a page asks for, {} deliveries stored, the slowest of {} questions",
                thousands(stored),
                answers.len()
            ),
            format!("≤ {LIMIT} ms"),
            format!("{:.1} ms: {}", slowest.median, slowest.question),
            slowest.median <= LIMIT,
        ),
        Row::told(
            "the longest that any of them took once",
            format!("{worst:.1} ms"),
        ),
    ])
}
