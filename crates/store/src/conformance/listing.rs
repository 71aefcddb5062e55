//! Laws of lists: every entry once, stable under inserts, bound to one organization (L11).

use carehook_core::{
    DeliveryId, DeliveryState, EndpointId, Event, EventId, Mode, OrganizationId, RecordId,
};

use super::Fixture;
use super::scene::{DAY, HOUR, Scene, organization};
use crate::{DeliveryFilter, EventFilter, PageRequest};

impl<F: Fixture> Scene<F> {
    /// All events that a filter finds, in pages of `limit`.
    async fn events(
        &self,
        of: &OrganizationId,
        filter: &EventFilter,
        limit: usize,
    ) -> Vec<EventId> {
        let mut all: Vec<Event> = Vec::new();
        let mut after = None;
        loop {
            let page = PageRequest { limit, after };
            let page = self.store().list_events(of, filter, page).await.unwrap();
            assert!(page.items.len() <= limit);
            all.extend(page.items);
            after = page.next;
            if after.is_none() {
                return all.into_iter().map(|event| event.id).collect();
            }
        }
    }

    /// All deliveries that a filter finds, in pages of `limit`.
    pub(super) async fn deliveries(
        &self,
        of: &OrganizationId,
        filter: &DeliveryFilter,
        limit: usize,
    ) -> Vec<DeliveryId> {
        let mut all = Vec::new();
        let mut after = None;
        loop {
            let page = PageRequest { limit, after };
            let listed = self.store().list_deliveries(of, filter, page).await;
            let listed = listed.unwrap();
            assert!(listed.items.len() <= limit);
            all.extend(listed.items.into_iter().map(|delivery| delivery.id));
            after = listed.next;
            if after.is_none() {
                return all;
            }
        }
    }
}

/// Events of three days, each to two endpoints; ids of events and deliveries as they were made.
async fn three_days<F: Fixture>() -> Days<F> {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let to = [scene.endpoint(&org).await, scene.endpoint(&org).await];
    let (mut events, mut deliveries) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        for _ in 0..4 {
            let accepted = scene.publish(&org, &to).await;
            events.push(accepted.id);
            deliveries.extend(accepted.deliveries);
        }
        scene.clock.advance(DAY);
    }
    Days {
        scene,
        org,
        to,
        events,
        deliveries,
    }
}

struct Days<F> {
    scene: Scene<F>,
    org: OrganizationId,
    to: [EndpointId; 2],
    events: Vec<EventId>,
    deliveries: Vec<DeliveryId>,
}

fn newest_first<T: Clone>(made: &[T]) -> Vec<T> {
    made.iter().rev().cloned().collect()
}

pub(super) async fn lists_show_the_newest_first_and_everything_once<F: Fixture>() {
    let days = three_days::<F>().await;
    let Days { scene, org, .. } = days;
    let scene = scene.crashed().await;
    for limit in [1, 2, 3, 4, 5, 11, 12, 13, 100] {
        let events = scene.events(&org, &EventFilter::default(), limit).await;
        assert_eq!(events, newest_first(&days.events), "limit {limit}");
    }
    for limit in [1, 3, 7, 8, 9, 24, 100] {
        let filter = DeliveryFilter::default();
        let deliveries = scene.deliveries(&org, &filter, limit).await;
        assert_eq!(deliveries, newest_first(&days.deliveries), "limit {limit}");
        for (index, endpoint) in days.to.into_iter().enumerate() {
            let filter = DeliveryFilter {
                endpoint: Some(endpoint),
                ..DeliveryFilter::default()
            };
            let found = scene.deliveries(&org, &filter, limit).await;
            let its: Vec<_> = days.deliveries.iter().skip(index).step_by(2).collect();
            let expected: Vec<_> = its.into_iter().rev().copied().collect();
            assert_eq!(found, expected, "limit {limit}");
        }
    }
}

