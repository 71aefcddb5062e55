//! Laws of idempotency: one key, one id, one fan-out for 24 hours (L4).

use carehook_core::{EndpointId, EventId, Limits, OrganizationId, Timestamp};

use super::Fixture;
use super::scene::{HOUR, Scene, body};
use crate::{Accepted, NewEvent, Refusal, StoreError};

async fn start<F: Fixture>() -> (Scene<F>, OrganizationId, EndpointId) {
    let scene = Scene::<F>::new();
    let org = scene.organization("northside").await;
    let endpoint = scene.endpoint(&org).await;
    (scene, org, endpoint)
}

fn with_key(mut new: NewEvent, key: &str) -> NewEvent {
    new.idempotency_key = Some(key.into());
    new
}

fn with_id(mut new: NewEvent, id: &str) -> NewEvent {
    new.event.id = EventId::Given(id.into());
    new
}

fn is_reused(result: &Result<Accepted, StoreError>) -> bool {
    matches!(result, Err(StoreError::Refused(Refusal::KeyReused)))
}

/// What a repeated publish is answered.
fn repeated(first: &Accepted) -> Accepted {
    Accepted {
        duplicate: true,
        ..first.clone()
    }
}

pub(super) async fn the_same_key_gives_the_same_answer_and_one_fan_out<F: Fixture>() {
    let (scene, org, endpoint) = start::<F>().await;
    let second = scene.endpoint(&org).await;
    let to = [endpoint, second];
    let first = with_key(scene.event(&org, &to), "a");
    let first = scene.accept(first).await.unwrap();
    scene.clock.advance(HOUR);
    // Subscriptions may have changed meanwhile: the first fan-out counts.
    let again = with_key(scene.event(&org, &to[..1]), "a");
    assert_eq!(scene.accept(again).await.unwrap(), repeated(&first));
    assert_eq!(scene.owed(endpoint).await.len(), 1);
    let other = with_key(scene.event(&org, &to), "b");
    assert!(!scene.accept(other).await.unwrap().duplicate);
    let keyless = scene.event(&org, &to);
    assert!(!scene.accept(keyless).await.unwrap().duplicate);
}

pub(super) async fn the_same_key_twice_in_one_batch_is_one_event<F: Fixture>() {
    let (scene, org, endpoint) = start::<F>().await;
    let mut other = with_key(scene.event(&org, &[endpoint]), "a");
    other.event.body = body("{\"other\":1}");
    let batch = vec![
        with_key(scene.event(&org, &[endpoint]), "a"),
        with_key(scene.event(&org, &[endpoint]), "a"),
        other,
        with_id(scene.event(&org, &[endpoint]), "order-1"),
        with_id(scene.event(&org, &[endpoint]), "order-1"),
    ];
    let results = scene.store().accept(batch).await;
    let [Ok(a), Ok(same_a), third, Ok(order), Ok(same_order)] = &results[..] else {
        panic!("only the different one is refused: {results:?}");
    };
    assert_eq!(*same_a, repeated(a));
    assert!(is_reused(third));
    assert_eq!(*same_order, repeated(order));
    let owed = scene.owed(endpoint).await;
    assert_eq!(owed, [a.deliveries[0], order.deliveries[0]]);
}

pub(super) async fn sixty_four_publishes_at_once_are_one_event<F: Fixture>() {
    let (scene, org, endpoint) = start::<F>().await;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..64 {
        let new = with_key(scene.event(&org, &[endpoint]), "a");
        let store = scene.store().clone();
        tasks.spawn(async move { store.accept(vec![new]).await.remove(0).unwrap() });
    }
    let answers = tasks.join_all().await;
    let firsts: Vec<_> = answers.iter().filter(|a| !a.duplicate).collect();
    let [first] = firsts[..] else {
        panic!("one of them was the first: {answers:?}");
    };
    for answer in &answers {
        let compared = Accepted {
            duplicate: false,
            ..answer.clone()
        };
        assert_eq!(compared, *first);
    }
    assert_eq!(scene.owed(endpoint).await, first.deliveries);
}

pub(super) async fn a_key_is_remembered_over_midnight_and_restarts<F: Fixture>() {
    let (scene, org, endpoint) = start::<F>().await;
    let first = with_key(with_id(scene.event(&org, &[endpoint]), "x"), "a");
    let first = scene.accept(first).await.unwrap();
    let mut scene = scene;
    let last = Timestamp(first.created_at.plus(Limits::IDEMPOTENCY).0 - 1);
    let times = [11 * HOUR, 13 * HOUR].map(|wait| first.created_at.plus(wait));
    for until in times.into_iter().chain([last]) {
        scene.clock.advance(until.since(scene.now()));
        scene = scene.crashed().await;
        let again = with_key(with_id(scene.event(&org, &[endpoint]), "x"), "a");
        assert_eq!(scene.accept(again).await.unwrap(), repeated(&first));
        // Something new in between opens the next day's file.
        scene.publish(&org, &[]).await;
    }
    assert_eq!(scene.owed(endpoint).await, first.deliveries);
}

