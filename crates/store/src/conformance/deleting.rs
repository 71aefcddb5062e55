//! Laws of control data: deletions end what is pending in the same step (L13), changes compare first.

use carehook_core::{DeliveryState, Dialect, DisabledReason, Mode, Reason};

use super::Fixture;
use super::scene::{DAY, NOON, Scene, endpoint, organization};
use crate::{DeletedEndpoint, EventFilter, Notify, PageRequest, Refusal, StoreError};

pub(super) async fn deleting_an_endpoint_fails_what_is_pending<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let (gone, stays) = (scene.endpoint(&org).await, scene.endpoint(&org).await);
    let old = scene.publish(&org, &[gone, stays]).await;
    let delivered = scene.publish(&org, &[gone]).await.deliveries[0];
    scene
        .record(&org, delivered, 1, DeliveryState::Delivered)
        .await;
    scene.clock.advance(DAY);
    let new = scene.publish(&org, &[gone, stays]).await;
    let now = scene.now();
    scene
        .store()
        .delete_endpoint(&org, gone, now)
        .await
        .unwrap();

    assert!(scene.store().endpoint(&org, gone).is_none());
    let mut scene = scene;
    for _ in 0..2 {
        for accepted in [&old, &new] {
            let failed = scene.delivery(&org, accepted.deliveries[0]).await;
            assert_eq!(failed.state, DeliveryState::Failed);
            assert_eq!(failed.reason, Some(Reason::EndpointDeleted));
            assert_eq!(failed.completed_at, Some(now));
            assert_eq!(failed.next_attempt_at, None);
        }
        let kept = scene.state(&org, delivered).await;
        assert_eq!(kept, DeliveryState::Delivered);
        let owed = scene.owed(stays).await;
        assert_eq!(owed, [old.deliveries[1], new.deliveries[1]]);
        scene = scene.crashed().await;
    }
}

pub(super) async fn a_deleted_endpoint_is_owed_nothing_more<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let (gone, stays) = (scene.endpoint(&org).await, scene.endpoint(&org).await);
    let now = scene.now();
    let new = scene.event(&org, &[gone, stays]);
    // Both wait at the store together: whichever comes first, nothing stays pending.
    let store = scene.store();
    let (deleted, accepted) = tokio::join!(
        store.delete_endpoint(&org, gone, now),
        store.accept(vec![new])
    );
    deleted.unwrap();
    assert!(accepted[0].is_ok());
    let later = scene.publish(&org, &[gone, stays]).await;
    assert_eq!(later.deliveries.len(), 1);
    assert!(scene.owed(gone).await.is_empty());
    assert_eq!(scene.owed(stays).await.len(), 2);
    let pending = scene.store().pending_endpoints().await.unwrap();
    assert_eq!(pending.len(), 1);
    assert_eq!(pending[0].endpoint, stays);
}

pub(super) async fn a_delivery_to_a_deleted_endpoint_cannot_be_retried<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let gone = scene.endpoint(&org).await;
    let delivery = scene.publish(&org, &[gone]).await.deliveries[0];
    let now = scene.now();
    scene
        .store()
        .delete_endpoint(&org, gone, now)
        .await
        .unwrap();
    let retried = scene
        .store()
        .retry_delivery(&org, delivery, Notify::OnFailure, now)
        .await;
    assert!(matches!(
        retried,
        Err(StoreError::Refused(Refusal::State | Refusal::NotFound(_)))
    ));
    assert_eq!(scene.state(&org, delivery).await, DeliveryState::Failed);
}

pub(super) async fn what_a_deleted_endpoint_was_is_known_to_its_organization<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let other = scene.organization("southside").await;
    let mut new = endpoint(&org, NOON);
    new.dialect = Dialect::Ecg;
    new.mode = Mode::Test;
    let (gone, stays) = (new.id, scene.endpoint(&org).await);
    let unknown = endpoint(&org, NOON).id;
    scene.store().create_endpoint(new, 10).await.unwrap();
    assert_eq!(scene.store().deleted_endpoint(&org, gone), None);
    let now = scene.now();
    let deleted = scene.store().delete_endpoint(&org, gone, now).await;
    deleted.unwrap();
    let was = DeletedEndpoint {
        dialect: Dialect::Ecg,
        mode: Mode::Test,
    };
    let mut scene = scene;
    for _ in 0..2 {
        let store = scene.store();
        assert_eq!(store.deleted_endpoint(&org, gone), Some(was));
        for id in [stays, unknown] {
            assert_eq!(store.deleted_endpoint(&org, id), None);
        }
        assert_eq!(store.deleted_endpoint(&other, gone), None);
        scene = scene.crashed().await;
    }
    // Nor is it known to a new organization of the same name.
    scene.store().delete_organization(&org, now).await.unwrap();
    let org = scene.organization("northside").await;
    assert_eq!(scene.store().deleted_endpoint(&org, gone), None);
}

