//! The time that an attempt carries: one rule for those who send and for those who look back.

use std::time::Duration;

use crate::{Dialect, Endpoint, Event, Secrets, Timestamp};

/// How long after the acceptance of an event its first attempt still carries that time. Receivers
/// are told to take what is up to five minutes old.
const SAME_MOMENT: Duration = Duration::from_mins(1);

impl Endpoint {
    /// The time in the body of an attempt with this number, which started at this time.
    ///
    /// It is the start of the attempt. ECG's API answers who sends a payload with its `createdAt`
    /// and its hash before it is sent; so there the first attempt carries the time at which the
    /// event was accepted, when it starts soon after and the same secret is in force.
    pub fn sent_at(&self, event: &Event, attempt: (u32, Timestamp)) -> Timestamp {
        sent_at((self.dialect, &self.secrets), event.created_at, attempt)
    }
}

fn sent_at(
    (dialect, secrets): (Dialect, &Secrets),
    accepted_at: Timestamp,
    (number, started_at): (u32, Timestamp),
) -> Timestamp {
    match dialect {
        Dialect::Native | Dialect::Jump | Dialect::Decoda | Dialect::Mycure => started_at,
        Dialect::Ecg => {
            let soon = accepted_at <= started_at && started_at <= accepted_at.plus(SAME_MOMENT);
            let is_answered = number == 1 && soon && secrets.same_at(accepted_at, started_at);
            if is_answered { accepted_at } else { started_at }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Retired, Secret};

    const ACCEPTED: Timestamp = Timestamp(1_000_000);
    const MINUTE: Duration = Duration::from_mins(1);

    fn after(milliseconds: i64) -> Timestamp {
        Timestamp(ACCEPTED.0 + milliseconds)
    }

    #[test]
    fn a_first_attempt_of_ecg_has_the_time_of_acceptance_for_a_minute() {
        let secrets = Secrets::first(Secret::new("one"), Timestamp(0));
        for (number, started_at, expected) in [
            (1, ACCEPTED, ACCEPTED),
            (1, after(60_000), ACCEPTED),
            (1, after(60_001), after(60_001)),
            // A clock that was set back.
            (1, after(-1), after(-1)),
            (2, after(5_000), after(5_000)),
        ] {
            let found = sent_at((Dialect::Ecg, &secrets), ACCEPTED, (number, started_at));
            assert_eq!(found, expected, "{number} {started_at}");
        }
    }

    #[test]
    fn a_secret_that_was_replaced_meanwhile_is_not_used_again() {
        let first = Secrets::first(Secret::new("one"), Timestamp(0));
        let second = first.rotated(Secret::new("two"), after(10), MINUTE, Retired::Keep);
        let at = |started| sent_at((Dialect::Ecg, &second), ACCEPTED, (1, after(started)));
        assert_eq!(at(9), ACCEPTED);
        assert_eq!(at(10), after(10));
    }

    #[test]
    fn attempts_of_other_dialects_have_the_time_at_which_they_start() {
        let secrets = Secrets::first(Secret::new("one"), Timestamp(0));
        for dialect in Dialect::ALL.into_iter().filter(|one| *one != Dialect::Ecg) {
            let found = sent_at((dialect, &secrets), ACCEPTED, (1, after(5)));
            assert_eq!(found, after(5), "{dialect:?}");
        }
    }
}
