//! Laws of replays and what else happens meanwhile: counts stay exact, and nothing is found by others.

use carehook_core::{DeliveryState, OrganizationId, RecordId, ReplayId, ReplayOf, ReplayState};

use super::Fixture;
use super::replaying::{PAGE, everything};
use super::scene::{DAY, Scene};
use crate::{NewReplay, Notify, PageRequest, Refusal, ReplayStep, StoreError};

pub(super) async fn a_dry_run_counts_and_sends_nothing<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let to = scene.endpoint(&org).await;
    scene.publish_ended(&org, to, DeliveryState::Failed).await;
    scene.publish(&org, &[]).await;
    let new = NewReplay {
        id: ReplayId(RecordId::new(scene.now().0, 1, 0)),
        endpoint: to,
        filter: everything(ReplayOf::All),
        dry_run: true,
    };
    let made = scene.store().create_replay(&org, new).await.unwrap();
    assert_eq!(scene.work_off_replay().await, ReplayStep::Ended);
    let done = scene.stored_replay(&org, made.id).await;
    assert_eq!((done.state, done.dry_run), (ReplayState::Done, true));
    assert_eq!((done.counts.counted, done.counts.due), (2, 0));
    assert!(scene.owed(to).await.is_empty());
}

pub(super) async fn what_has_no_payload_is_skipped<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let to = scene.endpoint(&org).await;
    let about = scene.event_about(super::erasing::SUBJECT, &org, &[]);
    scene.accept(about).await.unwrap();
    scene.create_erasure(&org, 7).await;
    scene.work_off_erasures().await;
    scene.publish(&org, &[]).await;
    let id = scene.start_replay(&org, to, ReplayOf::Missing).await;
    scene.work_off_replay().await;
    let counts = scene.stored_replay(&org, id).await.counts;
    assert_eq!((counts.due, counts.skipped), (1, 1));
}

pub(super) async fn an_erasure_reaches_added_deliveries<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let to = scene.endpoint(&org).await;
    let about = scene.event_about(super::erasing::SUBJECT, &org, &[]);
    scene.accept(about).await.unwrap();
    let id = scene.start_replay(&org, to, ReplayOf::Missing).await;
    scene.work_off_replay().await;
    let owed = scene.owed(to).await;
    scene.create_erasure(&org, 7).await;
    scene.work_off_erasures().await;
    assert_eq!(scene.state(&org, owed[0]).await, DeliveryState::Cancelled);
    assert_eq!(scene.work_off_replay().await, ReplayStep::Ended);
    let counts = scene.stored_replay(&org, id).await.counts;
    assert_eq!((counts.due, counts.cancelled), (1, 1));
}

pub(super) async fn a_replay_is_stopped_and_another_one_may_follow<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let to = scene.endpoint(&org).await;
    let failed = scene.publish_ended(&org, to, DeliveryState::Failed).await;
    let failed = failed.deliveries[0];
    let id = scene.start_replay(&org, to, ReplayOf::Failed).await;
    let filter = || everything(ReplayOf::Failed);
    let second = scene.replay_with(&org, to, filter(), 2).await;
    assert!(matches!(
        second,
        Err(StoreError::Refused(Refusal::Conflict(_)))
    ));
    scene.work_off_replay().await;
    let stopped = scene.store().stop_replay(&org, id).await.unwrap();
    assert_eq!(stopped.state, ReplayState::Stopped);
    assert_eq!(stopped.completed_at, Some(scene.now()));
    let again = scene.store().stop_replay(&org, id).await;
    assert!(matches!(
        again,
        Err(StoreError::Refused(Refusal::Conflict(_)))
    ));
    assert_eq!(scene.owed(to).await, [failed], "what is due goes on");
    scene.record(&org, failed, 2, DeliveryState::Failed).await;
    // The second one takes it before the first has counted how it ended.
    let second = scene.replay_with(&org, to, filter(), 3).await.unwrap();
    let open = scene.store().open_replays().await.unwrap();
    let mut at = open[1].position();
    while let ReplayStep::On(next) = scene.store().step_replay(&open[1], at).await.unwrap() {
        at = next;
    }
    scene
        .record(&org, failed, 3, DeliveryState::Delivered)
        .await;
    for (job, failed, sent) in [(id, 1, 0), (second, 0, 1)] {
        assert_eq!(scene.work_off_replay().await, ReplayStep::Ended);
        let counts = scene.stored_replay(&org, job).await.counts;
        assert_eq!(
            (counts.counted, counts.failed, counts.sent),
            (1, failed, sent)
        );
    }
}

pub(super) async fn what_a_stopped_replay_made_due_can_be_called_off<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let other = scene.organization("southside").await;
    let to = scene.endpoint(&org).await;
    for _ in 0..3 {
        scene.publish_ended(&org, to, DeliveryState::Failed).await;
    }
    scene.clock.advance(DAY);
    scene.publish_ended(&org, to, DeliveryState::Failed).await;
    let id = scene.start_replay(&org, to, ReplayOf::Failed).await;
    scene.work_off_replay().await;
    let own = scene.publish(&org, &[to]).await.deliveries[0];
    let conflict = scene.store().cancel_replayed(&org, id).await;
    let conflict = matches!(conflict, Err(StoreError::Refused(Refusal::Conflict(_))));
    assert!(conflict, "it is running");
    scene.store().stop_replay(&org, id).await.unwrap();
    let foreign = scene.store().cancel_replayed(&other, id).await;
    let foreign = matches!(foreign, Err(StoreError::Refused(Refusal::NotFound(_))));
    assert!(foreign, "it is another one's");
    let first = scene.owed(to).await[0];
    scene.record(&org, first, 2, DeliveryState::Delivered).await;
    scene.store().next_hints().await;
    assert_eq!(scene.store().cancel_replayed(&org, id).await.unwrap(), 3);
    assert_eq!(scene.store().next_hints().await.withdrawn.len(), 3);
    assert_eq!(scene.owed(to).await, [own], "others are not touched");
    let none = scene.store().cancel_replayed(&org, id).await;
    assert!(matches!(none, Err(StoreError::Refused(Refusal::State))));
    assert_eq!(scene.work_off_replay().await, ReplayStep::Ended);
    let counts = scene.stored_replay(&org, id).await.counts;
    assert_eq!((counts.due, counts.sent, counts.cancelled), (4, 1, 3));
}

