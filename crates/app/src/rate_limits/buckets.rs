//! Events that organizations publish in a second: a bucket for each that has a limit.
//!
//! A bucket holds what may be published at once, a second's worth, and fills at the rate of the
//! limit. A batch is taken as a whole or refused as a whole. One that is larger than the bucket is
//! taken when the bucket is full, and leaves a debt that has to be filled first: so it passes at
//! some time, and on the average nobody publishes more than the limit.

use std::collections::HashMap;

use carehook_core::{OrganizationId, Timestamp};

use super::quota::{Counting, Quota, seconds_until};
use super::shards::Shards;

/// Levels are kept in thousandths of an event: a limit in events a second is then the inflow in a
/// millisecond.
const EVENT: i64 = 1_000;
/// Full buckets are looked for when a shard has at least so many and has doubled since.
const SWEEP_FROM: usize = 64;

/// The buckets of all organizations that have a limit.
#[derive(Default)]
pub(super) struct Buckets(Shards<Shard>);

#[derive(Default)]
struct Shard {
    buckets: HashMap<OrganizationId, Bucket>,
    /// How many were left by the last sweep.
    swept: usize,
}

struct Bucket {
    /// What is in it at `at`; less than nothing is a debt.
    level: i64,
    at: Timestamp,
    limit: u32,
}

impl Buckets {
    /// Takes events out of a bucket, all or none; then the quota is the error.
    pub(super) fn take(
        &self,
        organization: &OrganizationId,
        events: usize,
        limit: u32,
        now: Timestamp,
    ) -> Result<Quota, Quota> {
        let mut shard = self.0.of(organization);
        // Looked for first: the name is copied for a new bucket only.
        if let Some(bucket) = shard.buckets.get_mut(organization) {
            return bucket.take(events, limit, now);
        }
        shard.sweep(now);
        let mut bucket = Bucket::full(limit, now);
        let taken = bucket.take(events, limit, now);
        shard.buckets.insert(organization.clone(), bucket);
        taken
    }

    /// What is left.
    pub(super) fn quota(&self, organization: &OrganizationId, limit: u32, now: Timestamp) -> Quota {
        let mut shard = self.0.of(organization);
        match shard.buckets.get_mut(organization) {
            Some(bucket) => {
                bucket.fill(limit, now);
                bucket.quota(capacity(limit))
            }
            None => Bucket::full(limit, now).quota(capacity(limit)),
        }
    }
}

impl Shard {
    /// A full bucket is the same as none.
    fn sweep(&mut self, now: Timestamp) {
        if self.buckets.len() < self.swept.saturating_mul(2).max(SWEEP_FROM) {
            return;
        }
        self.buckets.retain(|_, bucket| {
            bucket.fill(bucket.limit, now);
            bucket.level < capacity(bucket.limit)
        });
        self.swept = self.buckets.len();
    }
}

impl Bucket {
    fn full(limit: u32, now: Timestamp) -> Self {
        Self {
            level: capacity(limit),
            at: now,
            limit,
        }
    }

    /// Lets flow in what has come since.
    fn fill(&mut self, limit: u32, now: Timestamp) {
        let millis = i64::try_from(now.since(self.at).as_millis()).unwrap_or(i64::MAX);
        let inflow = millis.saturating_mul(i64::from(limit));
        self.level = self.level.saturating_add(inflow).min(capacity(limit));
        self.at = self.at.max(now);
        self.limit = limit;
    }

    fn take(&mut self, events: usize, limit: u32, now: Timestamp) -> Result<Quota, Quota> {
        self.fill(limit, now);
        let wanted = i64::try_from(events)
            .unwrap_or(i64::MAX)
            .saturating_mul(EVENT);
        let needed = wanted.min(capacity(limit));
        if self.level < needed {
            return Err(self.quota(needed));
        }
        self.level = self.level.saturating_sub(wanted);
        Ok(self.quota(capacity(limit)))
    }

    /// What is left, and when there will be `needed`.
    fn quota(&self, needed: i64) -> Quota {
        let missing = needed.saturating_sub(self.level).max(0).unsigned_abs();
        let millis = missing.div_ceil(u64::from(self.limit.max(1)));
        let then = self.at.plus(std::time::Duration::from_millis(millis));
        Quota {
            counting: Counting::Events,
            limit: self.limit,
            remaining: u32::try_from(self.level.max(0) / EVENT).unwrap_or(u32::MAX),
            reset_seconds: seconds_until(then, self.at),
        }
    }
}