pub(super) async fn deleting_an_organization_takes_everything_with_it<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let other = scene.organization("southside").await;
    let (theirs, ours) = (scene.endpoint(&other).await, scene.endpoint(&org).await);
    let accepted = scene.publish(&org, &[ours]).await;
    let kept = scene.publish(&other, &[theirs]).await;
    let now = scene.now();
    scene.store().delete_organization(&org, now).await.unwrap();
    let again = scene.store().delete_organization(&org, now).await;
    assert!(matches!(again, Err(StoreError::Refused(_))));

    let mut scene = scene;
    for _ in 0..2 {
        let store = scene.store();
        assert!(store.organization(&org).is_none());
        assert!(store.any_endpoint(ours).is_none());
        assert!(store.event(&org, &accepted.id).await.unwrap().is_none());
        let delivery = store.delivery(&org, accepted.deliveries[0]).await;
        assert!(delivery.unwrap().is_none());
        let refused = scene.accept(scene.event(&org, &[ours])).await;
        assert!(matches!(
            refused,
            Err(StoreError::Refused(Refusal::NotFound("organization")))
        ));
        assert!(scene.owed(ours).await.is_empty());
        assert_eq!(scene.owed(theirs).await, kept.deliveries);
        assert_eq!(store.pending_endpoints().await.unwrap().len(), 1);
        scene = scene.crashed().await;
    }
}

pub(super) async fn a_new_organization_of_the_same_name_starts_empty<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let old = scene.endpoint(&org).await;
    let mut new = scene.event(&org, &[old]);
    new.idempotency_key = Some("a".into());
    let before = scene.accept(new).await.unwrap();
    let now = scene.now();
    scene.store().delete_organization(&org, now).await.unwrap();
    let org = scene.organization("northside").await;
    let page = PageRequest {
        limit: 10,
        after: None,
    };
    let filter = EventFilter::default();
    let listed = scene.store().list_events(&org, &filter, page).await;
    assert!(listed.unwrap().items.is_empty());
    let read = scene.store().event(&org, &before.id).await.unwrap();
    assert!(read.is_none());
    assert!(scene.store().endpoints(&org).is_empty());
    let mut new = scene.event(&org, &[old]);
    new.idempotency_key = Some("a".into());
    let accepted = scene.accept(new).await.unwrap();
    assert!(!accepted.duplicate);
    assert!(accepted.deliveries.is_empty());
    let scene = scene.crashed().await;
    let read = scene.store().event(&org, &accepted.id).await.unwrap();
    assert!(read.is_some());
}

pub(super) async fn an_event_for_a_replaced_organization_is_refused<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    scene.publish(&org, &[]).await;
    let new = scene.event(&org, &[]);
    let id = new.event.id.clone();
    let now = scene.now();
    let store = scene.store();
    // The event is prepared for the old organization and waits behind both changes.
    let (deleted, made, accepted) = tokio::join!(
        store.delete_organization(&org, now),
        store.create_organization(organization("northside", now)),
        store.accept(vec![new]),
    );
    deleted.unwrap();
    made.unwrap();
    // Whatever is acknowledged must be readable.
    let read = scene.store().event(&org, &id).await.unwrap();
    assert_eq!(accepted[0].is_ok(), read.is_some(), "{accepted:?}");
}