pub(super) async fn list_pages_are_stable_under_inserts<F: Fixture>() {
    let days = three_days::<F>().await;
    let Days { scene, org, to, .. } = days;
    let (mut events, mut deliveries, mut of_one) = (Vec::new(), Vec::new(), Vec::new());
    let (mut next_event, mut next_delivery, mut next_of_one) = (None, None, None);
    let of_endpoint = DeliveryFilter {
        endpoint: Some(to[1]),
        ..DeliveryFilter::default()
    };
    for round in 0..20 {
        let page = |after| PageRequest { limit: 3, after };
        let store = scene.store();
        if round == 0 || next_event.is_some() {
            let filter = EventFilter::default();
            let listed = store.list_events(&org, &filter, page(next_event)).await;
            let listed = listed.unwrap();
            events.extend(listed.items.into_iter().map(|event| event.id));
            next_event = listed.next;
        }
        for (filter, next, found) in [
            (
                &DeliveryFilter::default(),
                &mut next_delivery,
                &mut deliveries,
            ),
            (&of_endpoint, &mut next_of_one, &mut of_one),
        ] {
            if round == 0 || next.is_some() {
                let listed = store.list_deliveries(&org, filter, page(*next)).await;
                let listed = listed.unwrap();
                found.extend(listed.items.into_iter().map(|delivery| delivery.id));
                *next = listed.next;
            }
        }
        scene.publish(&org, &to).await;
        scene.clock.advance(5 * HOUR);
    }
    assert_eq!(events, newest_first(&days.events));
    assert_eq!(deliveries, newest_first(&days.deliveries));
    let its: Vec<_> = days.deliveries.iter().skip(1).step_by(2).copied().collect();
    assert_eq!(of_one, newest_first(&its));
}

pub(super) async fn an_event_that_waited_over_midnight_is_listed_and_found<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let endpoint = scene.endpoint(&org).await;
    scene.clock.advance(11 * HOUR);
    // Made first, but it waits; the later one is committed before midnight.
    let waiting = scene.event(&org, &[endpoint]);
    let waited = waiting.event.id.clone();
    let quick = scene.publish(&org, &[endpoint]).await;
    scene.clock.advance(2 * HOUR);
    scene.accept(waiting).await.unwrap();
    let next_day = scene.publish(&org, &[endpoint]).await;

    let scene = scene.crashed().await;
    let read = scene.store().event(&org, &waited).await.unwrap();
    assert_eq!(read.unwrap().id, waited);
    let mut expected = [quick.id, waited, next_day.id].map(|id| id.to_string());
    expected.sort();
    for limit in 1..=4 {
        let filter = EventFilter::default();
        let mut found = Vec::new();
        for id in scene.events(&org, &filter, limit).await {
            found.push(id.to_string());
        }
        found.sort();
        assert_eq!(found, expected, "limit {limit}");
        let filter = DeliveryFilter::default();
        let deliveries = scene.deliveries(&org, &filter, limit).await;
        assert_eq!(deliveries.len(), 3, "limit {limit}");
    }
}

pub(super) async fn lists_are_bound_to_one_organization<F: Fixture>() {
    let days = three_days::<F>().await;
    let Days { scene, org, to, .. } = days;
    let other = scene.organization("southside").await;
    let theirs = scene.endpoint(&other).await;
    let accepted = scene.publish(&other, &[theirs]).await;
    let events = EventFilter::default();
    assert_eq!(scene.events(&other, &events, 2).await, [accepted.id]);
    let all = DeliveryFilter::default();
    assert_eq!(scene.deliveries(&other, &all, 2).await, accepted.deliveries);
    for filter in [
        DeliveryFilter {
            endpoint: Some(to[0]),
            ..DeliveryFilter::default()
        },
        DeliveryFilter {
            event: Some(days.events[0].clone()),
            ..DeliveryFilter::default()
        },
    ] {
        assert!(scene.deliveries(&other, &filter, 10).await.is_empty());
    }
    // A place in somebody else's list opens nothing.
    for after in [
        days.deliveries[0].0,
        days.deliveries[20].0,
        RecordId::new(0, 0, 0),
    ] {
        let page = PageRequest {
            limit: 100,
            after: Some(after),
        };
        let listed = scene.store().list_events(&other, &events, page).await;
        let listed = listed.unwrap().items;
        assert!(listed.iter().all(|event| event.organization == other));
        let listed = scene.store().list_deliveries(&other, &all, page).await;
        let listed = listed.unwrap().items;
        assert!(listed.iter().all(|delivery| delivery.endpoint_id == theirs));
    }
    let nowhere = organization("nowhere", scene.now()).id;
    assert!(scene.events(&nowhere, &events, 10).await.is_empty());
    assert!(scene.deliveries(&nowhere, &all, 10).await.is_empty());
    assert_eq!(scene.events(&org, &events, 10).await.len(), 12);
}

