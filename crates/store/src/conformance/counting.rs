//! Laws of figures: each ended attempt is counted once, whatever happens to the process, and what
//! is pending is counted as it is.

use carehook_core::{DeliveryState, Mode, OrganizationId};

use super::Fixture;
use super::scene::{DAY, HOUR, Scene, endpoint};
use crate::{Counts, CountsOf, Meaning, TimeSteps};

const MINUTE: std::time::Duration = std::time::Duration::from_mins(1);

fn numbers(counts: &Counts) -> [u64; 3] {
    assert_eq!(counts.attempts(), counts.durations.total());
    [counts.delivered, counts.retried, counts.failed]
}

impl<F: Fixture> Scene<F> {
    /// All that was counted in the last so many minutes.
    async fn counted(&self, of: &CountsOf, minutes: u32) -> [u64; 3] {
        let steps = TimeSteps::until(self.now(), minutes, 2);
        let counted = self.store().counts(of, steps).await.unwrap();
        assert_eq!(counted.len(), 2);
        let mut all = Counts::default();
        for counts in &counted {
            all.add(counts);
        }
        numbers(&all)
    }

    async fn counted_everywhere(&self, of: &OrganizationId) -> [u64; 3] {
        let everything = self.counted(&CountsOf::Everything, 60).await;
        let organization = CountsOf::Organization(of.clone(), None);
        assert_eq!(self.counted(&organization, 60).await, everything);
        // By minutes as by hours.
        assert_eq!(self.counted(&organization, 59).await, everything);
        everything
    }
}

pub(super) async fn an_attempt_is_counted_once<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let to = scene.endpoint(&org).await;
    let delivery = scene.publish(&org, &[to]).await.deliveries[0];
    assert_eq!(scene.counted_everywhere(&org).await, [0, 0, 0]);
    for _ in 0..2 {
        scene
            .record(&org, delivery, 1, DeliveryState::Pending)
            .await;
        scene.store().keep_statistics().await.unwrap();
    }
    scene
        .record(&org, delivery, 2, DeliveryState::Delivered)
        .await;
    let other = scene.publish(&org, &[to]).await.deliveries[0];
    scene.record(&org, other, 1, DeliveryState::Failed).await;
    assert_eq!(scene.counted_everywhere(&org).await, [1, 1, 1]);
    let scene = scene.reopened().await;
    assert_eq!(scene.counted_everywhere(&org).await, [1, 1, 1]);
}

pub(super) async fn a_crash_changes_no_count<F: Fixture>() {
    let mut scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let to = scene.endpoint(&org).await;
    for round in 1..=3 {
        for keep in [true, false] {
            let delivery = scene.publish(&org, &[to]).await.deliveries[0];
            scene
                .record(&org, delivery, 1, DeliveryState::Pending)
                .await;
            scene.record(&org, delivery, 2, DeliveryState::Failed).await;
            if keep {
                scene.store().keep_statistics().await.unwrap();
            }
        }
        scene = scene.crashed().await;
        let expected = [0, 2 * round, 2 * round];
        assert_eq!(scene.counted_everywhere(&org).await, expected);
    }
    let of_it = CountsOf::Endpoint(org, to);
    assert_eq!(scene.counted(&of_it, 60).await, [0, 6, 6]);
}