pub(super) async fn disabling_an_endpoint_fails_what_is_pending_once<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let id = scene.endpoint(&org).await;
    let before = scene.publish(&org, &[id]).await.deliveries[0];
    scene.clock.advance(DAY);
    let disabled_at = scene.now();
    let disable = || {
        let gone = DisabledReason::Gone;
        scene.store().disable_endpoint(id, gone, scene.now())
    };
    disable().await.unwrap();
    let endpoint = scene.store().endpoint(&org, id).unwrap();
    assert!(!endpoint.active);
    assert_eq!(endpoint.disabled_reason, Some(DisabledReason::Gone));
    assert_eq!(endpoint.active_changed_at, Some(disabled_at));
    assert_eq!(endpoint.revision, 2);
    let reason = Reason::EndpointGone;
    let counted = async |look_at| {
        let counted = scene.store().count_ended(&org, id, reason, look_at);
        let counted = counted.await.unwrap();
        (counted.number, counted.more)
    };
    assert_eq!(counted(100).await, (1, false));
    assert_eq!(counted(0).await, (1, true), "it has seen that there is one");
    let failed = scene.delivery(&org, before).await;
    assert_eq!(failed.state, DeliveryState::Failed);
    assert_eq!(failed.reason, Some(Reason::EndpointGone));
    // What comes later is kept for the day on which it is switched on again.
    scene.clock.advance(DAY);
    let after = scene.publish(&org, &[id]).await.deliveries[0];
    disable().await.unwrap();
    assert_eq!(scene.state(&org, after).await, DeliveryState::Pending);
    let endpoint = scene.store().endpoint(&org, id).unwrap();
    assert_eq!(endpoint.revision, 2);
    assert_eq!(endpoint.active_changed_at, Some(disabled_at));
    let scene = scene.crashed().await;
    assert!(!scene.store().endpoint(&org, id).unwrap().active);
    assert_eq!(scene.owed(id).await, [after]);
}

pub(super) async fn a_change_from_an_old_revision_is_refused<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let id = scene.endpoint(&org).await;
    let read = scene.store().endpoint(&org, id).unwrap();
    let mut mine = (*read).clone();
    mine.name = Some("mine".to_owned());
    let mut yours = (*read).clone();
    yours.name = Some("yours".to_owned());
    let changed = scene.store().replace_endpoint(mine).await.unwrap();
    assert_eq!(changed.revision, read.revision + 1);
    let refused = scene.store().replace_endpoint(yours).await;
    assert!(matches!(
        refused,
        Err(StoreError::Refused(Refusal::Changed(_)))
    ));
    let now = scene.store().endpoint(&org, id).unwrap();
    assert_eq!(now.name.as_deref(), Some("mine"));

    let old = scene.store().catalogue();
    let replaced = scene.store().replace_catalogue(&old, (*old).clone()).await;
    replaced.unwrap();
    let refused = scene.store().replace_catalogue(&old, (*old).clone()).await;
    assert!(matches!(
        refused,
        Err(StoreError::Refused(Refusal::Changed(_)))
    ));
}

pub(super) async fn a_full_organization_takes_no_endpoint<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let create = || scene.store().create_endpoint(endpoint(&org, NOON), 2);
    create().await.unwrap();
    create().await.unwrap();
    let refused = create().await;
    assert!(matches!(
        refused,
        Err(StoreError::Refused(Refusal::Conflict(_)))
    ));
    let first = scene.store().endpoints(&org)[0].id;
    let now = scene.now();
    scene
        .store()
        .delete_endpoint(&org, first, now)
        .await
        .unwrap();
    create().await.unwrap();
    assert_eq!(scene.store().endpoints(&org).len(), 2);
}

pub(super) async fn ids_are_taken_once<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let store = scene.store();
    let again = store
        .create_organization(organization("northside", NOON))
        .await;
    assert!(matches!(
        again,
        Err(StoreError::Refused(Refusal::Exists("organization")))
    ));
    let new = endpoint(&org, NOON);
    store.create_endpoint(new.clone(), 10).await.unwrap();
    let again = store.create_endpoint(new.clone(), 10).await;
    assert!(matches!(
        again,
        Err(StoreError::Refused(Refusal::Exists("endpoint")))
    ));
    // The id of a deleted endpoint is not used again: deliveries name it.
    store.delete_endpoint(&org, new.id, NOON).await.unwrap();
    assert!(store.create_endpoint(new.clone(), 10).await.is_err());
    let nowhere = organization("nowhere", NOON).id;
    let orphan = store.create_endpoint(endpoint(&nowhere, NOON), 10).await;
    assert!(matches!(
        orphan,
        Err(StoreError::Refused(Refusal::NotFound("organization")))
    ));
    let mut foreign = endpoint(&org, NOON);
    store.create_endpoint(foreign.clone(), 10).await.unwrap();
    foreign.revision = 1;
    foreign.organization = scene.organization("southside").await;
    assert!(store.replace_endpoint(foreign.clone()).await.is_err());
    let deleted = store.delete_endpoint(&foreign.organization, foreign.id, NOON);
    assert!(deleted.await.is_err());
}
