//! Laws of recording: attempt and state in one step, once; and what people do to deliveries (L6, L8).

use carehook_core::{AttemptId, DeliveryState, Reason, Trigger};

use super::Fixture;
use super::scene::{DAY, HOUR, Scene};
use crate::{Notify, Refusal, StoreError};

pub(super) async fn an_attempt_and_its_state_are_recorded_together<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let endpoint = scene.endpoint(&org).await;
    let delivery = scene.publish(&org, &[endpoint]).await.deliveries[0];
    scene.clock.advance(DAY);
    scene
        .record(&org, delivery, 1, DeliveryState::Pending)
        .await;
    let after = scene.delivery(&org, delivery).await;
    assert_eq!(after.state, DeliveryState::Pending);
    assert_eq!(after.attempt_count, 1);
    assert_eq!(after.next_attempt_at, Some(scene.now().plus(HOUR)));
    assert_eq!(after.completed_at, None);
    assert!(scene.owed(endpoint).await.is_empty());

    scene.clock.advance(HOUR);
    let result = scene.result(&org, delivery, 2, DeliveryState::Delivered);
    let ended = result.attempt.started_at.plus(result.attempt.duration);
    scene.store().record(vec![result]).await.unwrap();
    let after = scene.delivery(&org, delivery).await;
    assert_eq!(after.state, DeliveryState::Delivered);
    assert_eq!(after.attempt_count, 2);
    assert_eq!(after.next_attempt_at, None);
    assert_eq!(after.completed_at, Some(ended));
    let attempts = scene.attempts(&org, delivery).await;
    let [first, second] = &attempts[..] else {
        panic!("two attempts were recorded");
    };
    assert_eq!(first.id, AttemptId::of(delivery, 1));
    assert_eq!((first.number, first.status), (1, Some(500)));
    assert_eq!(first.error.as_deref(), Some("the receiver answered 500"));
    assert_eq!((second.number, second.status), (2, Some(200)));
    assert_eq!(&second.answer[..], b"answer 2");
}

pub(super) async fn recording_twice_is_recording_once<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let endpoint = scene.endpoint(&org).await;
    let delivery = scene.publish(&org, &[endpoint]).await.deliveries[0];
    let first = scene.result(&org, delivery, 1, DeliveryState::Pending);
    let again = first.clone();
    scene.store().record(vec![first]).await.unwrap();
    scene
        .record(&org, delivery, 2, DeliveryState::Delivered)
        .await;
    let before = scene.delivery(&org, delivery).await;
    let scene = scene.crashed().await;
    // Late and altered: the first record of an attempt counts.
    let mut altered = again.clone();
    altered.state = DeliveryState::Failed;
    altered.attempt.status = Some(418);
    let late = vec![again.clone(), altered, again];
    scene.store().record(late).await.unwrap();
    let after = scene.delivery(&org, delivery).await;
    assert_eq!(format!("{after:?}"), format!("{before:?}"));
    let attempts = scene.attempts(&org, delivery).await;
    assert_eq!(attempts.len(), 2);
    assert_eq!(attempts[0].status, Some(500));
}

pub(super) async fn a_result_that_comes_late_changes_no_newer_state<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let endpoint = scene.endpoint(&org).await;
    let delivery = scene.publish(&org, &[endpoint]).await.deliveries[0];
    let late = scene.result(&org, delivery, 1, DeliveryState::Failed);
    scene.clock.advance(HOUR);
    scene
        .record(&org, delivery, 2, DeliveryState::Pending)
        .await;
    let before = scene.delivery(&org, delivery).await;
    scene.store().record(vec![late]).await.unwrap();
    let after = scene.delivery(&org, delivery).await;
    assert_eq!(format!("{after:?}"), format!("{before:?}"));
    let attempts = scene.attempts(&org, delivery).await;
    let numbers: Vec<_> = attempts.iter().map(|attempt| attempt.number).collect();
    assert_eq!(numbers, [1, 2], "it is recorded all the same");
}

