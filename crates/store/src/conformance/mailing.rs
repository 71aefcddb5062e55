//! Laws of mails: owed from the commit of a failure, once for each, until they are ended.

use carehook_core::{
    AttemptId, DeliveryId, DeliveryState, DisabledReason, OrganizationId, Reason, Timestamp,
};

use super::Fixture;
use super::scene::{DAY, HOUR, Scene};
use crate::{AttemptRecord, DueMail, Notify};

const FAR: Timestamp = Timestamp(i64::MAX);

/// A failure that is told, of the `number`-th attempt.
fn told<F: Fixture>(
    scene: &Scene<F>,
    of: &OrganizationId,
    delivery: DeliveryId,
    number: u32,
) -> AttemptRecord {
    AttemptRecord {
        notify: Notify::OnFailure,
        ..scene.result(of, delivery, number, DeliveryState::Failed)
    }
}

async fn due<F: Fixture>(scene: &Scene<F>, until: Timestamp) -> Vec<DueMail> {
    let page = scene.store().due_mails(until, 100).await;
    page.unwrap().mails
}

async fn owed<F: Fixture>(scene: &Scene<F>) -> Vec<AttemptId> {
    let mails = due(scene, FAR).await;
    mails.into_iter().map(|mail| mail.about).collect()
}

pub(super) async fn a_failure_of_which_somebody_wants_to_hear_owes_a_mail<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let endpoint = scene.endpoint(&org).await;
    let delivery = scene.publish(&org, &[endpoint]).await.deliveries[0];
    assert!(owed(&scene).await.is_empty());
    let failure = told(&scene, &org, delivery, 1);
    let started = failure.attempt.started_at;
    scene.store().record(vec![failure]).await.unwrap();

    let before = scene.store().due_mails(Timestamp(started.0 - 1), 9).await;
    let before = before.unwrap();
    assert!(before.mails.is_empty());
    assert_eq!(before.next_due, Some(started));
    let page = scene.store().due_mails(started, 9).await.unwrap();
    assert_eq!(page.next_due, None);
    let [mail] = &page.mails[..] else {
        panic!("one mail is owed");
    };
    assert_eq!(mail.about, AttemptId::of(delivery, 1));
    assert_eq!((mail.about.delivery(), mail.about.number()), (delivery, 1));
    assert_eq!(mail.tries, 0);
    let about = mail.failure.as_ref().unwrap();
    assert_eq!(about.endpoint.id, endpoint);
    assert_eq!(about.delivery.id, delivery);
    assert_eq!(about.delivery.reason, Some(Reason::Exhausted));
    assert_eq!(about.attempt.status, Some(500));
}

pub(super) async fn what_did_not_fail_for_good_owes_no_mail<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let endpoint = scene.endpoint(&org).await;
    let mut records = Vec::new();
    let states = [
        (DeliveryState::Pending, Notify::OnFailure),
        (DeliveryState::Delivered, Notify::OnFailure),
        (DeliveryState::Failed, Notify::Never),
    ];
    for (state, notify) in states {
        let delivery = scene.publish(&org, &[endpoint]).await.deliveries[0];
        records.push(AttemptRecord {
            notify,
            ..scene.result(&org, delivery, 1, state)
        });
    }
    scene.store().record(records).await.unwrap();
    assert!(owed(&scene).await.is_empty());
}

pub(super) async fn recording_a_failure_twice_owes_one_mail<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let endpoint = scene.endpoint(&org).await;
    let delivery = scene.publish(&org, &[endpoint]).await.deliveries[0];
    let failure = told(&scene, &org, delivery, 1);
    let twice = vec![failure.clone(), failure.clone()];
    scene.store().record(twice).await.unwrap();
    assert_eq!(owed(&scene).await, [AttemptId::of(delivery, 1)]);

    // An answer that was lost makes the engine record again, perhaps after the mail was sent.
    let about = AttemptId::of(delivery, 1);
    scene.store().end_mail(about).await.unwrap();
    let scene = scene.crashed().await;
    scene.store().record(vec![failure]).await.unwrap();
    assert!(owed(&scene).await.is_empty());
}

