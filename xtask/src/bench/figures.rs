//! What pages of a console ask for, with many deliveries stored.

use anyhow::{Context as _, Result};

use super::Bench;
use super::backlog::thousands;
use super::report::Row;
use crate::process::Tool;
use crate::workspace::root;

/// A page has 100 ms; what it asks of the store is half of that at most.
const LIMIT: f64 = 50.0;

pub(super) fn measure(bench: &mut Bench<'_>) -> Result<Vec<Row>> {
    let stored = bench.effort.pages;
    let example = ["run", "--release", "--locked", "--quiet"];
    let asked = Tool::cargo(&example)
        .args(["--package=carehook-app", "--example=figures", "--"])
        .args([stored.to_string()])
        .dir(root())
        .read()?;
    let mut answers = asked
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(answer)
        .collect::<Result<Vec<_>>>()?;
    answers.sort_by(|a, b| b.median.total_cmp(&a.median));
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

/// How long a question took, in milliseconds.
struct Answer {
    question: String,
    median: f64,
    longest: f64,
}

fn answer(line: &str) -> Result<Answer> {
    let mut parts = line.split('\t');
    let mut next = || {
        parts
            .next()
            .with_context(|| format!("`{line}` is no answer"))
    };
    Ok(Answer {
        question: next()?.to_owned(),
        median: next()?.parse()?,
        longest: next()?.parse()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_has_a_question_a_median_and_a_longest_time() {
        let read = answer("log: failed\t1.5\t20.0").unwrap();
        assert_eq!(read.question, "log: failed");
        assert!((read.median, read.longest) == (1.5, 20.0));
        assert!(answer("nothing").is_err());
    }
}
