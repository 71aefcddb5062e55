//! Laws of crashing: what was acknowledged is there, what was not is there once or not (L1, L3).

use carehook_core::DeliveryState;

use super::Fixture;
use super::scene::{DAY, Scene};
use crate::StoreError;

pub(super) async fn what_was_acknowledged_survives_a_crash<F: Fixture>() {
    everything_is_there_after(Scene::<F>::crashed).await;
}

pub(super) async fn what_was_acknowledged_survives_a_clean_restart<F: Fixture>() {
    everything_is_there_after(Scene::<F>::reopened).await;
}

async fn everything_is_there_after<F: Fixture>(restart: impl AsyncFn(Scene<F>) -> Scene<F>) {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let endpoint = scene.endpoint(&org).await;
    let first = scene.publish(&org, &[endpoint]).await;
    scene.clock.advance(DAY);
    let second = scene.publish(&org, &[endpoint]).await;
    let (failing, delivered) = (first.deliveries[0], second.deliveries[0]);
    scene.record(&org, failing, 1, DeliveryState::Pending).await;
    scene
        .record(&org, delivered, 1, DeliveryState::Delivered)
        .await;

    let scene = restart(scene).await;
    for id in [&first.id, &second.id] {
        let event = scene.store().event(&org, id).await.unwrap().unwrap();
        assert_eq!(event.id, *id);
        assert_eq!(&event.body.data.bytes()[..], b"{\"appointment\":1}");
    }
    let due = scene.delivery(&org, failing).await.next_attempt_at;
    assert_eq!(due, Some(scene.now().plus(super::scene::HOUR)));
    assert_eq!(scene.state(&org, delivered).await, DeliveryState::Delivered);
    let [attempt] = &scene.attempts(&org, failing).await[..] else {
        panic!("one attempt was recorded");
    };
    assert_eq!(&attempt.answer[..], b"answer 1");
    assert_eq!(attempt.status, Some(500));
    let pending = scene.store().pending_endpoints().await.unwrap();
    assert_eq!(pending.len(), 1);
    assert_eq!(Some(pending[0].first_due), due);
    assert!(scene.store().newest_time() >= second.created_at);
}

pub(super) async fn an_event_in_flight_at_a_crash_is_there_once_or_not_at_all<F: Fixture>() {
    for _ in 0..10 {
        let scene = Scene::<F>::new();
        let org = scene.organization("northside").await;
        let endpoint = scene.endpoint(&org).await;
        let mut new = scene.event(&org, &[endpoint]);
        new.idempotency_key = Some("retry me".into());
        let store = scene.store().clone();
        let (_, scene) = tokio::join!(store.accept(vec![new.clone()]), scene.crashed());
        let before = scene.owed(endpoint).await;
        assert!(before.len() <= 1);
        new.event.id = scene.store().new_event_id(scene.now());
        let answer = scene.accept(new).await.unwrap();
        assert_eq!(answer.duplicate, before.len() == 1);
        assert_eq!(scene.owed(endpoint).await, answer.deliveries);
        assert_eq!(answer.deliveries.len(), 1);
    }
}

pub(super) async fn numbers_go_on_after_a_crash<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let (busy, quiet) = (scene.endpoint(&org).await, scene.endpoint(&org).await);
    let mut ids = Vec::new();
    ids.push(scene.publish(&org, &[busy, quiet]).await);
    let mut scene = scene;
    for day in 0..4 {
        if day % 2 == 1 {
            scene.clock.advance(DAY);
        }
        scene = scene.crashed().await;
        ids.push(scene.publish(&org, &[busy]).await);
    }
    let last = scene.publish(&org, &[quiet, busy]).await;
    let quiet = scene.delivery(&org, last.deliveries[0]).await;
    let busy = scene.delivery(&org, last.deliveries[1]).await;
    assert_eq!((quiet.sequence, busy.sequence), (2, 6));
    ids.push(last);
    let mut events: Vec<_> = ids.iter().map(|accepted| accepted.id.to_string()).collect();
    let mut deliveries: Vec<_> = ids.iter().flat_map(|a| a.deliveries.clone()).collect();
    let counts = (events.len(), deliveries.len());
    events.sort();
    events.dedup();
    deliveries.sort();
    deliveries.dedup();
    assert_eq!((events.len(), deliveries.len()), counts);
}

pub(super) async fn control_data_survives_a_crash<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let (kept, deleted) = (scene.endpoint(&org).await, scene.endpoint(&org).await);
    let current = scene.store().endpoint(&org, kept).unwrap();
    let mut changed = (*current).clone();
    changed.url = "https://elsewhere.example/".to_owned();
    scene.store().replace_endpoint(changed).await.unwrap();
    let now = scene.now();
    scene
        .store()
        .delete_endpoint(&org, deleted, now)
        .await
        .unwrap();
    let mut renamed = (*scene.store().organization(&org).unwrap()).clone();
    renamed.name = "Renamed".to_owned();
    renamed.settings.retention.payload_days = 7;
    renamed.created_at = now.plus(DAY);
    let renamed = scene.store().update_organization(renamed).await.unwrap();
    let gone = scene.organization("gone").await;
    scene.store().delete_organization(&gone, now).await.unwrap();

    let scene = scene.crashed().await;
    let store = scene.store();
    assert_eq!(store.organization(&org).unwrap(), renamed);
    assert_eq!(renamed.created_at, now, "when it was made stays");
    assert!(store.organization(&gone).is_none());
    let endpoints = store.endpoints(&org);
    assert_eq!(endpoints.len(), 1);
    assert_eq!(endpoints[0].id, kept);
    assert_eq!(endpoints[0].url, "https://elsewhere.example/");
    assert_eq!(endpoints[0].revision, 2);
    assert_eq!(endpoints[0].secrets.current(), current.secrets.current());
    let again = store.delete_endpoint(&org, deleted, now).await;
    assert!(matches!(again, Err(StoreError::Refused(_))));
}