pub(super) async fn a_mail_survives_a_crash_and_ends_once<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let endpoint = scene.endpoint(&org).await;
    let (sent, kept) = (
        scene.publish(&org, &[endpoint]).await.deliveries[0],
        scene.publish(&org, &[endpoint]).await.deliveries[0],
    );
    let failures = [sent, kept].map(|delivery| told(&scene, &org, delivery, 1));
    scene.store().record(failures.into()).await.unwrap();
    let sent = AttemptId::of(sent, 1);
    let scene = scene.crashed().await;
    assert_eq!(owed(&scene).await.len(), 2);
    scene.store().end_mail(sent).await.unwrap();
    let scene = scene.crashed().await;
    assert_eq!(owed(&scene).await, [AttemptId::of(kept, 1)]);
    scene.store().end_mail(sent).await.unwrap();
    let scene = scene.reopened().await;
    assert_eq!(owed(&scene).await, [AttemptId::of(kept, 1)]);
    // One that never was is ended as well.
    let elsewhere = carehook_core::RecordId::new(scene.now().plus(99 * DAY).0, 1, 1);
    scene.store().end_mail(AttemptId(elsewhere)).await.unwrap();
    let kept = AttemptId::of(kept, 1);
    scene.store().end_mail(kept).await.unwrap();
    assert!(owed(&scene).await.is_empty());
    let page = scene.store().due_mails(FAR, 9).await.unwrap();
    assert_eq!(page.next_due, None);
}

pub(super) async fn a_delayed_mail_is_due_later<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let endpoint = scene.endpoint(&org).await;
    let delivery = scene.publish(&org, &[endpoint]).await.deliveries[0];
    let failure = told(&scene, &org, delivery, 1);
    scene.store().record(vec![failure]).await.unwrap();
    let about = AttemptId::of(delivery, 1);
    let later = scene.now().plus(HOUR);
    scene.store().delay_mail(about, later).await.unwrap();
    let scene = scene.crashed().await;
    let page = scene.store().due_mails(scene.now(), 9).await.unwrap();
    assert!(page.mails.is_empty());
    assert_eq!(page.next_due, Some(later));
    scene.clock.advance(HOUR);
    let mails = due(&scene, scene.now()).await;
    assert_eq!((mails.len(), mails[0].about, mails[0].tries), (1, about, 1));
    let much_later = later.plus(HOUR);
    scene.store().delay_mail(about, much_later).await.unwrap();
    assert_eq!(due(&scene, FAR).await[0].tries, 2);
}

pub(super) async fn mails_of_several_days_come_in_the_order_of_their_due_times<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let endpoint = scene.endpoint(&org).await;
    let mut expected = Vec::new();
    for _ in 0..3 {
        for _ in 0..2 {
            let delivery = scene.publish(&org, &[endpoint]).await.deliveries[0];
            let failure = told(&scene, &org, delivery, 1);
            scene.store().record(vec![failure]).await.unwrap();
            expected.push(AttemptId::of(delivery, 1));
        }
        scene.clock.advance(DAY);
    }
    assert_eq!(owed(&scene).await, expected);
    // The oldest is tried again after all others.
    let late = scene.now().plus(HOUR);
    scene.store().delay_mail(expected[0], late).await.unwrap();
    expected.rotate_left(1);
    let mut found = Vec::new();
    loop {
        let page = scene.store().due_mails(FAR, 2).await.unwrap();
        let Some(first) = page.mails.first() else {
            break;
        };
        assert!(page.mails.len() <= 2);
        assert_eq!(page.next_due.is_some(), found.len() + page.mails.len() < 6);
        found.push(first.about);
        scene.store().end_mail(first.about).await.unwrap();
    }
    assert_eq!(found, expected);
}

