//! What became of the events.

use std::fmt;

use anyhow::{Context as _, ensure};
use serde::Deserialize;

use crate::client::Problem;
use crate::exit::Exit;

/// More refused lines are counted and no longer listed.
const LISTED: u64 = 100;

/// Counts of a publish.
#[derive(Default)]
pub(super) struct Report {
    accepted: u64,
    deliveries: u64,
    repeated: u64,
    refused: u64,
}

#[derive(Deserialize)]
struct Answer {
    results: Vec<Outcome>,
}

#[derive(Deserialize)]
struct Outcome {
    #[serde(default)]
    deliveries: u64,
    #[serde(default)]
    duplicate: bool,
    error: Option<Problem>,
}

impl Report {
    /// Adds the answer to a batch; gives the lines that tell of refused events.
    pub(super) fn add(&mut self, lines: &[u64], answer: &[u8]) -> anyhow::Result<Vec<String>> {
        let answer: Answer =
            serde_json::from_slice(answer).context("read the server's answer to a batch")?;
        ensure!(
            answer.results.len() == lines.len(),
            "the server answered {} results to {} events",
            answer.results.len(),
            lines.len()
        );
        let mut refused = Vec::new();
        for (index, (line, outcome)) in lines.iter().zip(answer.results).enumerate() {
            match outcome.error {
                Some(problem) => {
                    let reason = problem.in_short(&format!("/events/{index}"));
                    refused.extend(self.refuse(*line, &reason));
                }
                None if outcome.duplicate => self.repeated += 1,
                None => {
                    self.accepted += 1;
                    self.deliveries += outcome.deliveries;
                }
            }
        }
        Ok(refused)
    }

    /// Counts a refused event; gives the line that tells of it, unless there were many.
    pub(super) fn refuse(&mut self, line: u64, reason: &str) -> Option<String> {
        self.refused += 1;
        match self.refused {
            ..=LISTED => Some(format!("line {line}: {reason}")),
            count if count == LISTED + 1 => Some("more refused lines are only counted".to_owned()),
            _ => None,
        }
    }

    /// Events that the server has answered, or that were never sent.
    pub(super) fn sent(&self) -> u64 {
        self.accepted + self.repeated + self.refused
    }

    pub(super) fn has_news(&self) -> bool {
        self.sent() > 0
    }

    pub(super) fn short(&self) -> String {
        match self.refused {
            0 => events(self.sent()),
            refused => format!("{}, {} refused", events(self.sent()), grouped(refused)),
        }
    }

    pub(super) fn exit(&self) -> Exit {
        if self.refused > 0 {
            Exit::Refused
        } else {
            Exit::Done
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let deliveries = match self.deliveries {
            1 => "1 delivery".to_owned(),
            count => format!("{} deliveries", grouped(count)),
        };
        write!(
            f,
            "Published {}: {deliveries} to make",
            events(self.accepted)
        )?;
        if self.repeated > 0 {
            write!(f, "; {} had been published before", grouped(self.repeated))?;
        }
        if self.refused > 0 {
            write!(f, "; {} refused", grouped(self.refused))?;
        }
        f.write_str(".")
    }
}

fn events(count: u64) -> String {
    match count {
        1 => "1 event".to_owned(),
        count => format!("{} events", grouped(count)),
    }
}

/// `1234567` as `1,234,567`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
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
    fn accepted_repeated_and_refused_events_are_counted_apart() {
        let mut report = Report::default();
        let answer = br#"{"results": [
            {"id": "a", "deliveries": 2, "duplicate": false},
            {"id": "b", "deliveries": 2, "duplicate": true},
            {"error": {"title": "Invalid", "status": 422, "detail": "not acceptable",
                "errors": [{"pointer": "/events/2/type", "detail": "unknown event type"}]}}]}"#;
        let refused = report.add(&[1, 4, 9], answer).unwrap();
        assert_eq!(refused, ["line 9: /type: unknown event type"]);
        assert_eq!(
            report.to_string(),
            "Published 1 event: 2 deliveries to make; 1 had been published before; 1 refused."
        );
        assert_eq!(report.exit(), Exit::Refused);
    }

    #[test]
    fn an_answer_to_another_number_of_events_is_an_error() {
        let error = Report::default()
            .add(&[1], br#"{"results": []}"#)
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "the server answered 0 results to 1 events"
        );
    }

    #[test]
    fn a_flood_of_refused_lines_is_not_listed() {
        let mut report = Report::default();
        let listed: Vec<String> = (0..1_000)
            .filter_map(|line| report.refuse(line, "no"))
            .collect();
        assert_eq!(listed.len() as u64, LISTED + 1);
        assert!(report.to_string().ends_with("; 1,000 refused."));
    }
}