pub(super) async fn attempts_are_counted_when_they_ended<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let to = scene.endpoint(&org).await;
    let start = scene.now();
    for minutes in [0, 1, 59] {
        for _ in 0..=minutes {
            let delivery = scene.publish(&org, &[to]).await.deliveries[0];
            scene
                .record(&org, delivery, 1, DeliveryState::Delivered)
                .await;
        }
        scene.clock.advance(MINUTE * minutes.max(1));
        scene.store().keep_statistics().await.unwrap();
    }
    let of_it = CountsOf::Endpoint(org, to);
    let count = |first, minutes, count| TimeSteps {
        first,
        minutes,
        count,
    };
    let by_step = |counted: Vec<Counts>| -> Vec<u64> {
        counted.iter().map(|counts| counts.delivered).collect()
    };
    let counted = scene
        .store()
        .counts(&of_it, count(start, 1, 4))
        .await
        .unwrap();
    assert_eq!(by_step(counted), [1, 2, 60, 0]);
    let counted = scene
        .store()
        .counts(&of_it, count(start, 60, 2))
        .await
        .unwrap();
    assert_eq!(by_step(counted), [63, 0]);
    let before = carehook_core::Timestamp(start.0 - 60_000);
    let counted = scene
        .store()
        .counts(&of_it, count(before, 2, 2))
        .await
        .unwrap();
    assert_eq!(by_step(counted), [1, 62]);
}

pub(super) async fn counts_belong_to_their_endpoint_organization_and_mode<F: Fixture>() {
    let scene = Scene::<F>::new();
    let (org, other) = (
        scene.organization("northside").await,
        scene.organization("southside").await,
    );
    let live = scene.endpoint(&org).await;
    let mut for_tests = endpoint(&org, scene.now());
    for_tests.mode = Mode::Test;
    let for_tests = scene
        .store()
        .create_endpoint(for_tests, 10)
        .await
        .unwrap()
        .id;
    let theirs = scene.endpoint(&other).await;
    for (of, to, times) in [(&org, live, 1), (&org, for_tests, 2), (&other, theirs, 4)] {
        for _ in 0..times {
            let delivery = scene.publish(of, &[to]).await.deliveries[0];
            scene
                .record(of, delivery, 1, DeliveryState::Delivered)
                .await;
        }
    }
    for _ in 0..2 {
        let of = |mode| CountsOf::Organization(org.clone(), mode);
        assert_eq!(scene.counted(&CountsOf::Everything, 60).await, [7, 0, 0]);
        assert_eq!(scene.counted(&of(None), 60).await, [3, 0, 0]);
        assert_eq!(scene.counted(&of(Some(Mode::Live)), 60).await, [1, 0, 0]);
        assert_eq!(scene.counted(&of(Some(Mode::Test)), 60).await, [2, 0, 0]);
        let foreign = CountsOf::Endpoint(org.clone(), theirs);
        assert_eq!(scene.counted(&foreign, 60).await, [0, 0, 0]);
        let steps = TimeSteps::until(scene.now(), 60, 24);
        let all = scene.store().endpoint_counts(&org, steps).await.unwrap();
        let by_endpoint: Vec<_> = (all.iter())
            .map(|of| {
                (
                    of.endpoint,
                    of.steps[23].delivered,
                    of.last.unwrap().meaning,
                )
            })
            .collect();
        let mut expected = [
            (live, 1, Meaning::Delivered),
            (for_tests, 2, Meaning::Delivered),
        ];
        expected.sort_by_key(|(endpoint, ..)| *endpoint);
        assert_eq!(by_endpoint, expected);
        let busy = scene
            .store()
            .busy_endpoints(scene.now(), 100)
            .await
            .unwrap();
        assert_eq!(busy.len(), 3);
        scene.store().keep_statistics().await.unwrap();
    }
    scene
        .store()
        .delete_organization(&other, scene.now())
        .await
        .unwrap();
    assert!(
        scene
            .store()
            .busy_endpoints(scene.now(), 100)
            .await
            .unwrap()
            .len()
            == 2
    );
}

