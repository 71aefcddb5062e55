//! The ownership challenge: an endpoint gets no event before its owner has answered for it.
//!
//! Carehook posts `{"type": "endpoint.challenge", "challenge": "…"}`, signed like any delivery; the
//! receiver proves that it wants what comes by answering with the challenge. What is due, and what an
//! answer changes, is decided here; somebody else posts.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;

use crate::Timestamp;

/// Seconds to wait after the first, second, … try that did not help; the last one stays.
const PAUSES: [u64; 7] = [5, 30, 120, 600, 3_600, 21_600, 86_400];
/// How long to wait when a try came to nothing through a fault of ours.
const OUR_PAUSE: Duration = Duration::from_secs(30);
/// Tries until only somebody who asks for one makes another: with these pauses a week.
const TRIES: u32 = 12;

/// Whether an endpoint's owner has proven that it wants deliveries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ownership {
    /// Nobody asks.
    #[default]
    NotAsked,
    /// It is asked, and gets nothing else until it has answered.
    Pending {
        /// How often it was asked since the last time that somebody wanted it.
        tries: u32,
        /// When it is asked next; `None` when only somebody who wants it makes another try.
        next_at: Option<Timestamp>,
    },
    /// It has answered, at this time.
    Proven(Timestamp),
}

/// What came of a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChallengeOutcome {
    /// The receiver answered with the challenge.
    Passed,
    /// It did not.
    Failed,
    /// It could not be asked, and that was our fault.
    NotAsked,
}

impl Ownership {
    /// The state in which an endpoint is asked at once.
    pub fn asked(now: Timestamp) -> Self {
        Self::Pending {
            tries: 0,
            next_at: Some(now),
        }
    }

    /// Whether the answer is still missing.
    pub fn is_pending(self) -> bool {
        match self {
            Self::Pending { .. } => true,
            Self::NotAsked | Self::Proven(_) => false,
        }
    }

    /// When the endpoint is to be asked.
    pub fn due(self) -> Option<Timestamp> {
        match self {
            Self::Pending { next_at, .. } => next_at,
            Self::NotAsked | Self::Proven(_) => None,
        }
    }

    /// When it was proven.
    pub fn proven_at(self) -> Option<Timestamp> {
        match self {
            Self::Proven(at) => Some(at),
            Self::NotAsked | Self::Pending { .. } => None,
        }
    }

    /// What a try makes of it.
    #[must_use]
    pub fn after(self, outcome: ChallengeOutcome, now: Timestamp) -> Self {
        let Self::Pending { tries, next_at } = self else {
            return self;
        };
        match outcome {
            ChallengeOutcome::Passed => Self::Proven(now),
            ChallengeOutcome::NotAsked => Self::Pending {
                tries,
                next_at: next_at.map(|_| now.plus(OUR_PAUSE)),
            },
            ChallengeOutcome::Failed => {
                let made = tries.saturating_add(1);
                let pause = PAUSES.get(tries as usize).or(PAUSES.last());
                let pause = Duration::from_secs(*pause.expect("there are pauses"));
                let next_at = (made < TRIES).then(|| now.plus(pause));
                Self::Pending {
                    tries: made,
                    next_at,
                }
            }
        }
    }
}

/// The body of a challenge; its text consists of letters, digits, `-` and `_`.
pub fn challenge_body(challenge: &str) -> String {
    format!(r#"{{"type":"endpoint.challenge","challenge":"{challenge}"}}"#)
}

/// Whether an answer proves the ownership: 2xx, and the challenge as text or as the field
/// `challenge` of a JSON object. Compared in constant time.
pub fn answers_challenge(challenge: &str, status: u16, answer: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Answer {
        challenge: String,
    }
    let is_it = |given: &str| bool::from(given.as_bytes().ct_eq(challenge.as_bytes()));
    if !(200..300).contains(&status) {
        return false;
    }
    let text = std::str::from_utf8(answer).unwrap_or_default().trim();
    let field = serde_json::from_slice::<Answer>(answer);
    is_it(text) || field.is_ok_and(|answer| is_it(&answer.challenge))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_790_000_000_000);

    #[test]
    fn an_endpoint_is_asked_for_a_week_and_then_only_when_somebody_wants_it() {
        let (mut now, mut state, mut tries) = (NOW, Ownership::asked(NOW), 0);
        while let Some(due) = state.due() {
            assert!(state.is_pending() && due >= now);
            now = due;
            state = state.after(ChallengeOutcome::Failed, now);
            tries += 1;
        }
        assert_eq!(tries, TRIES);
        let days = now.since(NOW).as_secs() / 86_400;
        assert!((4..=7).contains(&days), "{days}");
        assert!(state.is_pending(), "it still gets nothing");
        assert_eq!(Ownership::asked(now).due(), Some(now));
    }

    #[test]
    fn an_answer_ends_it_and_a_fault_of_ours_costs_no_try() {
        let asked = Ownership::asked(NOW);
        let passed = asked.after(ChallengeOutcome::Passed, NOW);
        assert_eq!(passed, Ownership::Proven(NOW));
        assert_eq!(passed.proven_at(), Some(NOW));
        for outcome in [ChallengeOutcome::Failed, ChallengeOutcome::Passed] {
            assert_eq!(passed.after(outcome, NOW.plus(OUR_PAUSE)), passed);
            assert_eq!(Ownership::NotAsked.after(outcome, NOW), Ownership::NotAsked);
        }
        let ours = asked.after(ChallengeOutcome::NotAsked, NOW);
        let expected = Ownership::Pending {
            tries: 0,
            next_at: Some(NOW.plus(OUR_PAUSE)),
        };
        assert_eq!(ours, expected);
    }

    #[test]
    fn only_the_challenge_itself_answers_it() {
        let check = |status, answer: &str| answers_challenge("a-B_1", status, answer.as_bytes());
        for answer in ["a-B_1", " a-B_1\r\n", r#"{"challenge": "a-B_1", "x": 1}"#] {
            assert!(check(200, answer), "{answer}");
            assert!(check(204, answer) && !check(302, answer) && !check(500, answer));
        }
        for answer in [
            "",
            "a-B_2",
            "a-B_1 a-B_1",
            r#""a-B_1""#,
            r#"{"challenge": 1}"#,
            "{}",
        ] {
            assert!(!check(200, answer), "{answer}");
        }
        assert!(!check(200, &challenge_body("other")));
        // A receiver that sends everything back has read it too.
        assert!(check(200, &challenge_body("a-B_1")));
    }
}
