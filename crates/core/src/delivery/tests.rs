//! Tables and properties of the judgement of attempts.

use super::*;
use proptest::prelude::*;

const NOW: Timestamp = Timestamp(1_790_000_000_000);

fn answered(status: u16, retry_after: Option<RetryAfter>) -> Finding {
    Finding::Answered {
        status,
        retry_after,
    }
}

fn judged(finding: Finding, failed_before: u32) -> Verdict {
    let policy = RetryPolicy::native();
    judge(finding, Dialect::Native, failed_before, &policy, NOW, 0.5)
}

fn wait(verdict: &Verdict) -> u64 {
    verdict.due.unwrap().since(NOW).as_secs()
}

#[test]
fn any_2xx_is_a_success_and_nothing_else() {
    for status in [200, 201, 202, 204, 299] {
        let verdict = judged(answered(status, None), 0);
        assert_eq!(verdict.state, DeliveryState::Delivered, "{status}");
        assert_eq!(verdict.effect, EndpointEffect::Healthy);
    }
    for status in [100, 199, 300, 301, 307, 400, 404, 500, 503] {
        let verdict = judged(answered(status, None), 0);
        assert_eq!(verdict.state, DeliveryState::Pending, "{status}");
        assert_eq!(verdict.outcome, AttemptOutcome::Rejected);
        assert_eq!(wait(&verdict), 5);
    }
}

#[test]
fn gone_ends_the_delivery_and_disables_the_endpoint() {
    let verdict = judged(answered(410, None), 0);
    assert_eq!(verdict.state, DeliveryState::Failed);
    assert_eq!(verdict.reason, Some(Reason::EndpointGone));
    assert_eq!(verdict.effect, EndpointEffect::Gone);
}

#[test]
fn overload_waits_at_least_a_minute() {
    let overloads = [
        answered(429, None),
        answered(502, None),
        answered(504, None),
        Finding::TimedOut,
    ];
    for finding in overloads {
        let verdict = judged(finding, 0);
        assert_eq!(wait(&verdict), 60, "{finding:?}");
        let until = NOW.plus(Duration::from_mins(1));
        assert_eq!(verdict.effect, EndpointEffect::SlowDown(until));
        assert_eq!(wait(&judged(finding, 1)), 300, "the schedule is longer");
    }
}

#[test]
fn retry_after_moves_the_next_attempt_between_the_schedule_and_a_day() {
    let delay = |s| Some(RetryAfter::Delay(Duration::from_secs(s)));
    assert_eq!(wait(&judged(answered(500, delay(120)), 0)), 120);
    assert_eq!(wait(&judged(answered(500, delay(1)), 0)), 5);
    assert_eq!(wait(&judged(answered(503, delay(1_000_000)), 0)), 86_400);
    let date = Some(RetryAfter::Date(NOW.plus(Duration::from_secs(90))));
    assert_eq!(wait(&judged(answered(503, date), 0)), 90);
    let past = Some(RetryAfter::Date(Timestamp(0)));
    assert_eq!(wait(&judged(answered(503, past), 0)), 5);
    let verdict = judged(answered(429, delay(300)), 0);
    let until = NOW.plus(Duration::from_mins(5));
    assert_eq!(verdict.effect, EndpointEffect::SlowDown(until));
}

#[test]
fn the_last_failure_exhausts_the_delivery() {
    let verdict = judged(Finding::Unreachable, 9);
    assert_eq!(verdict.state, DeliveryState::Failed);
    assert_eq!(verdict.reason, Some(Reason::Exhausted));
    assert_eq!(verdict.effect, EndpointEffect::Failure);
}

fn any_finding() -> impl Strategy<Value = Finding> {
    let retry_after = prop_oneof![
        Just(None),
        (0u64..1 << 40).prop_map(|s| Some(RetryAfter::Delay(Duration::from_secs(s)))),
        any::<i64>().prop_map(|ms| Some(RetryAfter::Date(Timestamp(ms)))),
    ];
    prop_oneof![
        (100u16..600, retry_after).prop_map(|(status, after)| answered(status, after)),
        Just(Finding::TimedOut),
        Just(Finding::Unreachable),
        Just(Finding::Blocked),
    ]
}

proptest! {
    #[test]
    fn a_verdict_is_whole(finding in any_finding(), failed in 0u32..12, chance in 0.0f64..1.0) {
        let policy = RetryPolicy::native();
        let verdict = judge(finding, Dialect::Native, failed, &policy, NOW, chance);
        let pending = verdict.state == DeliveryState::Pending;
        prop_assert_eq!(verdict.due.is_some(), pending);
        prop_assert_eq!(verdict.reason.is_some(), verdict.state == DeliveryState::Failed);
        if let Some(due) = verdict.due {
            let scheduled = policy.delay_after(failed + 1, chance).unwrap();
            // Due times are whole milliseconds.
            prop_assert!(due.since(NOW) + Duration::from_millis(1) > scheduled);
            prop_assert!(due.since(NOW) <= scheduled.max(RetryPolicy::MAX_RETRY_AFTER));
        }
    }
}