pub(super) async fn a_result_of_an_ended_delivery_keeps_its_state<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let endpoint = scene.endpoint(&org).await;
    let delivery = scene.publish(&org, &[endpoint]).await.deliveries[0];
    let now = scene.now();
    let cancelled = scene.store().cancel_delivery(&org, delivery, now).await;
    assert_eq!(cancelled.unwrap().state, DeliveryState::Cancelled);
    scene
        .record(&org, delivery, 1, DeliveryState::Pending)
        .await;
    let after = scene.delivery(&org, delivery).await;
    assert_eq!(after.state, DeliveryState::Cancelled);
    assert_eq!(after.reason, Some(Reason::Cancelled));
    assert_eq!(after.attempt_count, 1);
    assert_eq!(scene.attempts(&org, delivery).await.len(), 1);
    assert!(scene.owed(endpoint).await.is_empty());
}

pub(super) async fn a_result_of_a_delivery_that_never_was_leaves_nothing<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let endpoint = scene.endpoint(&org).await;
    let real = scene.publish(&org, &[endpoint]).await.deliveries[0];
    let far = scene.now().plus(100 * DAY);
    let elsewhere = carehook_core::RecordId::new(far.0, 1, 0);
    let absent = carehook_core::RecordId::new(real.0.millis(), 77, 0);
    for id in [elsewhere, absent].map(carehook_core::DeliveryId) {
        let result = scene.result(&org, id, 1, DeliveryState::Delivered);
        let real = scene.result(&org, real, 1, DeliveryState::Delivered);
        scene.store().record(vec![result, real]).await.unwrap();
        let found = scene.store().delivery(&org, id).await.unwrap();
        assert!(found.is_none());
    }
    assert_eq!(scene.state(&org, real).await, DeliveryState::Delivered);
    let scene = scene.crashed().await;
    assert!(scene.store().newest_time() < far);
    assert_eq!(scene.attempts(&org, real).await.len(), 1);
}

pub(super) async fn a_retry_starts_a_new_round<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let endpoint = scene.endpoint(&org).await;
    let delivery = scene.publish(&org, &[endpoint]).await.deliveries[0];
    scene
        .record(&org, delivery, 1, DeliveryState::Pending)
        .await;
    scene.record(&org, delivery, 2, DeliveryState::Failed).await;
    let failed = scene.delivery(&org, delivery).await;
    assert_eq!(failed.reason, Some(Reason::Exhausted));
    scene.clock.advance(DAY);
    let now = scene.now();
    let retried = scene
        .store()
        .retry_delivery(&org, delivery, Notify::OnFailure, now)
        .await;
    let retried = retried.unwrap();
    assert_eq!(retried.state, DeliveryState::Pending);
    assert_eq!((retried.reason, retried.completed_at), (None, None));
    assert_eq!(retried.next_attempt_at, Some(now));
    let scene = scene.crashed().await;
    let page = scene.store().page(endpoint, None, now, 10).await.unwrap();
    let due = &page.deliveries[0];
    assert_eq!((due.attempt_count, due.failed_in_round), (2, 0));
    assert_eq!(due.trigger, Trigger::Manual);
    scene
        .record(&org, delivery, 3, DeliveryState::Pending)
        .await;
    scene.clock.advance(HOUR);
    let now = scene.now();
    let page = scene.store().page(endpoint, None, now, 10).await.unwrap();
    let due = &page.deliveries[0];
    assert_eq!((due.attempt_count, due.failed_in_round), (3, 1));
    assert_eq!(due.trigger, Trigger::Schedule);
}

