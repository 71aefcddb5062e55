//! Laws of activities: attempts and reports under one kind of id, listed together, chained.

use carehook_core::{DeliveryId, DeliveryState, EndpointId, JsonText, OrganizationId};

use super::Fixture;
use super::scene::{DAY, HOUR, Scene};
use crate::{
    Activity, ActivityId, ActivityOrigin, ActivityQuery, ActivityStatus, Order, Refusal, Report,
    ReportedOutcome, StoreError,
};

fn report(endpoint: EndpointId, event_type: &str) -> Report {
    Report {
        endpoint,
        event_type: event_type.parse().unwrap(),
        posted_at: None,
        payload: JsonText::from_stored("{\"n\":1.10}".into()),
        raw_message: JsonText::from_stored("{\"sent\":true}".into()),
        reported_by: "sender".into(),
        retry_of: None,
    }
}

fn outcome<F: Fixture>(scene: &Scene<F>, success: bool) -> ReportedOutcome {
    ReportedOutcome {
        success,
        status: Some(if success { 200 } else { 500 }),
        error: (!success).then(|| "refused".into()),
        answer: Some(JsonText::from_stored("\"thanks\"".into())),
        at: scene.now(),
        reported_by: "sender".into(),
    }
}

impl<F: Fixture> Scene<F> {
    async fn activity(
        &self,
        of: (&OrganizationId, EndpointId),
        id: ActivityId,
    ) -> Option<Activity> {
        self.store().activity(of.0, of.1, id).await.unwrap()
    }

    async fn listed(
        &self,
        of: (&OrganizationId, EndpointId),
        query: &ActivityQuery,
    ) -> (Vec<ActivityId>, u64) {
        let page = self.store().list_activities(of.0, of.1, query).await;
        let page = page.unwrap();
        let ids = page.items.iter().map(|activity| activity.id);
        (ids.collect(), page.total)
    }

    async fn chain(&self, of: (&OrganizationId, EndpointId), id: ActivityId) -> Vec<ActivityId> {
        let found = self.store().retries_of(of.0, of.1, id, 100).await.unwrap();
        found.iter().map(|activity| activity.id).collect()
    }
}

fn attempt(delivery: DeliveryId, number: u32) -> ActivityId {
    ActivityId::of_attempt(delivery, number)
}

pub(super) async fn an_attempt_is_an_activity<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let endpoint = scene.endpoint(&org).await;
    let delivery = scene.publish(&org, &[endpoint]).await.deliveries[0];
    scene.clock.advance(DAY);
    scene
        .record(&org, delivery, 1, DeliveryState::Pending)
        .await;
    let found = scene.activity((&org, endpoint), attempt(delivery, 1)).await;
    let found = found.unwrap();
    assert_eq!(found.event_type.as_str(), "appointment.created");
    assert_eq!((found.created_at, found.retry_of), (scene.now(), None));
    let ActivityOrigin::Attempt {
        delivery: of,
        attempt: made,
        event,
    } = found.origin
    else {
        panic!("an attempt is no report");
    };
    assert_eq!(of.id, delivery);
    assert_eq!(made.unwrap().status, Some(500));
    let data = &event.unwrap().body.data;
    assert_eq!(&data.bytes()[..], b"{\"appointment\":1}");

    // The next one is known already, and no other.
    let next = scene.activity((&org, endpoint), attempt(delivery, 2)).await;
    let next = next.unwrap();
    assert_eq!(next.created_at, scene.now().plus(HOUR));
    assert_eq!(next.retry_of, Some(attempt(delivery, 1)));
    let ActivityOrigin::Attempt { attempt: None, .. } = next.origin else {
        panic!("it was not made yet");
    };
    for number in [0, 3] {
        let absent = attempt(delivery, number);
        assert!(scene.activity((&org, endpoint), absent).await.is_none());
    }
}

pub(super) async fn a_retry_is_noted_together_with_its_due_time<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let endpoint = scene.endpoint(&org).await;
    let delivery = scene.publish(&org, &[endpoint]).await.deliveries[0];
    for number in [1, 2] {
        let state = [DeliveryState::Pending, DeliveryState::Failed][number - 1];
        let number = u32::try_from(number).unwrap();
        scene.record(&org, delivery, number, state).await;
    }
    let now = scene.now();
    let first = attempt(delivery, 1);
    let retried = scene.store().retry_attempt(&org, first, now).await.unwrap();
    assert_eq!(retried.state, DeliveryState::Pending);
    assert_eq!(retried.next_attempt_at, Some(now));
    assert_eq!(scene.owed(endpoint).await, [delivery]);
    // Asked for again before it was made: the first note stays.
    let second = attempt(delivery, 2);
    scene
        .store()
        .retry_attempt(&org, second, now)
        .await
        .unwrap();

    let scene = scene.crashed().await;
    scene
        .record(&org, delivery, 3, DeliveryState::Delivered)
        .await;
    let third = scene.activity((&org, endpoint), attempt(delivery, 3)).await;
    assert_eq!(third.unwrap().retry_of, Some(first));
    let of = (&org, endpoint);
    assert_eq!(scene.chain(of, first).await, [second, attempt(delivery, 3)]);
    assert_eq!(scene.chain(of, second).await, []);
    let unknown = ActivityId::of_attempt(delivery, 1 << 31);
    let refused = scene.store().retry_attempt(&org, unknown, now).await;
    let Err(StoreError::Refused(Refusal::NotFound("activity"))) = refused else {
        panic!("a report cannot be retried like an attempt");
    };
}

