//! Tests of the comparison: each breach of the promise must be noticed.

use super::*;

fn acknowledged(number: u64) -> Acknowledged {
    Acknowledged {
        number,
        event: format!("evt_{number}"),
        deliveries: 2,
    }
}

fn received(number: u64, path: &str) -> Received {
    Received {
        event: format!("evt_{number}"),
        path: path.to_owned(),
        number,
        sequence: number,
    }
}

fn delivery(number: u64, path: &str) -> Delivery {
    Delivery {
        event: format!("evt_{number}"),
        path: path.to_owned(),
        state: "delivered".to_owned(),
        reason: None,
        sequence: number,
        attempts: 1,
    }
}

/// Three events to two endpoints, all well.
fn evidence() -> Evidence {
    let pairs = || (1..=3).flat_map(|number| [(number, "/a"), (number, "/b")]);
    Evidence {
        acknowledged: (1..=3).map(acknowledged).collect(),
        received: pairs()
            .map(|(number, path)| received(number, path))
            .collect(),
        deliveries: pairs()
            .map(|(number, path)| delivery(number, path))
            .collect(),
        fan_out: 2,
        endpoints: 2,
        interruptions: 1,
        not_genuine: 0,
    }
}

fn verdict(change: impl FnOnce(&mut Evidence)) -> Verdict {
    let mut evidence = evidence();
    change(&mut evidence);
    Verdict::of(&evidence)
}

#[test]
fn a_kept_promise_holds() {
    let verdict = verdict(|_| {});
    assert!(verdict.holds(), "{verdict}");
    assert_eq!((verdict.acknowledged, verdict.deliveries), (3, 6));
    assert_eq!(verdict.bound, 2 * 64 + 1_024);
}

#[test]
fn what_came_twice_is_a_duplicate_and_no_fault_within_the_bound() {
    let within = verdict(|evidence| evidence.received.push(received(2, "/a")));
    assert!(within.holds());
    assert_eq!(within.duplicates, 1);
    let beyond = verdict(|evidence| {
        evidence.interruptions = 0;
        evidence.received.push(received(2, "/a"));
    });
    assert!(!beyond.holds());
}

#[test]
fn an_event_that_never_came_is_lost() {
    let never_received = verdict(|evidence| drop(evidence.received.remove(0)));
    assert_eq!(never_received.lost, 1);
    let no_delivery = verdict(|evidence| evidence.deliveries.retain(|row| row.event != "evt_3"));
    assert_eq!(no_delivery.lost, 1);
    let pending = verdict(|evidence| "pending".clone_into(&mut evidence.deliveries[0].state));
    assert_eq!(pending.lost, 1);
    assert!(!pending.holds());
}

#[test]
fn an_event_that_ended_with_a_reason_is_not_lost() {
    let with_reason = |reason: Option<&str>| {
        verdict(|evidence| {
            evidence.received.remove(0);
            "failed".clone_into(&mut evidence.deliveries[0].state);
            evidence.deliveries[0].reason = reason.map(str::to_owned);
        })
    };
    assert!(with_reason(Some("exhausted")).holds());
    assert_eq!(with_reason(None).lost, 1);
}

#[test]
fn what_was_not_published_is_noticed() {
    let stranger = verdict(|evidence| evidence.received.push(received(9, "/a")));
    assert!(stranger.faults[0].contains("not published"), "{stranger}");
    let swapped = verdict(|evidence| evidence.received[0].number = 2);
    assert!(!swapped.holds());
    let forged = verdict(|evidence| evidence.not_genuine = 1);
    assert!(!forged.holds());
}

#[test]
fn a_second_fan_out_is_noticed() {
    let other_id = verdict(|evidence| {
        evidence.deliveries.push(delivery(4, "/a"));
        evidence.deliveries.push(delivery(4, "/b"));
    });
    assert!(
        other_id.faults[0].contains("never acknowledged"),
        "{other_id}"
    );
    let same_id = verdict(|evidence| {
        let mut again = delivery(3, "/a");
        again.sequence = 4;
        evidence.deliveries.push(again);
    });
    assert!(
        same_id
            .faults
            .iter()
            .any(|fault| fault.contains("fanned out")),
        "{same_id}"
    );
}

#[test]
fn a_gap_in_the_sequence_is_noticed() {
    let gap = verdict(|evidence| {
        for row in evidence
            .deliveries
            .iter_mut()
            .filter(|row| row.event == "evt_3")
        {
            row.sequence = 5;
        }
        for receipt in evidence.received.iter_mut().filter(|row| row.number == 3) {
            receipt.sequence = 5;
        }
    });
    assert_eq!(gap.lost, 0);
    assert!(gap.faults[0].contains("sequence 5 is where 3"), "{gap}");
}

#[test]
fn a_run_without_events_proves_nothing() {
    let nothing = verdict(|evidence| {
        evidence.acknowledged.clear();
        evidence.received.clear();
        evidence.deliveries.clear();
    });
    assert!(!nothing.holds());
}
