//! Laws of pages of due deliveries: complete, and ordered by (due, id) (L9).

use carehook_core::{DeliveryId, DeliveryState, EndpointId, OrganizationId};

use super::Fixture;
use super::scene::{DAY, HOUR, Scene};
use crate::{DueDelivery, PendingEndpoint};

/// Deliveries made on three days and rescheduled so that due times are out of order and collide.
async fn scattered<F: Fixture>() -> (Scene<F>, OrganizationId, EndpointId, Vec<DeliveryId>) {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let endpoint = scene.endpoint(&org).await;
    let mut made = Vec::new();
    for _ in 0..3 {
        for _ in 0..5 {
            let accepted = scene.publish(&org, &[endpoint]).await;
            made.extend(accepted.deliveries);
        }
        scene.clock.advance(DAY);
    }
    for (number, delivery) in made.iter().enumerate().filter(|(n, _)| n % 2 == 0) {
        let mut result = scene.result(&org, *delivery, 1, DeliveryState::Pending);
        let hours = u32::try_from(number * 7 % 4).unwrap();
        result.due = Some(scene.now().plus(hours * HOUR));
        scene.store().record(vec![result]).await.unwrap();
    }
    scene.clock.advance(4 * HOUR);
    (scene, org, endpoint, made)
}

pub(super) async fn a_page_is_complete_and_ordered<F: Fixture>() {
    let (scene, _, endpoint, mut made) = scattered::<F>().await;
    let page = scene
        .store()
        .page(endpoint, None, scene.now(), 100)
        .await
        .unwrap();
    let positions: Vec<_> = page.deliveries.iter().map(DueDelivery::position).collect();
    assert!(positions.is_sorted());
    let mut ids: Vec<_> = page.deliveries.iter().map(|d| d.id).collect();
    ids.sort();
    made.sort();
    assert_eq!(ids, made);
    assert_eq!(page.next_due, None);
    for due in &page.deliveries {
        assert_eq!(due.endpoint, endpoint);
        assert_eq!(due.failed_in_round, due.attempt_count);
        assert_eq!(&due.event.body.data.bytes()[..], b"{\"appointment\":1}");
    }
    let mut sequences: Vec<_> = page.deliveries.iter().map(|d| d.sequence).collect();
    sequences.sort_unstable();
    assert_eq!(sequences, (1..=15).collect::<Vec<_>>());
}

pub(super) async fn pages_over_several_days_join_without_gaps<F: Fixture>() {
    let (scene, _, endpoint, _) = scattered::<F>().await;
    let scene = scene.crashed().await;
    let until = scene.now();
    let whole = scene.store().page(endpoint, None, until, 100).await;
    let whole = whole.unwrap();
    for limit in 1..=16 {
        let mut joined = Vec::new();
        let mut after = None;
        loop {
            let page = scene.store().page(endpoint, after, until, limit).await;
            let page = page.unwrap();
            assert!(page.deliveries.len() <= limit);
            joined.extend(page.deliveries.iter().map(|d| d.id));
            after = page.deliveries.last().map(DueDelivery::position);
            let rest = whole.deliveries.get(joined.len());
            assert_eq!(page.next_due, rest.map(|d| d.due), "limit {limit}");
            if page.next_due.is_none() {
                break;
            }
        }
        let expected: Vec<_> = whole.deliveries.iter().map(|d| d.id).collect();
        assert_eq!(joined, expected, "limit {limit}");
    }
}

pub(super) async fn a_page_ends_at_its_time_and_names_the_next<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let endpoint = scene.endpoint(&org).await;
    let first = scene.publish(&org, &[endpoint]).await.deliveries[0];
    let second = scene.publish(&org, &[endpoint]).await.deliveries[0];
    scene.record(&org, first, 1, DeliveryState::Pending).await;
    let page = scene
        .store()
        .page(endpoint, None, scene.now(), 10)
        .await
        .unwrap();
    assert_eq!(page.deliveries.len(), 1);
    assert_eq!(page.deliveries[0].id, second);
    assert_eq!(page.next_due, Some(scene.now().plus(HOUR)));
    let nothing = scene.store().page(endpoint, None, scene.now(), 0).await;
    let nothing = nothing.unwrap();
    assert!(nothing.deliveries.is_empty());
    assert_eq!(nothing.next_due, Some(scene.now()));
    scene.clock.advance(HOUR);
    assert_eq!(scene.owed(endpoint).await, [second, first]);
}

pub(super) async fn a_page_belongs_to_one_endpoint<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let (a, b) = (scene.endpoint(&org).await, scene.endpoint(&org).await);
    let accepted = scene.publish(&org, &[a, b]).await;
    scene
        .record(&org, accepted.deliveries[1], 1, DeliveryState::Delivered)
        .await;
    assert_eq!(scene.owed(a).await, [accepted.deliveries[0]]);
    assert!(scene.owed(b).await.is_empty());
}

pub(super) async fn every_endpoint_with_something_pending_is_found<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let other = scene.organization("southside").await;
    let (old, both) = (scene.endpoint(&org).await, scene.endpoint(&other).await);
    let (done, idle) = (scene.endpoint(&org).await, scene.endpoint(&org).await);
    let first_day = scene.now();
    scene.publish(&org, &[old]).await;
    let late = scene.publish(&other, &[both]).await.deliveries[0];
    scene.record(&other, late, 1, DeliveryState::Pending).await;
    scene.clock.advance(DAY);
    scene.publish(&other, &[both]).await;
    let ended = scene.publish(&org, &[done]).await.deliveries[0];
    scene.record(&org, ended, 1, DeliveryState::Delivered).await;
    let expected = [
        PendingEndpoint {
            endpoint: old,
            first_due: first_day,
        },
        PendingEndpoint {
            endpoint: both,
            first_due: first_day.plus(HOUR),
        },
    ];
    let mut scene = scene;
    for _ in 0..2 {
        let mut pending = scene.store().pending_endpoints().await.unwrap();
        pending.sort_by_key(|p| p.first_due);
        assert_eq!(pending, expected);
        assert!(pending.iter().all(|p| p.endpoint != idle));
        scene = scene.crashed().await;
    }
}
