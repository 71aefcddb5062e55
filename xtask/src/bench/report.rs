//! The table of measured values, for a terminal and as a document.

use std::fmt;

use super::effort::Effort;
use super::machine::Machine;

/// One line of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    measure: String,
    budget: String,
    measured: String,
    verdict: Verdict,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Ok,
    Over,
    /// A figure without a budget, or none at all.
    None,
}

impl Row {
    /// A value that has a budget.
    pub(super) fn judged(
        measure: impl Into<String>,
        budget: impl Into<String>,
        measured: impl Into<String>,
        within: bool,
    ) -> Self {
        Self {
            measure: measure.into(),
            budget: budget.into(),
            measured: measured.into(),
            verdict: if within { Verdict::Ok } else { Verdict::Over },
        }
    }

    /// A value that explains others.
    pub(super) fn told(measure: impl Into<String>, measured: impl Into<String>) -> Self {
        Self {
            measure: measure.into(),
            budget: String::new(),
            measured: measured.into(),
            verdict: Verdict::None,
        }
    }

    /// A budget that nothing can be said about yet.
    pub(super) fn not_measured(measure: &str, budget: &str, why: &str) -> Self {
        Self {
            measure: measure.to_owned(),
            budget: budget.to_owned(),
            measured: format!("not measured: {why}"),
            verdict: Verdict::None,
        }
    }

    fn cells(&self) -> [&str; 4] {
        let verdict = match self.verdict {
            Verdict::Ok => "ok",
            Verdict::Over => "over",
            Verdict::None => "",
        };
        [&self.measure, &self.budget, &self.measured, verdict]
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [measure, _, measured, verdict] = self.cells();
        write!(f, "{measure}: {measured} {verdict}")
    }
}

/// A whole run.
pub(super) struct Report {
    pub(super) machine: Machine,
    pub(super) effort: Effort,
    pub(super) rows: Vec<Row>,
    pub(super) seconds: u64,
}

const HEADINGS: [&str; 4] = ["Measure", "Budget", "Measured", ""];

impl Report {
    /// The document for the repository.
    pub(super) fn markdown(&self) -> String {
        let mut lines = vec![
            "# Benchmarks".to_owned(),
            String::new(),
            "Written by `cargo xtask bench`; do not edit.".to_owned(),
            "The budgets are the project's own, and a value over its budget is shown as such."
                .to_owned(),
            String::new(),
            format!("- Machine: {}.", self.machine),
            format!("- Run: `{}`, {} s.", self.command(), self.seconds),
            String::new(),
        ];
        let row = |cells: [&str; 4]| format!("| {} |", cells.join(" | "));
        lines.push(row(HEADINGS));
        lines.push(row(["---"; 4]));
        lines.extend(self.rows.iter().map(|line| row(line.cells())));
        lines.push(String::new());
        lines.extend(NOTES.iter().map(|&line| line.to_owned()));
        lines.join("\n") + "\n"
    }

    fn command(&self) -> String {
        format!("cargo xtask bench {}", self.effort.flag)
            .trim_end()
            .to_owned()
    }
}

/// How to read the table.
const NOTES: &[&str] = &[
    "## How it is measured",
    "",
    "Load generator, receiver and server share the cores of one machine and talk over its loopback, without TLS.",
    "Payloads have about 600 bytes of JSON; each event is published with its own request unless a row says otherwise.",
    "The bare client is hyper's connection without a pool on a runtime of two threads, posting over 64 connections to the same receiver in the same run.",
    "CPU time is user and system time of the server's process from `/proc`, divided by the deliveries that reached the receiver.",
    "What is compared is measured in turn, and medians are shown, with the lowest and the highest value behind them.",
    "A delay is counted from the moment the publisher sends an event (or should have sent it) until the receiver has read it.",
];

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<[&str; 4]> = std::iter::once(HEADINGS)
            .chain(self.rows.iter().map(Row::cells))
            .collect();
        let width = |column: usize| {
            let widths = lines.iter().map(|cells| cells[column].chars().count());
            widths.max().unwrap_or(0)
        };
        let widths = [width(0), width(1), width(2)];
        for [measure, budget, measured, verdict] in &lines {
            let [first, second, third] = widths;
            let line = format!("{measure:first$}  {budget:second$}  {measured:third$}  {verdict}");
            writeln!(f, "{}", line.trim_end())?;
        }
        write!(f, "{}", self.machine)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        Report {
            machine: Machine {
                cpu: "CPU".to_owned(),
                cores: 2,
                memory_gib: 4,
                kernel: "Linux".to_owned(),
                compiler: "rustc".to_owned(),
                revision: "abc".to_owned(),
                date: "today".to_owned(),
            },
            effort: Effort::DEFAULT,
            rows: vec![
                Row::judged("CPU", "≤ 4x", "3.1x", true),
                Row::judged("memory", "≤ 60 MiB", "61 MiB", false),
                Row::not_measured("PostgreSQL", "≤ 12x", "none yet"),
            ],
            seconds: 7,
        }
    }

    #[test]
    fn a_value_over_its_budget_is_called_so() {
        let text = report().markdown();
        assert!(text.contains("| CPU | ≤ 4x | 3.1x | ok |"), "{text}");
        assert!(
            text.contains("| memory | ≤ 60 MiB | 61 MiB | over |"),
            "{text}"
        );
        assert!(
            text.contains("| PostgreSQL | ≤ 12x | not measured: none yet |  |"),
            "{text}"
        );
        assert!(text.contains("`cargo xtask bench`, 7 s"), "{text}");
    }

    #[test]
    fn the_columns_of_the_terminal_are_aligned() {
        let text = report().to_string();
        let places: Vec<_> = text
            .lines()
            .take(3)
            .map(|line| {
                let chars: Vec<char> = line.chars().collect();
                chars[.."memory    ".len() + 2]
                    .iter()
                    .collect::<String>()
                    .trim_end()
                    .len()
            })
            .collect();
        assert_eq!(places, ["Measure".len(), "CPU".len(), "memory".len()]);
    }
}
