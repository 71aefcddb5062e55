//! What charts look like: scales, labels and what stands on them, from counted attempts.

use std::time::Duration;

use carehook_app::{Counts, Durations};

use super::*;

fn counts(delivered: u64, retried: u64, failed: u64, millis: &[u64]) -> Counts {
    let mut durations = Durations::default();
    for millis in millis {
        durations.count(Duration::from_millis(*millis));
    }
    Counts {
        delivered,
        retried,
        failed,
        durations,
    }
}

fn steps(all: &[Counts]) -> Vec<Step<'_>> {
    let steps = all.iter().enumerate();
    steps
        .map(|(place, counts)| Step {
            at: format!("at {place}"),
            read: format!("minute {place}"),
            counts,
        })
        .collect()
}

#[test]
fn a_scale_ends_with_a_number_that_is_easily_halved() {
    for (highest, end) in [
        (0, 2),
        (2, 2),
        (3, 4),
        (5, 6),
        (7, 10),
        (11, 20),
        (412, 600),
    ] {
        assert_eq!(round_up(highest), end, "{highest}");
    }
    assert_eq!(round_up(u64::MAX), u64::MAX);
}

#[test]
fn attempts_are_stacked_and_each_column_says_its_numbers() {
    let all = [counts(0, 0, 0, &[]), counts(5, 3, 2, &[])];
    let plot = Plot::attempts(&steps(&all), "words".to_owned());
    assert_eq!(plot.scale, ["10", "5", "0"]);
    let svg = plot.to_string();
    assert_eq!(svg.matches("<g>").count(), 1, "{svg}");
    for part in [
        "minute 1: 5 delivered, 3 failed and retried, 2 failed for good",
        r#"class="delivered" x="11" y="500" width="8" height="500""#,
        r#"class="retried" x="11" y="200" width="8" height="300""#,
        r#"class="failed" x="11" y="0" width="8" height="200""#,
    ] {
        assert!(svg.contains(part), "{part}: {svg}");
    }
}

#[test]
fn one_failure_among_thousands_is_seen_and_nothing_leaves_the_drawing() {
    let all = [counts(9_999, 0, 1, &[]), counts(1, 1, 9_998, &[])];
    let svg = Plot::attempts(&steps(&all), String::new()).to_string();
    assert!(svg.contains(r#"class="failed" x="1" y="0""#), "{svg}");
    assert!(!svg.contains("y=\"-"), "{svg}");
}

#[test]
fn lines_have_gaps_where_nothing_was_sent() {
    let all = [
        counts(1, 0, 0, &[100]),
        counts(1, 0, 0, &[100]),
        counts(0, 0, 0, &[]),
        counts(1, 0, 0, &[100]),
    ];
    let svg = Plot::latency(&steps(&all), String::new()).to_string();
    let line = svg.split("class=\"line p99\"").nth(1).unwrap();
    assert_eq!(line.matches('M').count(), 2, "{line}");
    assert_eq!(line.matches('L').count(), 1, "{line}");
    assert!(svg.contains("minute 3: p50"), "{svg}");
}
