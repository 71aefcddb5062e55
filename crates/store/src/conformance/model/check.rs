//! Where store and model are compared.

use std::fmt::Debug;

use carehook_core::{DeliveryState, EventId, Timestamp};

use super::world::{ModelDelivery, World, data};
use crate::conformance::Fixture;
use crate::{DeliveryFilter, EventFilter, PageRequest};

impl<F: Fixture> World<F> {
    fn pending(&self) -> impl Iterator<Item = &ModelDelivery> {
        let is_pending = |d: &&ModelDelivery| d.state == DeliveryState::Pending;
        self.deliveries.iter().filter(is_pending)
    }

    /// Pages of every endpoint: complete, in order, with the right counts and bodies.
    pub(super) async fn check_owed(&self) {
        let now = self.scene.now();
        for endpoint in &self.endpoints {
            let its = self.pending().filter(|d| d.endpoint == endpoint.id);
            let mut expected: Vec<_> = its.collect();
            expected.sort_by_key(|d| (d.due, d.id));
            let next_due = expected.iter().map(|d| d.due).find(|due| *due > now);
            expected.retain(|d| d.due <= now);
            let mut found = Vec::new();
            let mut after = None;
            loop {
                let page = self.scene.store().page(endpoint.id, after, now, 3).await;
                let page = page.unwrap();
                assert!(page.unreadable.is_empty());
                let more = page.deliveries.len() == 3;
                after = page
                    .deliveries
                    .last()
                    .map(crate::DueDelivery::position)
                    .or(after);
                found.extend(page.deliveries);
                if !more {
                    assert_eq!(page.next_due, next_due);
                    break;
                }
            }
            assert_eq!(found.len(), expected.len());
            for (found, expected) in found.iter().zip(expected) {
                let event = &self.events[expected.event];
                assert_eq!(found.id, expected.id);
                assert_eq!(found.due, expected.due);
                assert_eq!(found.sequence, expected.sequence);
                assert_eq!(found.attempt_count, expected.attempts);
                let in_round = expected.attempts - expected.round_start;
                assert_eq!(found.failed_in_round, in_round);
                assert_eq!(found.event.id, event.id);
                let body = &found.event.body.data.bytes()[..];
                assert_eq!(body, data(event.data).as_bytes());
            }
        }
    }

    pub(super) async fn check_pending_endpoints(&self) {
        let mut found = self.scene.store().pending_endpoints().await.unwrap();
        found.sort_by_key(|pending| pending.endpoint);
        let mut expected: Vec<_> = (self.endpoints.iter())
            .filter_map(|endpoint| {
                let its = self.pending().filter(|d| d.endpoint == endpoint.id);
                its.map(|d| d.due).min().map(|due| (endpoint.id, due))
            })
            .collect();
        expected.sort();
        let found: Vec<_> = found.iter().map(|p| (p.endpoint, p.first_due)).collect();
        assert_eq!(found, expected);
    }

    /// Every delivery by itself: its state and its attempts.
    pub(super) async fn check_deliveries(&self) {
        for expected in &self.deliveries {
            let of = &self.organizations[expected.organization];
            let found = self.scene.store().delivery(of, expected.id).await;
            let (found, attempts) = found.unwrap().unwrap();
            assert_eq!(found.state, expected.state);
            assert_eq!(found.reason, expected.reason);
            assert_eq!(found.attempt_count, expected.attempts);
            assert_eq!(found.sequence, expected.sequence);
            assert_eq!(found.endpoint_id, expected.endpoint);
            assert_eq!(found.event_id, self.events[expected.event].id);
            let ended = expected.state != DeliveryState::Pending;
            assert_eq!(found.completed_at.is_some(), ended);
            let due = (!ended).then_some(expected.due);
            assert_eq!(found.next_attempt_at, due);
            let numbers: Vec<_> = attempts.iter().map(|attempt| attempt.number).collect();
            let expected: Vec<_> = (1..=expected.attempts).collect();
            assert_eq!(numbers, expected);
        }
    }

    /// Every list of every organization, read in pages.
    pub(super) async fn check_lists(&self, limit: usize) {
        for organization in 0..self.organizations.len() {
            let events = self.events.iter().rev();
            let events: Vec<_> = events
                .filter(|event| event.organization == organization)
                .map(|event| (event.answer.created_at, event.id.clone()))
                .collect();
            let listed = self.listed_events(organization, limit).await;
            assert_same_list(listed, events);
            let mut filters = vec![DeliveryFilter::default()];
            for state in [DeliveryState::Pending, DeliveryState::Failed] {
                filters.push(DeliveryFilter {
                    state: Some(state),
                    ..DeliveryFilter::default()
                });
            }
            for endpoint in &self.endpoints {
                filters.push(DeliveryFilter {
                    endpoint: Some(endpoint.id),
                    ..DeliveryFilter::default()
                });
            }
            for filter in filters {
                self.check_list(organization, &filter, limit).await;
            }
        }
    }

    async fn listed_events(&self, organization: usize, limit: usize) -> Vec<(Timestamp, EventId)> {
        let of = &self.organizations[organization];
        let filter = EventFilter::default();
        let mut found = Vec::new();
        let mut after = None;
        loop {
            let page = PageRequest { limit, after };
            let listed = self.scene.store().list_events(of, &filter, page).await;
            let listed = listed.unwrap();
            let items = listed.items.into_iter();
            found.extend(items.map(|event| (event.created_at, event.id)));
            after = listed.next;
            if after.is_none() {
                return found;
            }
        }
    }

    async fn check_list(&self, organization: usize, filter: &DeliveryFilter, limit: usize) {
        let of = &self.organizations[organization];
        let wanted = |d: &&ModelDelivery| {
            d.organization == organization
                && filter
                    .endpoint
                    .is_none_or(|endpoint| d.endpoint == endpoint)
                && filter.state.is_none_or(|state| d.state == state)
        };
        let expected = self.deliveries.iter().rev().filter(wanted);
        let expected: Vec<_> = expected.map(|d| (d.created_at, d.id)).collect();
        let mut found = Vec::new();
        let mut after = None;
        loop {
            let page = PageRequest { limit, after };
            let listed = self.scene.store().list_deliveries(of, filter, page).await;
            let listed = listed.unwrap();
            let items = listed.items.into_iter();
            found.extend(items.map(|delivery| (delivery.created_at, delivery.id)));
            after = listed.next;
            if after.is_none() {
                break;
            }
        }
        assert_same_list(found, expected);
    }
}

/// Every entry once, newest first; what was made at the same time has no order.
fn assert_same_list<Id: Debug>(found: Vec<(Timestamp, Id)>, expected: Vec<(Timestamp, Id)>) {
    let times: Vec<_> = found.iter().map(|(time, _)| *time).collect();
    assert!(times.is_sorted_by(|newer, older| newer >= older));
    let sorted = |list: Vec<(Timestamp, Id)>| {
        let mut texts: Vec<_> = list.iter().map(|entry| format!("{entry:?}")).collect();
        texts.sort();
        texts
    };
    assert_eq!(sorted(found), sorted(expected));
}
