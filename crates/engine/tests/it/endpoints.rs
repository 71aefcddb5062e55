//! What endpoints do to each other, and what changing them does to their deliveries.

use std::time::Duration;

use carehook_core::{DeliveryState, DisabledReason, Reason};
use carehook_testkit::{Answer, Receiver};

use crate::world::World;

#[tokio::test]
async fn a_410_disables_the_endpoint_and_fails_what_it_is_owed() {
    let mut world = World::start().await;
    let receiver = Receiver::start().await.answers([500, 410]);
    let endpoint = world.endpoint(&receiver.url()).await;
    let waiting = world.publish(endpoint).await;
    world.until_attempted(waiting, 1).await;
    let gone = world.publish(endpoint).await;

    for delivery in [gone, waiting] {
        let (failed, _) = world.until_state(delivery, DeliveryState::Failed).await;
        assert_eq!(failed.reason, Some(Reason::EndpointGone));
    }
    let endpoint = world.until_endpoint(endpoint, |e| !e.active).await;
    assert_eq!(endpoint.disabled_reason, Some(DisabledReason::Gone));
}

#[tokio::test]
async fn a_paused_endpoint_keeps_its_events_and_gets_them_when_it_is_active_again() {
    let mut world = World::start().await;
    let receiver = Receiver::start().await;
    let endpoint = world.endpoint(&receiver.url()).await;
    let other = Receiver::start().await;
    let active = world.endpoint(&other.url()).await;

    world.set_active(endpoint, false).await;
    let kept = world.publish(endpoint).await;
    let passing = world.publish(active).await;
    world.until_state(passing, DeliveryState::Delivered).await;
    assert_eq!(receiver.attempts(), 0);
    world.set_active(endpoint, true).await;
    world.until_state(kept, DeliveryState::Delivered).await;
    assert_eq!(receiver.attempts(), 1);
}

#[tokio::test]
async fn a_deleted_endpoint_gets_nothing_more() {
    let mut world = World::start().await;
    let receiver = Receiver::start().await.answers([500]);
    let endpoint = world.endpoint(&receiver.url()).await;
    let delivery = world.publish(endpoint).await;
    world.until_attempted(delivery, 1).await;
    world.delete(endpoint).await;
    let (failed, _) = world.delivery(delivery).await;
    assert_eq!(failed.reason, Some(Reason::EndpointDeleted));
    world.advance(Duration::from_secs(10));
    let other = Receiver::start().await;
    let next = world.endpoint(&other.url()).await;
    let passing = world.publish(next).await;
    world.until_state(passing, DeliveryState::Delivered).await;
    assert_eq!(receiver.attempts(), 1);
}

#[tokio::test]
async fn a_cancelled_delivery_is_not_attempted_again() {
    let mut world = World::start().await;
    let receiver = Receiver::start().await.answers([500]);
    let endpoint = world.endpoint(&receiver.url()).await;
    let delivery = world.publish(endpoint).await;
    world.until_attempted(delivery, 1).await;
    world.cancel(delivery).await;
    world.advance(Duration::from_secs(10));
    let after = world.publish(endpoint).await;
    world.until_state(after, DeliveryState::Delivered).await;
    let (cancelled, attempts) = world.delivery(delivery).await;
    assert_eq!(cancelled.state, DeliveryState::Cancelled);
    assert_eq!((attempts.len(), receiver.attempts()), (1, 2));
}

#[tokio::test]
async fn a_hanging_receiver_does_not_keep_a_healthy_one_waiting() {
    let mut world = World::start().await;
    let hanging = Receiver::start().await;
    hanging.hold();
    let stuck = world.endpoint(&hanging.url()).await;
    for _ in 0..200 {
        world.publish(stuck).await;
    }
    let healthy = Receiver::start().await;
    let endpoint = world.endpoint(&healthy.url()).await;
    let mut last = None;
    for _ in 0..200 {
        last = Some(world.publish(endpoint).await);
    }
    world
        .until_state(last.unwrap(), DeliveryState::Delivered)
        .await;
    healthy.wait_for(200).await;
    assert!(hanging.attempts() <= 4, "its window is all that it holds");
    hanging.release();
}

#[tokio::test]
async fn an_overloaded_receiver_is_left_alone_for_a_minute() {
    let mut world = World::start().await;
    let receiver = Receiver::start().await;
    receiver.then(Answer::status(429));
    let endpoint = world.endpoint(&receiver.url()).await;
    let first = world.publish(endpoint).await;
    world.until_attempted(first, 1).await;
    let second = world.publish(endpoint).await;
    world.advance(Duration::from_secs(55));
    let other = Receiver::start().await;
    let active = world.endpoint(&other.url()).await;
    let passing = world.publish(active).await;
    world.until_state(passing, DeliveryState::Delivered).await;
    assert_eq!(receiver.attempts(), 1);
    world.advance(Duration::from_secs(6));
    for delivery in [first, second] {
        world.until_state(delivery, DeliveryState::Delivered).await;
    }
}
