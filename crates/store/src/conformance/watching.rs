//! Laws of watching: what is committed is told to everybody who listens, and to nobody else.

use std::future::Future as _;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use carehook_core::DeliveryState;

use super::Fixture;
use super::scene::Scene;
use crate::{DeliveryChange, DeliveryNews, DeliveryWatch, Meaning, Notify, Watched};

/// What was told until now.
fn told(watch: &mut DeliveryWatch) -> Vec<DeliveryNews> {
    let mut all = Vec::new();
    loop {
        let next = pin!(watch.next());
        match next.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(Some(Watched::News(news))) => all.extend(news.iter().cloned()),
            Poll::Ready(other) => panic!("{other:?}"),
            Poll::Pending => return all,
        }
    }
}

pub(super) async fn what_happens_to_deliveries_is_told<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let to = scene.endpoint(&org).await;
    let unseen = scene.publish(&org, &[to]).await.deliveries[0];
    let (mut one, mut another) = (
        scene.store().watch_deliveries(),
        scene.store().watch_deliveries(),
    );
    let seen = scene.publish(&org, &[to]).await.deliveries[0];
    scene.record(&org, unseen, 1, DeliveryState::Pending).await;
    // Recording it again is no news.
    scene.record(&org, unseen, 1, DeliveryState::Pending).await;
    let (store, now) = (scene.store(), scene.now());
    store
        .retry_delivery(&org, unseen, Notify::Never, now)
        .await
        .unwrap();
    store.cancel_delivery(&org, seen, now).await.unwrap();
    let expected = [
        (seen, DeliveryChange::Made),
        (unseen, DeliveryChange::Attempted(Meaning::Retried)),
        (unseen, DeliveryChange::Retried),
        (seen, DeliveryChange::Ended),
    ];
    for watch in [&mut one, &mut another] {
        let told = told(watch);
        let what: Vec<_> = told.iter().map(|news| (news.delivery, news.what)).collect();
        assert_eq!(what, expected);
        for news in told {
            assert_eq!((&news.organization, news.endpoint), (&org, to));
            assert_eq!(news.mode, carehook_core::Mode::Live);
        }
    }
}

pub(super) async fn a_slow_watcher_learns_that_it_missed_something<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let to = scene.endpoint(&org).await;
    let mut watch = scene.store().watch_deliveries();
    for _ in 0..1_000 {
        scene.publish(&org, &[to]).await;
    }
    let first = watch.next().await;
    assert!(matches!(first, Some(Watched::Missed)), "{first:?}");
    assert!(!told(&mut watch).is_empty(), "and hears of the rest");
}
