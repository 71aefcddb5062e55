//! What became of a request that publishes.

use anyhow::{Context as _, Result};
use serde::Deserialize;

use crate::connection::Answer;
use crate::payload::find;

/// What to do after an answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// All of it is on disk.
    Acknowledged,
    /// The same request may succeed later.
    Later,
    /// It will not be accepted.
    Refused,
}

/// An event as it is acknowledged.
#[derive(Deserialize, Debug, PartialEq, Eq)]
pub(super) struct Acknowledged {
    pub(super) id: String,
    pub(super) deliveries: u64,
    #[serde(default)]
    pub(super) duplicate: bool,
}

#[derive(Deserialize)]
struct Results {
    results: Vec<Acknowledged>,
}

impl Outcome {
    pub(super) fn of(answer: &Answer) -> Self {
        match answer.status {
            // An event that was refused has an error among the results.
            202 if find(&answer.body, br#""error":"#).is_none() => Self::Acknowledged,
            409 | 429 | 500..=599 => Self::Later,
            _ => Self::Refused,
        }
    }
}

/// The acknowledged events of an answer, in their order.
pub(super) fn acknowledged(body: &[u8], batch: u64) -> Result<Vec<Acknowledged>> {
    if batch == 1 {
        let one = serde_json::from_slice(body).context("read an acknowledgement")?;
        return Ok(vec![one]);
    }
    let all: Results = serde_json::from_slice(body).context("read acknowledgements")?;
    Ok(all.results)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn outcome(status: u16, body: &'static str) -> Outcome {
        let body = Bytes::from_static(body.as_bytes());
        Outcome::of(&Answer { status, body })
    }

    #[test]
    fn only_a_202_without_errors_acknowledges() {
        assert_eq!(outcome(202, r#"{"id":"evt_1"}"#), Outcome::Acknowledged);
        let mixed = r#"{"results":[{"id":"evt_1"},{"error":{}}]}"#;
        assert_eq!(outcome(202, mixed), Outcome::Refused);
        assert_eq!(outcome(422, "{}"), Outcome::Refused);
        for status in [503, 507, 500, 409] {
            assert_eq!(outcome(status, "{}"), Outcome::Later, "{status}");
        }
    }

    #[test]
    fn ids_are_read_from_single_answers_and_batches() {
        let one = br#"{"id":"evt_1","deliveries":2,"created_at":"x","duplicate":true}"#;
        let expected = Acknowledged {
            id: "evt_1".to_owned(),
            deliveries: 2,
            duplicate: true,
        };
        assert_eq!(acknowledged(one, 1).unwrap(), [expected]);
        let two = br#"{"results":[{"id":"a","deliveries":0},{"id":"b","deliveries":1}]}"#;
        let two = acknowledged(two, 2).unwrap();
        assert_eq!((two[0].id.as_str(), two[1].id.as_str()), ("a", "b"));
    }
}