pub(super) async fn events_are_filtered<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let mut made = Vec::new();
    for number in 0..9 {
        let mut new = scene.event(&org, &[]);
        if number % 3 == 0 {
            new.event.event_type = "patient.created".parse().unwrap();
        }
        if number % 2 == 0 {
            new.event.mode = Mode::Test;
        }
        made.push((scene.now(), scene.accept(new).await.unwrap().id));
        scene.clock.advance(6 * HOUR);
    }
    let pick = |numbers: &[usize]| -> Vec<EventId> {
        let picked = numbers.iter().map(|number| made[*number].1.clone());
        picked.collect()
    };
    let (since, until) = (made[2].0, made[6].0);
    for (filter, expected) in [
        (
            EventFilter {
                event_type: Some("patient.created".parse().unwrap()),
                ..EventFilter::default()
            },
            pick(&[6, 3, 0]),
        ),
        (
            EventFilter {
                mode: Some(Mode::Test),
                ..EventFilter::default()
            },
            pick(&[8, 6, 4, 2, 0]),
        ),
        (
            EventFilter {
                since: Some(since),
                until: Some(until),
                ..EventFilter::default()
            },
            pick(&[5, 4, 3, 2]),
        ),
        (
            EventFilter {
                event_type: Some("patient.created".parse().unwrap()),
                mode: Some(Mode::Test),
                since: Some(since),
                until: None,
            },
            pick(&[6]),
        ),
    ] {
        for limit in [1, 2, 100] {
            let found = scene.events(&org, &filter, limit).await;
            assert_eq!(found, expected, "{filter:?}");
        }
    }
}

pub(super) async fn deliveries_are_filtered<F: Fixture>() {
    let days = three_days::<F>().await;
    let Days { scene, org, to, .. } = days;
    let all = &days.deliveries;
    for delivered in [all[0], all[3], all[20]] {
        scene
            .record(&org, delivered, 1, DeliveryState::Delivered)
            .await;
    }
    let created = scene.delivery(&org, all[8]).await.created_at;
    let ended = scene.delivery(&org, all[16]).await.created_at;
    let base = DeliveryFilter::default();
    for (filter, expected) in [
        (
            DeliveryFilter {
                state: Some(DeliveryState::Delivered),
                ..base.clone()
            },
            vec![all[20], all[3], all[0]],
        ),
        (
            DeliveryFilter {
                state: Some(DeliveryState::Delivered),
                endpoint: Some(to[0]),
                ..base.clone()
            },
            vec![all[20], all[0]],
        ),
        (
            DeliveryFilter {
                event: Some(days.events[4].clone()),
                ..base.clone()
            },
            vec![all[9], all[8]],
        ),
        (
            DeliveryFilter {
                event: Some(days.events[4].clone()),
                endpoint: Some(to[1]),
                ..base.clone()
            },
            vec![all[9]],
        ),
        (
            DeliveryFilter {
                since: Some(created),
                until: Some(ended),
                ..base.clone()
            },
            newest_first(&all[8..16]),
        ),
        (
            DeliveryFilter {
                event_type: Some("patient.created".parse().unwrap()),
                ..base.clone()
            },
            vec![],
        ),
        (
            DeliveryFilter {
                event: Some(EventId::Given("unknown".into())),
                ..base.clone()
            },
            vec![],
        ),
    ] {
        for limit in [1, 2, 100] {
            let found = scene.deliveries(&org, &filter, limit).await;
            assert_eq!(found, expected, "{filter:?}");
        }
    }
}

pub(super) async fn organizations_are_listed_by_id<F: Fixture>() {
    let scene = Scene::<F>::new();
    for id in ["d", "b", "a", "c"] {
        scene.organization(id).await;
    }
    for limit in 1..=5 {
        let mut found = Vec::new();
        let mut after = None;
        loop {
            let page = PageRequest { limit, after };
            let page = scene.store().list_organizations(&page);
            found.extend(page.items.iter().map(|o| o.id.to_string()));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(found, ["a", "b", "c", "d"], "limit {limit}");
    }
}
