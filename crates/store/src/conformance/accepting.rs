//! Laws of accepting: one commit, nothing of what is refused, and a fan-out that stays (L2, L5, L10).

use carehook_core::{DeliveryState, EventId, RecordId};

use super::Fixture;
use super::scene::{NOON, Scene, body};
use crate::{DeliveryFilter, EventFilter, PageRequest, Refusal, StoreError};

const PAGE: PageRequest = PageRequest {
    limit: 100,
    after: None,
};

pub(super) async fn an_accepted_event_and_its_deliveries_are_read_at_once<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let to = [scene.endpoint(&org).await, scene.endpoint(&org).await];
    let mut new = scene.event(&org, &to);
    new.event.account = Some("ward-3".parse().unwrap());
    new.event.occurred_at = Some(NOON);
    new.event.body.previous = Some(body("{\"old\":true}").data);
    new.event.body.subject = Some("patient/1".into());
    new.event.body.ordering_key = Some(String::new().into());
    let sent = new.event.clone();
    let accepted = scene.accept(new).await.unwrap();
    assert!(!accepted.duplicate);
    assert_eq!(accepted.id, sent.id);
    assert_eq!(accepted.created_at, NOON);

    let stored = scene.store().event(&org, &accepted.id).await.unwrap();
    let stored = stored.unwrap();
    assert_eq!(stored.id, sent.id);
    assert_eq!(stored.organization, org);
    assert_eq!(stored.event_type, sent.event_type);
    assert_eq!((&stored.version, stored.mode), (&sent.version, sent.mode));
    assert_eq!(stored.account, sent.account);
    assert_eq!(stored.occurred_at, Some(NOON));
    assert_eq!(stored.created_at, NOON);
    assert!(stored.body == sent.body);

    assert_eq!(accepted.deliveries.len(), 2);
    for (delivery, endpoint) in accepted.deliveries.iter().zip(to) {
        let (found, attempts) = scene
            .store()
            .delivery(&org, *delivery)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(found.event_id, sent.id);
        assert_eq!(found.event_type, sent.event_type);
        assert_eq!(found.endpoint_id, endpoint);
        assert_eq!(found.state, DeliveryState::Pending);
        assert_eq!(found.next_attempt_at, Some(NOON));
        assert_eq!((found.sequence, found.attempt_count), (1, 0));
        assert!(attempts.is_empty());
        assert_eq!(scene.owed(endpoint).await, [*delivery]);
    }
}

pub(super) async fn each_event_of_a_batch_has_its_own_result<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let endpoint = scene.endpoint(&org).await;
    let nowhere = "nowhere".parse().unwrap();
    let batch = vec![
        scene.event(&org, &[endpoint]),
        scene.event(&nowhere, &[endpoint]),
        scene.event(&org, &[endpoint]),
    ];
    let ids: Vec<_> = batch.iter().map(|new| new.event.id.clone()).collect();
    let results = scene.store().accept(batch).await;
    let [Ok(first), Err(second), Ok(third)] = &results[..] else {
        panic!("the first and the last are accepted: {results:?}");
    };
    assert_eq!((&first.id, &third.id), (&ids[0], &ids[2]));
    assert!(matches!(second, StoreError::Refused(Refusal::NotFound(_))));
    let owed = scene.owed(endpoint).await;
    assert_eq!(owed, [first.deliveries[0], third.deliveries[0]]);
    assert_eq!(scene.store().accept(Vec::new()).await.len(), 0);
}

pub(super) async fn a_refused_event_leaves_nothing_behind<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let endpoint = scene.endpoint(&org).await;
    let mut first = scene.event(&org, &[endpoint]);
    first.idempotency_key = Some("a".into());
    scene.accept(first).await.unwrap();
    let mut other = scene.event(&org, &[endpoint]);
    other.event.body = body("{\"other\":1}");
    other.idempotency_key = Some("a".into());
    let id = other.event.id.clone();
    assert!(scene.accept(other).await.is_err());

    assert_eq!(scene.owed(endpoint).await.len(), 1);
    let scene = scene.crashed().await;
    assert!(scene.store().event(&org, &id).await.unwrap().is_none());
    let filter = EventFilter::default();
    let events = scene.store().list_events(&org, &filter, PAGE).await;
    assert_eq!(events.unwrap().items.len(), 1);
    let filter = DeliveryFilter::default();
    let deliveries = scene.store().list_deliveries(&org, &filter, PAGE).await;
    assert_eq!(deliveries.unwrap().items.len(), 1);
}

pub(super) async fn an_id_that_the_store_did_not_give_out_is_refused_alone<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let endpoint = scene.endpoint(&org).await;
    let first = scene.publish(&org, &[endpoint]).await;
    let mut again = scene.event(&org, &[endpoint]);
    again.event.id = first.id.clone();
    let mut invented = scene.event(&org, &[endpoint]);
    invented.event.id = EventId::Made(RecordId::new(NOON.0, RecordId::MAX_NUMBER, 1));
    let good = scene.event(&org, &[endpoint]);
    let results = scene.store().accept(vec![again, invented, good]).await;
    let [Err(again), Err(invented), Ok(good)] = &results[..] else {
        panic!("only the last is accepted: {results:?}");
    };
    assert!(matches!(again, StoreError::Refused(_)), "{again:?}");
    assert!(matches!(invented, StoreError::Refused(_)), "{invented:?}");
    let owed = scene.owed(endpoint).await;
    assert_eq!(owed, [first.deliveries[0], good.deliveries[0]]);
    // What was refused did not use up the numbers.
    let scene = scene.crashed().await;
    scene.publish(&org, &[endpoint]).await;
}

pub(super) async fn the_fan_out_is_fixed_at_accept<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let endpoint = scene.endpoint(&org).await;
    let accepted = scene.publish(&org, &[endpoint]).await;
    let later = scene.endpoint(&org).await;
    let current = scene.store().endpoint(&org, endpoint).unwrap();
    let mut changed = (*current).clone();
    changed.subscriptions.clear();
    scene.store().replace_endpoint(changed).await.unwrap();

    assert_eq!(scene.owed(endpoint).await, accepted.deliveries);
    assert!(scene.owed(later).await.is_empty());
    let scene = scene.crashed().await;
    assert_eq!(scene.owed(endpoint).await, accepted.deliveries);
    assert!(scene.owed(later).await.is_empty());
}

pub(super) async fn endpoints_of_others_get_nothing<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let other = scene.organization("southside").await;
    let theirs = scene.endpoint(&other).await;
    let unknown = crate::conformance::scene::endpoint(&org, NOON).id;
    let accepted = scene.publish(&org, &[theirs, unknown]).await;
    assert!(accepted.deliveries.is_empty());
    assert!(scene.owed(theirs).await.is_empty());
    assert!(scene.owed(unknown).await.is_empty());
    let found = scene.store().event(&org, &accepted.id).await.unwrap();
    assert!(found.is_some(), "an event without receivers is kept");
}

pub(super) async fn sequences_have_no_gaps<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let (a, b) = (scene.endpoint(&org).await, scene.endpoint(&org).await);
    for (to, expected) in [
        (vec![a], vec![1]),
        (vec![a, b], vec![2, 1]),
        (vec![b], vec![2]),
        (vec![], vec![]),
        (vec![b, a], vec![3, 3]),
    ] {
        let accepted = scene.publish(&org, &to).await;
        let mut sequences = Vec::new();
        for delivery in accepted.deliveries {
            sequences.push(scene.delivery(&org, delivery).await.sequence);
        }
        assert_eq!(sequences, expected);
    }
}
