//! The ownership challenge: nothing arrives before the owner has answered.

#![expect(
    clippy::unwrap_used,
    reason = "all of this is test code, its shared functions too"
)]

use std::time::Duration;

use carehook_core::{DeliveryState, Endpoint, EndpointId, Ownership};
use carehook_testkit::{Answer, Received, Receiver};
use serde_json::Value;

use crate::world::{World, verify};

fn challenge(received: &Received) -> String {
    let body: Value = serde_json::from_slice(&received.body).unwrap();
    assert_eq!(body["type"], "endpoint.challenge");
    body["challenge"].as_str().unwrap().to_owned()
}

async fn asked(world: &mut World, receiver: &Receiver) -> EndpointId {
    world.ask_for_challenges(true).await;
    let now = world.clock.now();
    let change = |endpoint: &mut Endpoint| endpoint.ownership = Ownership::asked(now);
    world.endpoint_with(&receiver.url(), change).await
}

#[tokio::test]
async fn events_wait_until_the_receiver_answers_with_the_challenge() {
    let mut world = World::start().await;
    let receiver = Receiver::start().await;
    let endpoint = asked(&mut world, &receiver).await;
    let waiting = world.publish(endpoint).await;
    let first = receiver.wait_for(1).await.remove(0);
    verify(&first, world.clock.now());
    let first = challenge(&first);
    world
        .until_endpoint(endpoint, |e| e.ownership.due() > Some(world.clock.now()))
        .await;
    // An old challenge is no answer to a new one.
    receiver.set_default(Answer::status(200).body(first.clone()));
    world.advance(Duration::from_secs(5));
    let second = challenge(&receiver.wait_for(2).await[1]);
    assert_ne!(first, second);
    let (delivery, attempts) = world.delivery(waiting).await;
    assert_eq!(delivery.state, DeliveryState::Pending);
    assert!(attempts.is_empty());

    world
        .until_endpoint(endpoint, |e| e.ownership.due() > Some(world.clock.now()))
        .await;
    receiver.set_default(Answer::status(200).echoing("challenge"));
    world.advance(Duration::from_secs(30));
    let proven = world
        .until_endpoint(endpoint, |e| !e.ownership.is_pending())
        .await;
    assert_eq!(proven.ownership, Ownership::Proven(world.clock.now()));
    world.until_state(waiting, DeliveryState::Delivered).await;
    let requests = receiver.requests();
    let body: Value = serde_json::from_slice(&requests[3].body).unwrap();
    assert_eq!(body["type"], "patient.created");
}

#[tokio::test]
async fn a_challenge_goes_on_after_a_restart_and_ends_when_nobody_asks_any_more() {
    let mut world = World::start().await;
    let receiver = Receiver::start().await;
    let endpoint = asked(&mut world, &receiver).await;
    receiver.wait_for(1).await;
    world
        .until_endpoint(endpoint, |e| e.ownership.due() > Some(world.clock.now()))
        .await;
    world.stop_engine().await;
    world.start_engine();
    world.advance(Duration::from_secs(5));
    receiver.wait_for(2).await;
    world
        .until_endpoint(endpoint, |e| e.ownership.due() > Some(world.clock.now()))
        .await;
    world.ask_for_challenges(false).await;
    let waiting = world.publish(endpoint).await;
    world.advance(Duration::from_secs(30));
    world
        .until_endpoint(endpoint, |e| e.ownership == Ownership::NotAsked)
        .await;
    world.until_state(waiting, DeliveryState::Delivered).await;
    assert_eq!(receiver.attempts(), 3, "two challenges and the event");
}

#[tokio::test]
async fn an_endpoint_that_is_switched_off_is_not_even_asked() {
    let mut world = World::start().await;
    let receiver = Receiver::start().await;
    receiver.set_default(Answer::status(200).echoing("challenge"));
    world.ask_for_challenges(true).await;
    let now = world.clock.now();
    let change = |endpoint: &mut Endpoint| {
        endpoint.ownership = Ownership::asked(now);
        endpoint.active = false;
    };
    let off = world.endpoint_with(&receiver.url(), change).await;
    let other = Receiver::start().await;
    other.set_default(Answer::status(200).echoing("challenge"));
    let on = asked(&mut world, &other).await;
    world
        .until_endpoint(on, |e| !e.ownership.is_pending())
        .await;
    assert_eq!(receiver.attempts(), 0);
    world.set_active(off, true).await;
    world
        .until_endpoint(off, |e| !e.ownership.is_pending())
        .await;
    assert_eq!(receiver.attempts(), 1);
}
