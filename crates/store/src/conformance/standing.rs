//! Laws of standings: every delivery of an endpoint once, with its event and its last attempt.

use carehook_core::{DeliveryId, DeliveryState, EndpointId, OrganizationId};

use super::Fixture;
use super::scene::{DAY, Scene, body};
use crate::{DeliveryStanding, StandingQuery};

const ALL: StandingQuery = StandingQuery {
    event_types: Vec::new(),
    delivered: None,
    since: None,
    until: None,
    last_status: None,
    last_error: None,
    skip: 0,
    take: 100,
    payload_bytes: 1 << 20,
};

impl<F: Fixture> Scene<F> {
    async fn standings(
        &self,
        of: (&OrganizationId, EndpointId),
        query: &StandingQuery,
    ) -> Vec<DeliveryStanding> {
        let found = self.store().list_standings(of.0, of.1, query).await;
        found.unwrap()
    }

    async fn standing_ids(
        &self,
        of: (&OrganizationId, EndpointId),
        query: StandingQuery,
    ) -> Vec<DeliveryId> {
        let found = self.standings(of, &query).await;
        found.iter().map(|standing| standing.delivery.id).collect()
    }
}

pub(super) async fn a_delivery_stands_as_its_last_attempt_left_it<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let endpoint = scene.endpoint(&org).await;
    let delivery = scene.publish(&org, &[endpoint]).await.deliveries[0];
    let standing = scene.standings((&org, endpoint), &ALL).await.remove(0);
    assert!(standing.last_attempt.is_none());
    let data = &standing.event.unwrap().body.data;
    assert_eq!(&data.bytes()[..], b"{\"appointment\":1}");

    scene
        .record(&org, delivery, 1, DeliveryState::Pending)
        .await;
    let last = scene.standings((&org, endpoint), &ALL).await.remove(0);
    let last = last.last_attempt.unwrap();
    assert_eq!((last.started_at, last.status), (scene.now(), Some(500)));
    assert_eq!(last.error.as_deref(), Some("the receiver answered 500"));

    scene.clock.advance(DAY);
    scene
        .record(&org, delivery, 2, DeliveryState::Delivered)
        .await;
    let standing = scene.standings((&org, endpoint), &ALL).await.remove(0);
    assert_eq!(standing.delivery.state, DeliveryState::Delivered);
    let last = standing.last_attempt.unwrap();
    assert_eq!((last.started_at, last.status), (scene.now(), Some(200)));
    assert_eq!(last.error, None);
}

pub(super) async fn standings_are_filtered<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let endpoint = scene.endpoint(&org).await;
    let of = (&org, endpoint);
    let first = scene.publish(&org, &[endpoint]).await.deliveries[0];
    scene.record(&org, first, 1, DeliveryState::Delivered).await;
    scene.clock.advance(DAY);
    let noon = scene.now();
    let mut other = scene.event(&org, &[endpoint]);
    other.event.event_type = "patient.created".parse().unwrap();
    let second = scene.accept(other).await.unwrap().deliveries[0];
    scene.record(&org, second, 1, DeliveryState::Failed).await;
    let third = scene.publish(&org, &[endpoint]).await.deliveries[0];

    assert_eq!(scene.standing_ids(of, ALL).await, [third, second, first]);
    let of_types = |names: &[&str]| StandingQuery {
        event_types: names.iter().map(|name| name.parse().unwrap()).collect(),
        ..ALL
    };
    let both = of_types(&["patient.created", "appointment.created"]);
    assert_eq!(scene.standing_ids(of, both).await.len(), 3);
    let one = of_types(&["patient.created", "patient.create"]);
    assert_eq!(scene.standing_ids(of, one).await, [second]);
    let part = of_types(&["patient.create", "created"]);
    assert_eq!(scene.standing_ids(of, part).await, []);
    for (delivered, found) in [(true, vec![first]), (false, vec![third, second])] {
        let query = StandingQuery {
            delivered: Some(delivered),
            ..ALL
        };
        assert_eq!(scene.standing_ids(of, query).await, found);
    }
    let since = StandingQuery {
        since: Some(noon),
        ..ALL
    };
    assert_eq!(scene.standing_ids(of, since).await, [third, second]);
    let until = StandingQuery {
        until: Some(noon),
        ..ALL
    };
    assert_eq!(scene.standing_ids(of, until).await, [first]);
    let status = StandingQuery {
        last_status: Some(500),
        ..ALL
    };
    assert_eq!(scene.standing_ids(of, status).await, [second]);
    for (error, found) in [("ANSWERED 5", vec![second]), ("no route", vec![])] {
        let query = StandingQuery {
            last_error: Some(error.to_owned()),
            ..ALL
        };
        assert_eq!(scene.standing_ids(of, query).await, found);
    }
}

pub(super) async fn standings_are_given_in_bounded_parts<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let endpoint = scene.endpoint(&org).await;
    let of = (&org, endpoint);
    let mut newest_first = Vec::new();
    for number in 0..6 {
        if number == 3 {
            scene.clock.advance(DAY);
        }
        let mut new = scene.event(&org, &[endpoint]);
        new.event.body = body(&format!("{{\"x\":\"{}\"}}", "x".repeat(1_000)));
        newest_first.insert(0, scene.accept(new).await.unwrap().deliveries[0]);
    }
    for skip in 0..7 {
        for take in 0..7 {
            let query = StandingQuery { skip, take, ..ALL };
            let skipped = usize::try_from(skip).unwrap();
            let wanted: Vec<_> = newest_first.iter().skip(skipped).take(take).collect();
            let found = scene.standing_ids(of, query).await;
            assert_eq!(found.iter().collect::<Vec<_>>(), wanted, "{skip} {take}");
        }
    }
    for (payload_bytes, count) in [(0, 1), (1, 1), (1_500, 2), (4_500, 5)] {
        let query = StandingQuery {
            payload_bytes,
            ..ALL
        };
        assert_eq!(scene.standing_ids(of, query).await.len(), count);
    }
}

pub(super) async fn standings_of_others_are_not_found<F: Fixture>() {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let other = scene.organization("southside").await;
    let (endpoint, neighbour) = (scene.endpoint(&org).await, scene.endpoint(&org).await);
    scene.publish(&org, &[endpoint]).await;
    assert_eq!(scene.standing_ids((&org, endpoint), ALL).await.len(), 1);
    assert_eq!(scene.standing_ids((&other, endpoint), ALL).await, []);
    assert_eq!(scene.standing_ids((&org, neighbour), ALL).await, []);
    let now = scene.now();
    let deleted = scene.store().delete_endpoint(&org, endpoint, now).await;
    deleted.unwrap();
    assert_eq!(scene.standing_ids((&org, endpoint), ALL).await, []);
}
