//! Laws of news: in the order of commits, bounded, and waking who waits.

use carehook_core::DisabledReason;

use super::Fixture;
use super::scene::Scene;
use crate::Notify;

pub(super) async fn news_come_in_the_order_of_commits<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let (a, b) = (scene.endpoint(&org).await, scene.endpoint(&org).await);
    scene.store().next_hints().await;
    let mut expected = Vec::new();
    for to in [vec![a], vec![b, a], vec![], vec![b]] {
        expected.extend(scene.publish(&org, &to).await.deliveries);
    }
    let news = scene.store().next_hints().await;
    let ids: Vec<_> = news.due.iter().map(|due| due.id).collect();
    assert_eq!(ids, expected);
    assert!(news.missed.is_empty() && news.withdrawn.is_empty());
    // A hint says what the page says.
    let page = scene.store().page(a, None, scene.now(), 10).await.unwrap();
    let hinted: Vec<_> = news.due.iter().filter(|due| due.endpoint == a).collect();
    for (hint, read) in hinted.iter().zip(&page.deliveries) {
        assert_eq!(hint.position(), read.position());
        assert_eq!(hint.sequence, read.sequence);
        assert_eq!(hint.event.id, read.event.id);
    }
    // What is published again is no news.
    let mut new = scene.event(&org, &[a]);
    new.idempotency_key = Some("k".into());
    scene.accept(new.clone()).await.unwrap();
    scene.store().next_hints().await;
    assert!(scene.accept(new).await.unwrap().duplicate);
    scene.publish(&org, &[b]).await;
    assert_eq!(scene.store().next_hints().await.due.len(), 1);
}

pub(super) async fn news_that_nobody_takes_stay_bounded<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let (a, b) = (scene.endpoint(&org).await, scene.endpoint(&org).await);
    scene.store().next_hints().await;
    for _ in 0..20 {
        let batch = (0..500).map(|_| scene.event(&org, &[a])).collect();
        let results = scene.store().accept(batch).await;
        assert!(results.iter().all(Result::is_ok));
    }
    scene.publish(&org, &[b]).await;
    let news = scene.store().next_hints().await;
    assert!(news.due.len() < 10_000, "{}", news.due.len());
    let missed: Vec<_> = news.missed.iter().map(|pending| pending.endpoint).collect();
    assert!(missed.contains(&a));
    let b_is_known = missed.contains(&b) || news.due.iter().any(|due| due.endpoint == b);
    assert!(b_is_known);
}

pub(super) async fn changes_of_deliveries_and_endpoints_are_news<F: Fixture>() {
    let scene = Scene::<F>::new();
    let store = scene.store();
    let org = scene.organization("northside").await;
    let endpoint = scene.endpoint(&org).await;
    assert_eq!(store.next_hints().await.changed, [endpoint]);
    let delivery = scene.publish(&org, &[endpoint]).await.deliveries[0];
    store.next_hints().await;
    let now = scene.now();
    store.cancel_delivery(&org, delivery, now).await.unwrap();
    let news = store.next_hints().await;
    assert_eq!(news.withdrawn, [(endpoint, delivery)]);
    store
        .retry_delivery(&org, delivery, Notify::OnFailure, now)
        .await
        .unwrap();
    let news = store.next_hints().await;
    // Somebody waits for it, so it is named, however many others are.
    assert_eq!(news.due.len(), 1);
    let retried = &news.due[0];
    assert!(retried.is_by_hand());
    assert_eq!((retried.id, retried.due), (delivery, now));
    let page = store.page(endpoint, None, now, 10).await.unwrap();
    assert_eq!(page.deliveries[0].position(), retried.position());
    assert_eq!(page.deliveries[0].event.id, retried.event.id);
    store.quarantine(vec![delivery], now).await.unwrap();
    let news = store.next_hints().await;
    assert_eq!(news.withdrawn, [(endpoint, delivery)]);
    let gone = DisabledReason::Gone;
    store.disable_endpoint(endpoint, gone, now).await.unwrap();
    assert_eq!(store.next_hints().await.changed, [endpoint]);
    store.delete_endpoint(&org, endpoint, now).await.unwrap();
    assert_eq!(store.next_hints().await.changed, [endpoint]);
}

pub(super) async fn a_listener_that_waits_is_woken<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let endpoint = scene.endpoint(&org).await;
    scene.store().next_hints().await;
    for _ in 0..50 {
        let store = scene.store().clone();
        let mut listener = tokio::task::JoinSet::new();
        listener.spawn(async move { store.next_hints().await });
        let accepted = scene.publish(&org, &[endpoint]).await;
        let news = listener.join_next().await.unwrap().unwrap();
        assert_eq!(news.due[0].id, accepted.deliveries[0]);
    }
    // A listener that gave up takes no news with it.
    {
        let listening = scene.store().next_hints();
        tokio::select! {
            biased;
            _ = listening => panic!("there is no news yet"),
            () = std::future::ready(()) => {}
        }
    }
    scene.publish(&org, &[endpoint]).await;
    assert_eq!(scene.store().next_hints().await.due.len(), 1);
}
