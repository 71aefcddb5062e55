//! What pages of the console take, with many deliveries stored.

use anyhow::{Context as _, Result};

use super::Bench;
use super::answers::ask;
use super::backlog::thousands;
use super::report::Row;

/// Milliseconds from the request to the last byte.
const LIMIT: f64 = 100.0;

pub(super) fn measure(bench: &mut Bench<'_>) -> Result<Vec<Row>> {
    let stored = bench.effort.pages;
    let answers = ask("carehook-console", "pages", stored)?;
    for answer in &answers {
        println!("      {:8.1} ms  {}", answer.median, answer.question);
    }
    let slowest = answers.first().context("no page was opened")?;
    let worst = answers.iter().map(|answer| answer.longest);
    let worst = worst.fold(0.0, f64::max);
    Ok(vec![
        Row::judged(
            format!(
                "a page of the console, {} deliveries stored, the slowest of {} pages",
                thousands(stored),
                answers.len()
            ),
            format!("≤ {LIMIT} ms"),
            format!("{:.1} ms: {}", slowest.median, name_of(&slowest.question)),
            slowest.median <= LIMIT,
        ),
        Row::told(
            "the longest that any page took once",
            format!("{worst:.1} ms"),
        ),
    ])
}

/// An address without ids, which are new in each run.
fn name_of(address: &str) -> String {
    let is_id = |part: &str| part.len() == 36 && part.matches('-').count() == 4;
    let parts = address.split('/');
    let parts = parts.map(|part| if is_id(part) { "…" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_called_the_same_in_every_run() {
        let page = "/console/o/northside/webhooks/0198c1f2-1b2c-7d3e-8f40-123456789abc/secret";
        assert_eq!(name_of(page), "/console/o/northside/webhooks/…/secret");
    }
}