pub(super) async fn hours_outlive_minutes_and_go_with_their_rows<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let to = scene.endpoint(&org).await;
    let delivery = scene.publish(&org, &[to]).await.deliveries[0];
    scene
        .record(&org, delivery, 1, DeliveryState::Delivered)
        .await;
    let (of_it, start) = (CountsOf::Endpoint(org.clone(), to), scene.now());
    let days = scene
        .store()
        .organization(&org)
        .unwrap()
        .settings
        .retention
        .metadata_days;
    let later = [DAY * 3, DAY * (days + 1)];
    for (after, expected) in later.into_iter().zip([1, 0]) {
        scene.clock.advance(after);
        // The store goes by the time of what it was given last.
        scene.publish(&org, &[]).await;
        scene.store().keep_statistics().await.unwrap();
        let steps = |minutes| TimeSteps {
            first: start,
            minutes,
            count: 1,
        };
        let hours = scene.store().counts(&of_it, steps(60)).await.unwrap();
        assert_eq!(hours[0].delivered, expected);
        let minutes = scene.store().counts(&of_it, steps(1)).await.unwrap();
        assert_eq!(minutes[0].delivered, 0);
    }
}

pub(super) async fn what_is_pending_is_counted<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let (to, idle) = (scene.endpoint(&org).await, scene.endpoint(&org).await);
    let first = scene.now();
    let retried = scene.publish(&org, &[to]).await.deliveries[0];
    scene.clock.advance(DAY);
    for _ in 0..3 {
        scene.publish(&org, &[to]).await;
    }
    // Due in an hour from now.
    scene.record(&org, retried, 1, DeliveryState::Pending).await;
    let bound = |at_most| (scene.now(), at_most);
    let backlog = scene.store().backlog(&org, to, bound(10)).await.unwrap();
    assert_eq!((backlog.pending.number, backlog.pending.more), (4, false));
    assert_eq!(backlog.oldest, Some(first));
    assert_eq!([backlog.due, backlog.in_a_minute], [3, 0]);
    assert_eq!([backlog.in_an_hour, backlog.later], [1, 0]);
    let ahead = async |due, at_most| {
        let counted = scene.store().count_ahead(&org, to, (due, at_most)).await;
        let counted = counted.unwrap();
        (counted.number, counted.more)
    };
    assert_eq!(
        ahead(scene.now(), 10).await,
        (0, false),
        "equals do not count"
    );
    assert_eq!(ahead(scene.now().plus(HOUR), 10).await, (3, false));
    assert_eq!(ahead(scene.now().plus(DAY), 3).await, (3, true));
    let earlier = carehook_core::Timestamp(scene.now().0 - 1);
    let later = scene
        .store()
        .backlog(&org, to, (earlier, 10))
        .await
        .unwrap();
    assert_eq!([later.due, later.in_a_minute, later.later], [0, 3, 1]);
    let backlog = scene.store().backlog(&org, to, bound(2)).await.unwrap();
    assert_eq!((backlog.pending.number, backlog.pending.more), (3, true));
    let none = scene.store().backlog(&org, idle, bound(2)).await.unwrap();
    assert_eq!(none, crate::Backlog::default());
    for of in [None, Some(&org)] {
        let all = scene.store().backlogs(of, bound(10)).await.unwrap();
        assert_eq!(all.len(), 1);
        assert_eq!((all[0].endpoint, all[0].backlog.pending.number), (to, 4));
    }
    let other = scene.organization("southside").await;
    assert!(
        scene
            .store()
            .backlogs(Some(&other), bound(10))
            .await
            .unwrap()
            .is_empty()
    );
    let foreign = scene.store().backlog(&other, to, bound(10)).await.unwrap();
    assert_eq!(foreign.pending.number, 0);
    scene.clock.advance(HOUR);
    let used = scene.store().disk_use().await.unwrap();
    let load = crate::EngineLoad {
        in_flight: 7,
        unrecorded: u32::MAX,
    };
    assert_eq!(scene.store().engine_load(), crate::EngineLoad::default());
    scene.store().note_engine_load(load);
    assert_eq!(scene.store().engine_load(), load);
    assert_eq!(scene.store().endpoint_pause(to), None);
    for until in [Some(scene.now()), None] {
        scene.store().note_endpoint_pause(to, until);
        assert_eq!(scene.store().endpoint_pause(to), until);
    }
    assert!(used.used > 0 && used.free > 0 && used.log_files == 2);
}
