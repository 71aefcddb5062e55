//! Laws of the delivery log: every filter finds what it wants, once, in parts of any size.

use carehook_core::{
    Delivery, DeliveryId, DeliveryState, EndpointId, Mode, OrganizationId, Timestamp,
};

use super::Fixture;
use super::scene::{DAY, HOUR, Scene, body, endpoint};
use crate::{AttemptRecord, LogFilter, LoggedDelivery, PageRequest, StatusClass};

const PLENTY: usize = 1_000_000;

/// A delivery as it was made.
struct Made {
    id: DeliveryId,
    subject: Option<&'static str>,
}

struct World<F> {
    scene: Scene<F>,
    org: OrganizationId,
    endpoints: Vec<EndpointId>,
    /// In the order of their making.
    made: Vec<Made>,
}

impl<F: Fixture> World<F> {
    /// Three days of deliveries in every state, to endpoints of both modes, one of them deleted.
    async fn new() -> Self {
        let scene = Scene::<F>::new();
        let org = scene.organization("northside").await;
        let other = scene.organization("southside").await;
        let theirs = scene.endpoint(&other).await;
        let mut for_tests = endpoint(&org, scene.now());
        for_tests.mode = Mode::Test;
        let for_tests = scene.store().create_endpoint(for_tests, 10).await;
        let endpoints = vec![
            scene.endpoint(&org).await,
            scene.endpoint(&org).await,
            for_tests.unwrap().id,
        ];
        let mut world = Self {
            scene,
            org,
            endpoints,
            made: Vec::new(),
        };
        for round in 0..36 {
            world.publish(round).await;
            world.scene.publish(&other, &[theirs]).await;
            world.scene.clock.advance(HOUR * 2);
        }
        let (gone, now) = (world.endpoints[1], world.scene.now());
        let store = world.scene.store();
        store.delete_endpoint(&world.org, gone, now).await.unwrap();
        world
    }

    async fn publish(&mut self, round: usize) {
        let scene = &self.scene;
        let (live, tests) = self.endpoints.split_at(2);
        let is_test = round % 5 == 4;
        let mut new = scene.event(&self.org, if is_test { tests } else { live });
        new.event.mode = if is_test { Mode::Test } else { Mode::Live };
        if round.is_multiple_of(3) {
            new.event.event_type = "patient.updated".parse().unwrap();
        }
        let subject = (round % 4 == 1).then_some("patient/7");
        new.event.body = body("{}");
        new.event.body.subject = subject.map(Into::into);
        let made = scene.accept(new).await.unwrap().deliveries;
        for (place, id) in made.iter().enumerate() {
            self.attempt(*id, round + place).await;
        }
        let made = made.into_iter().map(|id| Made { id, subject });
        self.made.extend(made);
    }

    async fn attempt(&self, id: DeliveryId, kind: usize) {
        let (state, status) = match kind % 7 {
            0 => return,
            1 => (DeliveryState::Pending, Some(503)),
            2 => (DeliveryState::Failed, Some(404)),
            3 => (DeliveryState::Failed, None),
            4 => {
                let (store, now) = (self.scene.store(), self.scene.now());
                store.cancel_delivery(&self.org, id, now).await.unwrap();
                return;
            }
            _ => (DeliveryState::Delivered, Some(204)),
        };
        let result = self.scene.result(&self.org, id, 1, state);
        let attempt = carehook_core::Attempt {
            status,
            ..result.attempt.clone()
        };
        let result = AttemptRecord { attempt, ..result };
        self.scene.store().record(vec![result]).await.unwrap();
    }

    async fn find(&self, filter: &LogFilter, limit: usize, look_at: usize) -> Vec<LoggedDelivery> {
        let mut all = Vec::new();
        let mut after = None;
        loop {
            let page = PageRequest { limit, after };
            let store = self.scene.store();
            let found = store
                .find_deliveries(&self.org, filter, page, look_at)
                .await;
            let found = found.unwrap();
            assert!(found.items.len() <= limit);
            all.extend(found.items);
            after = found.next;
            if after.is_none() {
                return all;
            }
        }
    }

    /// What a filter should find, by looking at everything.
    async fn expected(&self, filter: &LogFilter) -> Vec<DeliveryId> {
        let mut expected = Vec::new();
        for made in self.made.iter().rev() {
            let found = self.scene.store().delivery(&self.org, made.id).await;
            let (delivery, attempts) = found.unwrap().unwrap();
            let last = attempts.last();
            let class = last.and_then(|last| StatusClass::of(last.status));
            let subject = filter.subject.as_deref();
            if wants(filter, &delivery, class) && subject.is_none_or(|it| made.subject == Some(it))
            {
                expected.push(made.id);
            }
        }
        expected
    }

