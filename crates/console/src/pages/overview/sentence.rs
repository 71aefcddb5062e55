//! How an organization is, in one sentence.

use carehook_app::EndpointHealth;
use carehook_core::Endpoint;

use super::attention::Need;
use crate::figures::{grouped, shortened};

/// Webhooks that the sentence names.
const NAMED: usize = 3;
/// Letters of a name in it.
const LETTERS: usize = 60;

/// The sentence, and whether it is good news.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Sentence {
    pub(super) is_good: bool,
    pub(super) words: String,
}

/// What people call a webhook.
pub(super) fn called(endpoint: &Endpoint) -> String {
    let name = endpoint.name.as_deref().unwrap_or(&endpoint.url);
    shortened(name, LETTERS)
}

impl Sentence {
    /// How all webhooks are, of which some need somebody.
    pub(super) fn of(health: &[EndpointHealth], needs: &[(&EndpointHealth, Need)]) -> Self {
        let names: Vec<_> = needs.iter().map(|(one, _)| called(&one.endpoint)).collect();
        if !names.is_empty() {
            return Self {
                is_good: false,
                words: trouble(&names),
            };
        }
        let served = health.iter().filter(|one| one.endpoint.is_served()).count();
        let is_silent = health.iter().all(|one| one.day.total.attempts() == 0);
        Self {
            is_good: true,
            words: peace(served, health.len() - served, is_silent),
        }
    }
}

fn trouble(names: &[String]) -> String {
    let first = names.iter().take(NAMED).cloned().collect::<Vec<_>>();
    let more = names.len() - first.len();
    let list = match (first.as_slice(), more) {
        (_, more @ 1..) => format!("{} and {more} more", first.join(", ")),
        ([others @ .., last], _) if !others.is_empty() => {
            format!("{} and {last}", others.join(", "))
        }
        _ => first.concat(),
    };
    match names.len() {
        1 => format!("1 webhook needs attention: {list}."),
        number => format!("{number} webhooks need attention: {list}."),
    }
}

/// `away` are paused or put away.
fn peace(served: usize, away: usize, is_silent: bool) -> String {
    let paused = match away {
        0 => String::new(),
        1 => "; 1 is paused".to_owned(),
        away => format!("; {away} are paused"),
    };
    match (served, away, is_silent) {
        (0, 0, _) => "There is no webhook yet.".to_owned(),
        (0, 1, _) => "The only webhook is paused: nothing is sent.".to_owned(),
        (0, away, _) => format!("All {away} webhooks are paused: nothing is sent."),
        (1, _, true) => format!("1 webhook is ready, with nothing to send in 24 hours{paused}."),
        (served, _, true) => {
            format!("{served} webhooks are ready, with nothing to send in 24 hours{paused}.")
        }
        (1, 0, false) => "The webhook receives normally.".to_owned(),
        (1, _, false) => format!("The active webhook receives normally{paused}."),
        (served, 0, false) => {
            let number = grouped(u64::try_from(served).unwrap_or(u64::MAX));
            format!("All {number} webhooks receive normally.")
        }
        (served, _, false) => format!("All {served} active webhooks receive normally{paused}."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_news_are_one_sentence() {
        for (served, away, is_silent, words) in [
            (12, 0, false, "All 12 webhooks receive normally."),
            (1, 0, false, "The webhook receives normally."),
            (
                10,
                2,
                false,
                "All 10 active webhooks receive normally; 2 are paused.",
            ),
            (
                2,
                1,
                true,
                "2 webhooks are ready, with nothing to send in 24 hours; 1 is paused.",
            ),
            (0, 3, false, "All 3 webhooks are paused: nothing is sent."),
            (0, 0, true, "There is no webhook yet."),
        ] {
            assert_eq!(peace(served, away, is_silent), words);
        }
    }

    #[test]
    fn bad_news_name_the_webhooks() {
        let names = |number| ["A", "B", "C", "D", "E"].map(str::to_owned)[..number].to_vec();
        for (number, words) in [
            (1, "1 webhook needs attention: A."),
            (2, "2 webhooks need attention: A and B."),
            (3, "3 webhooks need attention: A, B and C."),
            (5, "5 webhooks need attention: A, B, C and 2 more."),
        ] {
            assert_eq!(trouble(&names(number)), words);
        }
    }
}