pub(super) async fn what_has_arrived_stays_so_while_it_is_sent_again<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let endpoint = scene.endpoint(&org).await;
    let deliveries = scene.publish(&org, &[endpoint, endpoint]).await.deliveries;
    let [delivery, never] = deliveries[..] else {
        panic!("two were made");
    };
    let found = async |state| {
        let filter = crate::LogFilter {
            state: Some(state),
            ..crate::LogFilter::default()
        };
        let page = crate::PageRequest {
            limit: 10,
            after: None,
        };
        let found = scene.store().find_deliveries(&org, &filter, page, 100);
        let found = found.await.unwrap().items.into_iter();
        found.map(|one| one.delivery.id).collect::<Vec<_>>()
    };
    let arrived_at = async || scene.delivery(&org, delivery).await.arrived_at;
    scene
        .record(&org, delivery, 1, DeliveryState::Pending)
        .await;
    scene.record(&org, never, 1, DeliveryState::Failed).await;
    assert_eq!(arrived_at().await, None);
    scene.clock.advance(HOUR);
    scene
        .record(&org, delivery, 2, DeliveryState::Delivered)
        .await;
    let arrived = scene.delivery(&org, delivery).await.completed_at;
    assert!(arrived.is_some());
    assert_eq!(arrived_at().await, arrived);
    scene.clock.advance(HOUR);
    for id in [delivery, never] {
        let (notify, now) = (Notify::OnFailure, scene.now());
        let retried = scene.store().retry_delivery(&org, id, notify, now);
        let retried = retried.await.unwrap();
        assert_eq!(retried.arrived_at, arrived.filter(|_| id == delivery));
        assert_eq!(retried.round_start, if id == delivery { 2 } else { 1 });
    }
    // It is found as what it was, and as what it is.
    assert_eq!(found(DeliveryState::Delivered).await, [delivery]);
    assert_eq!(found(DeliveryState::Pending).await, [never, delivery]);
    scene.record(&org, delivery, 3, DeliveryState::Failed).await;
    assert_eq!(arrived_at().await, arrived, "the receiver still has it");
    assert_eq!(found(DeliveryState::Delivered).await, [delivery]);
    assert_eq!(found(DeliveryState::Failed).await, [delivery]);
    let (_, attempts) = scene
        .store()
        .delivery(&org, delivery)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(attempts.len(), 3);
}

pub(super) async fn a_pending_delivery_is_cancelled_once<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let endpoint = scene.endpoint(&org).await;
    let delivery = scene.publish(&org, &[endpoint]).await.deliveries[0];
    let now = scene.now();
    let cancel = || scene.store().cancel_delivery(&org, delivery, now);
    let cancelled = cancel().await.unwrap();
    assert_eq!(cancelled.reason, Some(Reason::Cancelled));
    assert_eq!(cancelled.completed_at, Some(now));
    assert!(matches!(
        cancel().await,
        Err(StoreError::Refused(Refusal::State))
    ));
    scene
        .store()
        .retry_delivery(&org, delivery, Notify::OnFailure, now)
        .await
        .unwrap();
    assert_eq!(scene.owed(endpoint).await, [delivery]);
    cancel().await.unwrap();
}

pub(super) async fn unreadable_deliveries_are_failed<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let endpoint = scene.endpoint(&org).await;
    let bad = scene.publish(&org, &[endpoint]).await.deliveries[0];
    let done = scene.publish(&org, &[endpoint]).await.deliveries[0];
    scene.record(&org, done, 1, DeliveryState::Delivered).await;
    let now = scene.now();
    scene
        .store()
        .quarantine(vec![bad, done], now)
        .await
        .unwrap();
    let failed = scene.delivery(&org, bad).await;
    assert_eq!(failed.state, DeliveryState::Failed);
    assert_eq!(failed.reason, Some(Reason::Unreadable));
    assert_eq!(scene.state(&org, done).await, DeliveryState::Delivered);
}

pub(super) async fn deliveries_of_others_are_not_found<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let other = scene.organization("southside").await;
    let endpoint = scene.endpoint(&org).await;
    let accepted = scene.publish(&org, &[endpoint]).await;
    let delivery = accepted.deliveries[0];
    let (store, now) = (scene.store(), scene.now());
    let not_found = |result: Result<carehook_core::Delivery, StoreError>| {
        matches!(result, Err(StoreError::Refused(Refusal::NotFound(_))))
    };
    assert!(not_found(
        store
            .retry_delivery(&other, delivery, Notify::OnFailure, now)
            .await
    ));
    assert!(not_found(
        store.cancel_delivery(&other, delivery, now).await
    ));
    assert!(store.delivery(&other, delivery).await.unwrap().is_none());
    assert!(store.event(&other, &accepted.id).await.unwrap().is_none());
    // An id is found as a whole or not at all.
    let salted = carehook_core::RecordId::new(delivery.0.millis(), delivery.0.number(), 9);
    let salted = carehook_core::DeliveryId(salted);
    assert!(store.delivery(&org, salted).await.unwrap().is_none());
    assert_eq!(scene.owed(endpoint).await, [delivery]);
}
