//! Publishing: no request in the sense of the hourly limit, but limited in events a second.

use super::*;

const EVENTS: &str = "/v1/organizations/northside/events";
const BATCH: &str = "/v1/organizations/northside/events/batch";

async fn publisher(world: &World) -> String {
    let scopes = ["publish", "read", "read:payload"];
    world.key(json!({"scopes": scopes, "rate_limit": 3})).await
}

fn publish(key: &str) -> Call {
    let event = json!({"type": "patient.created", "data": {}});
    Call::new(Method::POST, EVENTS).with_key(key).json(&event)
}

fn batch(key: &str, events: usize) -> Call {
    let event = json!({"type": "patient.created", "data": {}});
    let body = json!({"events": vec![event; events]});
    Call::new(Method::POST, BATCH).with_key(key).json(&body)
}

#[tokio::test]
async fn publishing_does_not_use_up_the_requests_of_an_hour() {
    let world = World::with_northside().await;
    let key = publisher(&world).await;
    for _ in 0..5 {
        let published = publish(&key).send(&world).await.is(202);
        assert_eq!(published.header("ratelimit"), "");
        batch(&key, 2).send(&world).await.is(202);
    }
    let list = Call::new(Method::GET, EVENTS).with_key(&key);
    let listed = list.send(&world).await.is(200);
    let told = format!("\"default\";r=2;t={TO_THE_HOUR}");
    assert_eq!(listed.header("ratelimit"), told);
}

#[tokio::test]
async fn an_organization_publishes_a_second_s_worth_and_then_at_its_rate() {
    let world = World::with_northside().await;
    set_limits(&world, json!({"events_per_second": 2})).await;
    let (first, second) = (publisher(&world).await, publisher(&world).await);
    let published = publish(&first).send(&world).await.is(202);
    assert_eq!(published.header("ratelimit-policy"), "\"events\";q=2;w=1");
    assert_eq!(published.header("ratelimit"), "\"events\";r=1;t=1");
    // The limit is the organization's: all of its keys share it, and so does the operator's.
    publish(&second).send(&world).await.is(202);
    for key in [&first, &second, OPERATOR_KEY] {
        let refused = publish(key).send(&world).await;
        let refused = refused.problem(429, "rate-limited");
        assert_eq!(refused.header("retry-after"), "1");
        assert_eq!(refused.header("ratelimit"), "\"events\";r=0;t=1");
        assert!(refused.text("detail").contains("2 events a second"));
    }
    world.advance(Duration::from_millis(500));
    publish(&first).send(&world).await.is(202);
    publish(&second).send(&world).await.is(429);
    assert_eq!(world.count(EVENTS).await, 3);
}

#[tokio::test]
async fn a_batch_costs_an_event_for_each_of_its_events_and_is_refused_as_a_whole() {
    let world = World::with_northside().await;
    set_limits(&world, json!({"events_per_second": 10})).await;
    let key = publisher(&world).await;
    let answer = batch(&key, 8).send(&world).await.is(202);
    assert_eq!(answer.header("ratelimit"), "\"events\";r=2;t=1");
    let repeatable = || batch(&key, 3).header("idempotency-key", "k-1");
    let refused = repeatable().send(&world).await;
    refused.problem(429, "rate-limited");
    assert_eq!(world.count(EVENTS).await, 8);
    world.advance(Duration::from_millis(100));
    // The same request, with the same key, is what a client sends again.
    let answer = repeatable().send(&world).await.is(202);
    assert_eq!(answer.header("idempotent-replayed"), "");
    assert_eq!(world.count(EVENTS).await, 11);
}

#[tokio::test]
async fn a_batch_larger_than_a_second_s_worth_passes_and_is_waited_for_afterwards() {
    let world = World::with_northside().await;
    set_limits(&world, json!({"events_per_second": 5})).await;
    let key = publisher(&world).await;
    batch(&key, 16).send(&world).await.is(202);
    let refused = publish(&key).send(&world).await.is(429);
    // 11 events of debt and one for this event, at 5 a second.
    assert_eq!(refused.header("retry-after"), "3");
    world.advance(Duration::from_millis(2_400));
    publish(&key).send(&world).await.is(202);
}