pub(super) async fn a_retry_by_hand_changes_no_count_of_a_replay<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let to = scene.endpoint(&org).await;
    let failed = scene.publish_ended(&org, to, DeliveryState::Failed).await;
    let failed = failed.deliveries[0];
    let id = scene.start_replay(&org, to, ReplayOf::Failed).await;
    scene.work_off_replay().await;
    scene.record(&org, failed, 2, DeliveryState::Failed).await;
    let now = scene.now();
    let retried = scene
        .store()
        .retry_delivery(&org, failed, Notify::Never, now)
        .await;
    retried.unwrap();
    assert_eq!(scene.stored_replay(&org, id).await.counts.failed, 1);
    assert_eq!(scene.work_off_replay().await, ReplayStep::Ended);
    let done = scene.stored_replay(&org, id).await;
    assert_eq!((done.state, done.counts.failed), (ReplayState::Done, 1));
}

pub(super) async fn the_replay_of_a_deleted_endpoint_is_stopped<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let to = scene.endpoint(&org).await;
    scene.publish_ended(&org, to, DeliveryState::Failed).await;
    let id = scene.start_replay(&org, to, ReplayOf::Failed).await;
    scene.work_off_replay().await;
    let deleted = scene.store().delete_endpoint(&org, to, scene.now()).await;
    deleted.unwrap();
    assert_eq!(scene.work_off_replay().await, ReplayStep::Ended);
    let stopped = scene.stored_replay(&org, id).await;
    assert_eq!(stopped.state, ReplayState::Stopped);
    assert_eq!((stopped.counts.due, stopped.counts.failed), (1, 1));
}

pub(super) async fn replays_of_others_are_not_found<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let other = scene.organization("southside").await;
    let (to, theirs) = (scene.endpoint(&org).await, scene.endpoint(&other).await);
    let id = scene.start_replay(&org, to, ReplayOf::All).await;
    assert!(scene.store().replay(&other, id).await.unwrap().is_none());
    let stopped = scene.store().stop_replay(&other, id).await;
    assert!(matches!(
        stopped,
        Err(StoreError::Refused(Refusal::NotFound(_)))
    ));
    let made = scene
        .replay_with(&org, theirs, everything(ReplayOf::All), 2)
        .await;
    assert!(matches!(
        made,
        Err(StoreError::Refused(Refusal::NotFound(_)))
    ));
    let list = |of: &OrganizationId, endpoint| {
        let (store, of) = (scene.store().clone(), of.clone());
        async move {
            store
                .list_replays(&of, endpoint, PAGE)
                .await
                .unwrap()
                .items
                .len()
        }
    };
    assert_eq!(list(&org, to).await, 1);
    assert_eq!(list(&other, to).await, 0);
    assert_eq!(list(&org, theirs).await, 0);
}

pub(super) async fn pages_of_replays_join_without_gaps<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let to = scene.endpoint(&org).await;
    let mut made = Vec::new();
    for number in 1..=3 {
        let filter = everything(ReplayOf::Failed);
        let id = scene.replay_with(&org, to, filter, number).await.unwrap();
        assert_eq!(scene.work_off_replay().await, ReplayStep::Ended);
        made.push(id);
    }
    made.reverse();
    let (mut listed, mut after) = (Vec::new(), None);
    loop {
        let page = PageRequest { limit: 2, after };
        let page = scene.store().list_replays(&org, to, page).await.unwrap();
        listed.extend(page.items.iter().map(|replay| replay.id));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(listed, made);
}

pub(super) async fn retention_spares_an_added_delivery_while_it_is_pending<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    scene.keeps(&org, 1, 2).await;
    let events = [
        scene.publish(&org, &[]).await.id,
        scene.publish(&org, &[]).await.id,
    ];
    let to = scene.endpoint(&org).await;
    let id = scene.start_replay(&org, to, ReplayOf::Missing).await;
    scene.work_off_replay().await;
    let owed = scene.owed(to).await;
    let delivered = DeliveryState::Delivered;
    scene.record(&org, owed[1], 1, delivered).await;
    scene.clock.advance(DAY * 2);
    // The newest file is never taken away, so there has to be a newer one.
    scene.publish(&org, &[]).await;
    scene.retain().await;
    let read = |id| {
        let (store, org) = (scene.store().clone(), org.clone());
        async move { store.event(&org, id).await.unwrap() }
    };
    assert!(!read(&events[0]).await.unwrap().body.is_gone());
    assert!(read(&events[1]).await.unwrap().body.is_gone());
    scene.clock.advance(DAY * 400);
    scene.retain().await;
    assert!(!read(&events[0]).await.unwrap().body.is_gone());
    assert!(read(&events[1]).await.is_none());
    let gone = scene.store().delivery(&org, owed[1]).await.unwrap();
    assert!(gone.is_none(), "its rows went with its event");
    assert_eq!(scene.owed(to).await, owed[..1]);
    scene.record(&org, owed[0], 1, delivered).await;
    assert_eq!(scene.work_off_replay().await, ReplayStep::Ended);
    assert_eq!(scene.stored_replay(&org, id).await.counts.sent, 2);
}