pub(super) async fn a_report_is_completed_once<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let endpoint = scene.endpoint(&org).await;
    let delivery = scene.publish(&org, &[endpoint]).await.deliveries[0];
    scene.record(&org, delivery, 1, DeliveryState::Failed).await;
    let mut new = report(endpoint, "patient.created");
    new.posted_at = Some(scene.now());
    new.retry_of = Some(attempt(delivery, 1));
    let id = scene.store().report(&org, new).await.unwrap();
    let scene = scene.crashed().await;
    let said = outcome(&scene, false);
    let complete = async |id, said| {
        let store = scene.store();
        store.complete_report(&org, endpoint, id, said).await
    };
    complete(id, said.clone()).await.unwrap();
    for (id, said) in [(id, outcome(&scene, true)), (attempt(delivery, 1), said)] {
        let refused = complete(id, said).await;
        let Err(StoreError::Refused(Refusal::Conflict(_))) = refused else {
            panic!("{refused:?}");
        };
    }
    let found = scene.activity((&org, endpoint), id).await.unwrap();
    assert_eq!(found.retry_of, Some(attempt(delivery, 1)));
    let ActivityOrigin::Report { report, outcome } = found.origin else {
        panic!("a report is no attempt");
    };
    assert_eq!(report.event_type.as_str(), "patient.created");
    assert_eq!(&report.payload.bytes()[..], b"{\"n\":1.10}");
    assert_eq!(&report.raw_message.bytes()[..], b"{\"sent\":true}");
    assert_eq!(
        (&*report.reported_by, report.posted_at),
        ("sender", Some(scene.now()))
    );
    let outcome = outcome.unwrap();
    assert_eq!((outcome.success, outcome.status), (false, Some(500)));
    assert_eq!(outcome.error.as_deref(), Some("refused"));
    assert_eq!(&outcome.answer.unwrap().bytes()[..], b"\"thanks\"");
}

pub(super) async fn activities_are_listed_by_their_beginning<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let (endpoint, other) = (scene.endpoint(&org).await, scene.endpoint(&org).await);
    let mut expected = Vec::new();
    let old = scene.publish(&org, &[endpoint, other]).await.deliveries[0];
    for day in 0..3_u32 {
        let new = scene.publish(&org, &[endpoint, other]).await.deliveries;
        scene
            .record(&org, new[0], 1, DeliveryState::Delivered)
            .await;
        scene.record(&org, new[1], 1, DeliveryState::Failed).await;
        expected.push(attempt(new[0], 1));
        scene.clock.advance(HOUR);
        // A retry of an old delivery is as young as it was made.
        scene
            .record(&org, old, day + 1, DeliveryState::Pending)
            .await;
        expected.push(attempt(old, day + 1));
        scene.clock.advance(HOUR / 60);
        let said = report(endpoint, "patient.created");
        expected.push(scene.store().report(&org, said).await.unwrap());
        scene.clock.advance(DAY);
    }
    let of = (&org, endpoint);
    let backwards: Vec<_> = expected.iter().rev().copied().collect();
    for (order, expected) in [(Order::Ascending, expected), (Order::Descending, backwards)] {
        for skip in 0..11_usize {
            let query = ActivityQuery {
                order,
                skip: u64::try_from(skip).unwrap(),
                take: 4,
                ..ActivityQuery::default()
            };
            let (ids, total) = scene.listed(of, &query).await;
            let wanted: Vec<_> = expected.iter().skip(skip).take(4).copied().collect();
            assert_eq!((ids, total), (wanted, 9), "{order:?} {skip}");
        }
    }
}

