//! Laws under load: many callers on many threads at once, and nothing is lost, doubled or mixed up.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use carehook_core::{DeliveryState, EndpointId, EventId, OrganizationId};
use tokio::task::JoinSet;

use super::Fixture;
use super::scene::{Scene, body};
use crate::{DeliveryFilter, NewEvent, PageRequest, Store};

const PUBLISHERS: usize = 6;
const EVENTS: usize = 120;

/// All publishers publish the same events, each once; the ids are given.
async fn publish_all(store: Store, events: Arc<Vec<NewEvent>>, from: usize) -> usize {
    let mut first = 0;
    for index in 0..events.len() {
        let new = events[(index * 7 + from * 31) % events.len()].clone();
        let accepted = store.accept(vec![new]).await.remove(0).unwrap();
        first += usize::from(!accepted.duplicate);
    }
    first
}

/// Takes news and records each delivery as delivered, until all of them are.
async fn deliver_all(store: Store, org: OrganizationId, expected: usize) -> Vec<EventId> {
    let mut delivered = Vec::new();
    while delivered.len() < expected {
        let news = store.next_hints().await;
        assert!(news.missed.is_empty(), "there is room for so few");
        let results = news.due.into_iter().map(|due| {
            delivered.push(due.event.id.clone());
            let state = DeliveryState::Delivered;
            super::scene::result_at(&org, due.id, 1, state, due.due)
        });
        store.record(results.collect()).await.unwrap();
    }
    delivered
}

/// Reads lists meanwhile: every page is in order and has nothing twice.
async fn list_meanwhile(store: Store, org: OrganizationId) {
    for _ in 0..40 {
        let page = PageRequest {
            limit: 50,
            after: None,
        };
        let filter = DeliveryFilter::default();
        let listed = store.list_deliveries(&org, &filter, page).await.unwrap();
        let ids: BTreeSet<_> = listed.items.iter().map(|delivery| delivery.id).collect();
        assert_eq!(ids.len(), listed.items.len());
    }
}

pub(super) async fn many_callers_at_once_agree<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let endpoints = [scene.endpoint(&org).await, scene.endpoint(&org).await];
    scene.store().next_hints().await;
    let events = (0..EVENTS).map(|number| {
        let mut new = scene.event(&org, &endpoints[..=number % 2]);
        new.event.id = EventId::Given(format!("order-{number}").into());
        new.event.body = body(&format!("{{\"n\":{number}}}"));
        new
    });
    let events: Arc<Vec<_>> = Arc::new(events.collect());
    let expected = events.iter().map(|new| new.to.len()).sum();
    let (store, of) = (scene.store().clone(), org.clone());
    // On threads of its own, because the laws run on one.
    let work = std::thread::spawn(move || {
        let threads = tokio::runtime::Builder::new_multi_thread().build().unwrap();
        threads.block_on(async {
            let mut readers = JoinSet::new();
            readers.spawn(list_meanwhile(store.clone(), of.clone()));
            let mut publishers = JoinSet::new();
            for from in 0..PUBLISHERS {
                publishers.spawn(publish_all(store.clone(), Arc::clone(&events), from));
            }
            let mut deliverer = JoinSet::new();
            deliverer.spawn(deliver_all(store.clone(), of, expected));
            let firsts: usize = publishers.join_all().await.into_iter().sum();
            let delivered = deliverer.join_all().await.remove(0);
            readers.join_all().await;
            (firsts, delivered)
        })
    });
    let (firsts, delivered) = work.join().unwrap();
    assert_eq!(firsts, EVENTS, "each event had one first publish");
    assert_eq!(delivered.len(), expected);
    let scene = scene.crashed().await;
    assert!(scene.store().pending_endpoints().await.unwrap().is_empty());
    assert_sequences(&scene, &org, expected).await;
}

/// Everything was delivered, and each endpoint's sequence has neither gaps nor doubles.
async fn assert_sequences<F: Fixture>(scene: &Scene<F>, org: &OrganizationId, expected: usize) {
    let page = PageRequest {
        limit: 1_000,
        after: None,
    };
    let filter = DeliveryFilter::default();
    let listed = scene.store().list_deliveries(org, &filter, page).await;
    let listed = listed.unwrap().items;
    assert_eq!(listed.len(), expected);
    let mut sequences: BTreeMap<EndpointId, BTreeSet<u64>> = BTreeMap::new();
    for delivery in &listed {
        assert_eq!(delivery.state, DeliveryState::Delivered);
        assert_eq!(delivery.attempt_count, 1);
        let of_endpoint = sequences.entry(delivery.endpoint_id).or_default();
        assert!(of_endpoint.insert(delivery.sequence));
    }
    for of_endpoint in sequences.values() {
        let last = u64::try_from(of_endpoint.len()).unwrap();
        assert_eq!(of_endpoint.last(), Some(&last));
        assert_eq!(of_endpoint.first(), Some(&1));
    }
}
