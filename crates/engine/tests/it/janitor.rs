//! What has to go goes by itself: erasures that were asked for, and what is past its retention.

use std::time::Duration;

use carehook_core::{DeliveryState, ErasureId, ErasureState, Reason, RecordId};
use carehook_testkit::{Answer, Receiver};

use crate::world::World;

const DAY: Duration = Duration::from_hours(24);

#[tokio::test]
async fn an_erasure_is_worked_off_and_nothing_of_it_is_sent_any_more() {
    let mut world = World::start().await;
    let receiver = Receiver::start().await.always(Answer::status(500));
    let endpoint = world.endpoint(&receiver.url()).await;
    let about = world.publish_about("patient/17", endpoint).await;
    let other = world.publish_about("patient/18", endpoint).await;
    world.until_attempted(about, 1).await;
    world.until_attempted(other, 1).await;
    let id = ErasureId(RecordId::new(world.clock.now().0, 1, 0));
    let of = world.organization().clone();
    let made = world.store.create_erasure(&of, id, "patient/17").await;
    made.unwrap();
    let (erased, attempts) = world.until_state(about, DeliveryState::Cancelled).await;
    assert_eq!(erased.reason, Some(Reason::Erased));
    assert!(attempts[0].answer.is_empty());
    world.until_erasure(id, ErasureState::Done).await;
    world.advance(Duration::from_secs(10));
    world.until_attempted(other, 2).await;
    assert_eq!(receiver.attempts(), 3);
    let (erased, _) = world.delivery(about).await;
    assert_eq!(erased.attempt_count, 1);
}

#[tokio::test]
async fn an_erasure_that_a_kill_interrupted_is_finished_after_the_start() {
    let mut world = World::start().await;
    let receiver = Receiver::start().await;
    let endpoint = world.endpoint(&receiver.url()).await;
    let about = world.publish_about("patient/17", endpoint).await;
    world.until_state(about, DeliveryState::Delivered).await;
    world.stop_engine().await;
    let id = ErasureId(RecordId::new(world.clock.now().0, 1, 0));
    let of = world.organization().clone();
    let made = world.store.create_erasure(&of, id, "patient/17").await;
    assert_eq!(made.unwrap().state, ErasureState::Running);
    world.crash().await;
    world.until_erasure(id, ErasureState::Done).await;
    let (delivery, _) = world.delivery(about).await;
    let event = world.store.event(&of, &delivery.event_id).await.unwrap();
    assert!(event.unwrap().body.is_gone());
}

#[tokio::test]
async fn retention_is_looked_at_every_hour_and_spares_what_is_pending() {
    let mut world = World::start().await;
    let receiver = Receiver::start().await;
    let (ended, paused) = (
        world.endpoint(&receiver.url()).await,
        world.endpoint(&receiver.url()).await,
    );
    world.set_active(paused, false).await;
    let ended = world.publish(ended).await;
    let pending = world.publish(paused).await;
    world.until_state(ended, DeliveryState::Delivered).await;
    world.advance(DAY * 31);
    let of = world.organization().clone();
    let (delivery, _) = world.delivery(ended).await;
    world.until_gone(&delivery.event_id).await;
    let (delivery, _) = world.delivery(pending).await;
    assert_eq!(delivery.state, DeliveryState::Pending);
    let kept = world.store.event(&of, &delivery.event_id).await.unwrap();
    assert!(!kept.unwrap().body.is_gone());
    world.set_active(paused, true).await;
    world.until_state(pending, DeliveryState::Delivered).await;
    world.advance(Duration::from_hours(1));
    world.until_gone(&delivery.event_id).await;
}