pub(super) async fn a_receiver_that_is_gone_owes_a_mail_for_the_attempts_that_failed<F: Fixture>() {
    for disabled_first in [false, true] {
        let scene = Scene::<F>::new();
        let org = scene.organization("northside").await;
        let endpoint = scene.endpoint(&org).await;
        let attempted = scene.publish(&org, &[endpoint]).await.deliveries[0];
        let waiting = scene.publish(&org, &[endpoint]).await.deliveries[0];
        let (store, now) = (scene.store(), scene.now());
        let failure = AttemptRecord {
            reason: Some(Reason::EndpointGone),
            ..told(&scene, &org, attempted, 1)
        };
        let gone = DisabledReason::Gone;
        if disabled_first {
            store.disable_endpoint(endpoint, gone, now).await.unwrap();
        }
        store.record(vec![failure.clone(), failure]).await.unwrap();
        if !disabled_first {
            store.disable_endpoint(endpoint, gone, now).await.unwrap();
        }
        assert_eq!(scene.state(&org, waiting).await, DeliveryState::Failed);
        assert_eq!(owed(&scene).await, [AttemptId::of(attempted, 1)]);
    }
}

pub(super) async fn a_late_result_of_a_cancelled_delivery_owes_no_mail<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let endpoint = scene.endpoint(&org).await;
    let delivery = scene.publish(&org, &[endpoint]).await.deliveries[0];
    let failure = told(&scene, &org, delivery, 1);
    let (store, now) = (scene.store(), scene.now());
    store.cancel_delivery(&org, delivery, now).await.unwrap();
    store.record(vec![failure]).await.unwrap();
    assert!(owed(&scene).await.is_empty());
}

pub(super) async fn a_mail_of_a_deleted_endpoint_is_about_nothing<F: Fixture>() {
    let scene = Scene::<F>::new();
    let (org, other) = (
        scene.organization("northside").await,
        scene.organization("southside").await,
    );
    let (deleted, theirs) = (scene.endpoint(&org).await, scene.endpoint(&other).await);
    let first = scene.publish(&org, &[deleted]).await.deliveries[0];
    let second = scene.publish(&other, &[theirs]).await.deliveries[0];
    let failures = vec![
        told(&scene, &org, first, 1),
        told(&scene, &other, second, 1),
    ];
    scene.store().record(failures).await.unwrap();
    let (store, now) = (scene.store(), scene.now());
    store.delete_endpoint(&org, deleted, now).await.unwrap();
    store.delete_organization(&other, now).await.unwrap();
    let scene = scene.crashed().await;
    let mails = due(&scene, FAR).await;
    assert_eq!(mails.len(), 2);
    for mail in mails {
        assert!(mail.failure.is_none());
        scene.store().end_mail(mail.about).await.unwrap();
    }
    assert!(owed(&scene).await.is_empty());
}

pub(super) async fn a_quiet_retry_is_quiet_for_one_round<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let endpoint = scene.endpoint(&org).await;
    let delivery = scene.publish(&org, &[endpoint]).await.deliveries[0];
    let mut scene = scene;
    let rounds = [Notify::Never, Notify::OnFailure, Notify::Never];
    for (number, notify) in (1u32..).zip(rounds) {
        scene
            .record(&org, delivery, number, DeliveryState::Failed)
            .await;
        let (store, now) = (scene.store(), scene.now());
        let retried = store.retry_delivery(&org, delivery, notify, now).await;
        assert_eq!(retried.unwrap().state, DeliveryState::Pending);
        scene = scene.crashed().await;
        let now = scene.now();
        let page = scene.store().page(endpoint, None, now, 9).await.unwrap();
        assert_eq!(page.deliveries[0].notify, notify);
    }
}

pub(super) async fn each_round_that_fails_owes_a_mail_of_its_own<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let endpoint = scene.endpoint(&org).await;
    let delivery = scene.publish(&org, &[endpoint]).await.deliveries[0];
    for number in [1, 2] {
        let failure = told(&scene, &org, delivery, number);
        scene.store().record(vec![failure]).await.unwrap();
        let (store, now) = (scene.store(), scene.now());
        let notify = Notify::OnFailure;
        let retried = store.retry_delivery(&org, delivery, notify, now).await;
        retried.unwrap();
    }
    let expected = [1, 2].map(|number| AttemptId::of(delivery, number));
    assert_eq!(owed(&scene).await, expected);
    let mails = due(&scene, FAR).await;
    let numbers = mails.iter().map(|mail| mail.failure.as_ref().unwrap());
    let numbers: Vec<_> = numbers.map(|failure| failure.attempt.number).collect();
    assert_eq!(numbers, [1, 2]);
}
