//! What somebody does by hand reaches a receiver that is left alone, and brings it back.

use carehook_core::{DeliveryState, EndpointId, Trigger};
use carehook_testkit::{Answer, Receiver};

use crate::world::World;

/// An endpoint that is left alone after its receiver failed, and works again.
async fn left_alone(world: &mut World) -> (Receiver, EndpointId) {
    let receiver = Receiver::start().await.answers([500; 5]);
    let endpoint = world.endpoint(&receiver.url()).await;
    for _ in 0..5 {
        let delivery = world.publish(endpoint).await;
        world.until_attempted(delivery, 1).await;
    }
    (receiver, endpoint)
}

#[tokio::test]
async fn a_test_reaches_a_repaired_receiver_at_once_and_what_waits_follows() {
    let mut world = World::start().await;
    let (receiver, endpoint) = left_alone(&mut world).await;
    let waiting = world.publish(endpoint).await;
    let test = world.publish_test(endpoint).await;
    let (tested, attempts) = world.until_state(test, DeliveryState::Delivered).await;
    assert_eq!(attempts[0].trigger, Trigger::Test);
    let sixth = &receiver.requests()[5];
    let id = sixth.headers["webhook-id"].to_str().unwrap();
    assert_eq!(id, tested.event_id.to_string(), "nothing went before it");
    world.until_state(waiting, DeliveryState::Delivered).await;
}

#[tokio::test]
async fn a_retry_by_hand_passes_the_pause_that_a_receiver_asked_for() {
    let mut world = World::start().await;
    let receiver = Receiver::start().await;
    receiver.then(Answer::status(429).header("retry-after", "3600"));
    let endpoint = world.endpoint(&receiver.url()).await;
    let refused = world.publish(endpoint).await;
    world.until_attempted(refused, 1).await;
    let waiting = world.publish(endpoint).await;
    world.retry(refused).await;
    let (_, attempts) = world.until_state(refused, DeliveryState::Delivered).await;
    assert_eq!(attempts[1].trigger, Trigger::Manual);
    world.until_state(waiting, DeliveryState::Delivered).await;
}
