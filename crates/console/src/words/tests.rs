//! Tests: every way in which an attempt can end has its words.

use super::*;

const HOST: &str = "hooks.example.com";

fn words(outcome: AttemptOutcome, status: Option<u16>, error: &str) -> String {
    let seen = Seen {
        outcome,
        status,
        error: Some(error).filter(|error| !error.is_empty()),
        duration: Duration::from_secs(15),
        host: HOST,
    };
    seen.in_words()
}

#[test]
fn every_result_says_whose_fault_it_is_and_what_to_do() {
    use AttemptOutcome::{Blocked, Delivered, Rejected, TimedOut, Unreachable};
    for (outcome, status, error, expected) in [
        (Delivered, Some(200), "", "took it"),
        (Rejected, Some(202), "", "has to answer 200"),
        (Rejected, Some(301), "", "new address into the webhook"),
        (Rejected, Some(400), "", "refused it (400)"),
        (Rejected, Some(401), "", "secret, credentials"),
        (Rejected, Some(404), "", "URL is wrong"),
        (Rejected, Some(408), "", "waited too long"),
        (Rejected, Some(410), "", "switched off"),
        (Rejected, Some(413), "", "larger bodies"),
        (Rejected, Some(415), "", "application/json"),
        (Rejected, Some(418), "", "refused it (418)"),
        (Rejected, Some(429), "", "left alone"),
        (Rejected, Some(500), "", "the receiver's fault"),
        (Rejected, Some(503), "", "proxy in front of it"),
        (Rejected, Some(599), "", "(599)"),
        (Rejected, Some(799), "", "HTTP does not know"),
        (Rejected, None, "", "did not accept it"),
        (TimedOut, None, "connecting", "firewall"),
        (
            TimedOut,
            None,
            "the TLS handshake",
            "TLS handshake within 15.0 s",
        ),
        (TimedOut, None, "waiting for the answer", "No answer from"),
        (
            Unreachable,
            None,
            "the receiver refused the connection",
            "nothing listens",
        ),
        (
            Unreachable,
            None,
            "the host name does not resolve to an address",
            "was not found",
        ),
        (
            Unreachable,
            None,
            "the receiver's certificate has expired: it was valid until 03 May 2026",
            "has expired: it was valid until 03 May 2026. The receiver has to renew it",
        ),
        (Unreachable, None, "", "could not be reached."),
        (
            Unreachable,
            None,
            "something new",
            "reached: something new.",
        ),
        (
            Blocked,
            None,
            "the target's address is not allowed",
            "not public",
        ),
        (
            Blocked,
            None,
            "only https targets are allowed",
            "only https",
        ),
    ] {
        let words = words(outcome, status, error);
        assert!(
            words.contains(expected),
            "{outcome:?} {status:?} {error}: {words}"
        );
        assert!(words.ends_with('.'), "{words}");
        assert!(words.contains(HOST) || outcome == Blocked, "{words}");
    }
}

/// The texts are written in another crate: none of them may be left without words.
#[test]
fn every_text_of_a_failed_connection_has_words_of_its_own() {
    let source = include_str!("../../../deliver/src/reason.rs");
    let program = source.split("#[cfg(test)]").next().unwrap();
    let texts = program
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(|line| line.split('"').skip(1).step_by(2))
        .filter(|text| !text.contains('{'));
    let mut seen = 0;
    for text in texts {
        let words = words(AttemptOutcome::Unreachable, None, text);
        assert!(!words.contains("could not be reached"), "{text}");
        seen += 1;
    }
    assert!(seen >= 20, "only {seen} texts were found");
}

#[test]
fn times_are_read_at_a_glance() {
    for (millis, expected) in [
        (0, "under 1 ms"),
        (1, "1 ms"),
        (84, "84 ms"),
        (1_250, "1.2 s"),
        (15_000, "15.0 s"),
        (125_000, "2 min"),
    ] {
        assert_eq!(time_taken(Duration::from_millis(millis)), expected);
    }
}
