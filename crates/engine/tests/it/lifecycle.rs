//! Stopping and starting.

use carehook_core::DeliveryState;
use carehook_testkit::Receiver;

use crate::world::World;

#[tokio::test]
async fn a_restart_finds_everything_that_is_owed() {
    let mut world = World::start().await;
    let receiver = Receiver::start().await;
    let endpoint = world.endpoint(&receiver.url()).await;
    world.stop_engine().await;
    let mut last = None;
    for _ in 0..1_000 {
        last = Some(world.publish(endpoint).await);
    }
    assert_eq!(receiver.attempts(), 0);
    world.start_engine();
    receiver.wait_for(1_000).await;
    world
        .until_state(last.unwrap(), DeliveryState::Delivered)
        .await;
    assert_eq!(receiver.attempts(), 1_000, "nothing twice");
}

#[tokio::test]
async fn stopping_waits_for_what_is_in_flight_and_records_it() {
    let mut world = World::start().await;
    let receiver = Receiver::start().await;
    receiver.hold();
    let endpoint = world.endpoint(&receiver.url()).await;
    let delivery = world.publish(endpoint).await;
    receiver.wait_for(1).await;
    let release = async {
        tokio::task::yield_now().await;
        receiver.release();
    };
    tokio::join!(world.stop_engine(), release);
    let (delivered, attempts) = world.delivery(delivery).await;
    assert_eq!(delivered.state, DeliveryState::Delivered);
    assert_eq!(attempts.len(), 1);
}