fn capacity(limit: u32) -> i64 {
    i64::from(limit).saturating_mul(EVENT)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn northside() -> OrganizationId {
        "northside".parse().unwrap()
    }

    fn at(millis: i64) -> Timestamp {
        Timestamp(1_773_656_465_000 + millis)
    }

    fn remaining(result: Result<Quota, Quota>) -> Result<u32, u64> {
        result
            .map(|quota| quota.remaining)
            .map_err(|quota| quota.reset_seconds)
    }

    #[test]
    fn a_second_s_worth_goes_at_once_and_then_as_fast_as_the_limit_says() {
        let buckets = Buckets::default();
        let take = |millis| remaining(buckets.take(&northside(), 1, 4, at(millis)));
        assert_eq!([0; 4].map(take), [Ok(3), Ok(2), Ok(1), Ok(0)]);
        assert_eq!(take(0), Err(1));
        assert_eq!(take(249), Err(1));
        assert_eq!([250, 251, 500].map(take), [Ok(0), Err(1), Ok(0)]);
        // No more than a second's worth is saved up.
        assert_eq!(take(3_600_000), Ok(3));
    }

    #[test]
    fn a_batch_is_taken_as_a_whole_or_not_at_all() {
        let buckets = Buckets::default();
        let take = |events, millis| remaining(buckets.take(&northside(), events, 10, at(millis)));
        assert_eq!(take(6, 0), Ok(4));
        assert_eq!(take(5, 0), Err(1));
        assert_eq!(take(4, 0), Ok(0), "what was refused has taken nothing");
        assert_eq!(take(5, 500), Ok(0));
    }

    #[test]
    fn a_batch_larger_than_the_bucket_passes_when_it_is_full_and_is_paid_for_later() {
        let buckets = Buckets::default();
        let take = |events, millis| remaining(buckets.take(&northside(), events, 10, at(millis)));
        assert_eq!(take(1, 0), Ok(9));
        assert_eq!(take(1_000, 0), Err(1));
        assert_eq!(take(1_000, 100), Ok(0));
        // 990 events of debt and the one that is wanted, at 10 a second.
        assert_eq!(take(1, 100), Err(100));
        assert_eq!(take(1, 99_199), Err(1));
        assert_eq!(take(1, 99_200), Ok(0));
    }

    #[test]
    fn organizations_have_a_bucket_each_and_a_new_limit_holds_at_once() {
        let buckets = Buckets::default();
        let take = |id: &str, limit| {
            let id: OrganizationId = id.parse().unwrap();
            remaining(buckets.take(&id, 1, limit, at(0)))
        };
        assert_eq!(take("northside", 1), Ok(0));
        assert!(take("northside", 1).is_err());
        assert_eq!(take("southside", 1), Ok(0));
        let quota = |limit, millis| buckets.quota(&northside(), limit, at(millis)).remaining;
        assert_eq!(
            [quota(1, 999), quota(1, 1_000), quota(50, 1_500)],
            [0, 1, 26]
        );
        let unseen: OrganizationId = "unseen".parse().unwrap();
        assert_eq!(buckets.quota(&unseen, 7, at(0)).remaining, 7);
    }

    #[test]
    fn full_buckets_take_no_memory() {
        let buckets = Buckets::default();
        for number in 0..20_000 {
            let id: OrganizationId = format!("clinic-{number}").parse().unwrap();
            // A second later all of them are full again.
            buckets.take(&id, 1, 1, at(number * 10)).unwrap();
        }
        let kept: usize = buckets.0.all().map(|shard| shard.buckets.len()).sum();
        assert!(kept < 2 * SWEEP_FROM * 16, "{kept}");
    }

    proptest! {
        #[test]
        fn on_the_average_no_more_than_the_limit_passes(
            asks in proptest::collection::vec((0_i64..700, 1_usize..30), 1..200),
            limit in 1_u32..50,
        ) {
            let buckets = Buckets::default();
            let (mut now, mut passed, mut last) = (0, 0, 0);
            for (pause, events) in asks {
                now += pause;
                if buckets.take(&northside(), events, limit, at(now)).is_ok() {
                    passed += events;
                    last = events;
                }
            }
            // The first second's worth, what has flowed in since, and the debt of the last batch.
            let inflow = i64::from(limit) * (1_000 + now) / 1_000;
            prop_assert!(i64::try_from(passed - last).unwrap() <= inflow);
        }
    }
}