    fn filters(&self) -> Vec<LogFilter> {
        let with = |change: &dyn Fn(&mut LogFilter)| {
            let mut filter = LogFilter::default();
            change(&mut filter);
            filter
        };
        let noon = Timestamp(self.scene.now().0 - 40 * 3_600_000);
        let mut filters = vec![
            LogFilter::default(),
            with(&|f| f.event_type = Some("patient.updated".parse().unwrap())),
            with(&|f| f.subject = Some("patient/7".into())),
            with(&|f| f.subject = Some("patient/8".into())),
            with(&|f| f.since = Some(noon)),
            with(&|f| f.until = Some(noon)),
            with(&|f| {
                f.since = Some(noon);
                f.until = Some(noon.plus(DAY));
                f.state = Some(DeliveryState::Failed);
            }),
            with(&|f| {
                f.status = Some(StatusClass::ClientError);
                f.endpoint = Some(self.endpoints[1]);
            }),
            with(&|f| f.only = Some(self.made.iter().step_by(7).map(|made| made.id).collect())),
        ];
        for endpoint in &self.endpoints {
            filters.push(with(&|f| f.endpoint = Some(*endpoint)));
        }
        for mode in [Mode::Live, Mode::Test] {
            filters.push(with(&|f| f.mode = Some(mode)));
        }
        for state in [
            DeliveryState::Pending,
            DeliveryState::Delivered,
            DeliveryState::Failed,
            DeliveryState::Cancelled,
        ] {
            filters.push(with(&|f| f.state = Some(state)));
        }
        for status in [
            StatusClass::Success,
            StatusClass::Redirection,
            StatusClass::ClientError,
            StatusClass::ServerError,
            StatusClass::NoAnswer,
        ] {
            filters.push(with(&|f| f.status = Some(status)));
        }
        filters
    }
}

fn wants(filter: &LogFilter, delivery: &Delivery, class: Option<StatusClass>) -> bool {
    let LogFilter {
        only,
        event,
        endpoint,
        state,
        status,
        event_type,
        subject: _,
        mode,
        since,
        until,
    } = filter;
    let conditions = [
        only.as_ref().is_none_or(|only| only.contains(&delivery.id)),
        event
            .as_ref()
            .is_none_or(|event| *event == delivery.event_id),
        endpoint.is_none_or(|endpoint| endpoint == delivery.endpoint_id),
        state.is_none_or(|state| state == delivery.state),
        status.is_none_or(|status| Some(status) == class),
        event_type
            .as_ref()
            .is_none_or(|wanted| *wanted == delivery.event_type),
        mode.is_none_or(|mode| mode == delivery.mode),
        since.is_none_or(|since| delivery.created_at >= since),
        until.is_none_or(|until| delivery.created_at < until),
    ];
    conditions.into_iter().all(|holds| holds)
}

pub(super) async fn what_is_looked_for_is_found_whatever_the_page<F: Fixture>() {
    let world = World::<F>::new().await;
    let mut found_any = 0;
    for filter in world.filters() {
        let expected = world.expected(&filter).await;
        found_any += usize::from(!expected.is_empty());
        for (limit, look_at) in [(1, PLENTY), (7, PLENTY), (100, PLENTY), (3, 1), (100, 70)] {
            let found = world.find(&filter, limit, look_at).await;
            let ids: Vec<_> = found.iter().map(|found| found.delivery.id).collect();
            assert_eq!(ids, expected, "{filter:?}, {limit} of {look_at}");
        }
    }
    assert!(found_any >= 17, "only {found_any} filters found anything");
    let of_event = world.find(&LogFilter::default(), 1, PLENTY).await[0]
        .delivery
        .clone();
    let filter = LogFilter {
        event: Some(of_event.event_id.clone()),
        ..LogFilter::default()
    };
    let found = world.find(&filter, 10, PLENTY).await;
    assert!(
        found
            .iter()
            .all(|found| found.delivery.event_id == of_event.event_id)
    );
    assert_eq!(found[0].delivery.id, of_event.id);
}

pub(super) async fn what_is_looked_for_is_counted_up_to_a_bound<F: Fixture>() {
    let world = World::<F>::new().await;
    let store = world.scene.store();
    for filter in world.filters() {
        let expected = world.expected(&filter).await.len();
        let counted = store
            .count_deliveries(&world.org, &filter, PLENTY, PLENTY)
            .await;
        let counted = counted.unwrap();
        assert_eq!(
            (counted.number, counted.more),
            (expected as u64, false),
            "{filter:?}"
        );
        let counted = store.count_deliveries(&world.org, &filter, 2, PLENTY).await;
        let counted = counted.unwrap();
        assert_eq!(counted.number, expected.min(2) as u64, "{filter:?}");
        assert!(counted.more || expected <= 2, "{filter:?}");
    }
    let counted = store
        .count_deliveries(&world.org, &LogFilter::default(), PLENTY, 60)
        .await;
    let counted = counted.unwrap();
    assert!(counted.more && counted.number < 60, "{counted:?}");
}

pub(super) async fn deliveries_of_others_are_never_found<F: Fixture>() {
    let world = World::<F>::new().await;
    let other: OrganizationId = "southside".parse().unwrap();
    let stranger: OrganizationId = "nobody".parse().unwrap();
    let page = PageRequest {
        limit: 1_000,
        after: None,
    };
    let foreign = [
        LogFilter {
            only: Some(world.made.iter().map(|made| made.id).collect()),
            ..LogFilter::default()
        },
        LogFilter {
            endpoint: Some(world.endpoints[0]),
            ..LogFilter::default()
        },
        LogFilter {
            subject: Some("patient/7".into()),
            ..LogFilter::default()
        },
    ];
    let store = world.scene.store();
    for filter in foreign {
        let found = store.find_deliveries(&other, &filter, page, PLENTY).await;
        assert!(found.unwrap().items.is_empty(), "{filter:?}");
    }
    let everything = LogFilter::default();
    let found = store
        .find_deliveries(&other, &everything, page, PLENTY)
        .await;
    assert_eq!(found.unwrap().items.len(), 36);
    let found = store
        .find_deliveries(&stranger, &everything, page, PLENTY)
        .await;
    assert!(found.unwrap().items.is_empty());
}