pub(super) async fn a_key_is_forgotten_after_a_day<F: Fixture>() {
    let (scene, org, endpoint) = start::<F>().await;
    let first = with_key(with_id(scene.event(&org, &[endpoint]), "x"), "a");
    let first = scene.accept(first).await.unwrap();
    scene.clock.advance(Limits::IDEMPOTENCY);
    let mut next = with_key(with_id(scene.event(&org, &[endpoint]), "x"), "a");
    next.event.body = body("{\"day\":2}");
    let second = scene.accept(next).await.unwrap();
    assert!(!second.duplicate);
    assert_eq!(second.id, first.id, "the publisher chose the id");
    assert_ne!(second.deliveries, first.deliveries);
    assert_eq!(scene.owed(endpoint).await.len(), 2);
    let read = scene.store().event(&org, &second.id).await.unwrap();
    let read = read.unwrap();
    assert_eq!(&read.body.data.bytes()[..], b"{\"day\":2}", "the newest");
}

pub(super) async fn a_given_id_is_a_key<F: Fixture>() {
    let (scene, org, endpoint) = start::<F>().await;
    let new = with_id(scene.event(&org, &[endpoint]), "order-1");
    let first = scene.accept(new).await.unwrap();
    assert_eq!(first.id, EventId::Given("order-1".into()));
    let again = with_id(scene.event(&org, &[endpoint]), "order-1");
    assert_eq!(scene.accept(again).await.unwrap(), repeated(&first));
    // Ids and keys are two sets of names.
    let key = with_key(scene.event(&org, &[endpoint]), "order-1");
    assert!(!scene.accept(key).await.unwrap().duplicate);
    let scene = scene.crashed().await;
    let read = scene.store().event(&org, &first.id).await.unwrap();
    assert_eq!(read.unwrap().id, first.id);
}

pub(super) async fn a_different_event_under_the_same_key_is_refused<F: Fixture>() {
    let (scene, org, endpoint) = start::<F>().await;
    let publish = |key: &str| {
        let mut new = with_key(scene.event(&org, &[endpoint]), key);
        new.event.body.subject = Some("patient/1".into());
        new
    };
    scene.accept(publish("a")).await.unwrap();
    let changes: [fn(&mut NewEvent); 8] = [
        |new| new.event.body.data = body("{}").data,
        |new| new.event.body.previous = Some(body("{}").data),
        |new| new.event.body.subject = None,
        |new| new.event.body.ordering_key = Some("k".into()),
        |new| new.event.event_type = "appointment.updated".parse().unwrap(),
        |new| new.event.version = "v2".into(),
        |new| new.event.mode = carehook_core::Mode::Test,
        |new| new.event.account = Some("ward".parse().unwrap()),
    ];
    for (number, change) in changes.iter().enumerate() {
        let mut different = publish("a");
        change(&mut different);
        let result = scene.accept(different).await;
        assert!(is_reused(&result), "change {number}: {result:?}");
    }
    let mut later = publish("a");
    later.event.occurred_at = Some(scene.now());
    assert!(is_reused(&scene.accept(later).await));
    assert!(scene.accept(publish("a")).await.unwrap().duplicate);
}

pub(super) async fn an_id_and_a_key_of_different_events_are_refused<F: Fixture>() {
    let (scene, org, endpoint) = start::<F>().await;
    let by_id = with_id(scene.event(&org, &[endpoint]), "order-1");
    scene.accept(by_id).await.unwrap();
    let by_key = with_key(scene.event(&org, &[endpoint]), "a");
    scene.accept(by_key).await.unwrap();
    let both = with_key(with_id(scene.event(&org, &[endpoint]), "order-1"), "a");
    assert!(is_reused(&scene.accept(both).await));
    assert_eq!(scene.owed(endpoint).await.len(), 2);
}

pub(super) async fn another_id_under_the_same_key_is_refused<F: Fixture>() {
    let (scene, org, endpoint) = start::<F>().await;
    let new = with_key(with_id(scene.event(&org, &[endpoint]), "order-1"), "a");
    scene.accept(new).await.unwrap();
    // Answering with order-1 would swallow order-2.
    let new = with_key(with_id(scene.event(&org, &[endpoint]), "order-2"), "a");
    assert!(is_reused(&scene.accept(new).await));
    let new = with_key(scene.event(&org, &[endpoint]), "b");
    scene.accept(new).await.unwrap();
    let new = with_key(with_id(scene.event(&org, &[endpoint]), "order-3"), "b");
    assert!(is_reused(&scene.accept(new).await));
    let free = with_id(scene.event(&org, &[endpoint]), "order-2");
    assert!(!scene.accept(free).await.unwrap().duplicate);
}

pub(super) async fn keys_of_different_organizations_never_meet<F: Fixture>() {
    let (scene, org, endpoint) = start::<F>().await;
    let other = scene.organization("southside").await;
    for of in [&org, &other] {
        let new = with_key(with_id(scene.event(of, &[endpoint]), "order-1"), "a");
        assert!(!scene.accept(new).await.unwrap().duplicate);
    }
    let id = EventId::Given("order-1".into());
    let read = scene.store().event(&other, &id).await.unwrap().unwrap();
    assert_eq!(read.organization, other);
}
