//! What became of the events.

use std::fmt;

use anyhow::{Context as _, ensure};
use serde::Deserialize;

use super::batch::Batch;
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

/// What an answer says about a batch.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Added {
    /// Lines that tell of refused events.
    pub(super) refused: Vec<String>,
    /// The places of events that the server could not take yet.
    pub(super) put_off: Vec<usize>,
}

impl Report {
    /// Adds the answer to a batch. Without attempts left, what was put off counts as refused.
    pub(super) fn add(
        &mut self,
        batch: &Batch,
        answer: &[u8],
        attempts_left: u32,
    ) -> anyhow::Result<Added> {
        let answer: Answer =
            serde_json::from_slice(answer).context("read the server's answer to a batch")?;
        let lines = batch.lines();
        ensure!(
            answer.results.len() == lines.len(),
            "the server answered {} results to {} events",
            answer.results.len(),
            lines.len()
        );
        let mut added = Added::default();
        for (place, (line, outcome)) in lines.zip(answer.results).enumerate() {
            match outcome.error {
                Some(problem) if problem.is_passing() && attempts_left > 0 => {
                    added.put_off.push(place);
                }
                Some(problem) => {
                    let reason = problem.in_short(&format!("/events/{place}"));
                    added.refused.extend(self.refuse(line, &reason));
                }
                None if outcome.duplicate => self.repeated += 1,
                None => {
                    self.accepted += 1;
                    self.deliveries += outcome.deliveries;
                }
            }
        }
        Ok(added)
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

    fn batch(lines: &[u64]) -> Batch {
        let mut batch = Batch::default();
        for line in lines {
            batch.push(*line, "{}".to_owned());
        }
        batch
    }

    #[test]
    fn accepted_repeated_and_refused_events_are_counted_apart() {
        let mut report = Report::default();
        let answer = br#"{"results": [
            {"id": "a", "deliveries": 2, "duplicate": false},
            {"id": "b", "deliveries": 2, "duplicate": true},
            {"error": {"title": "Invalid", "status": 422, "detail": "not acceptable",
                "errors": [{"pointer": "/events/2/type", "detail": "unknown event type"}]}}]}"#;
        let added = report.add(&batch(&[1, 4, 9]), answer, 1).unwrap();
        assert_eq!(added.refused, ["line 9: /type: unknown event type"]);
        assert_eq!(
            report.to_string(),
            "Published 1 event: 2 deliveries to make; 1 had been published before; 1 refused."
        );
        assert_eq!(report.exit(), Exit::Refused);
    }

    #[test]
    fn what_the_server_cannot_take_yet_is_put_off_while_there_are_attempts_left() {
        let mut report = Report::default();
        let answer = br#"{"results": [{"id": "a", "deliveries": 1},
            {"error": {"title": "Not available", "status": 503, "detail": "busy"}}]}"#;
        let added = report.add(&batch(&[1, 2]), answer, 1).unwrap();
        assert_eq!((added.put_off, report.exit()), (vec![1], Exit::Done));
        let busy = br#"{"results": [{"error": {"title": "Not available", "status": 503}}]}"#;
        let added = report.add(&batch(&[2]), busy, 0).unwrap();
        assert_eq!(added.refused, ["line 2: Not available"]);
        assert_eq!(report.exit(), Exit::Refused);
    }

    #[test]
    fn an_answer_to_another_number_of_events_is_an_error() {
        let answer = br#"{"results": []}"#;
        let error = Report::default().add(&batch(&[1]), answer, 1).unwrap_err();
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