pub(super) async fn activities_are_filtered<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let endpoint = scene.endpoint(&org).await;
    let delivery = scene.publish(&org, &[endpoint]).await.deliveries[0];
    let good = scene.publish(&org, &[endpoint]).await.deliveries[0];
    scene.record(&org, delivery, 1, DeliveryState::Failed).await;
    scene.record(&org, good, 1, DeliveryState::Delivered).await;
    let mut reports = Vec::new();
    for success in [None, Some(true), Some(false)] {
        let said = report(endpoint, "patient.created");
        let id = scene.store().report(&org, said).await.unwrap();
        if let Some(success) = success {
            let said = outcome(&scene, success);
            let done = scene
                .store()
                .complete_report(&org, endpoint, id, said)
                .await;
            done.unwrap();
        }
        reports.push(id);
    }
    let patient = Some("patient.created".parse().unwrap());
    let (bad, good) = (attempt(delivery, 1), attempt(good, 1));
    let (all, succeeded, failed) = (
        ActivityStatus::All,
        ActivityStatus::Succeeded,
        ActivityStatus::Failed,
    );
    for (status, event_type, expected) in [
        (
            all,
            None,
            vec![bad, good, reports[0], reports[1], reports[2]],
        ),
        (succeeded, None, vec![good, reports[1]]),
        (failed, None, vec![bad, reports[2]]),
        (all, patient.clone(), reports.clone()),
        (failed, patient, vec![reports[2]]),
    ] {
        let query = ActivityQuery {
            status,
            event_type,
            take: 100,
            ..ActivityQuery::default()
        };
        let (mut ids, total) = scene.listed((&org, endpoint), &query).await;
        assert_eq!(total, ids.len() as u64);
        let mut expected = expected;
        ids.sort();
        expected.sort();
        assert_eq!(ids, expected, "{status:?}");
    }
}

pub(super) async fn a_chain_leads_over_deliveries_and_days<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let endpoint = scene.endpoint(&org).await;
    let mut said = report(endpoint, "patient.created");
    let root = scene.store().report(&org, said.clone()).await.unwrap();
    scene.clock.advance(DAY);
    let mut again = scene.event(&org, &[endpoint]);
    again.retry_of = Some(root);
    let again = scene.accept(again).await.unwrap().deliveries[0];
    scene.record(&org, again, 1, DeliveryState::Pending).await;
    scene.record(&org, again, 2, DeliveryState::Pending).await;
    scene.clock.advance(DAY);
    said.retry_of = Some(attempt(again, 1));
    let side = scene.store().report(&org, said).await.unwrap();
    let scene = scene.crashed().await;

    let of = (&org, endpoint);
    let (first, second) = (attempt(again, 1), attempt(again, 2));
    // The attempt to come is only scheduled, so it is not shown.
    assert_eq!(scene.chain(of, root).await, [first, second, side]);
    assert_eq!(scene.chain(of, first).await, [second, side]);
    assert_eq!(scene.chain(of, second).await, []);
    let few = scene.store().retries_of(&org, endpoint, root, 2).await;
    assert_eq!(few.unwrap().len(), 2);
    let retry_of = async |id| scene.activity(of, id).await.unwrap().retry_of;
    assert_eq!(retry_of(first).await, Some(root));
    assert_eq!(retry_of(second).await, Some(first));
    assert_eq!(retry_of(side).await, Some(first));
}

pub(super) async fn activities_of_others_are_not_found<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let other = scene.organization("southside").await;
    let (endpoint, sibling) = (scene.endpoint(&org).await, scene.endpoint(&org).await);
    let foreign = scene.endpoint(&other).await;
    let delivery = scene.publish(&org, &[endpoint]).await.deliveries[0];
    scene.record(&org, delivery, 1, DeliveryState::Failed).await;
    let said = report(endpoint, "patient.created");
    let reported = scene.store().report(&org, said.clone()).await.unwrap();
    let query = ActivityQuery {
        take: 10,
        ..ActivityQuery::default()
    };
    for of in [(&org, sibling), (&other, foreign), (&other, endpoint)] {
        for id in [attempt(delivery, 1), reported] {
            assert!(scene.activity(of, id).await.is_none());
            let said = outcome(&scene, true);
            let refused = scene.store().complete_report(of.0, of.1, id, said).await;
            let Err(StoreError::Refused(Refusal::NotFound("activity"))) = refused else {
                panic!("{refused:?}");
            };
        }
        assert_eq!(scene.listed(of, &query).await, (Vec::new(), 0));
    }
    let refused = scene.store().report(&other, said).await;
    let Err(StoreError::Refused(Refusal::NotFound("endpoint"))) = refused else {
        panic!("{refused:?}");
    };
    let now = scene.now();
    let id = attempt(delivery, 1);
    let refused = scene.store().retry_attempt(&other, id, now).await;
    let Err(StoreError::Refused(Refusal::NotFound("delivery"))) = refused else {
        panic!("{:?}", refused.map(|_| ()));
    };
    scene
        .store()
        .delete_endpoint(&org, endpoint, now)
        .await
        .unwrap();
    assert!(scene.activity((&org, endpoint), reported).await.is_none());
}
