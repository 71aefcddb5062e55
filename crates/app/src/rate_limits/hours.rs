//! Requests of each key in the hour of the clock; what was counted in past hours is forgotten.
//!
//! A fixed window is what Jump's contract has (seed `001`: 1,000 requests an hour, resetting on
//! the hour), so nothing smoother is built for the others: a key has one count.

use std::collections::HashMap;

use carehook_core::{ApiKeyId, OrganizationId, Timestamp};

use super::quota::{Counting, Quota, seconds_until};
use super::shards::Shards;

const HOUR_MILLIS: i64 = 3_600_000;

/// Whose requests are counted together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Counted {
    /// Those of an API key.
    Key(ApiKeyId),
    /// Those of all tokens of a subject: who is limited must not get around it by a new token.
    Token {
        organization: OrganizationId,
        subject: String,
    },
}

/// All counts of the hour.
#[derive(Default)]
pub(super) struct Hours(Shards<Hour>);

/// The counts of some keys in one hour.
#[derive(Default)]
struct Hour {
    /// Hours since 1970.
    number: i64,
    counts: HashMap<Counted, u32>,
}

impl Hours {
    /// Counts a request, unless it would be one too many; then the quota is the error. Without a
    /// limit it is counted all the same: another dialect may have one.
    pub(super) fn count(
        &self,
        who: Counted,
        limit: Option<u32>,
        now: Timestamp,
    ) -> Result<Option<Quota>, Quota> {
        let mut hour = self.0.of(&who);
        hour.turn(now);
        let end = hour.end();
        let used = hour.counts.entry(who).or_default();
        let quota = |used: u32| {
            limit.map(|limit| Quota {
                counting: Counting::Requests,
                limit,
                remaining: limit.saturating_sub(used),
                reset_seconds: seconds_until(end, now),
            })
        };
        if let Some(spent @ Quota { remaining: 0, .. }) = quota(*used) {
            return Err(spent);
        }
        *used = used.saturating_add(1);
        Ok(quota(*used))
    }
}

impl Hour {
    /// Begins anew when the hour has changed.
    ///
    /// Callers read the clock before they get here, so around a full hour times come in any order,
    /// and a clock may be set back a little: neither begins the old hour again. A clock that was
    /// set back by more than an hour does.
    fn turn(&mut self, now: Timestamp) {
        let hour = now.0.div_euclid(HOUR_MILLIS);
        if hour > self.number || hour < self.number.saturating_sub(1) {
            *self = Self {
                number: hour,
                counts: HashMap::new(),
            };
        }
    }

    fn end(&self) -> Timestamp {
        Timestamp(self.number.saturating_add(1).saturating_mul(HOUR_MILLIS))
    }
}

#[cfg(test)]
mod tests {
    use carehook_core::RecordId;
    use proptest::prelude::*;

    use super::*;

    /// 10:21:05 of some day.
    const NOW: Timestamp = Timestamp(1_773_656_465_000);

    fn key(number: u64) -> Counted {
        Counted::Key(ApiKeyId(RecordId::new(1, number, 3)))
    }

    fn remaining(result: Result<Option<Quota>, Quota>) -> Result<u32, u64> {
        match result {
            Ok(quota) => Ok(quota.unwrap().remaining),
            Err(quota) => Err(quota.reset_seconds),
        }
    }

    #[test]
    fn a_key_has_its_limit_in_each_hour_of_the_clock() {
        let hours = Hours::default();
        let count = |now| remaining(hours.count(key(1), Some(3), now));
        assert_eq!([1, 2, 3].map(|_| count(NOW)), [Ok(2), Ok(1), Ok(0)]);
        // 38 minutes and 55 seconds are left of the hour.
        assert_eq!(count(NOW), Err(2_335));
        let last = Timestamp(NOW.0 + 2_334_999);
        assert_eq!(count(last), Err(1), "to the last millisecond");
        assert_eq!(count(Timestamp(last.0 + 1)), Ok(2));
    }

    #[test]
    fn keys_and_subjects_are_counted_each_for_itself() {
        let hours = Hours::default();
        let token = |organization: &str, subject: &str| Counted::Token {
            organization: organization.parse().unwrap(),
            subject: subject.to_owned(),
        };
        let all = [
            key(1),
            key(2),
            token("northside", "mary"),
            token("southside", "mary"),
            token("northside", "ana"),
        ];
        for who in &all {
            let first = hours.count(who.clone(), Some(1), NOW);
            assert_eq!(remaining(first), Ok(0), "{who:?}");
        }
        for who in all {
            assert!(hours.count(who, Some(1), NOW).is_err());
        }
    }

    #[test]
    fn what_was_counted_without_a_limit_counts_for_one() {
        let hours = Hours::default();
        for _ in 0..5 {
            assert_eq!(hours.count(key(1), None, NOW), Ok(None));
        }
        assert_eq!(remaining(hours.count(key(1), Some(7), NOW)), Ok(1));
        assert!(hours.count(key(1), Some(6), NOW).is_err());
        // What was refused was not counted.
        assert_eq!(remaining(hours.count(key(1), Some(7), NOW)), Ok(0));
    }

    #[test]
    fn times_that_come_in_the_wrong_order_do_not_begin_the_old_hour_again() {
        let hours = Hours::default();
        let count = |now| remaining(hours.count(key(1), Some(2), now));
        let turn = Timestamp(NOW.0 + 2_335_000);
        let before = Timestamp(turn.0 - 1);
        assert_eq!(count(turn), Ok(1));
        assert_eq!(count(before), Ok(0));
        assert_eq!(count(turn), Err(3_600));
        let two_hours = 2 * HOUR_MILLIS;
        assert_eq!(count(Timestamp(turn.0 - two_hours)), Ok(1));
    }

    #[test]
    fn past_hours_take_no_memory() {
        let hours = Hours::default();
        let count_all = |now| {
            for number in 0..500 {
                hours.count(key(number), None, now).unwrap();
            }
            hours.0.all().map(|hour| hour.counts.len()).sum::<usize>()
        };
        assert_eq!(count_all(NOW), 500);
        assert_eq!(count_all(Timestamp(NOW.0 + HOUR_MILLIS)), 500);
        let later = Timestamp(NOW.0 + 2 * HOUR_MILLIS);
        for number in 1_000..1_200 {
            hours.count(key(number), None, later).unwrap();
        }
        let kept: usize = hours.0.all().map(|hour| hour.counts.len()).sum();
        assert_eq!(kept, 200);
    }

    proptest! {
        #[test]
        fn no_hour_has_more_than_the_limit(
            steps in proptest::collection::vec(0_i64..400_000, 1..200), limit in 1_u32..20,
        ) {
            let hours = Hours::default();
            let mut now = NOW;
            let mut accepted: HashMap<i64, u32> = HashMap::new();
            for step in steps {
                now = Timestamp(now.0 + step);
                let in_hour = accepted.entry(now.0.div_euclid(HOUR_MILLIS)).or_default();
                let result = hours.count(key(1), Some(limit), now);
                prop_assert_eq!(result.is_ok(), *in_hour < limit);
                *in_hour += u32::from(result.is_ok());
            }
        }
    }
}
